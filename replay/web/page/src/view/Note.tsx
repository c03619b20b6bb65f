// The teacher's note of the marker at or before the position. Its Markdown is the only HTML that the page makes of a recording,
// and micromark lets no tag and no dangerous address of it through.
import { micromark } from "micromark";
import { createMemo, createSignal, Show } from "solid-js";
import { marker_at, type Player } from "../model/player";
import { shown, shown_lines } from "../text/shown";
import { words } from "../text/words";

const kNoteMax = 20000;

const html_of = (note: string): string => {
  const html = micromark(shown_lines(note.slice(0, kNoteMax)));
  // Pictures would be asked of some server, which the page's policy forbids: their words are enough.
  return html.replace(/<img [^>]*?alt="([^"]*)"[^>]*>/g, "$1").replace(/<a href/g, '<a rel="noreferrer noopener" target="_blank" href');
};

const [hidden, set_hidden] = createSignal<number>();
export const hide_note = (player: Player): void => {
  const seq = player.hello.markers.filter(({ seq }) => seq <= player.position()).at(-1)?.seq;
  set_hidden((before) => (before === seq ? undefined : seq));
};

const NoteHtml = (props: { note: string }) => {
  const html = createMemo(() => html_of(props.note));
  return <div class="note-text" innerHTML={html()} />;
};

export const Note = (props: { player: Player }) => {
  const marker = marker_at(props.player);
  return (
    <Show when={marker() && hidden() !== marker()!.seq && (marker()!.note || marker()!.ask) ? marker() : undefined}>
      {(marker) => (
        <aside class="note" aria-label={words().note_at(shown(marker().name))} data-note={marker().name}>
          <button class="link" onClick={() => props.player.go(marker().seq)}>⚑ {shown(marker().name)}</button>
          <Show when={marker().note}><NoteHtml note={marker().note} /></Show>
          <Show when={marker().ask}>{(ask) => <p class="question"><b>{words().question}:</b> {shown(ask())}</p>}</Show>
          <button class="quiet" onClick={() => hide_note(props.player)} aria-label={words().hide_note} title={`${words().hide_note}  H`}>✕</button>
        </aside>
      )}
    </Show>
  );
};
