// What is typed and not yet sent is kept in the tab: a reload, a lost session, a step back lose none of it.
import { useCallback, useState } from "preact/hooks";

const PREFIX = "icp-kept:";

function read<T>(name: string): T | undefined {
  const text = sessionStorage.getItem(PREFIX + name);
  return text === null ? undefined : (JSON.parse(text) as T);
}

/** Once somebody signs out nothing more is kept, until the page is loaded anew. */
let isShut = false;

export function shut(): void {
  isShut = true;
}

function write(name: string, value: unknown): void {
  if (!isShut) sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
}

/** Keeps something for a view that is shown next. */
export function keep(name: string, value: unknown): void {
  write(name, value);
}

export function forget(name: string): void {
  sessionStorage.removeItem(PREFIX + name);
}

/** Forgets everything: whoever signs out leaves nothing behind. */
export function forgetAll(): void {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
  }
}

/** State that is kept under a name until it is forgotten. */
export function useKept<T>(name: string, first: T): [T, (next: T | ((now: T) => T)) => void, () => void] {
  const [held, setHeld] = useState<{ name: string; value: T }>(() => ({ name, value: read<T>(name) ?? first }));
  const current = held.name === name ? held.value : (read<T>(name) ?? first);
  const set = useCallback((next: T | ((now: T) => T)) => {
    setHeld((before) => {
      const now = before.name === name ? before.value : (read<T>(name) ?? first);
      const value = typeof next === "function" ? (next as (now: T) => T)(now) : next;
      write(name, value);
      return { name, value };
    });
  }, [name]);
  const clear = useCallback(() => {
    forget(name);
    setHeld({ name, value: first });
  }, [name]);
  return [current, set, clear];
}

/** The key of a deed: the same until it was answered for good, so that a second click or a retry does nothing twice. */
export function keyOf(deed: string, body: unknown): string {
  const name = `key:${deed}`;
  const asked = JSON.stringify(body ?? null);
  const before = read<{ key: string; asked: string }>(name);
  if (before?.asked === asked) return before.key;
  const key = crypto.randomUUID();
  write(name, { key, asked });
  return key;
}

export function keyUsed(deed: string): void {
  forget(`key:${deed}`);
}
