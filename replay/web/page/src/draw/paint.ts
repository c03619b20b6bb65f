// Paints cables on one canvas and frames on another. Nodes are buttons of the page and stand between them.
import type { EventClass, Impairments } from "../engine/answers";
import { duration, short_number } from "../text/times";
import { shown } from "../text/shown";
import { ink_on, type Colours } from "./colours";
import { length_of, point_at, way_of, type Cable, type Scene } from "./geometry";
import { kGlyphs, mark_of_reason } from "./glyphs";

export interface View {
  x: number;
  y: number;
  k: number;
}

/** A copy of a frame as it is painted. */
export interface Mark {
  seq: number;
  from: string;
  to?: string;
  class: EventClass;
  /** 0 at the sender … 1 at the receiver. */
  at: number;
  dropped?: string;
  /** What the position is about: bigger, with an arrow. */
  current: boolean;
}

const kLabelFrom = 40;     // px from a node to the name of its port
const kLabelsFrom = 0.6;  // zoom below which labels are only in the way
const paths = new Map<EventClass, Path2D>();
const path_of = (name: EventClass): Path2D => {
  const path = paths.get(name) ?? new Path2D(kGlyphs[name].path);
  paths.set(name, path);
  return path;
};

/** The canvas's pixels are the device's. Gives the pen, cleared, in the page's pixels. */
export const pen_of = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d")!;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
};

const percent = (ppb: number): string => `${Number((ppb / 1e7).toPrecision(3))} %`;

/** "20 ms · 1 % · 10M", what a direction of a cable does to frames; nothing where it does nothing. */
export const badge_of = (way: Impairments): string => [
  way.delay_ns > 0 && duration(way.delay_ns) + (way.jitter_ns > 0 ? ` ±${duration(way.jitter_ns)}` : ""),
  way.loss_ppb > 0 && percent(way.loss_ppb),
  way.duplicate_ppb > 0 && `⧉ ${percent(way.duplicate_ppb)}`,
  way.corrupt_ppb > 0 && `⚡ ${percent(way.corrupt_ppb)}`,
  way.reorder_ppb > 0 && `⤨ ${percent(way.reorder_ppb)}`,
  way.rate_bps > 0 && short_number(way.rate_bps),
].filter(Boolean).join(" · ");

const write = (pen: CanvasRenderingContext2D, text: string, x: number, y: number, ink: string, ground: string) => {
  pen.lineWidth = 4;
  pen.strokeStyle = ground;
  pen.strokeText(text, x, y);
  pen.fillStyle = ink;
  pen.fillText(text, x, y);
};

