// Terminals: what each command had printed by this position. Text alone: nothing of it is obeyed, nothing can be typed.
import { createResource, For } from "solid-js";
import type { Terminal } from "../engine/answers";
import type { Player } from "../model/player";
import { shown, shown_lines } from "../text/shown";
import { words } from "../text/words";

/** Newest first, those of the selected node alone if one is selected. */
const chosen = (terminals: readonly Terminal[], selected: string | undefined) =>
  terminals.filter(({ node }) => selected === undefined || selected.includes(":") || node === selected).slice().reverse();

export const Terminals = (props: { player: Player }) => {
  const [found] = createResource(() => props.player.moment()?.state.at, (at) =>
    props.player.ask("terminals", { at }, "terminals").then(({ terminals }) => terminals, (why) => { props.player.say(why); return []; }));
  const shown_ones = () => chosen(found.latest ?? [], props.player.selected());
  return (
    <div class="terminals" tabIndex={0} role="group" aria-label={words().terminals}>
      <For each={shown_ones().slice(0, 40)} fallback={<p class="empty">{words().no_terminals}</p>}>
        {(terminal) => (
          <details class="terminal" open={shown_ones().indexOf(terminal) < 6}>
            <summary>
              <b>{shown(terminal.node)}</b> <code>{shown(terminal.command)}</code>
              <span class="faint">{terminal.exit === undefined ? words().terminal_running : words().terminal_exit(terminal.exit)}</span>
            </summary>
            <div class="body">
              <pre tabIndex={0}>{shown_lines(terminal.text)}</pre>
              <button class="link" onClick={() => props.player.go(terminal.seq)} title={words().terminal_starts(terminal.seq)}>#{terminal.seq}</button>
            </div>
          </details>
        )}
      </For>
    </div>
  );
};
