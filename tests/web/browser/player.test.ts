import type { Page } from "playwright-core";
import { go_to, hashed_anew, html_of, open, recorded, run, settled } from "./lib";

const reel = recorded("ospf-triangle");
const file = html_of(reel);
const info = JSON.parse(run("info", reel, "--json"));
const events = run("events", reel, "--json").trim().split("\n").map((line) => JSON.parse(line));
const state_at = (seq: number | string) => JSON.parse(run("show", reel, "--at", String(seq), "--json"));
const cut = info.markers.find(({ name }: { name: string }) => name === "cut");

/** What the page shows of the lab, read from its elements. */
const shown_state = (page: Page) => page.evaluate(() => ({
  at: Number(document.getElementById("page")!.dataset.seq),
  nodes: [...document.querySelectorAll<HTMLElement>("[data-node]")].map((node) => [node.dataset.node, node.dataset.state]),
  cut: [...document.querySelectorAll<HTMLElement>("[data-cut]")].map((cable) => cable.dataset.cut),
  in_flight: Number(document.querySelector<HTMLElement>("[data-in-flight]")?.dataset.inFlight ?? 0),
  clock: document.querySelector(".clock")!.textContent!.replace(/[^\d.]/g, ""),
}));
const expected_state = (seq: number) => {
  const state = state_at(seq);
  return {
    at: seq,
    nodes: state.nodes.map(({ node, state }: { node: string; state: string }) => [node, state]),
    cut: state.links.filter(({ up }: { up: boolean }) => !up).map(({ ports }: { ports: string[] }) => ports.join(" ")),
    in_flight: state.in_flight.length,
    clock: (state.time / 1e9).toFixed(9),
  };
};

