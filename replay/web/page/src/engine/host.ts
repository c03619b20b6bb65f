// Host: one recording, opened, behind the messages that the page sends. It is the same in the worker and on the main thread.
import { Recording, type Answer } from "./module";
import { bytes_of_base64, gunzip, parts_of } from "./stream";

export type Message =
  | { id: number; what: "open"; module: string; recording: string }
  | { id: number; what: "ask"; request: string };
export type Reply = { id: number; ok: boolean; text: string };

const words = (error: unknown) => JSON.stringify({ error: error instanceof Error ? error.message : String(error) });

/** Where reading stopped early, in words, as a JSON string; else null. What was read before plays. */
const fill = (recording: Recording, pages: Uint8Array<ArrayBuffer>[], ended: boolean): Answer => {
  for (const page of pages) {
    const answer = recording.page(page);
    if (!answer.ok) return { ok: true, text: JSON.stringify({ damage: answer.text }) };
  }
  return { ok: true, text: JSON.stringify(ended ? {} : { damage: JSON.stringify({ error: "the recording is cut off" }) }) };
};

export class Host {
  #recording: Recording | undefined;

  async answer(message: Message): Promise<Reply> {
    try {
      const answer = message.what === "open"
        ? await this.#open(message.module, message.recording)
        : this.#ask(message.request);
      return { id: message.id, ...answer };
    } catch (error) {
      return { id: message.id, ok: false, text: words(error) };
    }
  }

  async #open(module: string, recording: string): Promise<Answer> {
    const [wasm, stream] = await Promise.all(
      [module, recording].map((text) => gunzip(bytes_of_base64(text))),
    );
    const { parts, ended } = parts_of(stream!);
    const [facts, ...pages] = parts;
    if (!facts) return { ok: false, text: words("there is no recording in this file") };
    this.#recording = await Recording.load(wasm!);
    const opened = this.#recording.open(facts);
    return opened.ok ? fill(this.#recording, pages, ended) : opened;
  }

  #ask(request: string): Answer {
    return this.#recording?.ask(request) ?? { ok: false, text: words("there is no recording in this file") };
  }
}
