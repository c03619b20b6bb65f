// Commands: what keys, the palette and the help know. One list for all three.
import type { Player } from "../model/player";
import { words } from "../text/words";
import type { Key } from "./keys";

export interface Command {
  name: () => string;
  keys: Key[];
  run: () => void;
}

/** What the page's parts do for commands. */
export interface Parts {
  focus: (pane: "lab" | "ladder" | "terminals" | "events" | "frame") => void;
  enlarge: () => void;
  filter: () => void;
  go_to: () => void;
  help: () => void;
  palette: () => void;
  theme: () => void;
  language: () => void;
  verify: () => void;
  drawing: (what: "fit" | "in" | "out") => void;
  note: () => void;
  trace: () => void;
  copy_link: () => void;
  up: () => void;
}

export const toggle_play = (player: Player, dir: 1 | -1 = 1): void => {
  if (player.playing() === dir) {
    player.set_playing(0);
    return;
  }
  if (dir === 1 && player.position() >= player.hello.last) player.go(player.hello.first);
  player.set_playing(dir);
};

const moving = (player: Player): Command[] => [
  { name: () => words().play, keys: [{ key: " " }], run: () => toggle_play(player) },
  { name: () => words().play_back, keys: [{ key: " ", shift: true }], run: () => toggle_play(player, -1) },
  { name: () => words().step, keys: [{ key: "ArrowRight" }, { key: "." }], run: () => void player.step(1) },
  { name: () => words().step_back, keys: [{ key: "ArrowLeft" }, { key: "," }], run: () => void player.step(-1) },
  { name: () => words().second_on, keys: [{ key: "ArrowRight", shift: true }], run: () => void player.pass(1) },
  { name: () => words().second_back, keys: [{ key: "ArrowLeft", shift: true }], run: () => void player.pass(-1) },
  { name: () => words().next_marker, keys: [{ key: "]" }, { key: "PageDown" }], run: () => void player.jump("marker", 1) },
  { name: () => words().previous_marker, keys: [{ key: "[" }, { key: "PageUp" }], run: () => void player.jump("marker", -1) },
  { name: () => words().next_conversation, keys: [{ key: "n" }], run: () => void player.jump("conversation", 1) },
  {
    name: () => words().previous_conversation, keys: [{ key: "n", shift: true }],
    run: () => void player.jump("conversation", -1),
  },
  { name: () => words().next_drop, keys: [{ key: "d" }], run: () => void player.jump("drop", 1) },
  { name: () => words().go_up, keys: [{ key: "c" }], run: () => void player.go_up() },
  { name: () => words().first, keys: [{ key: "Home" }], run: () => player.go(player.hello.first) },
  { name: () => words().last, keys: [{ key: "End" }], run: () => player.go(player.hello.last) },
];

const looking = (parts: Parts): Command[] => {
  const panes = [
    ["lab", () => words().lab], ["ladder", () => words().ladder], ["terminals", () => words().terminals],
    ["events", () => words().events], ["frame", () => words().frame],
  ] as const;
  return [
    { name: () => words().go_to_position, keys: [{ key: "g" }], run: parts.go_to },
    { name: () => words().filter, keys: [{ key: "/" }], run: parts.filter },
    { name: () => words().fit, keys: [{ key: "f" }], run: () => parts.drawing("fit") },
    { name: () => words().zoom_in, keys: [{ key: "+" }], run: () => parts.drawing("in") },
    { name: () => words().zoom_out, keys: [{ key: "-" }], run: () => parts.drawing("out") },
    ...panes.map(([pane, name], i) => ({
      name: () => words().focus_pane(name()), keys: [{ key: String(i + 1) }], run: () => parts.focus(pane),
    })),
    { name: () => words().enlarge, keys: [{ key: "z" }], run: parts.enlarge },
    { name: () => words().trace, keys: [{ key: "t" }], run: parts.trace },
    { name: () => words().copy_link, keys: [], run: parts.copy_link },
    { name: () => words().verify, keys: [{ key: "v" }], run: parts.verify },
    { name: () => words().hide_note, keys: [{ key: "h" }], run: parts.note },
    { name: () => words().palette, keys: [{ key: "k", control: true }, { key: "p", control: true, shift: true }], run: parts.palette },
    { name: () => words().help, keys: [{ key: "?" }], run: parts.help },
    { name: () => words().theme, keys: [], run: parts.theme },
    { name: () => words().language_switch, keys: [], run: parts.language },
    { name: () => words().close, keys: [{ key: "Escape" }], run: parts.up },
  ];
};

export const commands_of = (player: Player, parts: Parts): Command[] => [...moving(player), ...looking(parts)];
