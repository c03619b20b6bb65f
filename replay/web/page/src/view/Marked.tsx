// The mark of a class: shape and letter, then colour.
import type { EventClass } from "../engine/answers";
import { kGlyphs } from "../draw/glyphs";

export const Marked = (props: { class: EventClass; size?: number }) => (
  <svg class={`glyph class-${props.class}`} width={props.size ?? 16} height={props.size ?? 16} viewBox="-1.3 -1.3 2.6 2.6" aria-hidden="true">
    <path d={kGlyphs[props.class]?.path ?? kGlyphs.other.path} />
    <text text-anchor="middle" y={props.class === "udp" ? 0.72 : 0.46}>{kGlyphs[props.class]?.letter}</text>
  </svg>
);
