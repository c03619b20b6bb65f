import { commands_of, type Parts } from "../../../replay/web/page/src/view/commands";
import { key_text, matches, type Key } from "../../../replay/web/page/src/view/keys";
import type { Player } from "../../../replay/web/page/src/model/player";

const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
  ({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more });

describe("keys", () => {
  it("are matched by what they write", () => {
    expect(matches(press(".", { shiftKey: true }), { key: "." })).toBe(true);   // AZERTY: Shift+;
    expect(matches(press("1", { shiftKey: true }), { key: "1" })).toBe(true);   // AZERTY: Shift+&
    expect(matches(press("[", { altKey: true, ctrlKey: true }), { key: "[" })).toBe(true);  // AltGr
    expect(matches(press("?", { shiftKey: true }), { key: "?" })).toBe(true);
  });

  it("tell Shift apart where it is a key of its own", () => {
    expect(matches(press("ArrowRight", { shiftKey: true }), { key: "ArrowRight" })).toBe(false);
    expect(matches(press("N", { shiftKey: true }), { key: "n" })).toBe(false);
    expect(matches(press("N", { shiftKey: true }), { key: "n", shift: true })).toBe(true);
  });

  it("leave the browser's own alone", () => {
    expect(matches(press("f", { ctrlKey: true }), { key: "f" })).toBe(false);
    expect(matches(press("ArrowLeft", { altKey: true }), { key: "ArrowLeft" })).toBe(false);
  });

  it("mean one thing each", () => {
    const commands = commands_of({} as Player, {} as Parts);
    const seen = new Map<string, string>();
    for (const command of commands) {
      for (const key of command.keys as Key[]) {
        const text = key_text(key);
        expect(seen.get(text), text).toBeUndefined();
        seen.set(text, command.name());
      }
    }
    expect(seen.size).toBeGreaterThan(25);
  });
});
