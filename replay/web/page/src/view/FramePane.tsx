// The frame at the position: its layers over its bytes. What is pointed at in one is marked in the other.
import { createMemo, createSignal, For, Index, Show } from "solid-js";
import type { Field, Frame, Layer } from "../engine/answers";
import type { Player } from "../model/player";
import { shown } from "../text/shown";
import { duration, exact_seconds } from "../text/times";
import { words } from "../text/words";
import { CauseList } from "./CauseList";
import { Fate, text_of_row } from "./EventList";
import { Marked } from "./Marked";

interface Range {
  offset: number;
  length: number;
}
const kHexRow = 16;
const kHexMax = 4096;  // bytes that are shown

const FieldRow = (props: { field: Field; marked: boolean; mark: (range: Range | undefined) => void }) => (
  <button
    class="field" classList={{ marked: props.marked }} title={shown(props.field.name)}
    style={{ "padding-left": `${1.4 + 0.9 * Math.max(0, Math.min(12, props.field.level))}rem` }}
    onPointerEnter={() => props.mark(props.field)} onPointerLeave={() => props.mark(undefined)}
    onFocus={() => props.mark(props.field)} onBlur={() => props.mark(undefined)}
    data-field={props.field.name}
  >
    <span class="label">{shown(props.field.label)}</span><span class="value">{shown(props.field.value)}</span>
  </button>
);

const LayerRows = (props: { layer: Layer; open: boolean; range?: Range; mark: (range: Range | undefined) => void }) => {
  const is_marked = (field: Field) =>
    props.range !== undefined && field.offset === props.range.offset && field.length === props.range.length;
  return (
    <details class="layer" open={props.open} data-layer={props.layer.name}>
      <summary onPointerEnter={() => props.mark(props.layer)} onPointerLeave={() => props.mark(undefined)}>
        <b title={shown(props.layer.title)}>{shown(props.layer.title || props.layer.name)}</b> <span class="faint">{words().bytes(props.layer.length)}</span>
      </summary>
      <For each={props.layer.fields}>{(field) => <FieldRow field={field} marked={is_marked(field)} mark={props.mark} />}</For>
    </details>
  );
};

/** Text of a run of bytes: those that ASCII shows, dots for the others. */
const ascii_of = (bytes: number[]) => bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·"));

const Hex = (props: { frame: Frame; range?: Range; mark: (range: Range | undefined) => void }) => {
  const bytes = createMemo(() => {
    const hex = props.frame.bytes.slice(0, kHexMax * 2);
    return Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  });
  const rows = createMemo(() =>
    Array.from({ length: Math.ceil(bytes().length / kHexRow) }, (_, i) => bytes().slice(i * kHexRow, (i + 1) * kHexRow)));
  const is_marked = (at: number) => {
    const range = props.range;
    return range !== undefined && at >= range.offset && at < range.offset + range.length;
  };
  /** The smallest field that has this byte. */
  const field_at = (at: number) => props.frame.layers.flatMap(({ fields }) => fields)
    .filter(({ offset, length }) => at >= offset && at < offset + length)
    .sort((a, b) => a.length - b.length)[0];
  const point = (event: PointerEvent) => {
    const at = (event.target as HTMLElement).dataset.at;
    props.mark(at === undefined ? undefined : field_at(Number(at)));
  };
  return (
    <div class="hex" role="group" aria-label={words().hex} onPointerOver={point} onPointerLeave={() => props.mark(undefined)} tabIndex={0}>
      <Index each={rows()}>
        {(row, i) => (
          <div class="hex-row">
            <span class="offset">{(i * kHexRow).toString(16).padStart(4, "0")}</span>
            <span class="octets"><Index each={row()}>
              {(byte, j) => <span data-at={i * kHexRow + j} classList={{ marked: is_marked(i * kHexRow + j) }}>{byte().toString(16).padStart(2, "0")}</span>}
            </Index></span>
            <span class="ascii"><Index each={ascii_of(row())}>
              {(letter, j) => <span data-at={i * kHexRow + j} classList={{ marked: is_marked(i * kHexRow + j) }}>{letter()}</span>}
            </Index></span>
          </div>
        )}
      </Index>
      <Show when={props.frame.bytes.length > kHexMax * 2}><p class="faint">…+{props.frame.bytes.length / 2 - kHexMax}</p></Show>
    </div>
  );
};

/** The innermost layer that is more than bytes. */
const said_most = (layers: readonly Layer[]) => layers.findLast(({ name }) => name !== "data") ?? layers.at(-1);

const FrameBody = (props: { frame: Frame }) => {
  const [range, mark] = createSignal<Range>();
  return (
    <Show when={props.frame.bytes.length > 0} fallback={<p class="empty">{words().no_payload}</p>}>
      <div class="frame-body">
        <div class="layers" role="group" aria-label={words().layers}>
          <For each={props.frame.layers}>
            {(layer) => <LayerRows layer={layer} open={layer === said_most(props.frame.layers)} range={range()} mark={mark} />}
          </For>
        </div>
        <Hex frame={props.frame} range={range()} mark={mark} />
      </div>
    </Show>
  );
};

export const FramePane = (props: { player: Player }) => {
  const moment = () => props.player.moment();
  return (
    <div class="frame-pane">
      <Show when={moment()}>
        {(moment) => (
          <header class="event-head" data-shown={moment().event.seq}>
            <Marked class={moment().event.class} size={20} />
            <b class="what">{shown(moment().event.from ?? moment().event.kind)} <span class="text">{text_of_row(moment().event)}</span></b>
            <span class="faint">#{moment().event.seq} · {exact_seconds(moment().event.time_ns)} s</span>
            <span class="more"><Fate row={moment().event} />
              <Show when={moment().event.to.find(({ reason, due_ns }) => !reason && due_ns > moment().event.time_ns)}>
                {(copy) => <span class="faint">+{duration(copy().due_ns - moment().event.time_ns)}</span>}
              </Show>
              <CauseList player={props.player} event={moment().event} /></span>
          </header>
        )}
      </Show>
      <Show when={moment()?.frame} fallback={<p class="empty">{words().no_frame}</p>} keyed>
        {(frame) => <FrameBody frame={frame} />}
      </Show>
    </div>
  );
};
