// The drawing of the lab: cables and frames on canvases, nodes as buttons over them, all moved by one transform while a gesture
// lasts and painted anew when it rests.
import { drag as d3_drag } from "d3-drag";
import { select } from "d3-selection";
import { zoom as d3_zoom, zoomIdentity, type ZoomBehavior, type ZoomTransform } from "d3-zoom";
import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show } from "solid-js";
import type { NodeState } from "../engine/answers";
import { kDark, kLight } from "../draw/colours";
import { box_of, scene_of, type Scene } from "../draw/geometry";
import { mark_of_kind } from "../draw/glyphs";
import { paint_cables, paint_marks, pen_of, type View } from "../draw/paint";
import { marks_of } from "../draw/marks";
import type { Film } from "../model/film";
import { lan_key, places_of, type Place, type Places } from "../model/layout";
import type { Player } from "../model/player";
import { shown } from "../text/shown";
import { duration } from "../text/times";
import { words } from "../text/words";
import { NodeCard } from "./NodeCard";
import { is_dark } from "./theme";

export interface DrawingControls {
  change: (what: "fit" | "in" | "out") => void;
}

const kMargin = 64;  // px around a fitted picture
const kBelow = 24;   // more of them below it, for names and buttons
const same_view = (a: View, b: View) => a.x === b.x && a.y === b.y && a.k === b.k;

/** Zoom and pan of the box: `view` as painted, `moving` while a gesture lasts. */
const make_view = () => {
  const [view, set_view] = createSignal<View>({ x: 0, y: 0, k: 1 }, { equals: same_view });
  const [moving, set_moving] = createSignal<View>();
  let zoom: ZoomBehavior<HTMLDivElement, unknown>;
  let box: HTMLDivElement;
  const attach = (element: HTMLDivElement) => {
    box = element;
    zoom = d3_zoom<HTMLDivElement, unknown>()
      .scaleExtent([0.1, 6])
      .filter((event: Event & { button?: number; ctrlKey?: boolean }) =>
        event.type === "wheel" || !(event.target as Element).closest("button, .card"))
      .on("zoom", ({ transform }: { transform: ZoomTransform }) => set_moving({ x: transform.x, y: transform.y, k: transform.k }))
      .on("end", ({ transform }: { transform: ZoomTransform }) => {
        set_view({ x: transform.x, y: transform.y, k: transform.k });
        set_moving(undefined);
      });
    select(box).call(zoom).on("dblclick.zoom", null);
  };
  const to = (next: View) => select(box).call(zoom.transform, zoomIdentity.translate(next.x, next.y).scale(next.k));
  const by = (factor: number) => select(box).call(zoom.scaleBy, factor);
  return { view, moving, attach, to, by };
};

const fitted = (box: HTMLElement, places: Places, keys: string[]): View => {
  const { x, y, width, height } = box_of(keys.flatMap((key) => places.get(key) ?? []));
  const [room_x, room_y] = [box.clientWidth - 2 * kMargin, box.clientHeight - 2 * kMargin - kBelow];
  const k = Math.max(0.1, Math.min(1.7, room_x / Math.max(width, 1), room_y / Math.max(height, 1)));
  return { k, x: box.clientWidth / 2 - (x + width / 2) * k, y: (box.clientHeight - kBelow) / 2 - (y + height / 2) * k };
};

const LabNode = (props: { node: NodeState; place: Place; player: Player; on_drag: (name: string, dx: number, dy: number) => void }) => {
  let button!: HTMLButtonElement;
  const state = () => props.node.state;
  onMount(() => {
    select(button).call(d3_drag<HTMLButtonElement, unknown>()
      .clickDistance(4)
      .container(() => button.parentElement!)
      .on("drag", (event: { dx: number; dy: number }) => props.on_drag(props.node.node, event.dx, event.dy)));
  });
  return (
    <button
      ref={button} class={`lab-node state-${state()}`} data-node={props.node.node} data-state={state()}
      aria-pressed={props.player.selected() === props.node.node}
      aria-label={words().node_says(shown(props.node.node), shown(props.node.kind), words().states[state()] ?? shown(state()))}
      style={{ transform: `translate(${props.place.x}px, ${props.place.y}px)` }}
      onClick={() => props.player.select((selected) => (selected === props.node.node ? undefined : props.node.node))}
    >
      <span class="box"><span class="kind">{state() === "crashed" ? "✕" : state() === "paused" ? "❚❚" : mark_of_kind(props.node.kind)}</span></span>
      <span class="name">{shown(props.node.node)}</span>
    </button>
  );
};

/** Places of nodes: the lab file's, else the forces'; moved by hand for as long as the page lives. */
const make_places = (player: Player) => {
  const [moved, set_moved] = createSignal<Places>(new Map());
  const laid_out = createMemo<Places>((before) => {
    const moment = player.moment();
    return moment ? places_of(moment.state, before) : before;
  }, new Map());
  const places = createMemo<Places>(() => (moved().size === 0 ? laid_out() : new Map([...laid_out(), ...moved()])));
  const move = (name: string, dx: number, dy: number) => {
    const place = places().get(name);
    if (place) set_moved((before) => new Map([...before, [name, { x: place.x + dx, y: place.y + dy }]]));
  };
  return { places, move };
};

