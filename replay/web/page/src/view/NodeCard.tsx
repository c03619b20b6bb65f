// What is known of the selected node.
import { For, Show } from "solid-js";
import type { Player } from "../model/player";
import { shown } from "../text/shown";
import { words } from "../text/words";

export const NodeCard = (props: { player: Player }) => {
  const node = () => props.player.moment()?.state.nodes.find(({ node }) => node === props.player.selected());
  return (
    <Show when={node()}>
      {(node) => (
        <section class="card" aria-label={shown(node().node)}>
          <header>
            <h2>{shown(node().node)}</h2>
            <span class="chip">{words().states[node().state] ?? shown(node().state)}</span>
            <button class="quiet" onClick={() => props.player.select(undefined)} aria-label={words().close}>✕</button>
          </header>
          <p class="faint">{shown(node().kind)}<Show when={node().ended}>{(ended) => <> · {shown(ended().why)}</>}</Show></p>
          <ul>
            <For each={node().ports}>
              {(port) => (
                <li>
                  <b>{shown(port.port.slice(port.port.lastIndexOf(":") + 1))}</b>
                  <Show when={!port.up || !port.cable_up}><span class="cut"> ✕ {words().cable_cut}</span></Show>
                  <code>{[shown(port.mac), ...port.addresses.map(shown)].join("  ")}</code>
                </li>
              )}
            </For>
          </ul>
          <button onClick={() => props.player.set_filter((filter) => ({ ...filter, ports: [node().node] }))}>{words().only_this}</button>
        </section>
      )}
    </Show>
  );
};
