import { AskError, make_ask } from "../../../replay/web/page/src/engine/asker";
import { parts_of } from "../../../replay/web/page/src/engine/stream";

const tick = () => new Promise((resolve) => setTimeout(resolve));

describe("ask", () => {
  it("passes over the questions of a slot that a newer one replaced as they waited", async () => {
    const carried: string[] = [];
    const ask = make_ask(async (request) => {
      carried.push(request);
      await tick();
      return { ok: true, text: request };
    });
    const answers: unknown[] = [];
    for (const at of [1, 2, 3, 4, 5]) void ask("state", { at }, "state").then((answer) => answers.push(answer));
    for (let i = 0; i < 8; i++) await tick();
    expect(answers).toEqual([{ op: "state", at: 1 }, { op: "state", at: 5 }]);
    expect(carried.length).toBe(2);
  });

  it("answers every question without a slot, in order", async () => {
    const ask = make_ask(async (request) => ({ ok: true, text: request }));
    const answers = await Promise.all([1, 2, 3].map((seq) => ask("frame", { seq })));
    expect(answers.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it("says an error in the module's words, and goes on", async () => {
    let n = 0;
    const ask = make_ask(async () => (n++ === 0 ? { ok: false, text: '{"error":"no such port","hint":"try r1:eth1"}' } : { ok: true, text: "{}" }));
    await expect(ask("hello", {})).rejects.toEqual(new AskError("no such port", "try r1:eth1"));
    await expect(ask("hello", {})).resolves.toEqual({});
  });
});

const stream_of = (...parts: number[][]) => Uint8Array.from(parts.flatMap((part) => [part.length, 0, 0, 0, ...part]));

describe("stream of a recording", () => {
  it("ends at a length of 0", () => {
    const { parts, ended } = parts_of(stream_of([1, 2], [3], []));
    expect(parts.map((part) => [...part])).toEqual([[1, 2], [3]]);
    expect(ended).toBe(true);
  });

  it("gives what is whole of one that is cut off", () => {
    const whole = stream_of([1, 2], [3, 4, 5]);
    for (let length = 0; length < whole.length; length++) {
      const { parts, ended } = parts_of(whole.slice(0, length));
      expect(ended).toBe(false);
      expect(parts.length).toBe(length < 6 ? 0 : 1);
    }
  });
});
