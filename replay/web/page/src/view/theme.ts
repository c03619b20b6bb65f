// Light and dark: the system's wish, until a button says otherwise.
import { createSignal } from "solid-js";
import { hand_to_styles, kDark, kLight } from "../draw/colours";
import { keep, kept_in } from "../text/words";

const wished = matchMedia("(prefers-color-scheme: dark)");
const kept = kept_in("theme");
const [is_dark, set_dark] = createSignal(kept === null ? wished.matches : kept === "dark");
export { is_dark };

const show = () => {
  document.documentElement.dataset.theme = is_dark() ? "dark" : "light";
  hand_to_styles(is_dark() ? kDark : kLight);
};

export const start_theme = (): void => {
  show();
  wished.addEventListener("change", () => {
    if (kept_in("theme") !== null) return;
    set_dark(wished.matches);
    show();
  });
};

export const toggle_theme = (): void => {
  set_dark(!is_dark());
  keep("theme", is_dark() ? "dark" : "light");
  show();
};
