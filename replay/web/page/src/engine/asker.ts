// Ask: how the page asks the module. One question at a time is with the module; the others wait here, and a newer question of a
// slot takes the place of one that still waits, so that quick jumps are answered once.
import type { Operation, Operations } from "./answers";

/** An error in labreel's words. They are English in every language of the page. */
export class AskError extends Error {
  constructor(readonly error: string, readonly hint = "") {
    super(error);
  }
}

/** The promise of a question that a newer one of its slot replaced as it waited is never settled. */
export type Ask = <Op extends Operation>(
  op: Op, request: Operations[Op][0], slot?: string,
) => Promise<Operations[Op][1]>;

/** Gives one request to the module, as text; resolves with its answer, or what it said was wrong. */
export type Carrier = (request: string) => Promise<{ ok: boolean; text: string }>;

interface Waiting {
  request: string;
  slot?: string;
  settle: (answer: { ok: boolean; text: string }) => void;
  fail: (why: unknown) => void;
}

const error_of = (text: string): AskError => {
  try {
    const { error, hint } = JSON.parse(text) as { error: string; hint?: string };
    return new AskError(error, hint);
  } catch {
    return new AskError(text);
  }
};

export const make_ask = (carry: Carrier): Ask => {
  const waiting: Waiting[] = [];
  const newest = new Map<string, Waiting>();
  let busy = false;

  const is_replaced = (question: Waiting) => question.slot !== undefined && newest.get(question.slot) !== question;
  const next = async () => {
    if (busy) return;
    busy = true;
    for (let question = waiting.shift(); question; question = waiting.shift()) {
      if (is_replaced(question)) continue;
      try {
        // One that was replaced while it was with the module is answered all the same: else what changes quickly is never shown.
        question.settle(await carry(question.request));
      } catch (why) {
        question.fail(why);
      }
    }
    busy = false;
  };

  return <Op extends Operation>(op: Op, request: Operations[Op][0], slot?: string) =>
    new Promise<Operations[Op][1]>((resolve, reject) => {
      const question: Waiting = {
        request: JSON.stringify({ op, ...request }),
        slot,
        settle: ({ ok, text }) => {
          try {
            if (ok) resolve(JSON.parse(text) as Operations[Op][1]);
            else reject(error_of(text));
          } catch (why) {
            reject(why);
          }
        },
        fail: reject,
      };
      if (slot !== undefined) newest.set(slot, question);
      waiting.push(question);
      void next();
    });
};
