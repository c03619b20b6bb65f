import { en } from "../../../replay/web/page/src/text/en";
import { fr } from "../../../replay/web/page/src/text/fr";

const keys_of = (words: object): string[] => Object.entries(words).flatMap(([key, value]) =>
  typeof value === "object" ? keys_of(value).map((below) => `${key}.${below}`) : [key]).sort();
const said = (value: unknown): string =>
  typeof value === "function" ? (value as (...values: unknown[]) => string)(3, "b", "c") : String(value);

describe("words", () => {
  it("has every key in both languages", () => {
    expect(keys_of(fr)).toEqual(keys_of(en));
  });

  it("says something for each key, and not the same in both unless that is the word", () => {
    const alike = ["position", "pause", "node_says", "gap", "menu", "question"];
    for (const [key, value] of Object.entries(en)) {
      if (typeof value === "object") continue;
      const other = fr[key as keyof typeof fr];
      expect(said(value), key).not.toBe("");
      if (said(value) === said(other)) expect(alike, `${key}: ${said(value)}`).toContain(key);
    }
  });
});
