// A provider's base is brought: tried first, watched, its bad rows read beside their fields.
import { useState } from "preact/hooks";
import { answered, api } from "../api/client";
import type { Import } from "../api/shapes";
import { useDeed, useFollowed, usePaged } from "../api/use";
import { Only } from "../frame/frame";
import { Bring, Counts, isRunning, Progress } from "../parts/bring";
import { Button, Facts, More, Note, Section, Shown, Table, Trouble, View } from "../parts/basics";
import { useSession } from "../session/session";
import { rowsOf } from "../parts/csv";
import { language, t } from "../words/language";
import { instant } from "../words/time";

export default function Imports() {
  return <Only side="staff" roles={["operator", "auditor"]}><Listed /></Only>;
}

function Listed() {
  const session = useSession("staff");
  const read = usePaged("imports", async (cursor) =>
    (await answered(api.GET("/operations/imports", { params: { query: { limit: 20, ...(cursor && { cursor }) } } }))).body);
  return (
    <View title={t("导入备案", "Imports")}>
      {session?.role === "operator" && (
        <Section title={t("导入一批存量备案", "Bring a base")}>
          <Bring name="import" onBrought={read.again}
            announce={(announcement, key) => answered(api.POST("/operations/imports", { params: { header: { "Idempotency-Key": key } }, body: announcement }))}
            start={(id, key) => answered(api.POST("/operations/imports/{import}/start", { params: { path: { import: id }, header: { "Idempotency-Key": key } } }))} />
        </Section>
      )}
      <Section title={t("导入记录", "Imports so far")}>
        <Shown read={read} side="staff">{({ items, next }) => (
          <>
            {items.length === 0 && <p>{t("还没有。", "None yet.")}</p>}
            <ul class="cards">{items.map((one) => <One key={one.id} of={one} again={read.again} />)}</ul>
            <More next={next} side="staff" read={read.more} />
          </>
        )}</Shown>
      </Section>
    </View>
  );
}

function One({ of: listed, again }: { of: Import; again: () => Promise<void> }) {
  const { now: of, problem, again: readAgain } = useFollowed(`import ${listed.id}`, listed, ({ progress }) => isRunning(progress),
    async () => (await answered(api.GET("/operations/imports/{import}", { params: { path: { import: listed.id } } }))).body, again);
  const deed = useDeed(`start ${of.id}`);
  const start = async () => {
    const done = await deed.run(of.id, (key) => answered(api.POST("/operations/imports/{import}/start", { params: { path: { import: of.id }, header: { "Idempotency-Key": key } } })));
    if (done) await again();
  };
  return (
    <li>
      <h3>{instant(of.announcedAt)} {of.dryRun && <span class="tag">{t("试运行", "trial")}</span>}</h3>
      <Progress state={of.progress} partsDone={of.partsDone} rows={of.counts.rows ?? 0} />
      <Counts counts={of.counts} isTrial={of.dryRun} />
      <Trouble problem={problem} side="staff" again={() => void readAgain()} />
      <Facts facts={[[t("上传人", "By"), of.announcedBy], [t("忽略的列", "Columns left out"), of.ignoredColumns.join(t("、", ", "))]]} />
      {of.progress.state === "announced" && <><Trouble problem={deed.problem} side="staff" /><Button kind="plain" isBusy={deed.isBusy} onClick={() => void start()}>{t("开始", "Start it")}</Button></>}
      {of.progress.state === "done" && (of.counts.bad ?? 0) > 0 && <BadRows id={of.id} />}
    </li>
  );
}

/** The columns of the file of bad rows that the reader's language has, with their words. */
function badColumns(heads: string[]): [number, string][] {
  const words: Record<string, string> = language() === "zh"
    ? { row: "行", "列名": "列名", "原因": "原因" } : { row: "Row", column: "Column", reason: "Reason" };
  return heads.flatMap((head, at): [number, string][] => words[head] ? [[at, words[head]]] : []);
}

/** Rows that were not taken in, each with its field and why. */
function BadRows({ id }: { id: string }) {
  const [rows, setRows] = useState<{ heads: string[]; rows: string[][]; url: string } | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  const show = async () => {
    setHasFailed(false);
    try {
      const link = ((await answered(api.GET("/operations/imports/{import}", { params: { path: { import: id } } }))).body).badRows;
      if (!link) return;
      const text = await (await fetch(link.url)).text();
      const [heads = [], ...rest] = rowsOf(text);
      setRows({ heads, rows: rest, url: link.url });
    } catch {
      setHasFailed(true);
    }
  };
  if (hasFailed) return <Note kind="bad">{t("没有读到，请再试一次。", "It was not read; try again.")}<Button kind="plain" onClick={() => void show()}>{t("再试一次", "Try again")}</Button></Note>;
  const columns = badColumns(rows?.heads ?? []);
  if (!rows) return <Button kind="plain" onClick={() => void show()}>{t("查看有误的行", "See the bad rows")}</Button>;
  return (
    <>
      <Table caption={t("有误的行", "Bad rows")} heads={columns.map(([, words]) => words)} rows={rows.rows.slice(0, 200).map((row) => columns.map(([at]) => row[at] ?? ""))} />
      <p>{rows.rows.length > 200 && t(`只显示前200行，共${rows.rows.length}行。`, `The first 200 of ${rows.rows.length}.`)} <a href={rows.url} download>{t("下载完整文件", "Download the whole")}</a></p>
    </>
  );
}
