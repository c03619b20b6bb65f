// A dialog: Kobalte keeps the focus in it and gives it back.
import { Dialog } from "@kobalte/core/dialog";
import type { JSX } from "solid-js";
import { words } from "../text/words";

export const Window = (props: { open: boolean; set_open: (open: boolean) => void; title: string; class?: string; focus?: string; children: JSX.Element }) => {
  /** What is typed into first, where there is such a thing. */
  const focus = (event: Event) => {
    if (props.focus === undefined) return;
    event.preventDefault();
    document.getElementById(props.focus)?.focus();
  };
  return (
    <Dialog open={props.open} onOpenChange={props.set_open} preventScroll={false}>
      <Dialog.Portal>
        <Dialog.Overlay class="overlay" />
        <Dialog.Content class={`dialog ${props.class ?? ""}`} onOpenAutoFocus={focus}>
          <header>
            <Dialog.Title>{props.title}</Dialog.Title>
            <Dialog.CloseButton class="quiet" aria-label={words().close}>✕</Dialog.CloseButton>
          </header>
          <div class="dialog-body" tabIndex={0}>{props.children}</div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog>
  );
};
