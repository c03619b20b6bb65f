import { shown, shown_lines } from "../../../replay/web/page/src/text/shown";
import { duration, exact_seconds, list_seconds } from "../../../replay/web/page/src/text/times";

describe("text of a recording", () => {
  it("shows control characters and obeys none", () => {
    expect(shown("a\u001b[31mb\u0007\n")).toBe("a␛[31mb␇␊");
    expect(shown("\u007f\u0085")).toBe("␡⟨U+0085⟩");
  });

  it("shows what turns or hides text", () => {
    expect(shown("r1\u202egnp.exe")).toBe("r1⟨U+202E⟩gnp.exe");
    expect(shown("a\u200b\ufeff\u2066b")).toBe("a⟨U+200B⟩⟨U+FEFF⟩⟨U+2066⟩b");
    expect(shown("\ud800")).toBe("⟨U+D800⟩");
    expect(shown("\u{e0041}")).toBe("⟨U+E0041⟩");
  });

  it("leaves ordinary text of any script alone", () => {
    expect(shown("Réseau → 日本 🙂")).toBe("Réseau → 日本 🙂");
  });

  it("cuts what is too long and says how much", () => {
    expect(shown("x".repeat(5000))).toBe(`${"x".repeat(4096)}…+904`);
  });

  it("keeps the lines of a terminal, nothing else", () => {
    expect(shown_lines("a\r\nb\tc\u001b]0;title\u0007")).toBe("a\nb\tc␛]0;title␇");
  });
});

describe("times", () => {
  it("keeps every digit", () => {
    expect(exact_seconds(11929187875)).toBe("11.929 187 875");
    expect(exact_seconds(5)).toBe("0.000 000 005");
    expect(list_seconds(11929187875)).toBe("11.929187");
  });

  it("says lengths in their own unit", () => {
    expect([2e6, 340e3, 1.5e9, 7, 999e9].map(duration)).toEqual(["2 ms", "340 µs", "1.5 s", "7 ns", "999 s"]);
  });
});
