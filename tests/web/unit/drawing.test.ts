import type { LabState } from "../../../replay/web/page/src/engine/answers";
import { point_at, scene_of, way_of } from "../../../replay/web/page/src/draw/geometry";
import { badge_of } from "../../../replay/web/page/src/draw/paint";
import { places_of } from "../../../replay/web/page/src/model/layout";

const plain = { delay_ns: 0, jitter_ns: 0, rate_bps: 0, queue_bytes: 65536, loss_ppb: 0, duplicate_ppb: 0, corrupt_ppb: 0, reorder_ppb: 0 };
const node = (name: string, position: [number, number] | null = null) =>
  ({ node: name, kind: "namespace", state: "running", ended: null, position, ports: [] });
const link = (a: string, b: string) => ({ ports: [a, b] as [string, string], up: true, out: plain, in: plain });
const lab = (more: Partial<LabState>): LabState =>
  ({ at: 1, time: 0, nodes: [], links: [], lans: [], mac_tables: [], queues: [], in_flight: [], ...more });

describe("layout", () => {
  it("takes the lab file's places", () => {
    const places = places_of(lab({ nodes: [node("r1", [150, 0]), node("r2", [0, 200])] }), new Map());
    expect(places.get("r1")).toEqual({ x: 150, y: 0 });
  });

  it("gives the same places each time where the lab file has none", () => {
    const state = lab({ nodes: ["a", "b", "c", "d"].map((name) => node(name)), links: [link("a:1", "b:1"), link("c:1", "d:1")] });
    expect(places_of(state, new Map())).toEqual(places_of(state, new Map()));
  });

  it("moves nothing when a node comes", () => {
    const before = places_of(lab({ nodes: [node("a"), node("b")] }), new Map());
    const after = places_of(lab({ nodes: [node("a"), node("b"), node("c")] }), before);
    expect(after.get("a")).toEqual(before.get("a"));
    expect(after.has("c")).toBe(true);
  });
});

describe("ways", () => {
  const places = new Map([["a", { x: 0, y: 0 }], ["b", { x: 200, y: 0 }], ["/sw", { x: 100, y: 100 }]]);

  it("fans parallel cables out", () => {
    const { cables } = scene_of(lab({ links: [link("a:1", "b:1"), link("b:2", "a:2"), link("a:3", "b:3")] }), places);
    const middles = cables.map(({ points }) => Math.round(point_at(points, 0.5).y));
    expect(new Set(middles).size).toBe(3);
  });

  it("runs backwards from the other end", () => {
    const scene = scene_of(lab({ links: [link("a:1", "b:1")] }), places);
    expect(way_of(scene, "a:1", "b:1")![0]).toEqual({ x: 0, y: 0 });
    expect(way_of(scene, "b:1", "a:1")![0]).toEqual({ x: 200, y: 0 });
  });

  it("crosses a lan over both of its cables", () => {
    const ports = ["a:1", "b:1"].map((port) => ({ port, up: true, out: plain, in: plain }));
    const scene = scene_of(lab({ lans: [{ lan: "sw", hub: false, ports }] }), places);
    const way = way_of(scene, "a:1", "b:1")!;
    expect([way[0], way.at(-1)]).toEqual([{ x: 0, y: 0 }, { x: 200, y: 0 }]);
    expect(way.some(({ y }) => y === 100)).toBe(true);
  });

  it("says what a cable does to frames", () => {
    expect(badge_of({ ...plain, delay_ns: 20e6, loss_ppb: 1e7, rate_bps: 10e6 })).toBe("20 ms · 1 % · 10M");
    expect(badge_of(plain)).toBe("");
  });
});
