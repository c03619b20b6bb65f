// Opens the recording that lies in this file, and shows it.
import { createEffect, createRoot, on } from "solid-js";
import { render } from "solid-js/web";
import { AskError } from "./engine/asker";
import { start, type Started } from "./engine/start";
import { deep_link_of, fragment_of } from "./model/deep_link";
import { filter_of, text_of_filter } from "./model/filter";
import { create_player, type Player } from "./model/player";
import { shown } from "./text/shown";
import { words } from "./text/words";
import { App } from "./view/App";
import { start_theme } from "./view/theme";
import "./style/page.css";

const Message = (props: { text: string; error?: AskError }) => (
  <main class="message">
    <h1>labreel</h1>
    <p role={props.error ? "alert" : "status"}>{props.text}</p>
    {props.error && <p lang="en"><b>{shown(props.error.error)}</b> {shown(props.error.hint)}</p>}
  </main>
);

/** Takes what the fragment says, and keeps the fragment true while nothing plays. */
const follow_fragment = async (player: Player) => {
  const take = async () => {
    const link = deep_link_of(location.hash);
    if (link.filter !== undefined) player.set_filter(filter_of(link.filter));
    if (link.pane) player.set_pane(link.pane);
    if (link.pane) player.set_phone_pane(link.pane);
    if (link.time) player.set_time_mode(link.time);
    player.select(link.selected);
    if (link.at) await player.go_to_text(link.at);
    else if (player.hello.at && player.position() === player.hello.first) player.go(player.hello.at);
  };
  await take();
  const fragment = () => fragment_of({
    at: String(player.position()), filter: text_of_filter(player.filter()), pane: player.pane(),
    selected: player.selected(), time: player.time_mode(),
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  createRoot(() => createEffect(on([fragment, player.playing], ([next, playing]) => {
    clearTimeout(timer);
    if (playing !== 0) return;
    timer = setTimeout(() => {
      try {
        history.replaceState(null, "", next);
      } catch {
        // Some browsers let a page of file:// change nothing: the link is then only in the palette.
      }
    }, 250);
  }, { defer: true })));
  window.addEventListener("hashchange", () => void take());
};

const main = async () => {
  start_theme();
  const root = document.createElement("div");
  root.id = "root";
  document.body.append(root);
  let close = render(() => <Message text={words().loading} />, root);
  const show = (page: () => ReturnType<typeof Message>) => { close(); close = render(page, root); };
  const fail = (text: string, why?: unknown) => show(() =>
    <Message text={text} error={why instanceof AskError ? why : why === undefined ? undefined : new AskError(String(why))} />);
  if (!document.getElementById("recording")?.textContent?.trim()) return fail(words().empty_page);
  let started: Started;
  let player: Player;
  try {
    started = await start();
    player = create_player(started.ask, await started.ask("hello", {}));
  } catch (why) {
    return fail(words().cannot_open, why);
  }
  await follow_fragment(player);
  show(() => <App player={player} damage={started.damage} />);
};

void main();
