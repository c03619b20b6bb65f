// Film: what moves. It advances the position while it plays, and says where each frame is between two events.
import { createEffect, createRoot, createSignal, on, untrack, type Accessor } from "solid-js";
import type { Flight, Nanoseconds, Row } from "../engine/answers";
import type { Player } from "./player";

export interface Film {
  /** Of the event at the position: 0 as it was sent … 1 arrived. At rest it stays half way, where it is seen best. */
  progress: Accessor<number>;
  /** Lab time between events, while lab time plays; else nothing. */
  now: Accessor<Nanoseconds | undefined>;
  flights: Accessor<Flight[]>;
  /** Lab time until the next event, where it is long and constant time passes over it. */
  gap: Accessor<Nanoseconds>;
  reduced: Accessor<boolean>;
}

const kSlot = 600;         // ms an event takes in constant time
const kSlotReduced = 1000; // ms, where nothing moves
const kGlide = 420;        // ms a step takes to come to rest
const kRest = 0.5;
const kBatch = 400;        // rows asked at once
const kAhead = 150;        // rows left, below which the next ones are asked
const kFlightsMax = 10000;
const kIdle = 1e9;         // ns of lab time that "skip" does not wait for
const kGapSaid = 5e8;      // ns from which constant time says what it passed over

const reduced_motion = () => {
  const query = matchMedia("(prefers-reduced-motion: reduce)");
  const [reduced, set_reduced] = createSignal(query.matches);
  query.addEventListener("change", () => set_reduced(query.matches));
  return reduced;
};

/** Rows on either side of the position, a batch at a time. */
class Track {
  #rows: Row[] = [];
  #first = 0;
  #ends = false;
  #busy = false;

  constructor(private readonly player: Player) {}

