// Where nodes are drawn: where the lab file says, else where forces between them put them, the same each time.
import { forceCenter, forceCollide, forceLink, forceManyBody, forceSimulation, type SimulationNodeDatum } from "d3-force";
import type { LabState } from "../engine/answers";

export interface Place {
  x: number;
  y: number;
}
export type Places = ReadonlyMap<string, Place>;

/** Key of a lan among the places: no node's name has a slash before it. */
export const lan_key = (lan: string): string => `/${lan}`;

interface Body extends SimulationNodeDatum {
  key: string;
}

const kDistance = 110;
const kRounds = 300;
const kRoundsOfBig = 60;
const kBig = 300;  // nodes

/** A generator of its own: Math.random would draw another picture each time. */
const random_of_seed = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 4294967296;
};

export const node_of_port = (port: string): string => port.slice(0, port.lastIndexOf(":"));

/** What the picture is made of: nodes and lans by key, and who is joined with whom. */
const graph_of = (state: LabState) => {
  const given = new Map<string, Place>();
  for (const { node, position } of state.nodes) if (position) given.set(node, { x: position[0], y: position[1] });
  const keys = [...state.nodes.map(({ node }) => node), ...state.lans.map(({ lan }) => lan_key(lan))];
  const known = new Set(keys);
  const edges = [
    ...state.links.map(({ ports }) => ({ source: node_of_port(ports[0]), target: node_of_port(ports[1]) })),
    ...state.lans.flatMap(({ lan, ports }) =>
      ports.map(({ port }) => ({ source: node_of_port(port), target: lan_key(lan) }))),
  ].filter(({ source, target }) => known.has(source) && known.has(target));
  return { given, keys, edges };
};

const force_places = (keys: string[], edges: { source: string; target: string }[], held: Places): Map<string, Place> => {
  const bodies = keys.map<Body>((key, i) => {
    const place = held.get(key);
    if (place) return { key, fx: place.x, fy: place.y, x: place.x, y: place.y };
    const angle = (2 * Math.PI * i) / keys.length;
    const radius = kDistance * Math.max(1, keys.length / 6);
    return { key, x: -radius * Math.cos(angle), y: -radius * Math.sin(angle) };
  });
  const simulation = forceSimulation(bodies)
    .randomSource(random_of_seed(42))
    .force("links", forceLink(edges.map((edge) => ({ ...edge }))).id((body) => (body as Body).key).distance(kDistance))
    .force("apart", forceManyBody().strength(-420))
    .force("collide", forceCollide(46))
    .stop();
  if (held.size === 0) simulation.force("center", forceCenter(0, 0));
  simulation.tick(keys.length > kBig ? kRoundsOfBig : kRounds);
  return new Map(bodies.map(({ key, x, y }) => [key, { x: x ?? 0, y: y ?? 0 }]));
};

/** Grown picture: what has a place keeps it, so that nothing jumps when a node comes. */
export const places_of = (state: LabState, before: Places): Places => {
  const { given, keys, edges } = graph_of(state);
  const held = new Map(given);
  for (const key of keys) {
    const place = before.get(key);
    if (place) held.set(key, place);
  }
  if (keys.every((key) => held.has(key))) return before.size >= held.size ? before : new Map([...before, ...held]);
  return new Map([...before, ...force_places(keys, edges, held)]);
};
