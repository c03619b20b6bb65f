// Which frames are painted at a moment of the film, and where on their cables.
import type { Copy, Flight } from "../engine/answers";
import type { Film } from "../model/film";
import type { Player } from "../model/player";
import type { Mark } from "./paint";

const kShownLeast = 120e6;  // ns of the screen: a shorter flight would not be seen
const kMarksMax = 400;      // more are a crowd, and cost more than they tell
const kDropStays = 1.2e9;   // ns of the screen

const is_dropped = (copy: Pick<Copy, "outcome" | "reason">) => copy.reason !== undefined || copy.outcome === "dropped";

/** While lab time plays: everything that is on its way, and drops for a while. */
const playing_marks = (flights: readonly Flight[], now: number, speed: number, current: number): Mark[] =>
  flights.flatMap((flight) => {
    const span = Math.max(flight.due_ns - flight.sent_ns, kShownLeast * speed);
    const at = (now - flight.sent_ns) / span;
    const dropped = is_dropped(flight) ? flight.reason ?? "" : undefined;
    const stays = dropped === undefined ? 0 : (kDropStays * speed) / span;
    if (at < 0 || at > 1 + stays) return [];
    return [{
      seq: flight.seq, from: flight.from, to: flight.to || undefined, class: flight.class, at, dropped,
      current: flight.seq === current,
    }];
  }).slice(-kMarksMax);

/** At a position: the frame that it is about, and those in flight around it. */
const resting_marks = (player: Player, progress: number): Mark[] => {
  const moment = player.moment();
  if (!moment) return [];
  const { state, event, frame } = moment;
  const others = state.in_flight.filter((flight) => flight.frame !== event.seq).map<Mark>((flight) => ({
    seq: flight.frame, from: flight.from, to: flight.to, class: "other", at: 0.75, current: false,
  }));
  if (event.kind !== "frame" || event.from === undefined) return others;
  const from = event.from;
  const copies = event.to.length > 0 ? event.to : [{ port: "", due_ns: 0, outcome: "dropped", reason: "no-receiver" }];
  return [...others, ...copies.map<Mark>((copy) => ({
    seq: event.seq, from, to: copy.port || undefined, class: frame?.class ?? event.class, at: progress, current: true,
    dropped: is_dropped(copy) ? copy.reason ?? "" : undefined,
  }))];
};

export const marks_of = (player: Player, film: Film): Mark[] => {
  const now = film.now();
  return now === undefined
    ? resting_marks(player, film.progress())
    : playing_marks(film.flights(), now, player.speed(), player.position());
};
