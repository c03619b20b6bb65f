// The timeline: what happened when, by class, with drops and markers. A click is a position.
import { createEffect, createResource, createSignal, For, on, onCleanup, onMount } from "solid-js";
import type { Bucket, EventClass, Strip } from "../engine/answers";
import { kDark, kLight, type Colours } from "../draw/colours";
import type { Film } from "../model/film";
import type { Player } from "../model/player";
import { shown } from "../text/shown";
import { duration, exact_seconds } from "../text/times";
import { words } from "../text/words";
import { is_dark } from "./theme";

const kOrder: EventClass[] = ["routing", "tcp", "udp", "icmp", "arp", "l2", "other", "command", "effect", "note", "output"];
const kFlags = 18;  // px for the markers' flags
const kAxis = 14;   // px for the times

const count_of = (bucket: Bucket) => kOrder.reduce((sum, name) => sum + (bucket[name] ?? 0), 0);

const tick_of = (span: number, width: number): number => {
  const least = span / Math.max(2, width / 96);
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((n) => n * decade).find((step) => step >= least) ?? least;
};

const paint_axis = (pen: CanvasRenderingContext2D, strip: Strip, width: number, height: number, colours: Colours) => {
  pen.font = "10px system-ui, sans-serif";
  pen.textBaseline = "bottom";
  pen.fillStyle = colours.faint;
  const span = Math.max(1, strip.to_ns - strip.from_ns);
  const step = tick_of(span, width);
  for (let at = Math.ceil(strip.from_ns / step) * step; at < strip.to_ns; at += step) {
    const x = ((at - strip.from_ns) / span) * width;
    pen.fillRect(x, height - kAxis, 1, 3);
    pen.textAlign = x < 12 ? "left" : x > width - 20 ? "right" : "center";
    pen.fillText(at === 0 ? "0" : duration(at), x, height);
  }
};

const paint_strip = (canvas: HTMLCanvasElement, strip: Strip, colours: Colours) => {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  const pen = canvas.getContext("2d")!;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  const most = Math.max(1, ...strip.buckets.map(count_of));
  const each = width / Math.max(1, strip.buckets.length);
  const [top, ground] = [kFlags, height - kAxis];
  strip.buckets.forEach((bucket, i) => {
    let y = ground;
    const x = i * each;
    const all = count_of(bucket);
    // A single event is seen, too: heights grow with the square root.
    const tall = Math.sqrt(all / most) * (ground - top - 4);
    for (const name of kOrder) {
      const part = all === 0 ? 0 : ((bucket[name] ?? 0) / all) * tall;
      pen.fillStyle = colours.classes[name];
      pen.fillRect(x, y - part, Math.max(1, each - 0.5), part);
      y -= part;
    }
    if (!bucket.dropped) return;
    pen.fillStyle = colours.dropped;
    pen.fillRect(x, y - 5, Math.max(2, each - 0.5), 4);
  });
  paint_axis(pen, strip, width, height, colours);
};

export const Timeline = (props: { player: Player; film: Film }) => {
  const { player, film } = props;
  const [width, set_width] = createSignal(0);
  const [strip] = createResource(() => Math.min(2048, Math.max(0, Math.floor(width() / 3))) || null,
    (buckets) => player.ask("strip", { buckets }, "strip").catch((why) => { player.say(why); return undefined; }));
  let box!: HTMLDivElement;
  let canvas!: HTMLCanvasElement;
  onMount(() => {
    const observer = new ResizeObserver(() => set_width(box.clientWidth));
    observer.observe(box);
    onCleanup(() => observer.disconnect());
  });
  createEffect(on([() => strip.latest, is_dark], ([strip, dark]) => {
    if (strip) paint_strip(canvas, strip, dark ? kDark : kLight);
  }));
  const span = () => Math.max(1, player.hello.end_ns);
  const time = () => film.now() ?? player.moment()?.state.time ?? 0;
  const fraction = (at: number) => Math.min(1, Math.max(0, at / span()));
  /** A flag's name ends where the next flag stands; those on the right lean to the left. */
  const room_of = (i: number) => {
    const at = player.hello.markers.map(({ time_ns }) => fraction(time_ns) * width());
    const leans = fraction(player.hello.markers[i]!.time_ns) > 0.8;
    const room = leans ? at[i]! - (at[i - 1] ?? 0) - (fraction((player.hello.markers[i - 1]?.time_ns ?? 0)) > 0.8 ? 0 : 90)
      : (at[i + 1] ?? width()) - at[i]!;
    return Math.max(0, Math.min(140, room - 4));
  };
  const seek = (event: PointerEvent) => {
    if ((event.target as Element).closest("button")) return;
    const move = (at: PointerEvent) => {
      const left = box.getBoundingClientRect().left;
      void player.go_to_time(fraction_of(at.clientX - left, box.clientWidth) * span());
    };
    box.setPointerCapture(event.pointerId);
    box.onpointermove = move;
    box.onpointerup = () => { box.onpointermove = null; };
    move(event);
  };
  return (
    <div class="timeline" ref={box} onPointerDown={seek}>
      <canvas ref={canvas} aria-hidden="true" />
      <For each={player.hello.markers}>
        {(marker, i) => (
          <button
            class="flag" classList={{ right: fraction(marker.time_ns) > 0.8 }} style={{ left: `${fraction(marker.time_ns) * 100}%` }}
            onClick={() => player.go(marker.seq)} data-marker={marker.name} aria-label={`${words().marker} ${shown(marker.name)}`}
          ><span style={{ "max-width": `${room_of(i())}px` }}>{shown(marker.name)}</span></button>
        )}
      </For>
      <div
        class="caret" role="slider" tabIndex={0} aria-label={words().timeline} style={{ left: `${fraction(time()) * 100}%` }}
        aria-valuemin={player.hello.first} aria-valuemax={player.hello.last} aria-valuenow={player.position()}
        aria-valuetext={`#${player.position()}, ${exact_seconds(time())} s`}
      />
    </div>
  );
};

const fraction_of = (x: number, width: number) => Math.min(1, Math.max(0, x / Math.max(1, width)));