describe("the player, from file:// without a network", () => {
  it("opens at a marker, with title and lab", async () => {
    const { page, bad } = await open(file, "at=cut");
    expect(await settled(page, cut.seq)).toBe(cut.seq);
    expect(await page.title()).toContain("ospf-triangle");
    expect(await page.title()).toContain(`#${cut.seq}`);
    expect(await page.inputValue("#position")).toBe(`#${cut.seq}`);
    expect(await page.locator("[data-node]").count()).toBe(3);
    expect(await page.getAttribute("[data-note]", "data-note")).toBe("cut");
    expect(await page.getAttribute("html", "data-module")).toBe("worker");
    expect(bad).toEqual([]);
    await page.context().close();
  });

  it("shows at fifty positions what labreel show prints", async () => {
    const { page, bad } = await open(file);
    // Forwards, backwards and by jumps: the positions are the same on every run.
    const last = info.events;
    const seqs = Array.from({ length: 50 }, (_, i) => 1 + ((i * 7919) % last));
    for (const seq of seqs) {
      await go_to(page, seq);
      await settled(page, seq);
      expect(await shown_state(page)).toEqual(expected_state(seq));
    }
    expect(bad).toEqual([]);
    await page.context().close();
  });

  it("steps to the end, and back to the start over the same events", async () => {
    const { page, bad } = await open(file);
    // The last event may be bookkeeping, which steps pass over: the list's last row is where they end.
    await page.keyboard.press("End");
    await settled(page, events.at(-1).seq);
    const rows = page.locator(".event-row[data-seq]");
    const last = Number(await rows.last().getAttribute("data-seq"));
    await page.keyboard.press("Home");
    const first = await settled(page, 1);
    /** Presses the key until this event is shown, each time when the page is at rest; tells where it was. */
    const walk = (key: string, end: number) => page.evaluate(async ({ key, end }) => {
      const root = document.getElementById("page")!;
      const wait = async (until: () => boolean) => {
        while (!until()) await new Promise((resolve) => setTimeout(resolve, 1));
      };
      const seqs = [Number(root.dataset.seq)];
      while (seqs.at(-1) !== end) {
        const before = root.dataset.seq;
        document.getElementById("events")!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        await wait(() => root.dataset.seq !== before && root.dataset.seq === root.dataset.position);
        seqs.push(Number(root.dataset.seq));
      }
      return seqs;
    }, { key, end });
    const forth = await walk("ArrowRight", last);
    const back = await walk("ArrowLeft", first);
    expect(forth.length).toBeGreaterThan(events.filter(({ kind }: { kind: string }) => kind === "frame").length);
    expect(back).toEqual([...forth].reverse());
    const known = new Set(events.map(({ seq }: { seq: number }) => seq));
    expect(forth.every((seq) => known.has(seq))).toBe(true);
    expect(bad).toEqual([]);
    await page.context().close();
  });

  it("plays to its end by itself, and backwards", async () => {
    const { page, bad } = await open(file, `at=${events.at(-1).seq - 12}&time=real`);
    await settled(page);
    await page.uncheck(".time-choices input");
    await page.selectOption("[name=speed]", "64");
    await page.locator("#events").focus();
    await page.keyboard.press("Space");
    await page.waitForSelector("#page[data-playing='0']");
    const end = await settled(page);
    await page.keyboard.press("Shift+Space");
    await page.waitForFunction((end) => Number(document.getElementById("page")!.dataset.position) < end - 40, end);
    await page.keyboard.press("Shift+Space");
    await page.waitForSelector("#page[data-playing='0']");
    expect(await settled(page)).toBeLessThan(end);
    expect(bad).toEqual([]);
    await page.context().close();
  });

  it("filters its rows", async () => {
    const { page, bad } = await open(file);
    const hellos = run("events", reel).split("\n").filter((line) => line.includes("OSPF Hello Packet")).length;
    await page.fill("#filter", "OSPF Hello Packet");
    await page.waitForSelector(`.event-list[data-total="${hellos}"]`);
    await page.locator("#events").focus();
    for (let i = 0; i < 3; i++) {
      const before = await settled(page);
      await page.keyboard.press("ArrowRight");
      await page.waitForFunction((before) => document.getElementById("page")!.dataset.position !== String(before), before);
      const seq = await settled(page);
      expect(events.find((event: { seq: number }) => event.seq === seq).summary).toContain("OSPF Hello Packet");
    }
    await page.fill("#filter", "nothing has these words");
    await page.waitForSelector(".event-list[data-total='0']");
    expect(await page.locator(".event-list .empty").isVisible()).toBe(true);
    expect(bad).toEqual([]);
    await page.context().close();
  });

  it("names the reason of a drop in drawing, list and ladder, and goes up to its cause", async () => {
    const { page, bad } = await open(file, "at=cut");
    await settled(page, cut.seq);
    await page.locator("#events").focus();
    await page.keyboard.press("d");
    await page.waitForFunction((from) => Number(document.getElementById("page")!.dataset.position) > from, cut.seq);
    const seq = await settled(page);
    const event = events.find((event: { seq: number }) => event.seq === seq);
    expect(event.copies.some(({ dropped }: { dropped?: string }) => dropped === "link-down")).toBe(true);
    await page.waitForSelector(`.event-row.current[data-seq="${seq}"] .fate.dropped:has-text("link-down")`);
    await page.waitForSelector(`.ladder-row[data-seq="${seq}"] .arrow.dropped .reason:has-text("link-down")`);
    expect(await page.locator("[data-cut]").count()).toBe(1);
    expect(bad).toEqual([]);
    await page.context().close();
  });

  it("says of a position that is none what labreel says, and stays", async () => {
    const { page } = await open(file, "at=cut");
    await settled(page, cut.seq);
    await go_to(page, "no such marker");
    await page.waitForSelector("#trouble");
    expect(await settled(page)).toBe(cut.seq);
    await page.context().close();
  });

  it("shows a frame's layers over its bytes, and marks the bytes of a field", async () => {
    const { page, bad } = await open(file);
    const frame = events.find(({ summary }: { summary?: string }) => summary?.startsWith("OSPF Hello"));
    await go_to(page, frame.seq);
    await settled(page, frame.seq);
    const layers = await page.locator(".layer").evaluateAll((all) => all.map((layer) => (layer as HTMLElement).dataset.layer));
    expect(layers.length).toBeGreaterThanOrEqual(3);
    expect(await page.locator(".hex [data-at]").count()).toBeGreaterThanOrEqual(frame.length);
    await page.locator(".layer").first().evaluate((layer) => { (layer as HTMLDetailsElement).open = true; });
    await page.locator(".layer").first().locator(".field").first().hover();
    expect(await page.locator(".hex .octets .marked").count()).toBeGreaterThan(0);
    expect(bad).toEqual([]);
    await page.context().close();
  });

  it("keeps its address true, and opens the same from it", async () => {
    const { page, bad } = await open(file, "at=cut&f=OSPF&pane=terminals&sel=r2&time=real");
    await settled(page, cut.seq);
    await page.locator("#events").focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction((seq) => document.getElementById("page")!.dataset.position !== String(seq), cut.seq);
    const seq = await settled(page);
    await page.waitForFunction((seq) => location.hash.includes(`at=${seq}`), seq);
    const again = await open(file, (await page.evaluate(() => location.hash)).slice(1));
    expect(await settled(again.page, seq)).toBe(seq);
    expect(await again.page.inputValue("#filter")).toBe("OSPF");
    expect(await again.page.getAttribute("#tab-terminals", "aria-selected")).toBe("true");
    expect(await again.page.getAttribute("[data-node=r2]", "aria-pressed")).toBe("true");
    expect(await again.page.inputValue("[name=time]")).toBe("real");
    expect([...bad, ...again.bad]).toEqual([]);
    await page.context().close();
    await again.page.context().close();
  });

  it("plays without a worker, where a browser has none for it", async () => {
    const { page, bad } = await open(file, "at=cut", {}, () => { delete (window as { Worker?: unknown }).Worker; });
    await settled(page, cut.seq);
    expect(await page.getAttribute("html", "data-module")).toBe("main");
    await page.click("#verify");
    await page.waitForSelector("#verify[data-verdict='identical']");
    expect(bad).toEqual([]);
    await page.context().close();
  });

  it("may ask nothing of a network", async () => {
    const { page } = await open(file);
    const refused = await page.evaluate(async () => {
      const fetched = await fetch("https://evil.example/").then(() => "answered", () => "refused");
      let socket = "refused";
      try {
        const ws = new WebSocket("wss://evil.example/");
        socket = await new Promise<string>((resolve) => { ws.onopen = () => resolve("opened"); ws.onerror = () => resolve("refused"); });
      } catch {
        // Refused at once.
      }
      return [fetched, socket];
    });
    expect(refused).toEqual(["refused", "refused"]);
    expect(await page.evaluate(() => document.querySelector<HTMLMetaElement>("[http-equiv]")!.content)).toContain("default-src 'none'");
    await page.context().close();
  });
});

