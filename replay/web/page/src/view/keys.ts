// Keys, matched by what they write and not by where they are: "." is "." on every keyboard. Shift counts for letters, arrows
// and the like; for a sign it is only how some keyboards write it.
export interface Key {
  key: string;
  shift?: boolean;
  control?: boolean;
}

const is_sign = (key: string) => key.length === 1 && key.toLowerCase() === key.toUpperCase() && key !== " ";

export const matches = (event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">, key: Key): boolean => {
  if ((event.ctrlKey || event.metaKey) !== (key.control ?? false) && !(is_sign(key.key) && event.altKey)) return false;
  if (event.altKey && !is_sign(key.key)) return false;
  if (!is_sign(key.key) && event.shiftKey !== (key.shift ?? false)) return false;
  return event.key === key.key || event.key.toLowerCase() === key.key;
};

export const key_text = ({ key, shift, control }: Key): string => {
  const names: Record<string, string> = {
    ArrowRight: "→", ArrowLeft: "←", " ": "Space", PageDown: "PageDown", PageUp: "PageUp",
  };
  return [control && "Ctrl", shift && "Shift", names[key] ?? (key.length === 1 ? key.toUpperCase() : key)].filter(Boolean).join("+");
};

/** Typing is never a command. */
export const is_typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
