// Reading and doing, as components use them.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Answered, problemOf } from "./client";
import { keyOf, keyUsed } from "./kept";
import type { Problem } from "./problem";
import { useLanguage } from "../words/language";

/** Something that is read: what it is, why it is not there, and whether it is being read. */
export interface Read<T> {
  value: T | null;
  problem: Problem | null;
  isReading: boolean;
  again: () => Promise<void>;
}

/** Reads when `what` or the language changes, and again when asked. An answer that comes too late is dropped. */
export function useRead<T>(what: string, ask: () => Promise<T>): Read<T> {
  const language = useLanguage();
  const latest = useRef(0);
  const asking = useRef(ask);
  asking.current = ask;
  const [read, setRead] = useState<Omit<Read<T>, "again"> & { what: string }>({ what, value: null, problem: null, isReading: true });
  const again = useCallback(async () => {
    latest.current += 1;
    const mine = latest.current;
    setRead((before) => ({ what, value: before.what === what ? before.value : null, problem: null, isReading: true }));
    try {
      const value = await asking.current();
      if (mine === latest.current) setRead({ what, value, problem: null, isReading: false });
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (mine === latest.current) setRead((before) => ({ what, value: before.value, problem, isReading: false }));
    }
  }, [what]);
  useEffect(() => {
    void again();
    return () => void (latest.current += 1);
  }, [what, language, again]);
  const isOurs = read.what === what;
  return { value: isOurs ? read.value : null, problem: isOurs ? read.problem : null, isReading: !isOurs || read.isReading, again };
}

/** Part of a list, and where the rest begins. */
export interface Page<T> {
  items: T[];
  next?: string | null;
}

/** A list that is read page by page: its first, and with each call of `more` what follows. */
export function usePaged<T>(what: string, page: (cursor?: string) => Promise<Page<T>>): Read<Page<T>> & { more: (cursor: string) => Promise<void> } {
  const [rest, setRest] = useState<Page<T> & { of: string } | null>(null);
  // Made anew with each beginning: what comes for an earlier one is dropped.
  const shown = useRef({ of: what });
  const read = useRead(what, async () => {
    setRest(null);
    shown.current = { of: what };
    return page();
  });
  const more = async (cursor: string) => {
    const asked = shown.current;
    const found = await page(cursor);
    if (shown.current === asked) setRest((before) => ({ of: what, items: [...(before?.items ?? []), ...found.items], next: found.next ?? null }));
  };
  const first = read.value;
  const isRead = first !== null && rest?.of === what;
  return { ...read, value: isRead ? { items: [...first.items, ...rest.items], next: rest.next ?? null } : first, more };
}

/** A deed: under way or not, and what was wrong with it. */
export interface Deed {
  isBusy: boolean;
  problem: Problem | null;
  /** Forgets what was wrong: what it was about was read again. */
  clear: () => void;
  /** Does it once, however often it is asked for. Nothing comes back where it failed. */
  run: <T>(body: unknown, call: (key: string) => Promise<Answered<T>>) => Promise<Answered<T> | null>;
}

export function useDeed(name: string): Deed {
  const busy = useRef(false);
  const [state, setState] = useState<{ isBusy: boolean; problem: Problem | null }>({ isBusy: false, problem: null });
  const run = useCallback(async <T>(body: unknown, call: (key: string) => Promise<Answered<T>>) => {
    if (busy.current) return null;
    busy.current = true;
    setState({ isBusy: true, problem: null });
    try {
      const answer = await call(keyOf(name, body));
      keyUsed(name);
      setState({ isBusy: false, problem: null });
      return answer;
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (!problem.isPassing) keyUsed(name);
      setState({ isBusy: false, problem });
      return null;
    } finally {
      busy.current = false;
    }
  }, [name]);
  const clear = useCallback(() => setState({ isBusy: false, problem: null }), []);
  return { ...state, run, clear };
}

/** Reads again and again until something is so. Each wait begins when the last answer is there, however slow it was; what
 * fails is not asked for again by itself. */
export function useWatch<T>({ isReading, problem, again }: Read<T>, isOver: boolean, everyMs = 2000): void {
  const waits = !isOver && !isReading && problem === null;
  useEffect(() => {
    if (!waits) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void again();
    }, everyMs);
    return () => clearInterval(timer);
  }, [waits, again, everyMs]);
}

/** What a list has of a thing that runs, followed by itself until it is over; then its list is read again. Where reading it
 * fails, it goes on once it is read again. */
export function useFollowed<T>(what: string, listed: T, isRunning: (one: T) => boolean, ask: () => Promise<T>, over: () => Promise<void>): { now: T; problem: Problem | null; again: () => Promise<void> } {
  const isFollowed = isRunning(listed);
  const read = useRead(`${what} ${isFollowed}`, async () => isFollowed ? ask() : listed);
  const now = (isFollowed && read.value) || listed;
  useWatch(read, !isRunning(now));
  const isOver = isFollowed && !isRunning(now);
  useEffect(() => {
    if (isOver) void over();
  }, [isOver]);
  return { now, problem: read.problem, again: read.again };
}
