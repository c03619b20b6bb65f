// Help, palette, and what was proved.
import { createMemo, createResource, createSignal, For, Show } from "solid-js";
import type { EventClass, Verdict } from "../engine/answers";
import { AskError } from "../engine/asker";
import { mark_of_reason } from "../draw/glyphs";
import type { Player } from "../model/player";
import { is_verifying, verdict } from "../model/verifying";
import { shown } from "../text/shown";
import { number, words } from "../text/words";
import type { Command } from "./commands";
import { key_text } from "./keys";
import { Marked } from "./Marked";
import { Window } from "./Window";

interface Opened {
  open: boolean;
  set_open: (open: boolean) => void;
}

export const Help = (props: Opened & { player: Player; commands: Command[] }) => (
  <Window {...props} title={words().help} class="help">
    <h3>{words().help_keys}</h3>
    <dl class="keys">
      <For each={props.commands.filter(({ keys }) => keys.length > 0)}>
        {(command) => (
          <div><dt><For each={command.keys}>{(key, i) => <>{i() > 0 ? " " : ""}<kbd>{key_text(key)}</kbd></>}</For></dt><dd>{command.name()}</dd></div>
        )}
      </For>
    </dl>
    <h3>{words().help_marks}</h3>
    <ul class="marks">
      <For each={Object.entries(words().class_names)}>
        {([name, says]) => <li><Marked class={name as EventClass} size={20} /> {says}</li>}
      </For>
    </ul>
    <dl class="reasons">
      <For each={props.player.hello.reasons}>
        {(reason) => <div><dt>{mark_of_reason(reason.name)} {shown(reason.name)}</dt><dd lang="en">{shown(reason.says)}</dd></div>}
      </For>
    </dl>
    <h3>{words().help_about}</h3>
    <p>{words().help_about_says}</p>
    <p class="faint">labreel {shown(props.player.hello.labreel)} · format {props.player.hello.format_version} · fabric {props.player.hello.fabric_version}</p>
    <details>
      <summary>{words().licences}</summary>
      <pre lang="en" tabIndex={0}>{document.getElementById("notice")?.textContent}</pre>
    </details>
  </Window>
);

const plain = (text: string) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

