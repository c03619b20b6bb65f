// A recording that does its worst stays text.
import { html_of, open, recorded, settled } from "./lib";

const file = html_of(recorded("hostile"));

it("shows names, notes and output as text, and runs nothing of them", async () => {
  const { page, bad } = await open(file, "at=end&pane=terminals");
  await settled(page);
  await page.waitForSelector(".terminal");
  const terminals = await page.textContent(".terminals");
  expect(terminals).toContain("<script>window.hit=1</script>");
  expect(terminals).toContain("␛]0;stolen title␇");
  expect(terminals).toContain("⟨U+202E⟩");
  expect(await page.title()).toContain("hostile");
  const note = await page.locator("[data-note='bad'] .note-text");
  expect(await note.textContent()).toContain("<script>window.hit=1</script>");
  expect(await note.textContent()).toContain("pixel");
  expect(await note.locator("strong").textContent()).toBe("bold");
  expect(await note.locator("img, script").count()).toBe(0);
  expect(await note.locator("a[href^='javascript']").count()).toBe(0);
  // Each event once: no text of any of them becomes an element.
  for (let before = -1, seq = await settled(page); seq !== before;) {
    before = seq;
    await page.keyboard.press("ArrowLeft");
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 30)));
    seq = await settled(page);
  }
  expect(await page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined();
  expect(await page.locator("#page img, #page script, #page iframe").count()).toBe(0);
  expect(bad).toEqual([]);
  await page.context().close();
});

it("plays what is whole of a damaged recording, and says that it is damaged", async () => {
  let pages = 0;
  const damaged = html_of(recorded("ospf-triangle"), (page) => (++pages === 12 ? Buffer.from(page.map((byte) => byte ^ 0xff)) : page));
  expect(pages).toBeGreaterThan(12);
  const { page, bad } = await open(damaged, "at=end");
  await page.waitForSelector("#damage");
  expect(await page.locator("[data-node]").count()).toBeGreaterThan(0);
  expect(bad).toEqual([]);
  await page.context().close();
});
