// What a recording says, made safe to look at: control and bidi characters are seen and do nothing, and lengths have an end.

const kLengthMax = 4096;
// Bidi marks, embeddings, overrides and isolates; zero-width characters; line separators; soft hyphen; tags; not characters.
const kInvisible =
  // eslint-disable-next-line no-misleading-character-class
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu;

const shown_character = (character: string): string => {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "␡";
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
};

const cut = (text: string): string =>
  text.length <= kLengthMax ? text : `${text.slice(0, kLengthMax)}…+${text.length - kLengthMax}`;

/** A name, note or summary on one line. */
export const shown = (text: string): string => cut(text).replace(kInvisible, shown_character);

/** Text of several lines, of a terminal or a note: line ends stay, and tabs. */
export const shown_lines = (text: string): string =>
  text.replace(/\r\n/g, "\n").replace(kInvisible, (c) => (c === "\n" || c === "\t" ? c : shown_character(c)));
