// A bureau's list in, and the reply table out.
import { answered, api } from "../api/client";
import { useKept } from "../api/kept";
import type { BureauList, Sent } from "../api/shapes";
import { useDeed, useFollowed, usePaged } from "../api/use";
import { Only } from "../frame/frame";
import { Bring, Counts, isRunning, Progress } from "../parts/bring";
import { Button, Facts, Input, More, Note, Section, Select, Shown, Trouble, View } from "../parts/basics";
import { useSession } from "../session/session";
import { t } from "../words/language";
import { day, instant, today } from "../words/time";

interface Paper {
  kind: string;
  documentNumber: string;
  issuedOn: string;
  replyBy?: string | null;
  of?: string | null;
}

function kinds(): [string, string][] {
  return [
    ["to-rectify", t("须整改的网站", "what is to be put right")], ["order-results", t("订单办理结果", "results of orders")], ["deregistered", t("已注销", "deregistrations")],
    ["shell-announcement", t("空壳公告", "announcement of shells")], ["stop-now", t("立即停止接入", "stops at once")],
  ];
}

/** Lists that take away for good are started by a second person. */
function takesTwo(kind: string): boolean {
  return kind === "deregistered" || kind === "stop-now";
}

export default function BureauLists() {
  return <Only side="staff" roles={["operator", "auditor"]}><Listed /></Only>;
}

function Listed() {
  const session = useSession("staff");
  const [paper, setPaper, forget] = useKept<Paper>("bureau-paper", { kind: "to-rectify", documentNumber: "", issuedOn: today(), replyBy: "", of: "sites" });
  const read = usePaged("bureau-lists", async (cursor) =>
    (await answered(api.GET("/operations/bureau-lists", { params: { query: { limit: 20, ...(cursor && { cursor }) } } }))).body);
  const head = { kind: paper.kind as Sent<"ListKind">, documentNumber: paper.documentNumber, issuedOn: paper.issuedOn, ...(paper.replyBy && { replyBy: paper.replyBy }), ...(paper.kind === "deregistered" && { of: (paper.of ?? "sites") as Sent<"Deregistered"> }) };
  return (
    <View title={t("管局下发清单", "Bureau lists")}>
      {session?.role === "operator" && (
        <Section title={t("收到一份清单", "A list has come")}>
          <Bring name="bureau-list" onBrought={async (isTrial) => {
            if (!isTrial) forget();
            await read.again();
          }}
            announce={(announcement, key) => answered(api.POST("/operations/bureau-lists", { params: { header: { "Idempotency-Key": key } }, body: { ...announcement, paper: head } }))}
            takesTwo={takesTwo(paper.kind)}
            start={(id, key) => answered(api.POST("/operations/bureau-lists/{list}/start", { params: { path: { list: id }, header: { "Idempotency-Key": key } } }))}>
            <Select label={t("清单类型", "What it is")} value={paper.kind} onInput={(kind) => setPaper({ ...paper, kind })} options={kinds()} />
            {paper.kind === "deregistered" && <Select label={t("注销的是", "Deregistered are")} value={paper.of ?? "sites"} onInput={(of) => setPaper({ ...paper, of })} options={[["sites", t("网站", "sites")], ["subjects", t("主体", "subjects")]]} />}
            <Input label={t("文号", "Document number")} value={paper.documentNumber} onInput={(documentNumber) => setPaper({ ...paper, documentNumber })} />
            <Input label={t("发文日期", "Issued on")} type="date" value={paper.issuedOn} onInput={(issuedOn) => setPaper({ ...paper, issuedOn })} />
            <Input label={t("要求回复的日期（没有则不填）", "Reply by, if it asks for one")} type="date" value={paper.replyBy ?? ""} onInput={(replyBy) => setPaper({ ...paper, replyBy })} />
            {takesTwo(paper.kind) && <Note kind="warning">{t("此类清单不可撤回：由另一名运营人员开始。", "It takes away for good: another operator starts it.")}</Note>}
          </Bring>
        </Section>
      )}
      <Section title={t("清单记录", "Lists so far")}>
        <Shown read={read} side="staff">{({ items, next }) => (
          <>
            {items.length === 0 && <p>{t("还没有。", "None yet.")}</p>}
            <ul class="cards">{items.map((one) => <One key={one.id} of={one} again={read.again} person={session?.role === "operator" ? session.person : ""} />)}</ul>
            <More next={next} side="staff" read={read.more} />
          </>
        )}</Shown>
      </Section>
    </View>
  );
}

function One({ of: listed, again, person }: { of: BureauList; again: () => Promise<void>; person: string }) {
  const { now: of, problem, again: readAgain } = useFollowed(`bureau-list ${listed.id}`, listed, ({ progress }) => isRunning(progress),
    async () => (await answered(api.GET("/operations/bureau-lists/{list}", { params: { path: { list: listed.id } } }))).body, again);
  const deed = useDeed(`start-list ${of.id}`);
  const start = async () => {
    const done = await deed.run(of.id, (key) => answered(api.POST("/operations/bureau-lists/{list}/start", { params: { path: { list: of.id }, header: { "Idempotency-Key": key } } })));
    if (done) await again();
  };
  const mayStart = person !== "" && (of.dryRun || !takesTwo(of.paper.kind) || person !== of.announcedBy);
  return (
    <li>
      <h3>{of.paper.documentNumber} · {kinds().find(([kind]) => kind === of.paper.kind)?.[1]} {of.dryRun && <span class="tag">{t("试运行", "trial")}</span>}</h3>
      <Facts facts={[[t("发文日期", "Issued"), day(of.paper.issuedOn)], [t("回复期限", "Reply by"), day(of.paper.replyBy)], [t("上传", "Brought"), `${of.announcedBy} · ${instant(of.announcedAt)}`], [t("开始", "Started by"), of.startedBy]]} />
      <Progress state={of.progress} partsDone={of.partsDone} rows={of.counts.rows ?? 0} />
      <Counts counts={of.counts} isTrial={of.dryRun} />
      <Trouble problem={problem} side="staff" again={() => void readAgain()} />
      {of.progress.state === "announced" && (
        <>
          <Trouble problem={deed.problem} side="staff" />
          <p><a href={of.file.url} download>{t("查看上传的文件", "See the file")}</a></p>
          {mayStart ? <Button isBusy={deed.isBusy} onClick={() => void start()}>{t("开始处理", "Start it")}</Button> : <Note kind="info">{t("须由另一名运营人员开始。", "Another operator starts it.")}</Note>}
        </>
      )}
      {of.reply && <p><a class="main" href={of.reply.url} download>{t("下载反馈表", "Download the reply table")}</a></p>}
      {of.openRows && <p><a href={of.openRows.url} download>{t("下载须人工核对的行", "Download the rows for people")}</a></p>}
    </li>
  );
}
