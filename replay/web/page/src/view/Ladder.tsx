// The sequence ladder: a column a node, a row an event, the same window by row number as the list.
import { createMemo, createSignal, For, onCleanup, onMount, Show } from "solid-js";
import type { Copy, Row } from "../engine/answers";
import { kGlyphs, mark_of_reason } from "../draw/glyphs";
import { node_of_port } from "../model/layout";
import type { Player } from "../model/player";
import { shown } from "../text/shown";
import { duration, list_seconds } from "../text/times";
import { words } from "../text/words";
import { make_rows, move_by_touch, move_by_wheel, Scrollbar, text_of_row } from "./EventList";

const kRow = 34;
const kLine = 22;      // px from a row's top to its arrow
const kLeft = 84;     // px for seq and time
const kColumnMin = 76;

interface Columns {
  names: string[];
  x: (node: string) => number | undefined;
  width: number;
}

/** Columns in the drawing's order, left to right. */
const columns_of = (player: Player, width: number): Columns => {
  const nodes = player.moment()?.state.nodes ?? [];
  const placed = [...nodes].sort((a, b) => (a.position?.[0] ?? 0) - (b.position?.[0] ?? 0));
  const names = placed.map(({ node }) => node);
  const step = Math.max(kColumnMin, (width - kLeft - 40) / Math.max(1, names.length));
  const index = new Map(names.map((name, i) => [name, i]));
  const x = (node: string) => {
    const i = index.get(node);
    return i === undefined ? undefined : kLeft + step * (i + 0.5);
  };
  return { names, x, width: kLeft + step * names.length + 20 };
};

/** Where an arrow ends: at the row by whose time its copy is due, if that is on screen; else level, and "+2 ms" says it. */
const rows_down = (rows: readonly Row[], i: number, due: number): number => {
  const next = rows.findIndex((row, j) => j > i && row.time_ns >= due);
  return next < 0 || next - i > 3 ? 0 : next - i;
};

const Arrow = (props: { row: Row; copy: Copy; i: number; rows: readonly Row[]; columns: Columns }) => {
  const from = () => props.columns.x(node_of_port(props.row.from ?? ""));
  const to = () => props.columns.x(node_of_port(props.copy.port));
  const dropped = () => props.copy.reason !== undefined || props.copy.outcome === "dropped";
  const y = () => kLine;
  const end = () => {
    const [a, b] = [from()!, to()!];
    return dropped() ? { x: a + (b - a) * 0.55, y: y() } : { x: b - Math.sign(b - a) * 4, y: y() + down() * kRow };
  };
  const down = () => (dropped() ? 0 : Math.min(1, rows_down(props.rows, props.i, props.copy.due_ns)) * 0.3);
  const label = () => (dropped() ? `${mark_of_reason(props.copy.reason)} ${shown(props.copy.reason ?? words().dropped)}` : "");
  return (
    <Show when={from() !== undefined && to() !== undefined && from() !== to()}>
      <g class={`arrow class-${props.row.class}`} classList={{ dropped: dropped() }}>
        <line x1={from()} y1={y()} x2={end().x} y2={end().y} />
        <Show when={!dropped()} fallback={<text class="reason" x={end().x} y={y() + 4} text-anchor={to()! > from()! ? "start" : "end"}>{label()}</text>}>
          <path d="M0 0-8 4.5V-4.5Z" transform={`translate(${end().x} ${end().y}) rotate(${(Math.atan2(end().y - y(), end().x - from()!) * 180) / Math.PI})`} />
        </Show>
      </g>
    </Show>
  );
};

const summary_of = (row: Row) => text_of_row(row).replace(/ \S+ → \S+$/, "");

const FrameRow = (props: { row: Row; i: number; rows: readonly Row[]; columns: Columns }) => {
  const from = () => props.columns.x(node_of_port(props.row.from ?? ""));
  const middle = () => {
    const to = props.columns.x(node_of_port(props.row.to[0]?.port ?? ""));
    return to === undefined ? from() : (from()! + to) / 2;
  };
  return (
    <Show when={from() !== undefined}>
      <For each={props.row.to}>{(copy) => <Arrow row={props.row} copy={copy} i={props.i} rows={props.rows} columns={props.columns} />}</For>
      <g class={`glyph class-${props.row.class}`} transform={`translate(${from()} ${kLine}) scale(7)`}>
        <path d={kGlyphs[props.row.class]?.path} /><text text-anchor="middle" y={props.row.class === "udp" ? 0.7 : 0.46}>{kGlyphs[props.row.class]?.letter}</text>
      </g>
      <text class="label" x={middle()} y="11" text-anchor="middle">{summary_of(props.row).slice(0, 60)}</text>
    </Show>
  );
};

