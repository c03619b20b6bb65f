// Starts the module in a worker; on the main thread where a page of file:// may not have one.
import worker_source from "worker:./worker.ts";
import { AskError, make_ask, type Ask } from "./asker";
import { Host, type Message, type Reply } from "./host";

/** Message without its number. */
type Question = { what: "open"; module: string; recording: string } | { what: "ask"; request: string };
export type Send = (question: Question) => Promise<Reply>;
export interface Started {
  ask: Ask;
  /** Why the recording ends early, in labreel's words. */
  damage?: AskError;
}

const kWorkerWaits = 2000;  // ms; a browser that refuses the worker says so at once or never

const send_to_main_thread = (): Send => {
  const host = new Host();
  return async (question) => {
    await new Promise((resolve) => setTimeout(resolve));  // what is to be painted is painted between two questions
    return host.answer({ id: 0, ...question } as Message);
  };
};

const send_to_worker = (worker: Worker): Send => {
  const open = new Map<number, (reply: Reply) => void>();
  let last = 0;
  worker.onmessage = (event: MessageEvent<Reply>) => {
    open.get(event.data.id)?.(event.data);
    open.delete(event.data.id);
  };
  return (question) => new Promise((resolve) => {
    const id = ++last;
    open.set(id, resolve);
    worker.postMessage({ id, ...question });
  });
};

const start_worker = (): Promise<Worker | null> => new Promise((resolve) => {
  try {
    const url = URL.createObjectURL(new Blob([worker_source], { type: "text/javascript" }));
    const worker = new Worker(url);
    const give_up = () => { worker.terminate(); resolve(null); };
    const timer = setTimeout(give_up, kWorkerWaits);
    worker.onerror = give_up;
    worker.onmessage = () => { clearTimeout(timer); resolve(worker); };
  } catch {
    resolve(null);
  }
});

const text_of = (id: string) => document.getElementById(id)?.textContent ?? "";

export const start = async (): Promise<Started> => {
  const worker = await start_worker();
  const send = worker ? send_to_worker(worker) : send_to_main_thread();
  document.documentElement.dataset.module = worker ? "worker" : "main";
  const opened = await send({ what: "open", module: text_of("module"), recording: text_of("recording") });
  const said = JSON.parse(opened.text || "{}") as { error?: string; hint?: string; damage?: string };
  if (!opened.ok) throw new AskError(said.error ?? opened.text, said.hint);
  const damage = said.damage ? JSON.parse(said.damage) as { error: string; hint?: string } : undefined;
  return {
    ask: make_ask((request) => send({ what: "ask", request })),
    damage: damage && new AskError(damage.error, damage.hint),
  };
};
