// The worker's whole program: it lies as text in the page's one script, and is started from a blob.
import { Host, type Message } from "./host";

const host = new Host();
const scope = self as unknown as { onmessage: (event: MessageEvent<Message>) => void; postMessage(reply: unknown): void };
scope.onmessage = (event) => void host.answer(event.data).then((reply) => scope.postMessage(reply));
scope.postMessage("ready");
