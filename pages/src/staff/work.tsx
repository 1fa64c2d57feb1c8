// The work that waits for staff, by kind, the oldest first; and who works on what.
import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import { answered, api } from "../api/client";
import type { Answer, Waiting } from "../api/shapes";
import { type Page, useDeed, usePaged, useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Button, More, Note, Select, Shown, Trouble, View } from "../parts/basics";
import { useSession } from "../session/session";
import { said, t } from "../words/language";
import { aboutWords, needWords, orderKindWords } from "../words/terms";
import { instant } from "../words/time";
import { Items } from "./items";

/** Kinds of the queue, and where a thing of each is worked on. */
const KINDS: Record<string, { words: () => string; path: (id: string) => string }> = {
  "order-review": { words: () => t("待初审的订单", "Orders to review"), path: (id) => `/pages/staff/orders/${id}` },
  "order-bureau": { words: () => t("待提交或待管局答复", "Orders to send, or at the bureau"), path: (id) => `/pages/staff/orders/${id}` },
  "order-conflict": { words: () => t("与其他备案冲突的订单", "Orders in conflict"), path: (id) => `/pages/staff/orders/${id}` },
  "case-staff": { words: () => t("须人工处理的核查", "Cases for people"), path: (id) => `/pages/staff/cases/${id}` },
  "review": { words: () => t("须人工判断的事项", "What machines cannot decide"), path: () => "" },
  "filing-conflict": { words: () => t("数据冲突的备案", "Filings in conflict"), path: (id) => `/pages/staff/filings/${id}` },
  "case-condemned": { words: () => t("待停止接入的核查", "Cases to be stopped"), path: (id) => `/pages/staff/cases/${id}` },
  "case-open": { words: () => t("其余进行中的核查", "Other open cases"), path: (id) => `/pages/staff/cases/${id}` },
};

export default function Work() {
  // Whoever signs in at the start page comes here; an operator's work is elsewhere.
  const { route } = useLocation();
  const session = useSession("staff");
  const isElsewhere = session?.role === "operator";
  useEffect(() => {
    if (isElsewhere) route("/pages/operations", true);
  }, [isElsewhere]);
  if (isElsewhere) return null;
  return <Only side="staff" roles={["reviewer", "auditor"]}><Queue /></Only>;
}

function Queue() {
  const { query, route } = useLocation();
  // What waits elsewhere is seen from here.
  const read = useRead("queue-counts", async () => (await answered(api.GET("/review/queue"))).body.items);
  const asked = query.kind && query.kind in KINDS ? query.kind : "";
  return (
    <View title={t("工作台", "Work")}>
      <Shown read={read} side="staff">{(counts) => {
        // Nobody said which: the first in which something waits.
        const kind = asked || (counts.find(({ waiting }) => 0 < waiting) ?? counts[0])?.kind || "order-review";
        return (
          <>
            <Select label={t("队列", "Queue")} value={kind} onInput={(next) => route(`/pages/staff?kind=${next}`)}
              options={Object.entries(KINDS).map(([name, one]) => [name, one.words() + countWords(counts.find((count) => count.kind === name))] as const)} />
            {kind === "review" ? <Items /> : <Listed key={kind} kind={kind} />}
          </>
        );
      }}</Shown>
    </View>
  );
}

function countWords(count: Answer<"QueueView"> | undefined): string {
  if (!count || count.waiting === 0) return "";
  return count.more ? t(`（${count.waiting}项以上）`, ` (over ${count.waiting})`) : t(`（${count.waiting}）`, ` (${count.waiting})`);
}

async function page(kind: string, cursor?: string): Promise<Page<Waiting>> {
  const query = { limit: 50, ...(cursor && { cursor }) };
  return (await answered(api.GET("/review/queue/{kind}", { params: { path: { kind }, query } }))).body;
}

/** What a thing is, in a line; the beginning of its id where nothing of it has a name. */
function titleOf(item: Waiting): string {
  if (item.order) return orderKindWords(item.order.kind) + (item.order.proposed ? t("（待第二人）", " (a second person)") : "");
  if (item.case) return `${item.case.number} · ${item.case.needsStaff ? needWords(item.case.needsStaff.kind) : (item.case.faults).map(said).join(t("；", "; "))}`;
  return isNamed(item) ? aboutWords(item) : item.id.slice(0, 8);
}

/** Since when people are asked: of a case that was open before, since then. */
function waitsSince(item: Waiting): string | null | undefined {
  return item.case?.needsStaff?.since ?? item.since;
}

function isNamed({ about }: Waiting): boolean {
  return Boolean(about.number || about.name || about.subjectName);
}

function Listed({ kind }: { kind: string }) {
  const read = usePaged(`queue ${kind}`, async (cursor) => page(kind, cursor));
  return (
    <Shown read={read} side="staff">{({ items, next }) => (
      <>
        {items.length === 0 && <Note kind="good">{t("没有等待处理的事项。", "Nothing waits.")}</Note>}
        <ul class="cards">{items.map((item) => <One key={item.id} kind={kind} item={item} again={read.again} />)}</ul>
        <More next={next} side="staff" read={read.more} />
      </>
    )}</Shown>
  );
}

function One({ kind, item, again }: { kind: string; item: Waiting; again: () => Promise<void> }) {
  const session = useSession("staff");
  const claiming = useDeed(`claim ${kind} ${item.id}`);
  const { claim } = item;
  const isMine = claim !== null && claim.by === session?.person;
  const act = async (step: "claims" | "releases") => {
    const path = { params: { path: { kind, item: item.id }, header: { "Idempotency-Key": "" } } };
    const done = await claiming.run([step, claim], (key) => {
      path.params.header["Idempotency-Key"] = key;
      return answered(step === "claims" ? api.POST("/review/queue/{kind}/{item}/claims", path) : api.POST("/review/queue/{kind}/{item}/releases", path));
    });
    if (done) await again();
  };
  return (
    <li>
      <h2><a href={KINDS[kind]?.path(item.id) ?? ""}>{titleOf(item)}</a></h2>
      {item.order && isNamed(item) && <p>{[item.about.subjectName, item.about.number].filter(Boolean).join(" · ")}</p>}
      {item.order && item.order.sites.length > 0 && <p>{item.order.sites.join(t("、", ", "))}</p>}
      {item.case && isNamed(item) && <p>{aboutWords(item)}</p>}
      <p class="quiet">{waitsSince(item) && t(`等待自${instant(waitsSince(item))}`, `waits since ${instant(waitsSince(item))}`)}{claim && ` · ${isMine ? t("由您处理", "yours") : t(`由${claim.by}处理`, `${claim.by} works on it`)}`}</p>
      <Trouble problem={claiming.problem} side="staff" />
      {session?.role === "reviewer" && (isMine
        ? <Button kind="plain" isBusy={claiming.isBusy} onClick={() => void act("releases")}>{t("放回", "Give it back")}</Button>
        : <Button kind="plain" isBusy={claiming.isBusy} disabled={claim !== null} onClick={() => void act("claims")}>{t("受理", "Take it")}</Button>)}
    </li>
  );
}
