// Files that operators bring: announced with their sum, uploaded, started, watched.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { type Answered, problemOf } from "../api/client";
import type { Problem } from "../api/problem";
import type { Answer, FileLink } from "../api/shapes";
import { useDeed } from "../api/use";
import { Button, Check, Field, Form, Note, Trouble } from "./basics";
import { put } from "./upload";
import { said, t } from "../words/language";

export interface Announcement {
  format: "csv" | "xlsx" | "json-lines";
  bytes: number;
  sha256: string;
  dryRun: boolean;
}

export type State = Answer<"ImportState">;

function formatOf(file: File): Announcement["format"] {
  if (/\.xlsx$/i.test(file.name)) return "xlsx";
  return /\.(jsonl|ndjson|json)$/i.test(file.name) ? "json-lines" : "csv";
}

async function sum(file: File): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

interface Props {
  name: string;
  children?: ComponentChildren;
  /** Announces the file. */
  announce: (announcement: Announcement, key: string) => Promise<Answered<unknown>>;
  /** Starts it. */
  start: (id: string, key: string) => Promise<Answered<unknown>>;
  /** Whether a second person starts it, unless it is a trial. */
  takesTwo?: boolean;
  /** A trial wrote nothing: the same file is brought after it. */
  onBrought: (isTrial: boolean) => Promise<void>;
}

export function Bring({ name, children, announce, start, takesTwo = false, onBrought }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [isTrial, setIsTrial] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const announcing = useDeed(`announce ${name}`);
  const starting = useDeed(`start ${name}`);
  const [isSending, setIsSending] = useState(false);
  const bring = async () => {
    if (!file) return;
    setProblem(null);
    setIsSending(true);
    try {
      const announcement = { format: formatOf(file), bytes: file.size, sha256: await sum(file), dryRun: isTrial };
      const announced = await announcing.run([announcement, file.name], (key) => announce(announcement, key));
      if (!announced) return;
      const { id, link } = announced.body as { id: string; link: FileLink };
      await put(link, file);
      if (isTrial || !takesTwo) await starting.run(id, (key) => start(id, key));
      await onBrought(isTrial);
    } catch (thrown) {
      setProblem(problemOf(thrown));
    } finally {
      setIsSending(false);
    }
  };
  return (
    <Form label={t("上传文件", "Bring a file")} onSubmit={() => void bring()}>
      {children}
      <Field label={t("文件（xlsx、csv 或 jsonl）", "File: xlsx, csv or jsonl")}>
        {(attributes) => <input {...attributes} type="file" accept=".xlsx,.csv,.jsonl,.ndjson,.json,.txt" onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} />}
      </Field>
      <Check label={t("先试运行：只说会做什么，不改动任何数据", "A trial: it says what it would do, and writes nothing")} checked={isTrial} onInput={setIsTrial} />
      <Trouble problem={announcing.problem ?? starting.problem ?? problem} side="staff" />
      <Button type="submit" isBusy={isSending} disabled={file === null}>{isTrial ? t("上传并试运行", "Upload and try") : t("上传", "Upload")}</Button>
    </Form>
  );
}

export function stateWords(state: State): string {
  const words: Record<State["state"], string> = {
    announced: t("待上传或待开始", "to be uploaded, or started"), converting: t("正在拆分", "being divided"), running: t("正在处理", "under way"), done: t("已完成", "done"), refused: t("文件无法读取", "the file cannot be read"),
  };
  return words[state.state] ?? state.state;
}

/** Whether a file is being worked on: its counts grow by themselves. */
export function isRunning(state: State): boolean {
  return state.state === "converting" || state.state === "running";
}

/** How far a file has come. */
export function Progress({ state, partsDone, rows }: { state: State; partsDone: number; rows: number }) {
  const parts = state.parts ?? 0;
  const isOver = state.state === "done" || state.state === "refused";
  return (
    <>
      <p>{stateWords(state)} · {t(`${rows}行已处理`, `${rows} rows`)}{state.rows !== undefined && ` / ${state.rows}`}</p>
      {!isOver && state.state !== "announced" && <progress max={Math.max(1, parts)} value={partsDone} aria-label={t("进度", "Progress")} />}
      {state.state === "refused" && <Note kind="bad">{said(state.why)}</Note>}
    </>
  );
}

/** What became of rows, by what the API calls it. */
function countWords(name: string): string {
  const words: Record<string, string> = {
    rows: t("行", "rows"), added: t("新增", "added"), changed: t("更新", "changed"), same: t("相同", "the same"), kept: t("保留原值", "kept"), conflicts: t("冲突", "in conflict"), bad: t("有误", "bad"),
    recorded: t("已登记", "recorded"), casesOpened: t("已立案核查", "cases opened"), stopsOrdered: t("已下令停止", "stops ordered"), awaitingSecond: t("待第二人", "awaiting a second person"),
    accessed: t("有接入", "with access"), stopped: t("已停止", "stopped"), notAccessed: t("无接入", "without access"), doubtful: t("有疑问", "doubtful"), unmatched: t("未匹配", "unmatched"),
  };
  return words[name] ?? name;
}

/** What became of rows; of a trial, what would become of them. */
export function Counts({ counts, isTrial }: { counts: Record<string, unknown>; isTrial: boolean }) {
  const tiles = <ul class="tiles">{Object.entries(counts).filter(([, count]) => typeof count === "number" && count > 0).map(([name, count]) => <li key={name}><strong>{String(count)}</strong>{countWords(name)}</li>)}</ul>;
  return isTrial ? <><p class="quiet">{t("试运行：以下为将会发生的，数据没有改动。", "A trial: what would become of the rows. Nothing was written.")}</p>{tiles}</> : tiles;
}
