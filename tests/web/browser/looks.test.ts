// What people see and touch: accessibility, phone, French, reduced motion, dark.
import axe from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { go_to, html_of, open, recorded, run, settled } from "./lib";

const reel = recorded("ospf-triangle");
const file = html_of(reel);
const events = run("events", reel, "--json").trim().split("\n").map((line) => JSON.parse(line));
const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

const violations = async (page: Page) => {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof import("axe-core") }).axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  });
};

describe("axe finds nothing", () => {
  for (const theme of ["light", "dark"] as const) {
    it(`in the ${theme} page, its dialogs, ladder and terminals`, async () => {
      const { page } = await open(file, "at=cut", { colorScheme: theme });
      await settled(page);
      expect(await violations(page)).toEqual([]);
      await page.click(".filter-box button");
      await page.locator("[data-node]").first().click();
      expect(await violations(page)).toEqual([]);
      await page.click("#tab-terminals");
      await page.waitForSelector(".terminal");
      expect(await violations(page)).toEqual([]);
      await page.locator("#events").focus();
      for (const [key, dialog] of [["?", ".help"], ["Control+k", ".palette"], ["v", "#outcome"]] as const) {
        await page.keyboard.press(key);
        await page.waitForSelector(dialog);
        expect(await violations(page), dialog).toEqual([]);
        await page.keyboard.press("Escape");
        await page.waitForSelector(dialog, { state: "detached" });
      }
      const drop = events.find(({ copies }: { copies?: { dropped?: string }[] }) => copies?.some(({ dropped }) => dropped));
      await go_to(page, drop.seq);
      await settled(page, drop.seq);
      await page.click("#tab-ladder");
      expect(await violations(page)).toEqual([]);
      await page.context().close();
    });
  }

  it("on a phone, in each pane", async () => {
    const { page } = await open(file, "at=cut", phone);
    for (const tab of ["lab", "events", "ladder", "frame", "terminals"]) {
      await page.tap(`[data-tab=${tab}]`);
      expect(await violations(page), tab).toEqual([]);
    }
    await page.context().close();
  });
});

describe("a phone, by touch alone", () => {
  const swipe = async (page: Page, dx: number, dy: number) => {
    const box = (await page.locator(".event-card").boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const session = await page.context().newCDPSession(page);
    await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x, y }] });
    await session.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: [{ x: x + dx, y: y + dy }] });
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  };
  const left = (page: Page, seq: number) =>
    page.waitForFunction((seq) => document.getElementById("page")!.dataset.position !== String(seq), seq);

  it("steps by swipes both ways, reads a frame, goes to a marker", async () => {
    const { page, bad } = await open(file, "", phone);
    const frame = events.find(({ kind }: { kind: string }) => kind === "frame");
    await go_to(page, frame.seq);
    await settled(page, frame.seq);
    await swipe(page, -120, 0);
    await left(page, frame.seq);
    const next = await settled(page);
    expect(next).toBeGreaterThan(frame.seq);
    await swipe(page, 120, 0);
    await left(page, next);
    expect(await settled(page)).toBe(frame.seq);
    await swipe(page, 0, -60);
    await page.waitForSelector(".layer");
    await page.tap("[data-tab=lab]");
    await page.tap(".buttons button:last-child");
    await page.waitForSelector("[data-note]");
    expect(bad).toEqual([]);
    await page.context().close();
  });

  it("has no control below 44 px and never scrolls sideways", async () => {
    const { page } = await open(file, "at=cut", phone);
    for (const tab of ["lab", "events", "ladder", "frame", "terminals"]) {
      await page.tap(`[data-tab=${tab}]`);
      const small = await page.evaluate(() => [...document.querySelectorAll<HTMLElement>("button, input:not([type=checkbox]), select, summary")]
        .map((control) => ({ control, box: control.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && box.height > 0 && (box.height < 43.5 || box.width < 43.5))
        .map(({ control, box }) => `${control.outerHTML.slice(0, 80)} ${box.width}×${box.height}`));
      expect(small, tab).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), tab).toBeLessThanOrEqual(0);
    }
    await page.context().close();
  });
});

describe("French", () => {
  it("is spoken to a French browser, and AZERTY's keys work", async () => {
    const { page, bad } = await open(file, "at=cut", { locale: "fr-FR" });
    const seq = await settled(page);
    expect(await page.getAttribute("html", "lang")).toBe("fr");
    expect(await page.textContent("#verify")).toContain("Vérifier ici");
    expect(await page.textContent("#tab-ladder")).toBe("Échelle");
    // On AZERTY "." is Shift+; and "?" is Shift+,.
    await page.locator("#events").focus();
    await page.evaluate(() => document.getElementById("events")!.dispatchEvent(new KeyboardEvent("keydown",
      { key: ".", code: "Comma", shiftKey: true, bubbles: true, cancelable: true })));
    await page.waitForFunction((seq) => Number(document.getElementById("page")!.dataset.position) > seq, seq);
    await page.evaluate(() => document.getElementById("events")!.dispatchEvent(new KeyboardEvent("keydown",
      { key: "?", code: "KeyM", shiftKey: true, bubbles: true, cancelable: true })));
    await page.waitForSelector(".help");
    expect(await page.textContent(".help h2")).toBe("Touches et aide");
    expect(bad).toEqual([]);
    await page.context().close();
  });
});

describe("reduced motion", () => {
  it("moves no frame: its picture changes with the position alone", async () => {
    const { page } = await open(file, "at=cut", { reducedMotion: "reduce" });
    await settled(page);
    await page.uncheck(".time-choices input");
    await page.locator("#events").focus();
    await page.keyboard.press("Space");
    const pictures = await page.evaluate(async () => {
      const root = document.getElementById("page")!;
      const canvas = document.querySelector<HTMLCanvasElement>("canvas.frames")!;
      const seen = new Map<string, Set<string>>();
      while (seen.size < 4) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const { seq, position } = root.dataset;
        if (seq !== position) continue;
        seen.set(seq!, (seen.get(seq!) ?? new Set()).add(canvas.toDataURL()));
      }
      return [...seen.values()].map((set) => set.size);
    });
    expect(pictures.every((count) => count === 1)).toBe(true);
    await page.context().close();
  });
});

describe("what is said aloud", () => {
  it("names event and outcome once a step, and nothing while it plays", async () => {
    const drop = events.find(({ copies }: { copies?: { dropped?: string }[] }) => copies?.some(({ dropped }) => dropped === "link-down"));
    const { page } = await open(file, `at=${drop.seq}`);
    await settled(page, drop.seq);
    const text = await page.textContent("#announcer");
    expect(text).toContain(`event ${drop.seq}`);
    expect(text).toContain("dropped: link-down");
    await page.locator("#events").focus();
    await page.keyboard.press("Space");
    await page.waitForSelector("#page[data-playing='1']");
    expect(await page.textContent("#announcer")).toBe("");
    await page.context().close();
  });
});
