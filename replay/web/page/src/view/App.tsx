// The page: bar, note, drawing and ladder over list and frame, timeline and transport below; on a phone one pane at a time.
import { createEffect, createSignal, on, onCleanup, onMount, Show } from "solid-js";
import type { AskError } from "../engine/asker";
import { create_film, type Film } from "../model/film";
import type { Player } from "../model/player";
import { verify } from "../model/verifying";
import { shown } from "../text/shown";
import { exact_seconds } from "../text/times";
import { language, speak, words } from "../text/words";
import { Bar, FilterFields, type BarActions } from "./Bar";
import { commands_of, type Parts } from "./commands";
import { Help, Palette, Proof, Way } from "./Dialogs";
import { Drawing, type DrawingControls } from "./Drawing";
import { EventList, text_of_row } from "./EventList";
import { FramePane } from "./FramePane";
import { is_typing, matches } from "./keys";
import { Ladder } from "./Ladder";
import { hide_note, Note } from "./Note";
import { Phone } from "./Phone";
import { Terminals } from "./Terminals";
import { toggle_theme } from "./theme";
import { Timeline } from "./Timeline";
import { Buttons, TimeChoices } from "./Transport";

type DialogName = "help" | "palette" | "proof" | "way";

const narrow = matchMedia("(max-width: 700px)");
const is_phone = () => {
  const [phone, set_phone] = createSignal(narrow.matches);
  narrow.addEventListener("change", () => set_phone(narrow.matches));
  return phone;
};

/** Ladder and terminals share a pane, as tabs. */
const Side = (props: { player: Player }) => {
  const { player } = props;
  const tab = (name: "ladder" | "terminals", says: () => string) => (
    <button role="tab" id={`tab-${name}`} aria-selected={player.pane() === name} aria-controls="side-panel" tabIndex={player.pane() === name ? 0 : -1}
      onClick={() => player.set_pane(name)}>{says()}</button>
  );
  const arrows = (event: KeyboardEvent) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.stopPropagation();
    player.set_pane((pane) => (pane === "ladder" ? "terminals" : "ladder"));
    document.getElementById(`tab-${player.pane()}`)?.focus();
  };
  return (
    <section class="pane side" data-pane="side">
      <div class="tabs" role="tablist" aria-label={`${words().ladder}, ${words().terminals}`} onKeyDown={arrows}>
        {tab("ladder", () => words().ladder)}{tab("terminals", () => words().terminals)}
      </div>
      <div class="tab-panel" role="tabpanel" id="side-panel" tabIndex={-1} aria-labelledby={`tab-${player.pane()}`}>
        <Show when={player.pane() === "ladder"} fallback={<Terminals player={player} />}><Ladder player={player} /></Show>
      </div>
    </section>
  );
};

/** Told once a step, never while it plays. */
const Announcer = (props: { player: Player }) => {
  const text = () => {
    const moment = props.player.moment();
    if (!moment || props.player.playing() !== 0) return "";
    const { seq, from, to } = moment.event;
    const fate = to.map(({ reason, port }) => (reason ? `${words().dropped}: ${reason}` : `→ ${port}`)).join(", ");
    return shown(words().announce(seq, [from, text_of_row(moment.event), fate].filter(Boolean).join(" ")));
  };
  return <p class="visually-hidden" aria-live="polite" id="announcer">{text()}</p>;
};

const Trouble = (props: { player: Player; damage?: AskError }) => {
  const [closed, set_closed] = createSignal(false);
  return (
    <>
      <Show when={props.damage && !closed()}>
        <div class="toast" role="alert" id="damage">
          <p><b>{words().damaged(props.player.hello.last)}</b></p>
          <p lang="en">{shown(props.damage!.error)}</p>
          <button class="quiet" onClick={() => set_closed(true)} aria-label={words().close}>✕</button>
        </div>
      </Show>
      <Show when={props.player.trouble()}>
        {(trouble) => (
          <div class="toast" role="alert" id="trouble">
            <p lang="en"><b>{shown(trouble().error)}</b></p>
            <Show when={trouble().hint}><p lang="en">{shown(trouble().hint)}</p></Show>
            <button class="quiet" onClick={props.player.hush} aria-label={words().close}>✕</button>
          </div>
        )}
      </Show>
    </>
  );
};

