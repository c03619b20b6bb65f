// The list of events: a window of rows by row number. It holds any number of rows.
import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show } from "solid-js";
import type { Row } from "../engine/answers";
import { mark_of_flag, mark_of_reason } from "../draw/glyphs";
import type { Player } from "../model/player";
import { first_at, moved_by, moved_to, showing, thumb_of, type RowWindow } from "../model/row_window";
import { shown } from "../text/shown";
import { list_seconds } from "../text/times";
import { number, words } from "../text/words";
import { Marked } from "./Marked";

const kWheelRow = 34;  // px of a wheel that are a row

const same_window = (a: RowWindow, b: RowWindow) => a.first === b.first && a.count === b.count && a.total === b.total;

/** Rows that were there stay the same objects, so that what shows them stays, too. A row of a recording never changes. */
const kept_rows = (before: readonly Row[], now: readonly Row[]): Row[] => {
  const known = new Map(before.map((row) => [row.seq, row]));
  return now.map((row) => known.get(row.seq) ?? row);
};

/** The rows of the player's filter that are on screen, kept with the position. Rows are this high. */
export const make_rows = (player: Player, row_height: number) => {
  const [range, set_range] = createSignal<RowWindow>({ first: 0, count: 8, total: 0 }, { equals: same_window });
  const first = createMemo(() => range().first);
  const count = createMemo(() => range().count);
  const [rows, set_rows] = createSignal<{ first: number; rows: Row[] }>({ first: 0, rows: [] });
  const slot = `rows${Math.random()}`;
  const ask_rows = (first: number, count: number) => {
    void player.ask("rows", { filter: player.filter(), row: first, count: Math.min(500, count + 1) }, slot).then((found) => {
      set_rows((before) => ({ first, rows: kept_rows(before.rows, found.rows) }));
      set_range((range) => moved_to({ ...range, total: found.total }, range.first));
    }, player.say);
  };
  createEffect(on([first, count, player.filter], ([first, count]) => ask_rows(first, count)));
  // The row of the position comes into sight, whatever moved the position or the filter.
  const [current, set_current] = createSignal(-1);
  createEffect(on([player.position, player.filter], ([seq, filter]) => {
    void player.ask("rank", { filter, seq }, `${slot}.rank`).then(({ row, total }) => {
      set_current(row);
      set_range((range) => showing({ ...range, total }, row));
    }, player.say);
  }));
  const measure = (box: HTMLElement) => {
    const observer = new ResizeObserver(() => {
      const count = Math.max(1, Math.floor(box.clientHeight / row_height));
      set_range((range) => showing({ ...range, count }, current()));
    });
    observer.observe(box);
    onCleanup(() => observer.disconnect());
  };
  return { range, set_range, rows, current, measure };
};
export type ShownRows = ReturnType<typeof make_rows>;

/** Wheel, finger and scrollbar move the window by whole rows. */
export const move_by_wheel = (list: ShownRows) => {
  let rest = 0;
  return (event: WheelEvent) => {
    if (event.ctrlKey) return;
    event.preventDefault();
    rest += event.deltaMode === 0 ? event.deltaY / kWheelRow : event.deltaY;
    const whole = Math.trunc(rest);
    rest -= whole;
    list.set_range((range) => moved_by(range, whole));
  };
};

export const move_by_touch = (list: ShownRows, row_height: number) => {
  let start: { y: number; first: number } | undefined;
  return {
    onTouchStart: (event: TouchEvent) => { start = { y: event.touches[0]!.clientY, first: list.range().first }; },
    onTouchMove: (event: TouchEvent) => {
      if (start) list.set_range((range) => moved_to(range, start!.first + (start!.y - event.touches[0]!.clientY) / row_height));
    },
    onTouchEnd: () => { start = undefined; },
  };
};

export const Scrollbar = (props: { list: ShownRows }) => {
  let track!: HTMLDivElement;
  const thumb = createMemo(() => thumb_of(props.list.range()));
  const drag = (event: PointerEvent) => {
    const box = track.getBoundingClientRect();
    const grabbed = (event.clientY - box.top) / box.height - thumb().top;
    const offset = grabbed >= 0 && grabbed <= thumb().size ? grabbed : thumb().size / 2;
    const move = (at: PointerEvent) =>
      props.list.set_range((range) => moved_to(range, first_at(range, (at.clientY - box.top) / box.height - offset)));
    track.setPointerCapture(event.pointerId);
    track.onpointermove = move;
    track.onpointerup = () => { track.onpointermove = null; };
    move(event);
  };
  return (
    <div class="scrollbar" classList={{ idle: thumb().size >= 1 }} ref={track} onPointerDown={drag} aria-hidden="true">
      <div class="thumb" style={{ top: `${thumb().top * 100}%`, height: `${thumb().size * 100}%` }} />
    </div>
  );
};

