// Transport: step and play, both ways; how time passes, and how fast.
import { For, Show } from "solid-js";
import type { Player } from "../model/player";
import type { TimeMode } from "../model/deep_link";
import { words } from "../text/words";
import { toggle_play } from "./commands";

const kSpeeds = [0.25, 0.5, 1, 2, 4, 8, 16, 64];
const speed_text = (speed: number) => `${({ 0.25: "¼", 0.5: "½" } as Record<number, string>)[speed] ?? speed}×`;

const Icon = (props: { path: string }) => (
  <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><path d={props.path} /></svg>
);
export const kIcons = {
  previous: "M5 5h2.5v14H5zM19 5v14L9 12z",
  back: "M15.5 5v14L6 12z",
  play_back: "M20 5v14l-7.5-7zM12 5v14l-7.5-7z",
  play: "M7 4v16l13-8z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  step: "M8.5 5v14L18 12z",
  next: "M16.5 5H19v14h-2.5zM5 5v14l10-7z",
};

export const Buttons = (props: { player: Player; phone?: boolean }) => {
  const { player } = props;
  const playing = (dir: 1 | -1) => player.playing() === dir;
  return (
    <div class="buttons" role="group" aria-label={words().timeline}>
      <button onClick={() => void player.jump("marker", -1)} aria-label={words().previous_marker} title={`${words().previous_marker}  [`}><Icon path={kIcons.previous} /></button>
      <Show when={!props.phone}>
        <button onClick={() => toggle_play(player, -1)} aria-label={playing(-1) ? words().pause : words().play_back} aria-pressed={playing(-1)} title={`${words().play_back}  Shift+Space`}>
          <Icon path={playing(-1) ? kIcons.pause : kIcons.play_back} /></button>
      </Show>
      <button onClick={() => void player.step(-1)} aria-label={words().step_back} title={`${words().step_back}  ←`}><Icon path={kIcons.back} /></button>
      <button class="primary" onClick={() => toggle_play(player)} aria-label={playing(1) ? words().pause : words().play} aria-pressed={playing(1)} title={`${words().play}  Space`}>
        <Icon path={playing(1) ? kIcons.pause : kIcons.play} /></button>
      <button onClick={() => void player.step(1)} aria-label={words().step} title={`${words().step}  →`}><Icon path={kIcons.step} /></button>
      <button onClick={() => void player.jump("marker", 1)} aria-label={words().next_marker} title={`${words().next_marker}  ]`}><Icon path={kIcons.next} /></button>
    </div>
  );
};

export const TimeChoices = (props: { player: Player }) => {
  const { player } = props;
  const modes = () => [["constant", words().time_constant], ["real", words().time_real], ["skip", words().time_skip]] as const;
  return (
    <div class="time-choices">
      <label>{words().time_mode}
        <select name="time" onChange={(event) => player.set_time_mode(event.currentTarget.value as TimeMode)}>
          <For each={modes()}>{([mode, name]) => <option value={mode} selected={player.time_mode() === mode}>{name}</option>}</For>
        </select></label>
      <label>{words().speed}
        <select name="speed" onChange={(event) => player.set_speed(Number(event.currentTarget.value))}>
          <For each={kSpeeds}>{(speed) => <option value={speed} selected={player.speed() === speed}>{speed_text(speed)}</option>}</For>
        </select></label>
      <label class="check"><input type="checkbox" checked={player.pause_at_markers()} onChange={(event) => player.set_pause_at_markers(event.currentTarget.checked)} />
        {words().pause_at_markers}</label>
    </div>
  );
};
