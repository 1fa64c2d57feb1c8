// A draft under the filer's hands: kept in the tab as it is typed, saved by itself, checked while one types.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { answered, api, ifMatch, problemOf } from "../api/client";
import { useKept } from "../api/kept";
import type { Problem, Violation } from "../api/problem";
import type { Draft, Order } from "../api/shapes";
import { keyOf, keyUsed } from "../api/kept";
import { inWords } from "../words/violations";

/** Typing rests this long before it is saved and checked. */
const REST_MS = 900;

export type Saving = "saved" | "typing" | "saving" | "failed" | "conflict";

export interface Editing {
  draft: Draft;
  change: (change: (draft: Draft) => Draft) => void;
  saving: Saving;
  problem: Problem | null;
  checked: { violations: Violation[]; warnings: Violation[] };
  version: () => number;
  /** Saves what is not saved yet. Whether all of it is. */
  save: () => Promise<boolean>;
  /** Takes what the service has now, and drops what was typed here. */
  takeTheirs: () => Promise<void>;
  /** Lays what was typed here over what was saved elsewhere. */
  keepMine: () => Promise<void>;
  /** The service changed the draft itself: a material was taken in. */
  merged: (version: number) => Promise<void>;
}

interface Kept {
  draft: Draft;
  /** The version that it was typed over. */
  over: number;
  isSaved: boolean;
}

async function readOrder(id: string): Promise<{ order: Order; version: number }> {
  const read = await answered(api.GET("/orders/{order}", { params: { path: { order: id } } }));
  return { order: read.body, version: read.version };
}

export function useDraft(order: Order, readVersion: number, isFiledHere: boolean): Editing {
  const [kept, setKept, forget] = useKept<Kept>(`draft ${order.id}`, { draft: order.draft, over: readVersion, isSaved: true });
  // What was typed before a reload goes on; what was saved gives way to what the service has.
  const isStale = kept.isSaved && kept.over !== readVersion && kept.over < readVersion;
  const current = isStale ? { draft: order.draft, over: readVersion, isSaved: true } : kept;
  const state = useRef(current);
  state.current = current;
  const [saving, setSaving] = useState<Saving>(current.isSaved ? "saved" : "typing");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [checked, setChecked] = useState<{ violations: Violation[]; warnings: Violation[] }>({ violations: [], warnings: [] });
  const underWay = useRef<Promise<void> | null>(null);

  const put = useCallback((next: Kept) => {
    state.current = next;
    setKept(next);
  }, [setKept]);

  const saveOnce = useCallback(async () => {
    const { draft, over } = state.current;
    const deed = `edit ${order.id}`;
    setSaving("saving");
    try {
      const done = await answered(api.POST("/orders/{order}/edits", {
        params: { path: { order: order.id }, header: { "Idempotency-Key": keyOf(deed, [draft, over]), "If-Match": ifMatch(over) } },
        body: { draft },
      }));
      keyUsed(deed);
      const isSaved = state.current.draft === draft;
      put({ draft: state.current.draft, over: done.version, isSaved });
      setSaving(isSaved ? "saved" : "typing");
      setProblem(null);
    } catch (thrown) {
      const met = problemOf(thrown);
      if (!met.isPassing) keyUsed(deed);
      setProblem(met);
      setSaving(met.status === 412 ? "conflict" : "failed");
    }
  }, [order.id, put]);

  const save = useCallback(async () => {
    await underWay.current;
    if (!state.current.isSaved) {
      underWay.current = saveOnce().finally(() => (underWay.current = null));
      await underWay.current;
    }
    return state.current.isSaved;
  }, [saveOnce]);

  const change = useCallback((change: (draft: Draft) => Draft) => {
    put({ ...state.current, draft: change(state.current.draft), isSaved: false });
    setSaving("typing");
  }, [put]);

  useEffect(() => {
    const timer = setTimeout(() => {
      const asked = state.current.draft;
      // What was typed meanwhile is asked about by itself.
      void check(order, asked, isFiledHere).then((found) => found && asked === state.current.draft && setChecked(found));
      if (!state.current.isSaved) void save();
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [current.draft, order, isFiledHere, save]);

  // Once the network is back, what was not saved is.
  useEffect(() => {
    const back = () => void (state.current.isSaved || save());
    addEventListener("online", back);
    return () => removeEventListener("online", back);
  }, [save]);

  /** What the service has; nothing, and why, where it does not answer. */
  const theirs = useCallback(async () => {
    try {
      return await readOrder(order.id);
    } catch (thrown) {
      setProblem(problemOf(thrown));
      return null;
    }
  }, [order.id]);

  const takeTheirs = useCallback(async () => {
    const read = await theirs();
    if (!read) return;
    put({ draft: read.order.draft, over: read.version, isSaved: true });
    setSaving("saved");
    setProblem(null);
  }, [theirs, put]);

  const keepMine = useCallback(async () => {
    const read = await theirs();
    if (!read) return;
    // A material is uploaded, not typed: what the other window sent stays.
    put({ draft: { ...state.current.draft, materials: read.order.draft.materials }, over: read.version, isSaved: false });
    await save();
  }, [theirs, put, save]);

  const merged = useCallback(async (version: number) => {
    const read = await readOrder(order.id);
    put({ draft: { ...state.current.draft, materials: read.order.draft.materials }, over: version, isSaved: state.current.isSaved });
  }, [order.id, put]);

  // Nothing is typed any more: what is kept is the service's.
  useEffect(() => () => {
    if (state.current.isSaved) forget();
  }, [forget]);

  return { draft: current.draft, change, saving, problem, checked, version: () => state.current.over, save, takeTheirs, keepMine, merged };
}

/** What is wrong with a draft as it is typed; nothing where that could not be asked. */
async function check(order: Order, draft: Draft, isFiledHere: boolean): Promise<{ violations: Violation[]; warnings: Violation[] } | null> {
  try {
    const body = { kind: order.kind, draft, ...(isFiledHere && { subject: order.subject }) };
    const found = (await answered(api.POST("/order-checks", { body }))).body;
    return { violations: found.violations.map(inWords), warnings: found.warnings.map(inWords) };
  } catch {
    return null;
  }
}