/** What became of a frame: each copy's receiver, or the reason it was dropped. */
export const Fate = (props: { row: Row }) => (
  <For each={props.row.to.slice(0, 4)}>
    {(copy) => (
      <Show
        when={copy.outcome === "dropped" || copy.reason}
        fallback={<span class="fate">→ {shown(copy.port)}{(copy.flags ?? []).map((flag) => ` ${mark_of_flag(flag)}`).join("")}</span>}
      >
        <span class="fate dropped">{mark_of_reason(copy.reason)} {shown(copy.reason ?? words().dropped)}</span>
      </Show>
    )}
  </For>
);

/** The line that `labreel events` prints, without its first column and without what its copies say already. */
export const text_of_row = (row: Row): string => {
  const first = row.from ?? row.kind;
  const text = row.text.startsWith(first) ? row.text.slice(first.length).trim() : row.text;
  return shown(row.kind === "frame" ? text.replace(/ {2}(->|dropped:) .*$/s, "") : text);
};

const EventRow = (props: { player: Player; row: Row; index: number; current: boolean }) => (
  <div
    class="event-row" role="row" id={`event-${props.row.seq}`} aria-rowindex={props.index + 2} aria-selected={props.current}
    classList={{ current: props.current, dropped: props.row.to.some(({ reason }) => reason) }}
    data-seq={props.row.seq} onClick={() => props.player.go(props.row.seq)}
  >
    <span role="gridcell" class="seq">{props.row.seq}</span>
    <span role="gridcell" class="time">{list_seconds(props.row.time_ns)}</span>
    <span role="gridcell" class="kind"><Marked class={props.row.class} />
      <span class="name">{shown(props.row.from ?? props.row.kind)}</span></span>
    <span role="gridcell" class="what"><span class="text">{text_of_row(props.row)}</span><Fate row={props.row} /></span>
  </div>
);

const kRowHeight = 26;
const kRowHeightTouch = 44;

export const EventList = (props: { player: Player }) => {
  const row_height = matchMedia("(max-width: 700px)").matches ? kRowHeightTouch : kRowHeight;
  const list = make_rows(props.player, row_height);
  let box!: HTMLDivElement;
  onMount(() => {
    list.measure(box);
    box.addEventListener("wheel", move_by_wheel(list), { passive: false });
  });
  const keys = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    void props.player.step(step as 1 | -1);
  };
  return (
    <div class="event-list" data-total={list.range().total} data-first={list.range().first}>
      <div
        class="rows" role="grid" id="events" tabIndex={0} aria-label={words().events} aria-rowcount={list.range().total + 1}
        aria-activedescendant={list.rows().rows[list.current() - list.rows().first]
          && `event-${list.rows().rows[list.current() - list.rows().first]!.seq}`}
        onKeyDown={keys}
      >
        <div class="event-row head" role="row" aria-rowindex={1}>
          <span role="columnheader" class="seq">{words().column_seq}</span>
          <span role="columnheader" class="time">{words().column_time}</span>
          <span role="columnheader" class="kind">{words().column_kind}</span>
          <span role="columnheader" class="what">{words().column_what}</span>
        </div>
        <div class="window" role="rowgroup" ref={box} {...move_by_touch(list, row_height)}>
          <For each={list.rows().rows}>
            {(row, i) => (
              <EventRow player={props.player} row={row} index={list.rows().first + i()} current={list.rows().first + i() === list.current()} />
            )}
          </For>
          <Show when={list.range().total === 0 && list.rows().rows.length === 0}>
            <p class="empty">{words().filter_nothing}
              <button onClick={() => props.player.set_filter({})}>{words().filter_clear}</button></p>
          </Show>
        </div>
      </div>
      <Scrollbar list={list} />
      <p class="count">{words().filter_shown(number(list.range().total))}</p>
    </div>
  );
};
