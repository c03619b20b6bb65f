// The mark of each class of events: shape and letter first, colour second; and the mark of each reason of a drop.
import type { EventClass } from "../engine/answers";

export interface Glyph {
  /** SVG path within -1…1. */
  path: string;
  letter: string;
}

const kSquare = "M-.86-.86H.86V.86H-.86Z";
export const kGlyphs: Record<EventClass, Glyph> = {
  arp: { path: "M0-1.1 1.1 0 0 1.1-1.1 0Z", letter: "A" },
  icmp: { path: "M0-1A1 1 0 1 1 0 1A1 1 0 1 1 0-1Z", letter: "I" },
  routing: { path: "M-.55-.95H.55L1.1 0 .55.95H-.55L-1.1 0Z", letter: "R" },
  tcp: { path: kSquare, letter: "T" },
  udp: { path: "M0-1.05 1.15.95H-1.15Z", letter: "U" },
  l2: { path: "M-.6-.8H1.2L.6.8H-1.2Z", letter: "L" },
  other: { path: "M-.4-.86H.4A.86.86 0 0 1 .4.86H-.4A.86.86 0 0 1-.4-.86Z", letter: "·" },
  command: { path: "M-.9-.75H.4L1.05 0 .4.75H-.9Z", letter: "›" },
  effect: { path: "M-.9-.55H.9V.55H-.9Z", letter: "" },
  output: { path: "M-.95-.7H.95V.7H-.95Z", letter: "" },
  note: { path: "M-.7-1H.8V.2H-.45V1H-.7Z", letter: "" },
};

const kReasonMarks: Record<string, string> = {
  "loss": "✕~", "malformed": "✕?", "queue-full": "✕≡", "mtu": "✕⇥", "link-down": "✕╱", "port-down": "✕▯", "port-removed": "✕−",
  "node-stopped": "✕■", "refused-by-node": "✕⊘", "no-receiver": "✕∅", "lab-ended": "✕⏹",
};
export const mark_of_reason = (reason: string | undefined): string => kReasonMarks[reason ?? ""] ?? "✕";

const kFlagMarks: Record<string, string> = { duplicated: "⧉", corrupted: "⚡", reordered: "⤨" };
export const mark_of_flag = (flag: string): string => kFlagMarks[flag] ?? flag;

const kKindMarks: Record<string, string> = { namespace: "▣", uml: "◆", qemu: "▤", container: "⬡" };
export const mark_of_kind = (kind: string): string => kKindMarks[kind] ?? "▢";