  /** The next row in this direction: null at the end, nothing while it is not here yet. */
  next(dir: 1 | -1): Row | null | undefined {
    const at = this.player.position();
    const row = dir === 1 ? this.#after(at) : this.#before(at);
    if (row === undefined || (row !== null && this.#left(row, dir) < kAhead)) void this.#ask(at, dir).catch(this.player.say);
    return row;
  }

  forget() {
    this.#rows = [];
  }

  // A row at the edge of the batch has neighbours only if the list ends there.
  #after(at: number): Row | null | undefined {
    const index = this.#rows.findIndex(({ seq }) => seq > at);
    if (index > 0 || (index === 0 && this.#first === 0)) return this.#rows[index];
    return this.#rows.length > 0 && index < 0 && this.#ends ? null : undefined;
  }
  #before(at: number): Row | null | undefined {
    const index = this.#rows.findLastIndex(({ seq }) => seq < at);
    if (index >= 0 && (index < this.#rows.length - 1 || this.#ends)) return this.#rows[index];
    return this.#rows.length > 0 && index < 0 && this.#first === 0 ? null : undefined;
  }

  /** How many rows there are behind this one; any number, where the list ends. */
  #left(row: Row, dir: 1 | -1): number {
    if (dir === 1 ? this.#ends : this.#first === 0) return Infinity;
    const index = this.#rows.indexOf(row);
    return dir === 1 ? this.#rows.length - index : index;
  }

  async #ask(at: number, dir: 1 | -1) {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const filter = this.player.filter();
      const { row } = await this.player.ask("rank", { filter, seq: at });
      const first = Math.max(0, dir === 1 ? row : row - kBatch + 2);
      const { rows, total } = await this.player.ask("rows", { filter, row: first, count: kBatch });
      if (filter !== this.player.filter()) return;
      [this.#rows, this.#first, this.#ends] = [rows, first, first + rows.length >= total];
      if (rows.length === 0) this.player.set_playing(0);
    } finally {
      this.#busy = false;
    }
  }
}

const make_signals = () => {
  const [progress, set_progress] = createSignal(kRest);
  const [now, set_now] = createSignal<Nanoseconds>();
  const [flights, set_flights] = createSignal<Flight[]>([]);
  const [gap, set_gap] = createSignal(0);
  return { progress, set_progress, now, set_now, flights, set_flights, gap, set_gap };
};
type Signals = ReturnType<typeof make_signals>;

const reach = (player: Player, row: Row) => {
  player.go(row.seq, "play");
  if (row.kind === "marker" && player.pause_at_markers()) player.set_playing(0);
};

/** Constant time: each event has its slot, whatever lies between. */
const constant_time = (player: Player, film: Signals, track: Track, reduced: Accessor<boolean>) => (ms: number, dir: 1 | -1) => {
  const slot = (reduced() ? kSlotReduced : kSlot) / player.speed();
  const next = track.next(dir);
  const at = Math.min(1, film.progress() + ms / slot);
  film.set_progress(at);
  const wait = next && dir === 1 ? next.time_ns - (player.moment()?.event.time_ns ?? next.time_ns) : 0;
  film.set_gap(wait > kGapSaid ? wait : 0);
  if (at < 1 || next === undefined) return;
  if (next === null) {
    player.set_playing(0);
    return;
  }
  film.set_progress(0);
  reach(player, next);
};

/** Keeps the flights around this time at hand: those of the next half second of the screen, and drops of the last ones. */
const flights_around = (player: Player, film: Signals) => {
  let [from, until] = [0, 0];
  return (time: Nanoseconds) => {
    const span = 5e8 * player.speed();
    if (time > from + span / 2 && time < until - span / 2) return;
    [from, until] = [time - span, time + span];
    const asked = { from_ns: Math.max(0, Math.round(time - 2.4 * span)), to_ns: Math.round(until), max: kFlightsMax };
    void player.ask("flights", asked, "flights")
      .then(({ flights }) => film.set_flights(flights), player.say);
  };
};

/** Lab time: events come when they came, as fast as the speed says. */
const lab_time = (player: Player, film: Signals, track: Track) => {
  const ask_flights = flights_around(player, film);
  return (ms: number, dir: 1 | -1) => {
    let time = (film.now() ?? player.moment()?.state.time ?? 0) + dir * ms * 1e6 * player.speed();
    for (let next = track.next(dir); ; next = track.next(dir)) {
      if (next === undefined) return;  // the rows are on their way: time waits for them
      if (next === null) {
        if (dir === 1 && time < player.hello.end_ns) break;
        film.set_now(Math.min(Math.max(0, time), player.hello.end_ns));
        player.set_playing(0);
        return;
      }
      const wait = dir * (next.time_ns - time);
      if (wait > kIdle && player.time_mode() === "skip") time = next.time_ns - dir * kIdle * 0.25;
      if (wait > 0) break;
      reach(player, next);
      if (player.playing() === 0) return;
    }
    ask_flights(time);
    film.set_now(Math.max(0, time));
  };
};

const make_film = (player: Player): Film => {
  const reduced = reduced_motion();
  const film = make_signals();
  const track = new Track(player);
  const constant = constant_time(player, film, track, reduced);
  const real = lab_time(player, film, track);
  let gliding = false;
  let running = false;
  let before = 0;

  const glide = (ms: number) => {
    film.set_progress((at) => Math.min(kRest, at + (ms / kGlide) * kRest));
    gliding = film.progress() < kRest;
  };
  const tick = (time: number) => {
    const ms = Math.min(100, time - before);
    before = time;
    const dir = player.playing();
    if (dir === 0) glide(ms);
    else if (player.time_mode() === "constant" || reduced()) constant(ms, dir);
    else real(ms, dir);
    running = player.playing() !== 0 || gliding;
    if (running) requestAnimationFrame(tick);
  };
  const run = () => {
    if (running) return;
    running = true;
    before = performance.now();
    requestAnimationFrame(tick);
  };

  createEffect(on(player.filter, () => track.forget(), { defer: true }));
  createEffect(on(player.playing, (dir) => {
    film.set_gap(0);
    film.set_now(undefined);
    film.set_flights([]);
    gliding = dir === 0 && !reduced() && film.progress() < kRest;
    if (dir === 0 && !gliding) film.set_progress(kRest);
    run();
  }, { defer: true }));
  createEffect(on(player.position, () => {
    if (untrack(player.playing) !== 0) return;
    gliding = player.move() === "step" && !reduced();
    film.set_progress(gliding ? 0 : kRest);
    if (gliding) run();
  }, { defer: true }));

  return { ...film, reduced };
};

/** Lives as long as the page. */
export const create_film = (player: Player): Film => createRoot(() => make_film(player));