/** Cables and frames are painted anew whenever what they show has changed. */
const Canvases = (props: { player: Player; film: Film; scene: Scene; size: number }) => {
  let cables!: HTMLCanvasElement;
  let frames!: HTMLCanvasElement;
  const colours = () => (is_dark() ? kDark : kLight);
  createEffect(on([() => props.scene, colours, () => props.size, props.player.selected], ([scene, colours, , selected]) => {
    paint_cables(pen_of(cables), scene, colours, selected);
  }));
  createEffect(on([() => props.scene, colours, () => props.size, () => marks_of(props.player, props.film)], ([scene, colours, , marks]) => {
    paint_marks(pen_of(frames), scene, marks, colours);
    frames.dataset.marks = String(marks.length);
  }));
  return <><canvas ref={cables} aria-hidden="true" /><canvas ref={frames} aria-hidden="true" class="frames" /></>;
};

const LanName = (props: { name: string; place: Place }) => (
  <span class="lan-name" style={{ transform: `translate(${props.place.x}px, ${props.place.y}px)` }}>{shown(props.name)}</span>
);

/** Nodes and lans by name, so that a step changes what has changed and makes nothing anew. */
const Things = (props: { player: Player; places: Places; on_drag: (name: string, dx: number, dy: number) => void }) => {
  const state = () => props.player.moment()?.state ?? kNothing;
  const lans = createMemo(() => state().lans.map(({ lan }) => lan), [], { equals: same_names });
  const names = createMemo(() => state().nodes.map(({ node }) => node), [], { equals: same_names });
  const by_name = createMemo(() => new Map(state().nodes.map((node) => [node.node, node])));
  return (
    <>
      <For each={lans()}>
        {(lan) => <Show when={props.places.get(lan_key(lan))}>{(place) => <LanName name={lan} place={place()} />}</Show>}
      </For>
      <For each={names()}>
        {(name) => (
          <Show when={by_name().get(name)}>
            {(node) => (
              <Show when={props.places.get(name)}>
                {(place) => <LabNode node={node()} place={place()} player={props.player} on_drag={props.on_drag} />}
              </Show>
            )}
          </Show>
        )}
      </For>
    </>
  );
};

/** What the canvases show, in words and for tests: cut cables, frames in flight, a gap that was passed over. */
const Words = (props: { player: Player; film: Film }) => {
  const state = () => props.player.moment()?.state ?? kNothing;
  return (
    <>
      <ul class="cut-cables visually-hidden">
        <For each={state().links.filter(({ up }) => !up)}>
          {(link) => <li data-cut={link.ports.join(" ")}>{link.ports.map(shown).join(" – ")}: {words().cable_cut}</li>}
        </For>
      </ul>
      <div class="chips">
        <Show when={state().in_flight.length}>
          {(n) => <span class="chip" data-in-flight={n()}>{words().in_flight(n())}</span>}
        </Show>
        <Show when={props.film.gap() > 0}><span class="chip">{words().gap(duration(props.film.gap()))}</span></Show>
        <Show when={props.film.now() !== undefined && props.film.flights().length > 0}><span class="chip">{words().stretched}</span></Show>
      </div>
    </>
  );
};

const gesture_of = (view: View, moving: View | undefined) => {
  if (!moving) return "none";
  const k = moving.k / view.k;
  return `translate(${moving.x - view.x * k}px, ${moving.y - view.y * k}px) scale(${k})`;
};

export const Drawing = (props: { player: Player; film: Film; controls: (controls: DrawingControls) => void }) => {
  const { player, film } = props;
  const { view, moving, attach, to, by } = make_view();
  const { places, move } = make_places(player);
  const [size, set_size] = createSignal(0);
  const on_screen = createMemo<Places>(() => {
    const { x, y, k } = view();
    return new Map([...places()].map(([key, place]) => [key, { x: place.x * k + x, y: place.y * k + y }]));
  });
  const scene = createMemo(() => scene_of(player.moment()?.state ?? kNothing, on_screen(), view().k));
  let box!: HTMLDivElement;

  const fit = () => {
    const state = player.moment()?.state;
    if (state) to(fitted(box, places(), [...state.nodes.map(({ node }) => node), ...state.lans.map(({ lan }) => lan_key(lan))]));
  };
  props.controls({ change: (what) => (what === "fit" ? fit() : by(what === "in" ? 1.25 : 0.8)) });
  onMount(() => {
    attach(box);
    const observer = new ResizeObserver(() => set_size(box.clientWidth * 10000 + box.clientHeight));
    observer.observe(box);
    onCleanup(() => observer.disconnect());
  });
  const drawn = createMemo(() => player.moment()?.state.nodes.length ?? 0);
  createEffect(on([size, drawn], fit));

  return (
    <div class="drawing" ref={box} role="group" aria-label={words().drawing_says} tabIndex={-1} id="lab">
      <div class="layers" style={{ transform: gesture_of(view(), moving()) }}>
        <Canvases player={player} film={film} scene={scene()} size={size()} />
        <Things player={player} places={on_screen()} on_drag={(name, dx, dy) => move(name, dx / view().k, dy / view().k)} />
      </div>
      <Words player={player} film={film} />
      <div class="zoom">
        <button onClick={() => by(1.25)} aria-label={words().zoom_in}>+</button>
        <button onClick={() => by(0.8)} aria-label={words().zoom_out}>−</button>
        <button onClick={fit} aria-label={words().fit}>⤢</button>
      </div>
      <NodeCard player={player} />
    </div>
  );
};

const same_names = (a: string[], b: string[]) => a.length === b.length && a.every((name, i) => name === b[i]);
const kNothing = { at: 0, time: 0, nodes: [], links: [], lans: [], mac_tables: [], queues: [], in_flight: [] };
