import type { LabState } from "../../../replay/web/page/src/engine/answers";
import { create_player } from "../../../replay/web/page/src/model/player";
import { fake_ask, type PrintedEvent } from "./fake_ask";

// Lines of `labreel events --json`.
const events: PrintedEvent[] = [
  { seq: 1, time: 0, kind: "lab.begun", cause: null },
  { seq: 2, time: 0, kind: "command", cause: null, name: "mark" },
  { seq: 3, time: 5, kind: "scenario", cause: null },
  { seq: 4, time: 100, kind: "frame", cause: null, port: "r1:eth1", summary: "ARP Who has 10.0.12.1?", copies: [{ port: "r2:eth1", due: 200 }] },
  { seq: 5, time: 300, kind: "marker", cause: 2, name: "cut", note: "The cable is cut." },
  { seq: 6, time: 400, kind: "frame", cause: null, port: "r1:eth1", summary: "OSPF Hello", copies: [{ port: "r2:eth1", dropped: "link-down" }] },
  { seq: 7, time: 500, kind: "scenario", cause: null },
];
const state = (at: number): LabState =>
  ({ at, time: events[at - 1]!.time, nodes: [], links: [], lans: [], mac_tables: [], queues: [], in_flight: [] });
const open = async () => {
  const ask = fake_ask(events, state, (seq) =>
    ({ seq, time_ns: 0, port: "r1:eth1", bytes: "00", length: 1, class: "arp", summary: "", layers: [], copies: [] }));
  return create_player(ask, await ask("hello", {}));
};

describe("player", () => {
  it("steps to the end and back over the same events, bookkeeping folded", async () => {
    const player = await open();
    const forth = [player.position()];
    for (let before = -1; before !== player.position();) {
      before = player.position();
      await player.step(1);
      if (player.position() !== before) forth.push(player.position());
    }
    const back = [player.position()];
    for (let before = -1; before !== player.position();) {
      before = player.position();
      await player.step(-1);
      if (player.position() !== before) back.push(player.position());
    }
    expect(forth).toEqual([1, 2, 4, 5, 6]);
    expect(back).toEqual([...forth].reverse());
  });

  it("counts every press, however quickly they come", async () => {
    const player = await open();
    await Promise.all([player.step(1), player.step(1), player.step(1)]);
    expect(player.position()).toBe(5);
  });

  it("goes to markers, times and drops", async () => {
    const player = await open();
    await player.go_to_text("cut");
    expect(player.position()).toBe(5);
    await player.jump("drop", 1);
    expect(player.position()).toBe(6);
    await player.go_to_time(150);
    expect(player.position()).toBe(4);
  });

  it("says what is wrong with a position and stays", async () => {
    const player = await open();
    player.go(4);
    expect(await player.go_to_text("nowhere")).toBe(false);
    expect(player.position()).toBe(4);
    expect(player.trouble()).toEqual({ error: "there is no position nowhere", hint: "try a number" });
  });

  it("shows the last of many quick positions, and some on the way", async () => {
    const player = await open();
    for (let i = 0; i < 50; i++) {
      player.go(1 + (i % 7), "play");
      await Promise.resolve();
    }
    player.go(4);
    await vi.waitUntil(() => player.moment()?.state.at === 4);
    expect(player.moment()).toMatchObject({ event: { seq: 4 }, frame: { seq: 4 } });
  });

  it("shows state, event and frame of one position together", async () => {
    const player = await open();
    player.go(6);
    await vi.waitUntil(() => player.moment()?.state.at === 6);
    expect(player.moment()).toMatchObject({ event: { seq: 6 }, frame: { seq: 6 } });
    player.go(5);
    await vi.waitUntil(() => player.moment()?.state.at === 5);
    expect(player.moment()).toMatchObject({ event: { seq: 5 }, frame: null });
  });
});
