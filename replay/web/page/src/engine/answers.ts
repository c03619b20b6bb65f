// What the module answers: the types of replay/web/README.md, as JSON gives them.

export type Seq = number;
/** Nanoseconds of lab time. A number holds 104 days of them exactly. */
export type Nanoseconds = number;
/** Groups of events as the page colours them: those of frames first. */
export type EventClass =
  | "arp" | "icmp" | "routing" | "tcp" | "udp" | "l2" | "other" | "command" | "effect" | "output" | "note";

export interface Marker {
  seq: Seq;
  time_ns: Nanoseconds;
  name: string;
  note: string;
  ask?: string;
}

export interface Hello {
  name: string;
  file: string;
  labreel: string;
  clock: string;
  complete: boolean;
  end: string;
  first: Seq;
  last: Seq;
  /** Where whoever exported it wants it opened; 0 is the start. */
  at?: Seq;
  end_ns: Nanoseconds;
  format_version: number;
  fabric_version: number;
  digest: string | null;
  level: string;
  level_why: string;
  markers: Marker[];
  kinds: string[];
  reasons: { name: string; says: string }[];
  gaps: number;
}

export interface Impairments {
  delay_ns: number;
  jitter_ns: number;
  rate_bps: number;
  queue_bytes: number;
  loss_ppb: number;
  duplicate_ppb: number;
  corrupt_ppb: number;
  reorder_ppb: number;
}

export interface PortState {
  port: string;
  mac: string;
  mtu: number;
  up: boolean;
  cable: "link" | "lan" | "none";
  cable_up: boolean;
  addresses: string[];
}

export interface NodeState {
  node: string;
  kind: string;
  state: string;
  ended: { seq: Seq; time: Nanoseconds; why: string } | null;
  position: [number, number] | null;
  ports: PortState[];
}

export interface LinkState {
  ports: [string, string];
  up: boolean;
  out: Impairments;
  in: Impairments;
}

export interface LanState {
  lan: string;
  hub: boolean;
  ports: { port: string; up: boolean; out: Impairments; in: Impairments }[];
}

export interface FlightState {
  frame: Seq;
  copy: number;
  from: string;
  to: string;
  due: Nanoseconds;
}

/** The lab at a position: what `labreel show --at N --json` prints. */
export interface LabState {
  at: Seq;
  time: Nanoseconds;
  nodes: NodeState[];
  links: LinkState[];
  lans: LanState[];
  mac_tables: { lan: string; mac: string; port: string; learned: Nanoseconds }[];
  queues: { port: string; direction: "out" | "in"; bytes: number }[];
  in_flight: FlightState[];
}

/** What became of one copy of a frame. */
export interface Copy {
  port: string;
  due_ns: Nanoseconds;
  outcome: string;
  reason?: string;
  flags?: string[];
}

export interface Row {
  seq: Seq;
  time_ns: Nanoseconds;
  kind: string;
  class: EventClass;
  text: string;
  from?: string;
  to: Copy[];
  cause?: Seq;
  by?: string;
}

export interface Rows {
  total: number;
  row: number;
  rows: Row[];
}

export interface Field {
  name: string;
  label: string;
  value: string;
  offset: number;
  length: number;
  level: number;
}

export interface Layer {
  name: string;
  title: string;
  offset: number;
  length: number;
  fields: Field[];
}

export interface Frame {
  seq: Seq;
  time_ns: Nanoseconds;
  port: string;
  bytes: string;
  length: number;
  class: EventClass;
  summary: string;
  layers: Layer[];
  copies: Copy[];
}

export interface Flight {
  seq: Seq;
  from: string;
  to: string;
  sent_ns: Nanoseconds;
  due_ns: Nanoseconds;
  class: EventClass;
  outcome: string;
  reason?: string;
}

export type Bucket = Partial<Record<EventClass, number>> & { dropped?: number };

export interface Strip {
  from_ns: Nanoseconds;
  to_ns: Nanoseconds;
  buckets: Bucket[];
}

export interface Cause {
  chain: { seq: Seq; time_ns: Nanoseconds; kind: string; text: string }[];
}

/** The way of a packet from hop to hop, with what each step rests on. */
export interface Trace {
  hops: { seq: Seq; time: Nanoseconds; port: string; summary?: string; ground?: string | null; origin?: string; end?: { text: string }[] }[];
  note: string;
}

export interface Terminal {
  node: string;
  command: string;
  seq: Seq;
  end_seq?: Seq;
  exit?: number;
  text: string;
}

export interface Verdict {
  identical: boolean;
  level: string;
  events: number;
  frames: number;
  digest: string | null;
  recorded_digest: string | null;
  difference?: { seq: Seq; why: string; recorded: string; now: string };
}

/** What an event has to be to be shown; all that is given must hold. */
export interface Filter {
  kinds?: string[];
  ports?: string[];
  protocol?: string;
  address?: string;
  text?: string;
  bookkeeping?: boolean;
}

/** Each request with its answer. */
export interface Operations {
  hello: [Record<never, never>, Hello];
  state: [{ at: Seq }, LabState];
  rows: [{ filter: Filter; row: number; count: number }, Rows];
  rank: [{ filter: Filter; seq: Seq }, { row: number; total: number }];
  find: [{ filter: Filter; from: Seq; dir: 1 | -1 }, { seq: Seq | null }];
  frame: [{ seq: Seq }, Frame];
  flights: [{ from_ns: Nanoseconds; to_ns: Nanoseconds; max: number }, { flights: Flight[]; more: boolean | number }];
  strip: [{ buckets: number }, Strip];
  cause: [{ seq: Seq }, Cause];
  trace: [{ seq: Seq }, Trace];
  conversation: [{ seq: Seq; dir: 1 | -1 }, { seq: Seq | null }];
  drop: [{ from: Seq; dir: 1 | -1 }, { seq: Seq | null }];
  marker: [{ from: Seq; dir: 1 | -1 }, { seq: Seq | null }];
  position: [{ text: string }, { seq: Seq }];
  terminals: [{ at: Seq }, { terminals: Terminal[] }];
  verify: [Record<never, never>, Verdict];
}

export type Operation = keyof Operations;
