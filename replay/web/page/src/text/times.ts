// Lab time in words.
import type { Nanoseconds } from "../engine/answers";

const kSecond = 1_000_000_000;

/** "11.929 187 875": seconds with all their digits, in groups. */
export const exact_seconds = (time: Nanoseconds): string => {
  const whole = Math.floor(time / kSecond);
  const rest = String(time - whole * kSecond).padStart(9, "0");
  return `${whole}.${rest.slice(0, 3)} ${rest.slice(3, 6)} ${rest.slice(6)}`;
};

/** "11.929187": what fits into a list. */
export const list_seconds = (time: Nanoseconds): string => {
  const whole = Math.floor(time / kSecond);
  return `${whole}.${String(time - whole * kSecond).padStart(9, "0").slice(0, 6)}`;
};

/** "2 ms", "340 µs", "1.5 s": a length of time, short. */
export const duration = (time: Nanoseconds): string => {
  const [unit, size] = ([["s", 1e9], ["ms", 1e6], ["µs", 1e3]] as const).find(([, least]) => time >= least) ?? ["ns", 1];
  const value = time / size;
  return `${value >= 100 ? value.toFixed(0) : Number(value.toPrecision(3))} ${unit}`;
};

/** "10M", "64k": a rate or size in bits or bytes. */
export const short_number = (value: number): string => {
  const [unit, size] = ([["G", 1e9], ["M", 1e6], ["k", 1e3]] as const).find(([, least]) => value >= least) ?? ["", 1];
  return `${Number((value / size).toPrecision(3))}${unit}`;
};