const trace_line = (pen: CanvasRenderingContext2D, points: Cable["points"]) => {
  pen.beginPath();
  points.forEach(({ x, y }, i) => (i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
};

const cross = (pen: CanvasRenderingContext2D, x: number, y: number, size: number) => {
  pen.beginPath();
  pen.moveTo(x - size, y - size);
  pen.lineTo(x + size, y + size);
  pen.moveTo(x + size, y - size);
  pen.lineTo(x - size, y + size);
  pen.stroke();
};

const paint_cut = (pen: CanvasRenderingContext2D, cable: Cable, colours: Colours) => {
  const { x, y } = point_at(cable.points, 0.5);
  pen.beginPath();
  pen.arc(x, y, 11, 0, 2 * Math.PI);
  pen.fillStyle = colours.ground;
  pen.fill();
  pen.lineWidth = 2.5;
  pen.strokeStyle = colours.dropped;
  cross(pen, x, y, 5.5);
};

const paint_labels = (pen: CanvasRenderingContext2D, cable: Cable, colours: Colours) => {
  pen.font = "11px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const at_end = Math.min(0.25, kLabelFrom / Math.max(1, length_of(cable.points)));
  const ends = [[cable.ports[0], at_end], [cable.ports[1], 1 - at_end]] as const;
  for (const [port, at] of ends) {
    if (port === null) continue;
    const { x, y, angle } = point_at(cable.points, at);
    const side = Math.cos(angle) >= 0 ? 1 : -1;
    const name = shown(port.slice(port.lastIndexOf(":") + 1)).slice(0, 15);
    write(pen, name, x - Math.sin(angle) * 15 * side, y + Math.cos(angle) * 13 * side, colours.faint, colours.ground);
  }
  const [out, into] = [badge_of(cable.out), badge_of(cable.in)];
  const badges = out === into ? [[out, 0.5]] as const : [[out, 0.32], [into, 0.68]] as const;
  for (const [badge, at] of badges) {
    if (!badge) continue;
    const { x, y, angle } = point_at(cable.points, at);
    const side = Math.cos(angle) >= 0 ? 1 : -1;
    write(pen, badge, x + Math.sin(angle) * 24 * side, y - Math.cos(angle) * 17 * side, colours.text, colours.ground);
  }
};

export const paint_cables = (pen: CanvasRenderingContext2D, scene: Scene, colours: Colours, selected?: string) => {
  pen.lineCap = "round";
  pen.lineJoin = "round";
  for (const cable of scene.cables) {
    if (selected !== undefined && cable.ports.includes(selected)) {
      trace_line(pen, cable.points);
      pen.lineWidth = 8;
      pen.strokeStyle = `${colours.accent}44`;
      pen.stroke();
    }
    trace_line(pen, cable.points);
    pen.lineWidth = 1.75;
    pen.setLineDash(cable.up ? [] : [6, 6]);
    pen.strokeStyle = cable.up ? colours.cable : colours.cable_down;
    pen.stroke();
    pen.setLineDash([]);
    if (!cable.up) paint_cut(pen, cable, colours);
  }
  for (const { place, width, hub } of scene.lans) {
    pen.beginPath();
    pen.roundRect(place.x - width / 2, place.y - 4, width, 8, 4);
    pen.fillStyle = hub ? colours.ground : colours.cable;
    pen.fill();
    pen.lineWidth = 1.75;
    pen.strokeStyle = colours.cable;
    pen.stroke();
  }
  if (scene.zoom >= kLabelsFrom) for (const cable of scene.cables) paint_labels(pen, cable, colours);
};

/** How far a dropped copy comes: what its sender's side refused stays there, what its receiver refused came all the way. */
const place_of_drop = (reason: string): number => {
  if (["queue-full", "mtu", "malformed"].includes(reason)) return 0.08;
  if (["node-stopped", "refused-by-node", "port-down", "port-removed"].includes(reason)) return 0.92;
  return 0.3;
};

const paint_arrow = (pen: CanvasRenderingContext2D, points: { x: number; y: number }[], mark: Mark, until: number, colours: Colours) => {
  const steps = Array.from({ length: 13 }, (_, i) => point_at(points, (until * i) / 12));
  trace_line(pen, steps);
  pen.lineWidth = 3;
  pen.strokeStyle = mark.dropped ? colours.dropped : colours.classes[mark.class];
  if (mark.dropped) pen.setLineDash([5, 5]);
  pen.globalAlpha = 0.55;
  pen.stroke();
  pen.setLineDash([]);
  pen.globalAlpha = 1;
  if (mark.dropped) return;
  const { x, y, angle } = point_at(points, until);
  pen.save();
  pen.translate(x, y);
  pen.rotate(angle);
  pen.beginPath();
  pen.moveTo(2, 0);
  pen.lineTo(-8, 5);
  pen.lineTo(-8, -5);
  pen.closePath();
  pen.fillStyle = pen.strokeStyle;
  pen.fill();
  pen.restore();
};

const paint_glyph = (pen: CanvasRenderingContext2D, name: EventClass, x: number, y: number, radius: number, colours: Colours) => {
  pen.save();
  pen.translate(x, y);
  pen.scale(radius, radius);
  pen.fillStyle = colours.classes[name];
  pen.fill(path_of(name));
  pen.lineWidth = 2.4 / radius;
  pen.strokeStyle = colours.ground;
  pen.stroke(path_of(name));
  pen.restore();
  if (radius < 8) return;
  pen.font = `700 ${Math.round(radius * 1.15)}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = ink_on(colours.classes[name]);
  pen.fillText(kGlyphs[name].letter, x, y + (name === "udp" ? radius * 0.3 : 0.5));
};

export const paint_marks = (pen: CanvasRenderingContext2D, scene: Scene, marks: readonly Mark[], colours: Colours) => {
  for (const mark of marks) {
    const way = way_of(scene, mark.from, mark.to);
    if (!way) continue;
    const stops = mark.dropped === undefined ? 1 : place_of_drop(mark.dropped);
    if (mark.current) paint_arrow(pen, way, mark, mark.dropped === undefined ? 1 : stops, colours);
    const at = Math.min(mark.at, stops);
    const { x, y } = point_at(way, at);
    paint_glyph(pen, mark.class, x, y, mark.current ? 10 : 6, colours);
    if (mark.dropped === undefined || mark.at < stops) continue;
    pen.font = "700 14px system-ui, sans-serif";
    // Beside the glyph, on the outer side, where there are no other words.
    const outer = x < pen.canvas.clientWidth / 2 ? -1 : 1;
    pen.textAlign = outer < 0 ? "right" : "left";
    pen.textBaseline = "middle";
    write(pen, `${mark_of_reason(mark.dropped)} ${shown(mark.dropped)}`, x + outer * 17, y, colours.dropped, colours.ground);
  }
};