describe("verify here", () => {
  it("decides everything again and shows the digest of info", async () => {
    const { page, bad } = await open(file);
    await page.click("#verify");
    await page.waitForSelector("#verify[data-verdict='identical']");
    expect(await page.textContent("#digest-here")).toBe(info.digest);
    expect(await page.textContent("#digest-recorded")).toBe(info.digest);
    expect(await page.textContent("#outcome")).toContain(String(info.frames));
    expect(bad).toEqual([]);
    await page.context().close();
  });

  it("names the event of one flipped byte of a decision", async () => {
    const frame = events.find(({ kind, copies }: { kind: string; copies?: { due?: number }[] }) => kind === "frame" && copies?.[0]?.due !== undefined);
    const due = Buffer.alloc(8);
    due.writeBigUInt64LE(BigInt(frame.copies[0].due));
    let flips = 0;
    const changed = html_of(reel, (page) => {
      const at = page.indexOf(due);
      if (at < 0 || flips > 0) return page;
      flips++;
      const copy = Buffer.from(page);
      copy[at]! ^= 1;
      return hashed_anew(copy);
    });
    expect(flips).toBe(1);
    const { page } = await open(changed);
    await page.click("#verify");
    await page.waitForSelector("#verify[data-verdict='different']");
    expect(await page.textContent("#digest-here")).not.toBe(info.digest);
    expect(await page.getAttribute("#difference", "data-seq")).toBe(String(frame.seq));
    await page.context().close();
  });
});