const make_parts = (player: Player, open: (name: DialogName | undefined) => void) => {
  let drawing: DrawingControls | undefined;
  const focus_on = (id: string) => requestAnimationFrame(() => document.getElementById(id)?.focus());
  const parts: Parts = {
    focus: (pane) => {
      player.set_phone_pane(pane);
      if (pane === "ladder" || pane === "terminals") {
        player.set_pane(pane);
        focus_on(`tab-${pane}`);
      } else focus_on(pane);
    },
    enlarge: () => {
      const root = document.getElementById("page")!;
      const pane = document.activeElement?.closest<HTMLElement>("[data-pane]")?.dataset.pane ?? "lab";
      if (root.dataset.large === pane) delete root.dataset.large;
      else root.dataset.large = pane;
    },
    filter: () => focus_on("filter"),
    go_to: () => focus_on("position"),
    help: () => open("help"),
    palette: () => open("palette"),
    theme: toggle_theme,
    language: () => speak(language() === "en" ? "fr" : "en"),
    verify: () => { open("proof"); void verify(player); },
    drawing: (what) => drawing?.change(what),
    note: () => hide_note(player),
    trace: () => open("way"),
    copy_link: () => void navigator.clipboard?.writeText(location.href).catch(player.say),
    up: () => {
      if (player.trouble()) player.hush();
      else if (player.selected() !== undefined) player.select(undefined);
      else delete document.getElementById("page")!.dataset.large;
    },
  };
  return { parts, controls: (controls: DrawingControls) => { drawing = controls; } };
};

const Desk = (props: { player: Player; film: Film; actions: BarActions; controls: (controls: DrawingControls) => void }) => {
  const [open, set_open] = createSignal(false);
  const { player, film } = props;
  return (
    <>
      <Bar player={player} actions={props.actions} open={open()} set_open={set_open} />
      <Show when={open()}><FilterFields player={player} /></Show>
      <Note player={player} />
      <main class="panes">
        <section class="pane lab" data-pane="lab" aria-label={words().lab}><Drawing player={player} film={film} controls={props.controls} /></section>
        <Side player={player} />
        <section class="pane" data-pane="events" aria-label={words().events}><EventList player={player} /></section>
        <section class="pane" data-pane="frame" id="frame" tabIndex={-1} aria-label={words().frame}><FramePane player={player} /></section>
      </main>
      <footer class="foot">
        <Timeline player={player} film={film} />
        <div class="transport"><Buttons player={player} /><TimeChoices player={player} /></div>
      </footer>
    </>
  );
};

export const App = (props: { player: Player; damage?: AskError }) => {
  const { player } = props;
  const film = create_film(player);
  const phone = is_phone();
  const [dialog, set_dialog] = createSignal<DialogName>();
  const { parts, controls } = make_parts(player, set_dialog);
  const commands = commands_of(player, parts);
  const opened = (name: DialogName) => ({ open: dialog() === name, set_open: (open: boolean) => set_dialog(open ? name : undefined) });
  const keys = (event: KeyboardEvent) => {
    if (event.defaultPrevented || dialog() || is_typing(event.target)) return;
    // A button's own keys are the button's.
    if (event.key === " " && (event.target as Element).closest?.("button, summary, [role=tab]")) return;
    const command = commands.find(({ keys }) => keys.some((key) => matches(event, key)));
    if (!command) return;
    event.preventDefault();
    command.run();
  };
  onMount(() => window.addEventListener("keydown", keys));
  onCleanup(() => window.removeEventListener("keydown", keys));
  createEffect(on([language], ([language]) => { document.documentElement.lang = language; }));
  createEffect(() => {
    document.title = `${shown(player.hello.name)} #${player.position()} · ${exact_seconds(player.moment()?.state.time ?? 0)} s · labreel`;
  });
  return (
    <div
      id="page" classList={{ phone: phone() }} data-seq={player.moment()?.state.at} data-position={player.position()}
      data-playing={player.playing()} data-reduced={film.reduced()}
    >
      <Show when={!phone()}>
        <a class="skip" href="#events" onClick={(event) => { event.preventDefault(); parts.focus("events"); }}>{words().skip_to_list}</a>
      </Show>
      <Show when={phone()} fallback={<Desk player={player} film={film} actions={parts} controls={controls} />}>
        <Phone player={player} film={film} actions={parts} controls={controls} />
      </Show>
      <Announcer player={player} />
      <Trouble player={player} damage={props.damage} />
      <Help {...opened("help")} player={player} commands={commands} />
      <Palette {...opened("palette")} player={player} commands={commands} />
      <Way {...opened("way")} player={player} />
      <Proof {...opened("proof")} player={player} />
    </div>
  );
};
