// The words of the language that is shown.
import { createSignal } from "solid-js";
import { en, type Words } from "./en";
import { fr } from "./fr";

export type Language = "en" | "fr";
const kLanguages: Record<Language, Words> = { en, fr };

/** The first of the browser's languages that the page speaks. */
const wished = (): Language => {
  const kept = kept_in("language");
  const spoken = (globalThis.navigator?.languages ?? []).map((language) => language.slice(0, 2).toLowerCase());
  return [kept, ...spoken].find((language): language is Language => language === "en" || language === "fr") ?? "en";
};

/** A setting that this browser kept. A page of file:// may be refused the storage: then nothing is kept. */
export const kept_in = (name: string): string | null => {
  try {
    return localStorage.getItem(`labreel.${name}`);
  } catch {
    return null;
  }
};
export const keep = (name: string, value: string): void => {
  try {
    localStorage.setItem(`labreel.${name}`, value);
  } catch {
    // The setting lasts as long as the page.
  }
};

const [language, set_language] = createSignal<Language>(wished());
export { language };
export const speak = (next: Language): void => {
  set_language(next);
  keep("language", next);
};

export const words = (): Words => kLanguages[language()];
export const number = (value: number): string => new Intl.NumberFormat(language()).format(value);
