// Where everything of the drawing is, in the page's pixels: sizes stay the same however far one zooms.
import type { Impairments, LabState } from "../engine/answers";
import { lan_key, node_of_port, type Place, type Places } from "../model/layout";

export interface Cable {
  key: string;
  /** From its first port to its second, or to the lan. */
  points: Place[];
  ports: [string, string | null];
  up: boolean;
  /** What leaves at its beginning, and at its end, meets on the way. */
  out: Impairments;
  in: Impairments;
}

export interface LanBar {
  key: string;
  name: string;
  hub: boolean;
  place: Place;
  width: number;
}

export interface Scene {
  cables: Cable[];
  lans: LanBar[];
  /** Ports' own cables; the end at which the port is decides the direction. */
  by_port: ReadonlyMap<string, Cable>;
  zoom: number;
}

const kFan = 26;     // px between parallel cables
const kTick = 30;    // px between the ports of a lan
const kCurve = 14;   // pieces of a bent cable
export const kNodeRadius = 26;

const bent = (a: Place, b: Place, offset: number): Place[] => {
  if (offset === 0) return [a, b];
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const middle = {
    x: (a.x + b.x) / 2 - ((b.y - a.y) / length) * offset * 2,
    y: (a.y + b.y) / 2 + ((b.x - a.x) / length) * offset * 2,
  };
  return Array.from({ length: kCurve + 1 }, (_, i) => {
    const t = i / kCurve;
    const [p, q, r] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t];
    return { x: p * a.x + q * middle.x + r * b.x, y: p * a.y + q * middle.y + r * b.y };
  });
};

/** How far each of n parallel cables bends. Both ways round, the same side is the same side. */
const fan_offset = (i: number, n: number, forward: boolean): number => (i - (n - 1) / 2) * kFan * (forward ? 1 : -1);

const link_cables = (state: LabState, places: Places): Cable[] => {
  const pairs = new Map<string, LabState["links"]>();
  const pair_of = (ports: [string, string]) => ports.map(node_of_port).sort().join("\n");
  for (const link of state.links) {
    const pair = pair_of(link.ports);
    pairs.set(pair, [...(pairs.get(pair) ?? []), link]);
  }
  return state.links.flatMap((link) => {
    const [a, b] = link.ports.map((port) => places.get(node_of_port(port)));
    if (!a || !b) return [];
    const parallel = pairs.get(pair_of(link.ports))!;
    const forward = node_of_port(link.ports[0]) <= node_of_port(link.ports[1]);
    const points = a === b
      ? bent({ x: a.x - 1, y: a.y }, { x: a.x + 1, y: a.y }, 60)
      : bent(a, b, fan_offset(parallel.indexOf(link), parallel.length, forward));
    return [{ key: link.ports.join("\n"), points, ports: link.ports, up: link.up, out: link.out, in: link.in }];
  });
};

const lan_parts = (state: LabState, places: Places) => {
  const cables: Cable[] = [];
  const lans: LanBar[] = [];
  for (const { lan, hub, ports } of state.lans) {
    const place = places.get(lan_key(lan));
    if (!place) continue;
    const joined = ports.flatMap((port) => {
      const node = places.get(node_of_port(port.port));
      return node ? [{ ...port, node }] : [];
    }).sort((a, b) => a.node.x - b.node.x);
    lans.push({ key: lan_key(lan), name: lan, hub, place, width: Math.max(2, joined.length) * kTick });
    joined.forEach(({ port, up, node, out, in: into }, i) => {
      const tick = { x: place.x + (i - (joined.length - 1) / 2) * kTick, y: place.y };
      cables.push({ key: port, points: [node, tick], ports: [port, null], up, out, in: into });
    });
  }
  return { cables, lans };
};

export const scene_of = (state: LabState, places: Places, zoom = 1): Scene => {
  const { cables: of_lans, lans } = lan_parts(state, places);
  const cables = [...link_cables(state, places), ...of_lans];
  const by_port = new Map<string, Cable>();
  for (const cable of cables) for (const port of cable.ports) if (port !== null) by_port.set(port, cable);
  return { cables, lans, by_port, zoom };
};

/** The way of a frame from port to port; without a receiver, the whole cable it was sent into. */
export const way_of = (scene: Scene, from: string, to: string | undefined): Place[] | null => {
  const cable = scene.by_port.get(from);
  if (!cable) return null;
  const sent = cable.ports[0] === from ? cable.points : [...cable.points].reverse();
  const far = to === undefined || to === from ? undefined : scene.by_port.get(to);
  if (!far || far === cable) return sent;
  return [...sent, ...[...far.points].reverse()];
};

export const length_of = (points: readonly Place[]): number =>
  points.slice(1).reduce((sum, point, i) => sum + Math.hypot(point.x - points[i]!.x, point.y - points[i]!.y), 0);

/** A point of the way and its direction, at this fraction of what is seen of it: not below the nodes at its ends. */
export const point_at = (points: readonly Place[], fraction: number): Place & { angle: number } => {
  const length = length_of(points);
  const margin = Math.min(kNodeRadius, length / 4);
  let left = margin + (length - 2 * margin) * Math.min(1, Math.max(0, fraction));
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1]!, points[i]!];
    const piece = Math.hypot(b.x - a.x, b.y - a.y);
    if (left <= piece || i === points.length - 1) {
      const t = piece === 0 ? 0 : Math.min(1, left / piece);
      return { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t, angle: Math.atan2(b.y - a.y, b.x - a.x) };
    }
    left -= piece;
  }
  return { x: points[0]?.x ?? 0, y: points[0]?.y ?? 0, angle: 0 };
};

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const box_of = (places: Iterable<Place>): Box => {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of places) {
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
  }
  return left === Infinity ? { x: 0, y: 0, width: 1, height: 1 } : { x: left, y: top, width: right - left, height: bottom - top };
};