export const Palette = (props: Opened & { player: Player; commands: Command[] }) => {
  const [typed, set_typed] = createSignal("");
  const [chosen, set_chosen] = createSignal(0);
  const markers = createMemo<Command[]>(() => props.player.hello.markers.map((marker) =>
    ({ name: () => `${words().marker}: ${shown(marker.name)}`, keys: [], run: () => props.player.go(marker.seq) })));
  const found = createMemo(() => {
    const parts = plain(typed()).split(/\s+/).filter(Boolean);
    return [...props.commands, ...markers()].filter((command) => parts.every((part) => plain(command.name()).includes(part)));
  });
  const run = (command: Command | undefined) => {
    if (!command) return;
    props.set_open(false);
    set_typed("");
    // The dialog gives the focus back first: what is run may want it.
    setTimeout(() => command.run());
  };
  const keys = (event: KeyboardEvent) => {
    const step = ({ ArrowDown: 1, ArrowUp: -1 } as Record<string, number>)[event.key];
    if (step !== undefined) {
      event.preventDefault();
      set_chosen((at) => (at + step + found().length) % Math.max(1, found().length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found()[chosen()]);
    }
  };
  return (
    <Window {...props} title={words().palette} class="palette" focus="palette-input">
      <input
        id="palette-input" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label={words().type_command} placeholder={words().type_command}
        aria-activedescendant={found().length > 0 ? `palette-${chosen()}` : undefined} autocomplete="off"
        value={typed()} onInput={(event) => { set_typed(event.currentTarget.value); set_chosen(0); }} onKeyDown={keys}
      />
      <ul id="palette-list" role="listbox" aria-label={words().palette}>
        <For each={found()}>
          {(command, i) => (
            <li role="option" id={`palette-${i()}`} aria-selected={chosen() === i()} onClick={() => run(command)}
              ref={(row) => queueMicrotask(() => chosen() === i() && row.scrollIntoView?.({ block: "nearest" }))}>
              <span>{command.name()}</span><span class="keys"><For each={command.keys.slice(0, 2)}>{(key) => <kbd>{key_text(key)}</kbd>}</For></span>
            </li>
          )}
        </For>
      </ul>
      <Show when={found().length === 0}><p class="empty">{words().no_command}</p></Show>
    </Window>
  );
};

const DigestRows = (props: { verdict: Verdict }) => (
  <dl class="digests">
    <dt>{words().digest_here}</dt><dd><code id="digest-here">{shown(props.verdict.digest ?? "–")}</code></dd>
    <dt>{words().digest_recorded}</dt><dd><code id="digest-recorded">{shown(props.verdict.recorded_digest ?? words().digest_missing)}</code></dd>
    <Show when={props.verdict.recorded_digest && props.verdict.digest}>
      <dt /><dd class={props.verdict.digest === props.verdict.recorded_digest ? "good" : "bad"}>
        {props.verdict.digest === props.verdict.recorded_digest ? `✓ ${words().digests_equal}` : `✕ ${words().digests_differ}`}</dd>
    </Show>
  </dl>
);

const Difference = (props: Opened & { player: Player; difference: NonNullable<Verdict["difference"]> }) => (
  <div class="difference" id="difference" data-seq={props.difference.seq}>
    <p><b>{words().different_at(props.difference.seq)}</b> <span lang="en">{shown(props.difference.why)}</span></p>
    <dl>
      <dt>{words().recorded_decision}</dt><dd><code>{shown(props.difference.recorded)}</code></dd>
      <dt>{words().now_decision}</dt><dd><code>{shown(props.difference.now)}</code></dd>
    </dl>
    <button onClick={() => { props.set_open(false); props.player.go(props.difference.seq); }}>{words().show_event(props.difference.seq)}</button>
  </div>
);

export const Proof = (props: Opened & { player: Player }) => (
  <Window {...props} title={words().verify} class="proof">
    <Show when={props.player.hello.level !== "fabric"}>
      <p>{words().view_level_says}: <span lang="en">{shown(props.player.hello.level_why)}</span></p>
    </Show>
    <Show when={is_verifying()}><p role="status">{words().verifying}</p></Show>
    <Show when={verdict()}>
      {(proof) => (
        <>
          <p class={proof().identical ? "outcome good" : "outcome bad"} id="outcome" role="status">
            {proof().identical ? `✓ ${words().identical(number(proof().frames))}` : `✕ ${words().different}`}</p>
          <Show when={proof().difference}>{(difference) => <Difference {...props} difference={difference()} />}</Show>
          <p class="faint">{words().events_counted(number(proof().events), number(proof().frames))}</p>
          <DigestRows verdict={proof()} />
          <p>{words().verify_explains}</p>
        </>
      )}
    </Show>
  </Window>
);

/** The way of the packet at the position, hop by hop; the words are labreel's. */
export const Way = (props: Opened & { player: Player }) => {
  const [trace] = createResource(() => (props.open ? props.player.position() : null), (seq) =>
    props.player.ask("trace", { seq }, "trace").catch((why: unknown) => (why instanceof AskError ? why : new AskError(String(why)))));
  const way = () => { const found = trace(); return found instanceof AskError ? undefined : found; };
  const refused = () => { const found = trace(); return found instanceof AskError ? found : undefined; };
  return (
    <Window {...props} title={words().trace} class="way">
      <Show when={refused()}>{(why) => <p lang="en"><b>{shown(why().error)}</b> {shown(why().hint)}</p>}</Show>
      <ol lang="en">
        <For each={way()?.hops.slice(0, 200)}>
          {(hop) => (
            <li>
              <button class="link" onClick={() => { props.set_open(false); props.player.go(hop.seq); }}>#{hop.seq} {shown(hop.port)}</button>
              <span> {shown(hop.summary ?? "")}</span>
              <For each={[hop.origin, hop.ground, ...(hop.end ?? []).map(({ text }) => text)].filter((text): text is string => typeof text === "string")}>
                {(text) => <p class="faint">{shown(text)}</p>}
              </For>
            </li>
          )}
        </For>
      </ol>
      <Show when={way()?.note}>{(note) => <p class="faint" lang="en">{shown(note())}</p>}</Show>
    </Window>
  );
};
