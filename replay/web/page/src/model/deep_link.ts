// Deep links: "#at=cut&f=proto=tcp&pane=ladder&sel=r1&time=constant". What is not known is passed over.

export type Pane = "ladder" | "terminals";
export type PhonePane = "lab" | "events" | "ladder" | "frame" | "terminals";
export type TimeMode = "real" | "constant" | "skip";

export interface DeepLink {
  at?: string;
  filter?: string;
  pane?: Pane;
  selected?: string;
  time?: TimeMode;
}

const one_of = <T extends string>(values: readonly T[], value: string | null): T | undefined =>
  values.find((known) => known === value);

export const deep_link_of = (fragment: string): DeepLink => {
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  return {
    at: given.get("at") ?? undefined,
    filter: given.get("f") ?? undefined,
    pane: one_of(["ladder", "terminals"] as const, given.get("pane")),
    selected: given.get("sel") ?? undefined,
    time: one_of(["real", "constant", "skip"] as const, given.get("time")),
  };
};

export const fragment_of = (link: DeepLink): string => {
  const words = new URLSearchParams();
  if (link.at) words.set("at", link.at);
  if (link.filter) words.set("f", link.filter);
  if (link.pane && link.pane !== "ladder") words.set("pane", link.pane);
  if (link.selected) words.set("sel", link.selected);
  if (link.time && link.time !== "constant") words.set("time", link.time);
  return `#${words.toString()}`;
};
