// The bar: what recording this is, whether it proved itself, the position, the filter.
import { createSignal, For } from "solid-js";
import type { Player } from "../model/player";
import { fields_of } from "../model/filter";
import { is_verifying, verdict } from "../model/verifying";
import { shown } from "../text/shown";
import { exact_seconds } from "../text/times";
import { language, number, words } from "../text/words";

export interface BarActions {
  verify: () => void;
  help: () => void;
  palette: () => void;
  theme: () => void;
  language: () => void;
}

/** What the badge says of the level, and of the proof once it was made. */
const badge_text = (player: Player) => {
  const proof = verdict();
  if (player.hello.level !== "fabric") return words().view_level;
  if (is_verifying()) return words().verifying;
  if (!proof) return words().verify;
  return proof.identical ? words().identical(number(proof.frames)) : words().different;
};

export const Badge = (props: { player: Player; verify: () => void }) => (
  <button
    class="badge" id="verify" onClick={() => props.verify()} title={shown(props.player.hello.level_why)}
    classList={{ good: verdict()?.identical === true, bad: verdict()?.identical === false }}
    data-verdict={verdict() ? (verdict()!.identical ? "identical" : "different") : "none"}
  >
    <span aria-hidden="true">{verdict() ? (verdict()!.identical ? "✓ " : "✕ ") : ""}</span>{badge_text(props.player)}
  </button>
);

export const PositionBox = (props: { player: Player }) => {
  const { player } = props;
  const [typed, set_typed] = createSignal<string>();
  const text = () => typed() ?? `#${player.position()}`;
  const go = async (event: Event) => {
    event.preventDefault();
    const wanted = (typed() ?? "").trim().replace(/^#/, "");
    if (wanted && await player.go_to_text(wanted)) {
      set_typed(undefined);
      (document.activeElement as HTMLElement | null)?.blur();
    }
  };
  return (
    <form class="position" onSubmit={(event) => void go(event)}>
      <input
        id="position" name="position" value={text()} aria-label={`${words().position} (${words().position_hint})`} title={words().position_hint}
        autocomplete="off" spellcheck={false} onFocus={(event) => event.currentTarget.select()}
        onInput={(event) => set_typed(event.currentTarget.value)} onBlur={() => set_typed(undefined)}
        onKeyDown={(event) => { if (event.key === "Escape") { set_typed(undefined); event.currentTarget.blur(); } }}
      />
      <span class="of">/ {number(player.hello.last)}</span>
      <span class="clock">{exact_seconds(player.moment()?.state.time ?? 0)} s</span>
    </form>
  );
};

const patient = (change: (value: string) => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (event: InputEvent & { currentTarget: HTMLInputElement }) => {
    const { value } = event.currentTarget;
    clearTimeout(timer);
    timer = setTimeout(() => change(value.trim()), 200);
  };
};

export const FilterBox = (props: { player: Player; open: boolean; set_open: (open: boolean) => void }) => {
  const { player } = props;
  const set = patient((text) => player.set_filter((filter) => ({ ...filter, text: text || undefined })));
  return (
    <div class="filter-box">
      <input id="filter" name="text" type="search" placeholder={words().filter_placeholder} aria-label={words().filter_placeholder}
        value={player.filter().text ?? ""} onInput={set} autocomplete="off" spellcheck={false} />
      <button aria-expanded={props.open} aria-controls="filter-fields" onClick={() => props.set_open(!props.open)} title={words().filter_more}>
        {words().filter}{fields_of(player.filter()) > 0 ? ` (${fields_of(player.filter())})` : ""} ▾</button>
    </div>
  );
};

export const FilterFields = (props: { player: Player }) => {
  const { player } = props;
  const change = (key: "protocol" | "address") => patient((text) => player.set_filter((filter) => ({ ...filter, [key]: text || undefined })));
  const ports = () => (player.moment()?.state.nodes ?? []).flatMap(({ node, ports }) => [node, ...ports.map(({ port }) => port)]);
  return (
    <div class="filter-fields" id="filter-fields" role="search" aria-label={words().filter}>
      <label>{words().filter_protocol}<input name="protocol" list="protocols" value={player.filter().protocol ?? ""} onInput={change("protocol")} autocomplete="off" /></label>
      <datalist id="protocols"><For each={["arp", "icmp", "ospf", "bgp", "tcp", "udp", "dns", "stp"]}>{(name) => <option value={name} />}</For></datalist>
      <label>{words().filter_address}<input name="address" value={player.filter().address ?? ""} onInput={change("address")} autocomplete="off" spellcheck={false} /></label>
      <label>{words().filter_port}
        <select name="port" onChange={(event) => {
          const { value } = event.currentTarget;
          player.set_filter((filter) => ({ ...filter, ports: value ? [value] : undefined }));
        }}>
          <option value="">{words().filter_any}</option>
          <For each={ports()}>{(port) => <option value={port} selected={player.filter().ports?.[0] === port}>{shown(port)}</option>}</For>
        </select></label>
      <label>{words().filter_kinds}
        <select name="kind" onChange={(event) => {
          const { value } = event.currentTarget;
          player.set_filter((filter) => ({ ...filter, kinds: value ? [value] : undefined }));
        }}>
          <option value="">{words().filter_any}</option>
          <For each={player.hello.kinds}>{(kind) => <option value={kind} selected={player.filter().kinds?.[0] === kind}>{shown(kind)}</option>}</For>
        </select></label>
      <label class="check"><input name="bookkeeping" type="checkbox" checked={player.filter().bookkeeping ?? false}
        onChange={(event) => {
          const { checked } = event.currentTarget;
          player.set_filter((filter) => ({ ...filter, bookkeeping: checked || undefined }));
        }} />{words().filter_bookkeeping}</label>
      <button onClick={() => player.set_filter({})}>{words().filter_clear}</button>
    </div>
  );
};

export const Bar = (props: { player: Player; actions: BarActions; open: boolean; set_open: (open: boolean) => void }) => {
  const { hello } = props.player;
  return (
    <header class="bar">
      <h1 title={shown(hello.file)}>{shown(hello.name)}</h1>
      <span class="chip recorded" title={hello.complete ? shown(hello.end) : words().incomplete_says}>{hello.complete ? words().recorded : words().incomplete}</span>
      <Badge player={props.player} verify={props.actions.verify} />
      <PositionBox player={props.player} />
      <FilterBox player={props.player} open={props.open} set_open={props.set_open} />
      <span class="tools">
        <button class="quiet" onClick={props.actions.palette} title={`${words().palette}  Ctrl+K`} aria-label={words().palette}>⌘</button>
        <button class="quiet" onClick={props.actions.language} title={words().language_switch}>{language() === "en" ? "FR" : "EN"}</button>
        <button class="quiet" onClick={props.actions.theme} title={words().theme} aria-label={words().theme}>◐</button>
        <button class="quiet" onClick={props.actions.help} title={`${words().help}  ?`} aria-label={words().help}>?</button>
      </span>
    </header>
  );
};
