// What the browser tests share: recordings, made once; the page, opened from file:// without a network; waiting for a state.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
// @ts-expect-error: it has no types
import { fill } from "../fill.mjs";

const tree = fileURLToPath(new URL("../../../", import.meta.url));
export const labreel = process.env.LABREEL ?? join(tree, ".build/dev/recorder/labreel");
const folder = mkdtempSync(join(tmpdir(), "labreel-page-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export const run = (...args: string[]): string => execFileSync(labreel, args, { encoding: "utf8", maxBuffer: 1 << 28, cwd: folder });

/** Runs a lab, or takes the reel that LABREEL_PAGE_REEL names for the triangle. */
export const recorded = (name: "ospf-triangle" | "hostile"): string => {
  const given = process.env[`LABREEL_PAGE_REEL_${name === "hostile" ? "HOSTILE" : "TRIANGLE"}`];
  if (given) return given;
  const reel = join(folder, `${name}.reel`);
  if (!existsSync(reel)) {
    run("run", join(tree, name === "hostile" ? "tests/web/hostile.yml" : "samples/ospf-triangle/lab.yml"), "-o", reel);
  }
  return reel;
};

/** The page with this recording, as `labreel export` writes it; with `change`, as it would be with other bytes. */
export const html_of = (reel: string, change?: (page: Buffer) => Buffer): string => {
  const file = join(folder, `${Math.random()}.html`);
  if (change) writeFileSync(file, fill(reel, { labreel, change }));
  else run("export", reel, "-o", file);
  return file;
};

/** The page's own checksum would tell that a byte was changed; this makes it fit, so that only the decisions can. */
export const hashed_anew = (page: Buffer): Buffer => {
  const hex = execFileSync("xxhsum", ["-H2", "-"], { input: page.subarray(32), encoding: "utf8" }).slice(0, 32);
  Buffer.from(hex, "hex").reverse().copy(page, 16);
  return page;
};

let browser: Browser | undefined;
afterAll(() => browser?.close());

export interface Opened {
  page: Page;
  /** What no page of a recording may cause: errors, breaches of its policy, requests, dialogs. */
  bad: string[];
}

export const open = async (
  file: string, fragment = "", options: BrowserContextOptions = {}, before?: () => void,
): Promise<Opened> => {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", offline: true, ...options });
  const page = await context.newPage();
  const bad: string[] = [];
  page.on("console", (message) => { if (message.type() === "error" || message.type() === "warning") bad.push(`console: ${message.text()}`); });
  page.on("pageerror", (error) => bad.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { bad.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
  page.on("request", (request) => { if (!/^(file|blob|data):/.test(request.url())) bad.push(`request: ${request.url()}`); });
  await page.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
  if (before) await page.addInitScript(before);
  await page.goto(`file://${file}${fragment && `#${fragment}`}`);
  await page.waitForSelector("#page[data-seq]");
  return { page, bad };
};

/** The page shows this position, whole. */
export const settled = async (page: Page, seq?: number): Promise<number> => {
  await page.waitForFunction((wanted) => {
    const { seq, position } = document.getElementById("page")!.dataset;
    return seq === position && (wanted === undefined || seq === String(wanted));
  }, seq);
  return Number(await page.getAttribute("#page", "data-seq"));
};

export const go_to = async (page: Page, position: string | number): Promise<void> => {
  await page.fill("#position", String(position));
  await page.press("#position", "Enter");
};
