// The filter as text, for deep links: "kind=frame,marker port=r1:eth1 proto=tcp addr=10.0.0.1 all some words".
import type { Filter } from "../engine/answers";

const kNames = { kind: "kinds", port: "ports" } as const;
const kSingle = { proto: "protocol", addr: "address" } as const;

const is_key = <T extends object>(names: T, key: string): key is string & keyof T => Object.hasOwn(names, key);

export const filter_of = (text: string): Filter => {
  const filter: Filter = {};
  const words: string[] = [];
  for (const word of text.split(/\s+/)) {
    const at = word.indexOf("=");
    const key = word.slice(0, at);
    const value = word.slice(at + 1);
    if (at > 0 && value && is_key(kNames, key)) filter[kNames[key]] = value.split(",").filter(Boolean);
    else if (at > 0 && value && is_key(kSingle, key)) filter[kSingle[key]] = value;
    else if (word === "all") filter.bookkeeping = true;
    else if (word) words.push(word);
  }
  if (words.length > 0) filter.text = words.join(" ");
  return filter;
};

export const text_of_filter = (filter: Filter): string => [
  filter.kinds?.length && `kind=${filter.kinds.join(",")}`,
  filter.ports?.length && `port=${filter.ports.join(",")}`,
  filter.protocol && `proto=${filter.protocol}`,
  filter.address && `addr=${filter.address}`,
  filter.bookkeeping && "all",
  filter.text,
].filter(Boolean).join(" ");

/** How many of its fields narrow what is shown. */
export const fields_of = (filter: Filter): number =>
  [filter.kinds?.length, filter.ports?.length, filter.protocol, filter.address, filter.text].filter(Boolean).length;
