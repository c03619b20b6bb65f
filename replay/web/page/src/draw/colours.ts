// Colours of both themes. The canvases and the style sheet take them from here; no colour tells anything by itself.
import type { EventClass } from "../engine/answers";

export interface Colours {
  classes: Record<EventClass, string>;
  dropped: string;
  text: string;
  faint: string;
  cable: string;
  cable_down: string;
  ground: string;
  accent: string;
}

export const kLight: Colours = {
  classes: {
    arp: "#432602", icmp: "#00ab4d", routing: "#0239a4", tcp: "#000000", udp: "#949494", l2: "#841c61", other: "#5c6670",
    command: "#3f4a56", effect: "#6a5300", output: "#5c6670", note: "#8a4b00",
  },
  dropped: "#ce2200", text: "#1b2127", faint: "#5c6670", cable: "#55606b", cable_down: "#9aa3ab", ground: "#ffffff",
  accent: "#1f5fd0",
};

export const kDark: Colours = {
  classes: {
    arp: "#feec47", icmp: "#21cb8a", routing: "#6f9bed", tcp: "#ffffff", udp: "#818181", l2: "#daa2d2", other: "#a4afb9",
    command: "#bcc6d0", effect: "#d8bd62", output: "#a4afb9", note: "#f0b35c",
  },
  dropped: "#ff8a3d", text: "#e8ecf0", faint: "#a4afb9", cable: "#93a0ac", cable_down: "#5f6a74", ground: "#14171a",
  accent: "#7fb0ff",
};

/** Ink that is legible on this colour. */
export const ink_on = (colour: string): string => {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const linear = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]! > 0.25 ? "#000000" : "#ffffff";
};

/** Hands the colours to the style sheet, as custom properties, by the CSSOM. */
export const hand_to_styles = (colours: Colours): void => {
  const { style } = document.documentElement;
  for (const [name, colour] of Object.entries(colours.classes)) {
    style.setProperty(`--class-${name}`, colour);
    style.setProperty(`--ink-${name}`, ink_on(colour));
  }
  style.setProperty("--dropped", colours.dropped);
};
