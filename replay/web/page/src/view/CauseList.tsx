// What led to the event, up to the root; each is a button that goes there.
import { createResource, For, Show } from "solid-js";
import type { Row } from "../engine/answers";
import type { Player } from "../model/player";
import { shown } from "../text/shown";
import { words } from "../text/words";

export const CauseList = (props: { player: Player; event: Row }) => {
  const [chain] = createResource(() => props.event.seq, (seq) =>
    props.player.ask("cause", { seq }, "cause").then(({ chain }) => chain.filter((up) => up.seq !== seq), () => []));
  return (
    <Show when={chain.latest?.length}>
      <nav class="causes" aria-label={words().cause}>
        <span class="faint">{words().cause}:</span>
        <For each={chain.latest?.slice(0, 12)}>
          {(up) => (
            <button class="link" onClick={() => props.player.go(up.seq)} title={shown(up.text)}>#{up.seq} {shown(up.kind)}</button>
          )}
        </For>
      </nav>
    </Show>
  );
};
