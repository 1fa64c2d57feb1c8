// The reader's language. Chinese first; the choice is kept in the browser.
import { useEffect, useState } from "preact/hooks";

export type Language = "zh" | "en";

/** A text in both languages, as the API gives it. */
export interface Text {
  zh: string;
  en: string;
}

const KEPT = "icp-language";
const heard = new Set<() => void>();
let chosen: Language = localStorage.getItem(KEPT) === "en" ? "en" : "zh";
document.documentElement.lang = tag(chosen);

/** The language of what is shown now. */
export function language(): Language {
  return chosen;
}

/** As `lang` and `Accept-Language` name it. */
export function tag(language: Language): string {
  return language === "zh" ? "zh-CN" : "en";
}

export function choose(next: Language): void {
  chosen = next;
  localStorage.setItem(KEPT, next);
  document.documentElement.lang = tag(next);
  for (const hears of heard) hears();
}

/** Renders again when another language is chosen. */
export function useLanguage(): Language {
  const [, again] = useState(0);
  useEffect(() => {
    const hears = () => again((times) => times + 1);
    heard.add(hears);
    return () => void heard.delete(hears);
  }, []);
  return chosen;
}

/** The words in the reader's language. */
export function t(zh: string, en: string): string {
  return chosen === "zh" ? zh : en;
}

/** The same of a text from the API; nothing where there is none. */
export function said(text: Text | null | undefined): string {
  return text ? text[chosen] : "";
}
