// Player: the recording at a position. The position is the only state of the lab in the page; all else is asked for it.
import { createEffect, createMemo, createRoot, createSignal, on, untrack, type Accessor, type Setter } from "solid-js";
import type { Filter, Frame, Hello, LabState, Nanoseconds, Row, Seq } from "../engine/answers";
import { AskError, type Ask } from "../engine/asker";
import type { Pane, PhonePane, TimeMode } from "./deep_link";

/** How the position came about: a step is filmed, a jump is not. */
export type Move = "step" | "back" | "jump" | "play";

/** What is known of the event at a position, all of one position. */
export interface Moment {
  state: LabState;
  event: Row;
  frame: Frame | null;
}

export interface Trouble {
  error: string;
  hint: string;
}

export interface Player {
  ask: Ask;
  hello: Hello;
  position: Accessor<Seq>;
  move: Accessor<Move>;
  moment: Accessor<Moment | undefined>;
  filter: Accessor<Filter>;
  set_filter: Setter<Filter>;
  selected: Accessor<string | undefined>;
  select: Setter<string | undefined>;
  pane: Accessor<Pane>;
  set_pane: Setter<Pane>;
  phone_pane: Accessor<PhonePane>;
  set_phone_pane: Setter<PhonePane>;
  time_mode: Accessor<TimeMode>;
  set_time_mode: Setter<TimeMode>;
  speed: Accessor<number>;
  set_speed: Setter<number>;
  playing: Accessor<0 | 1 | -1>;
  set_playing: Setter<0 | 1 | -1>;
  pause_at_markers: Accessor<boolean>;
  set_pause_at_markers: Setter<boolean>;
  trouble: Accessor<Trouble | undefined>;
  say: (trouble: unknown) => void;
  hush: () => void;
  go: (seq: Seq, move?: Move) => void;
  go_to_text: (text: string) => Promise<boolean>;
  step: (dir: 1 | -1) => Promise<void>;
  jump: (what: "marker" | "drop" | "conversation", dir: 1 | -1) => Promise<void>;
  go_up: () => Promise<void>;
  pass: (seconds: number) => Promise<void>;
  go_to_time: (time: Nanoseconds) => Promise<void>;
}

const kEverything: Filter = { bookkeeping: true };

/** The event at a position, with its frame and the lab: asked together, shown together. */
const ask_moment = async (ask: Ask, at: Seq): Promise<Moment | null> => {
  const [state, { row }] = await Promise.all([ask("state", { at }), ask("rank", { filter: kEverything, seq: at })]);
  const { rows } = await ask("rows", { filter: kEverything, row: Math.max(0, row), count: 1 });
  const event = rows[0];
  if (!event) return null;
  const frame = event.kind === "frame" ? await ask("frame", { seq: event.seq }).catch(() => null) : null;
  return { state, event, frame };
};

/** Keeps the moment at the position: one is asked for at a time, and the next one is where the position is by then. */
const follow_position = (ask: Ask, position: Accessor<Seq>, set: (moment: Moment) => void, say: (why: unknown) => void) => {
  let busy = false;
  createEffect(on(position, () => {
    if (busy) return;
    busy = true;
    void (async () => {
      for (let at: Seq | undefined; at !== untrack(position);) {
        at = untrack(position);
        const now = await ask_moment(ask, at).catch(say);
        if (now) set(now);
      }
      busy = false;
    })();
  }));
};

const settings = () => {
  const [filter, set_filter] = createSignal<Filter>({}, { equals: (a, b) => JSON.stringify(a) === JSON.stringify(b) });
  const [selected, select] = createSignal<string>();
  const [pane, set_pane] = createSignal<Pane>("ladder");
  const [phone_pane, set_phone_pane] = createSignal<PhonePane>("lab");
  const [time_mode, set_time_mode] = createSignal<TimeMode>("constant");
  const [speed, set_speed] = createSignal(1);
  const [playing, set_playing] = createSignal<0 | 1 | -1>(0);
  const [pause_at_markers, set_pause_at_markers] = createSignal(true);
  return {
    filter, set_filter, selected, select, pane, set_pane, phone_pane, set_phone_pane, time_mode, set_time_mode, speed, set_speed,
    playing, set_playing, pause_at_markers, set_pause_at_markers,
  };
};

const time_text = (time: Nanoseconds) => ({ text: `+${(Math.max(0, time) / 1e9).toFixed(9)}s` });

const make_player = (ask: Ask, hello: Hello): Player => {
  const kept = settings();
  const [position, set_position] = createSignal<Seq>(hello.first);
  const [move, set_move] = createSignal<Move>("jump");
  const [moment, set_moment] = createSignal<Moment>();
  const [trouble, set_trouble] = createSignal<Trouble>();

  const say = (what: unknown): void => {
    const { error, hint } = what instanceof AskError ? what : new AskError(what instanceof Error ? what.message : String(what));
    set_trouble({ error, hint });
  };
  const hush = (): void => { set_trouble(undefined); };

  const go = (seq: Seq, how: Move = "jump") => {
    if (how !== "play") kept.set_playing(0);
    set_move(how);
    set_position(Math.min(Math.max(hello.first, seq), hello.last));
  };
  follow_position(ask, position, set_moment, say);

  // Steps wait for one another: ten presses of a key are ten events, however long an answer takes.
  let steps: Promise<void> = Promise.resolve();
  const one_after_another = (what: () => Promise<void>) => (steps = steps.then(what).catch(say));
  const go_where = (found: Promise<{ seq: Seq | null }>, how: Move) =>
    found.then(({ seq }) => { if (seq !== null) go(seq, how); });

  return {
    ...kept, ask, hello, position, move, moment, trouble, say, hush, go,
    go_to_text: (text) => ask("position", { text }, "position").then(
      ({ seq }) => { hush(); go(seq); return true; },
      (why) => { say(why); return false; },
    ),
    step: (dir) => one_after_another(() =>
      go_where(ask("find", { filter: kept.filter(), from: position(), dir }), dir === 1 ? "step" : "back")),
    jump: (what, dir) => one_after_another(() => go_where(what === "conversation"
      ? ask("conversation", { seq: position(), dir })
      : ask(what, { from: position(), dir }), "jump")),
    go_up: () => one_after_another(async () => {
      const { chain } = await ask("cause", { seq: position() });
      const up = chain.filter(({ seq }) => seq < position()).at(0);
      if (up) go(up.seq);
    }),
    pass: (seconds) => one_after_another(async () => {
      const { seq } = await ask("position", time_text((moment()?.state.time ?? 0) + seconds * 1e9));
      go(seq);
    }),
    go_to_time: (time) => ask("position", time_text(time), "time").then(({ seq }) => go(seq), say),
  };
};

/** Lives as long as the page. */
export const create_player = (ask: Ask, hello: Hello): Player => createRoot(() => make_player(ask, hello));

/** The marker at or before the position. */
export const marker_at = (player: Player) => createMemo(() =>
  player.hello.markers.filter(({ seq }) => seq <= player.position()).at(-1));
