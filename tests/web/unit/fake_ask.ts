// A tiny stand-in for the module, for tests of the page's own logic: it answers from what `labreel events --json` and
// `labreel show --json` printed. It decides, folds and decodes nothing.
import type { EventClass, Filter, Frame, Hello, LabState, Row } from "../../../replay/web/page/src/engine/answers";
import { make_ask, type Ask } from "../../../replay/web/page/src/engine/asker";

export interface PrintedEvent {
  seq: number;
  time: number;
  kind: string;
  cause: number | null;
  port?: string;
  copies?: { port: string; due?: number; dropped?: string }[];
  summary?: string;
  name?: string;
  note?: string;
  [other: string]: unknown;
}

const kClasses: [RegExp, EventClass][] = [
  [/^OSPF/, "routing"], [/^ARP|Neighbor/, "arp"], [/^ICMP|^IGMP|ping/, "icmp"], [/^TCP/, "tcp"], [/^UDP/, "udp"],
];
const kOfKinds: Record<string, EventClass> = { "command": "command", "exec.output": "output", "marker": "note", "link.changed": "effect" };

const row_of = (event: PrintedEvent): Row => ({
  seq: event.seq, time_ns: event.time, kind: event.kind,
  class: event.kind === "frame"
    ? kClasses.find(([pattern]) => pattern.test(event.summary ?? ""))?.[1] ?? "other"
    : kOfKinds[event.kind] ?? "other",
  text: event.summary ?? `${event.kind}  ${event.name ?? event["text"] ?? event["node"] ?? ""}`,
  from: event.port,
  to: (event.copies ?? []).map(({ port, due, dropped }) => ({
    port: port ?? "", due_ns: due ?? event.time, outcome: dropped ? "dropped" : "delivered", reason: dropped,
  })),
  cause: event.cause ?? undefined,
});

const kBookkeeping = /^(scenario|command.done|exec.done|exec$|checkpoint)/;

export const fake_ask = (events: PrintedEvent[], state_at: (seq: number) => LabState, frame_of?: (seq: number) => Frame): Ask => {
  const rows = events.map(row_of);
  const chosen = (filter: Filter) => rows.filter((row) => (filter.bookkeeping || !kBookkeeping.test(row.kind))
    && (!filter.text || row.text.toLowerCase().includes(filter.text.toLowerCase()))
    && (!filter.kinds?.length || filter.kinds.includes(row.kind)));
  const markers = events.filter(({ kind }) => kind === "marker");
  const seek = (list: { seq: number }[], from: number, dir: number) =>
    (dir > 0 ? list.find(({ seq }) => seq > from) : list.findLast(({ seq }) => seq < from))?.seq ?? null;
  const last = rows.at(-1)!;
  // eslint-disable-next-line complexity
  const answer = (request: any): unknown => {
    switch (request.op) {
      case "hello": return {
        name: "ospf-triangle", file: "ospf-triangle.reel", labreel: "0.9.0", clock: "real", complete: true, end: "the scenario is done",
        first: rows[0]!.seq, last: last.seq, end_ns: last.time_ns, format_version: 2, fabric_version: 1, digest: "ab".repeat(32),
        level: "fabric", level_why: "", kinds: [...new Set(rows.map(({ kind }) => kind))], gaps: 0,
        reasons: [{ name: "link-down", says: "the cable was cut" }],
        markers: markers.map(({ seq, time, name, note }) => ({ seq, time_ns: time, name: name!, note: note ?? "" })),
      } satisfies Hello;
      case "state": return state_at(request.at);
      case "rows": {
        const found = chosen(request.filter);
        return { total: found.length, row: request.row, rows: found.slice(request.row, request.row + request.count) };
      }
      case "rank": return {
        total: chosen(request.filter).length, row: chosen(request.filter).findLastIndex(({ seq }) => seq <= request.seq),
      };
      case "find": return { seq: seek(chosen(request.filter), request.from, request.dir) };
      case "marker": return { seq: seek(markers, request.from, request.dir) };
      case "drop": return { seq: seek(rows.filter(({ to }) => to.some(({ reason }) => reason)), request.from, request.dir) };
      case "position": {
        const named = markers.find(({ name }) => name === request.text)?.seq;
        const time = /^\+([\d.]+)s$/.exec(request.text)?.[1];
        const at_time = time === undefined ? undefined : rows.findLast(({ time_ns }) => time_ns <= Number(time) * 1e9)?.seq;
        const seq = named ?? at_time ?? (request.text === "end" ? last.seq : Number(request.text));
        if (!Number.isFinite(seq)) throw new Error(JSON.stringify({ error: `there is no position ${request.text}`, hint: "try a number" }));
        return { seq };
      }
      case "flights": return {
        more: false, flights: rows.filter(({ time_ns, kind }) => kind === "frame" && time_ns >= request.from_ns && time_ns <= request.to_ns)
          .flatMap((row) => row.to.map((copy) => ({
            seq: row.seq, from: row.from!, to: copy.port, sent_ns: row.time_ns, due_ns: copy.due_ns, class: row.class,
            outcome: copy.outcome, reason: copy.reason,
          }))),
      };
      case "strip": {
        const buckets: Record<string, number>[] = Array.from({ length: request.buckets }, () => ({}));
        for (const row of rows) {
          const bucket = buckets[Math.min(request.buckets - 1, Math.floor((row.time_ns / last.time_ns) * request.buckets))]!;
          bucket[row.class] = (bucket[row.class] ?? 0) + 1;
          if (row.to.some(({ reason }) => reason)) bucket["dropped"] = (bucket["dropped"] ?? 0) + 1;
        }
        return { from_ns: 0, to_ns: last.time_ns, buckets };
      }
      case "cause": {
        const chain = [];
        for (let row = rows.find(({ seq }) => seq === request.seq); row; row = rows.find(({ seq }) => seq === row!.cause)) {
          chain.push({ seq: row.seq, time_ns: row.time_ns, kind: row.kind, text: row.text });
        }
        return { chain };
      }
      case "frame": return frame_of!(request.seq);
      case "terminals": return { terminals: events.filter(({ kind, seq }) => kind === "exec.output" && seq <= request.at).map((event) =>
        ({ node: event["node"], command: "sh", seq: event.seq, text: event["text"] })) };
      case "verify": return { identical: true, level: "fabric", events: rows.length, frames: rows.filter(({ kind }) => kind === "frame").length,
        digest: "ab".repeat(32), recorded_digest: "ab".repeat(32) };
      default: throw new Error(JSON.stringify({ error: `no ${request.op}` }));
    }
  };
  return make_ask(async (request) => {
    try {
      return { ok: true, text: JSON.stringify(answer(JSON.parse(request))) };
    } catch (why) {
      return { ok: false, text: (why as Error).message };
    }
  });
};
