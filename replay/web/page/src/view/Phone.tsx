// A phone: one pane at a time, tabs at the bottom, steps by a swipe.
import { createSignal, For, Show } from "solid-js";
import type { Film } from "../model/film";
import type { PhonePane } from "../model/deep_link";
import type { Player } from "../model/player";
import { shown } from "../text/shown";
import { list_seconds } from "../text/times";
import { words } from "../text/words";
import { Badge, FilterBox, FilterFields, PositionBox, type BarActions } from "./Bar";
import { Drawing, type DrawingControls } from "./Drawing";
import { EventList, Fate, text_of_row } from "./EventList";
import { FramePane } from "./FramePane";
import { Ladder } from "./Ladder";
import { Marked } from "./Marked";
import { Note } from "./Note";
import { Terminals } from "./Terminals";
import { Timeline } from "./Timeline";
import { Buttons, TimeChoices } from "./Transport";

const kSwipe = 48;  // px that make a swipe

/** The current event on a card: left and right step, up opens its frame. */
const EventCard = (props: { player: Player }) => {
  let start: { x: number; y: number } | undefined;
  const end = (event: TouchEvent) => {
    const touch = event.changedTouches[0];
    if (!start || !touch) return;
    const [dx, dy] = [touch.clientX - start.x, touch.clientY - start.y];
    start = undefined;
    if (Math.abs(dx) > kSwipe && Math.abs(dx) > Math.abs(dy)) void props.player.step(dx < 0 ? 1 : -1);
    else if (dy < -kSwipe) props.player.set_phone_pane("frame");
  };
  return (
    <button
      class="event-card" onClick={() => props.player.set_phone_pane("frame")}
      onTouchStart={(event) => { start = { x: event.touches[0]!.clientX, y: event.touches[0]!.clientY }; }} onTouchEnd={end}
    >
      <Show when={props.player.moment()?.event}>
        {(event) => (
          <>
            <span class="line"><Marked class={event().class} size={20} /><b>{shown(event().from ?? event().kind)}</b>
              <span class="faint">{list_seconds(event().time_ns)} s</span></span>
            <span class="text">{text_of_row(event())}</span>
            <span class="line"><Fate row={event()} /></span>
          </>
        )}
      </Show>
    </button>
  );
};

const Menu = (props: { player: Player; actions: BarActions }) => (
  <div class="phone-menu" role="group" aria-label={words().menu}>
    <Badge player={props.player} verify={props.actions.verify} />
    <FilterBox player={props.player} open={true} set_open={() => undefined} />
    <FilterFields player={props.player} />
    <TimeChoices player={props.player} />
    <button onClick={props.actions.language}>{words().language_switch}</button>
    <button onClick={props.actions.theme}>{words().theme}</button>
    <button onClick={props.actions.palette}>{words().palette}</button>
    <button onClick={props.actions.help}>{words().help}</button>
  </div>
);

const Tabs = (props: { player: Player }) => {
  const tabs = () => [
    ["lab", words().lab], ["events", words().events], ["ladder", words().ladder], ["frame", words().frame], ["terminals", words().terminals],
  ] as [PhonePane, string][];
  return (
    <nav class="phone-tabs" aria-label={words().menu}>
      <For each={tabs()}>
        {([name, says]) => (
          <button data-tab={name} aria-current={props.player.phone_pane() === name ? "page" : undefined} onClick={() => props.player.set_phone_pane(name)}>{says}</button>
        )}
      </For>
    </nav>
  );
};

export const Phone = (props: { player: Player; film: Film; actions: BarActions; controls: (controls: DrawingControls) => void }) => {
  const { player, film } = props;
  const [menu, set_menu] = createSignal(false);
  const is_on = (pane: PhonePane) => player.phone_pane() === pane;
  return (
    <>
      <header class="bar">
        <h1>{shown(player.hello.name)}</h1>
        <PositionBox player={player} />
        <button class="quiet menu" aria-expanded={menu()} onClick={() => set_menu(!menu())} aria-label={words().menu}>☰</button>
      </header>
      <Show when={menu()}><Menu player={player} actions={props.actions} /></Show>
      <Note player={player} />
      <main class="phone-pane">
        <Show when={is_on("lab")}><Drawing player={player} film={film} controls={props.controls} /><EventCard player={player} /></Show>
        <Show when={is_on("events")}><EventList player={player} /></Show>
        <Show when={is_on("ladder")}><Ladder player={player} /></Show>
        <Show when={is_on("frame")}><FramePane player={player} /></Show>
        <Show when={is_on("terminals")}><Terminals player={player} /></Show>
      </main>
      <footer class="foot">
        <Timeline player={player} film={film} />
        <div class="transport"><Buttons player={player} phone /></div>
        <Tabs player={player} />
      </footer>
    </>
  );
};