const LadderRow = (props: { player: Player; row: Row; i: number; rows: readonly Row[]; columns: Columns; mark: (row: Row, with_shift: boolean) => void }) => (
  <g
    class="ladder-row" classList={{ current: props.row.seq === props.player.position() }} transform={`translate(0 ${props.i * kRow})`}
    data-seq={props.row.seq} onClick={(event) => props.mark(props.row, event.shiftKey)}
  >
    <rect class="hit" width={props.columns.width} height={kRow} />
    <text class="when" x="8" y={kRow / 2 + 4}>{props.row.seq}</text>
    <text class="when faint" x={kLeft - 2} y={kRow / 2 + 4} text-anchor="end">{list_seconds(props.row.time_ns).slice(0, -3)}</text>
    <Show when={props.row.kind === "frame"} fallback={
      <g class={`bar class-${props.row.class}`}>
        <rect x={kLeft + 6} y="5" width={Math.max(0, props.columns.width - kLeft - 16)} height={kRow - 10} rx="4" />
        <svg x={kLeft + 6} width={Math.max(0, props.columns.width - kLeft - 22)} height={kRow}>
          <text x="8" y={kRow / 2 + 4}>{`${shown(props.row.kind)}  ${text_of_row(props.row)}`.slice(0, 200)}</text>
        </svg>
      </g>
    }>
      <FrameRow row={props.row} i={props.i} rows={props.rows} columns={props.columns} />
    </Show>
  </g>
);

export const Ladder = (props: { player: Player }) => {
  const list = make_rows(props.player, kRow);
  const [width, set_width] = createSignal(520);
  const [measured, set_measured] = createSignal<[Row, Row]>();
  const columns = createMemo(() => columns_of(props.player, width()));
  let box!: HTMLDivElement;
  let last: Row | undefined;
  onMount(() => {
    list.measure(box);
    box.addEventListener("wheel", move_by_wheel(list), { passive: false });
    const observer = new ResizeObserver(() => set_width(box.clientWidth));
    observer.observe(box);
    onCleanup(() => observer.disconnect());
  });
  const mark = (row: Row, with_shift: boolean) => {
    if (with_shift && last) set_measured(last.seq <= row.seq ? [last, row] : [row, last]);
    else set_measured(undefined);
    last = row;
    props.player.go(row.seq);
  };
  return (
    <div class="ladder">
      <div class="ladder-scroll">
        <svg class="ladder-head" width={columns().width} height="30" aria-hidden="true">
          <For each={columns().names}>
            {(name) => <text x={columns().x(name)} y="20" text-anchor="middle">{shown(name).slice(0, 14)}</text>}
          </For>
        </svg>
        <div class="ladder-rows" ref={box} role="img" aria-label={words().ladder} {...move_by_touch(list, kRow)}>
          <svg width={columns().width} height={Math.max(1, list.rows().rows.length) * kRow}>
            <For each={list.rows().rows}>
              {(row, i) => (
                <rect class="ground" classList={{ current: row.seq === props.player.position() }} y={i() * kRow} width={columns().width} height={kRow} />
              )}
            </For>
            <For each={columns().names}>
              {(name) => <line class="lifeline" x1={columns().x(name)} x2={columns().x(name)} y1="0" y2={list.rows().rows.length * kRow} />}
            </For>
            <For each={list.rows().rows}>
              {(row, i) => <LadderRow player={props.player} row={row} i={i()} rows={list.rows().rows} columns={columns()} mark={mark} />}
            </For>
          </svg>
        </div>
      </div>
      <Scrollbar list={list} />
      <Show when={measured()}>
        {(pair) => <p class="chip measured">#{pair()[0].seq} – #{pair()[1].seq}: Δt {duration(pair()[1].time_ns - pair()[0].time_ns)}</p>}
      </Show>
    </div>
  );
};
