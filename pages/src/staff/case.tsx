// A case as staff work on it: the evidence, a call logged in two clicks, appeals and objections decided, and whatever
// else only people do.
import { useState } from "preact/hooks";
import { answered, api, ifMatch, type Answered } from "../api/client";
import { useKept } from "../api/kept";
import type { Case as CaseShape, Finding, Sent, Service, StaffFiling } from "../api/shapes";
import { useDeed, useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Button, Choice, Facts, Folded, Form, Input, Note, Section, Select, Shown, TextArea, Trouble, Twice, View } from "../parts/basics";
import { EvidenceOf } from "../parts/evidence";
import { useSession } from "../session/session";
import { said, t } from "../words/language";
import { dueBy, endWords, isClosed } from "../words/standing";
import { callOutcomes, findingStateWords, levelWords, needWords, objectWords } from "../words/terms";
import { day, deadline, inShanghai, instant, isPast, left, span } from "../words/time";

/** What staff are needed for that a call answers. */
const TO_CALL = ["nobody-reached", "call-wanted"];

interface Opened {
  of: CaseShape;
  filing: StaffFiling;
  version: number;
}

type Acting = { opened: Opened; again: () => Promise<void> };

export default function Case({ id = "" }: { id?: string }) {
  return <Only side="staff" roles={["reviewer", "auditor", "operator"]}><Loaded id={id} /></Only>;
}

function Loaded({ id }: { id: string }) {
  const read = useRead(`staff-case ${id}`, async (): Promise<Opened> => {
    const found = await answered(api.GET("/review/cases/{case}", { params: { path: { case: id } } }));
    const of = found.body;
    const filing = await answered(api.GET("/review/filings/{subject}", { params: { path: { subject: of.subject } } }));
    return { of, filing: filing.body, version: found.version };
  });
  return <Shown read={read} title={t("核查", "Case")} side="staff">{(opened) => <Whole opened={opened} again={read.again} />}</Shown>;
}

function Whole({ opened, again }: Acting) {
  const { of, filing } = opened;
  const session = useSession("staff");
  const isReviewer = session?.role === "reviewer";
  const service = filing.services.find((one) => one.id === of.service) ?? null;
  // Where people are asked for something else, that comes first.
  const isToBeCalled = of.callSlot !== null || !of.needsStaff || TO_CALL.includes(of.needsStaff.kind);
  const call = isReviewer && of.open && <LogCall opened={opened} again={again} />;
  return (
    <View title={t(`核查编号 ${of.number}`, `Case ${of.number}`)}>
      {of.needsStaff && <Note kind="warning"><strong>{needWords(of.needsStaff.kind)}</strong> · {instant(of.needsStaff.since)}</Note>}
      {of.callOwed && <Note kind="bad">{t("约定的来电时间已过，还没有致电。致电并记录之前，不会停止接入（管局规定期限的除外）。", "The time in which the filer was to be called is over. Nothing is stopped before a call is recorded, but by a bureau's date.")}</Note>}
      <Facts facts={[
        [t("主体", "Subject"), <a href={`/pages/staff/filings/${filing.id}`}>{filing.subject?.name} {filing.state.number}</a>],
        [t("账号", "Account"), filing.account],
        service ? [t("网站", "Site"), `${service.name} · ${service.domains.join(" ")}`] : [t("涉及", "About"), t("主体本身", "the subject itself")],
        [t("开始", "Opened"), instant(of.openedAt)],
        of.callSlot && [t("约定来电", "Call wanted"), span(of.callSlot)],
      ]} />
      {isToBeCalled && call}
      {of.findings.map((finding) => ({ finding, due: dueBy(finding) })).map(({ finding, due }) => (
        <Section key={finding.id} title={[said(finding.fault) || finding.rule, objectWords(finding.object, filing.persons)].filter(Boolean).join(" · ")}>
          <Facts facts={[
            [t("规则", "Rule"), `${finding.rule} · ${levelWords(finding.level)}`],
            [t("现状", "State"), [findingStateWords(finding.state.state), endWords(finding)].filter(Boolean).join(" · ")],
            [t("通知送达", "Told"), instant(finding.notifiedAt)],
            [t("期限", "Due"), due ? `${deadline(due)} · ${left(due)}` : finding.frozen ? [t("暂停计算", "standing still"), finding.daysLeft !== null && finding.daysLeft !== undefined && t(`恢复后至少还有${finding.daysLeft}天`, `days left, at least: ${finding.daysLeft}`)].filter(Boolean).join(t("，", "; ")) : ""],
            finding.demand && [t("管局文件", "The bureau's paper"), `${finding.demand.documentNumber} · ${day(finding.demand.issuedOn)}`],
          ]} />
          {finding.appeals.map((appeal) => <Note key={appeal.appealedAt} kind={appeal.decision ? "info" : "warning"}>{t("申诉：", "Appeal: ")}{appeal.reason}{appeal.decision && ` → ${appeal.decision.granted ? t("成立", "granted") : t("不成立", "refused")}：${appeal.decision.reason}`}</Note>)}
          {finding.objections.map((one) => (
            <Note key={one.objectedAt} kind={one.decision ? "info" : "warning"}>{one.grounds === "put-right" ? t("申请恢复接入：", "Access asked back: ") : t("异议：", "Objection: ")}{one.reason}{one.decision && ` → ${one.decision.granted ? t("成立", "upheld") : t("不成立", "refused")}：${one.decision.reason}`}</Note>
          ))}
          <EvidenceOf finding={finding} evidence={of.evidence} service={service} />
          {isReviewer && !isClosed(finding) && <OfFinding finding={finding} opened={opened} again={again} />}
        </Section>
      ))}
      {isReviewer && <OfCase opened={opened} again={again} />}
      {!isToBeCalled && call}
      {of.calls.length > 0 && (
        <Section title={t("通话记录", "Calls")}>
          <ul>{of.calls.map((call) => <li key={call.calledAt}>{instant(call.calledAt)} · {filing.persons.find((person) => person.id === call.person)?.name ?? call.person} · {callOutcomes().find(([one]) => one === call.outcome)?.[1]}{call.note && ` · ${call.note}`} · {call.by}</li>)}</ul>
        </Section>
      )}
    </View>
  );
}

/** Two clicks: how it ended, and done. The person who is to be called stands there already. */
function LogCall({ opened, again }: Acting) {
  const { of, filing, version } = opened;
  const [person, setPerson] = useKept(`call-person ${of.id}`, filing.persons.find((one) => one.id === of.callSlot?.person)?.id ?? filing.persons.find((one) => one.principal)?.id ?? filing.persons[0]?.id ?? "");
  const [outcome, setOutcome] = useState("");
  const [note, setNote, forget] = useKept(`call-note ${of.id}`, "");
  const deed = useDeed(`log-call ${of.id}`);
  const log = async () => {
    const body = { person, outcome: outcome as Sent<"CallOutcome">, ...(note && { note }) };
    const done = await deed.run([body, version], (key) => answered(api.POST("/review/cases/{case}/calls",
      { params: { path: { case: of.id }, header: { "Idempotency-Key": key, "If-Match": ifMatch(version) } }, body })));
    if (done) {
      forget();
      setOutcome("");
      await again();
    }
  };
  return (
    <Section title={t("记录通话", "Log a call")}>
      <Form label={t("记录通话", "Log a call")} onSubmit={() => void log()}>
        {filing.persons.length > 1 && <Select label={t("打给", "Called")} value={person} onInput={setPerson} options={filing.persons.map((one) => [one.id, `${one.name} ${one.mobile}`] as const)} />}
        {filing.persons.length === 1 && <p>{filing.persons[0]?.name} {filing.persons[0]?.mobile}</p>}
        <Choice legend={t("结果", "How it ended")} value={outcome} onInput={setOutcome} options={callOutcomes()} />
        <Folded title={t("备注", "A note")}><TextArea label={t("备注（勿写姓名）", "A note; name nobody")} value={note} onInput={setNote} /></Folded>
        <Trouble problem={deed.problem} side="staff" again={() => void again()} />
        <Button type="submit" isBusy={deed.isBusy} disabled={outcome === ""}>{t("记录", "Log it")}</Button>
      </Form>
    </Section>
  );
}

interface DecisionProps extends Acting {
  name: string;
  title: string;
  /** The words of the buttons; the second, where there is one, says no. */
  yes: string;
  no?: string;
  days?: boolean;
  until?: boolean;
  send: (given: { reason: string; isYes: boolean; days: number; until: string }, header: { "Idempotency-Key": string; "If-Match": string }) => Promise<Answered<unknown>>;
}

/** A decision with its reason. */
function Decision({ opened, again, name, title, yes, no, days = false, until = false, send }: DecisionProps) {
  const { of, version } = opened;
  const [typed, setTyped, forget] = useKept(`${name} ${of.id}`, { reason: "", days: "15", until: "" });
  const deed = useDeed(`${name} ${of.id}`);
  const decide = async (isYes: boolean) => {
    const given = { reason: typed.reason, isYes, days: Number(typed.days), until: typed.until ? inShanghai(typed.until) : "" };
    const done = await deed.run([given, version], (key) => send(given, { "Idempotency-Key": key, "If-Match": ifMatch(version) }));
    if (done) {
      forget();
      await again();
    }
  };
  return (
    <Folded title={title} open={deed.problem !== null || no !== undefined}>
      <Form label={title} onSubmit={() => {
        if (no === undefined) void decide(true);
      }}>
        {days && <Input label={t("天数", "Days")} type="number" inputMode="numeric" value={typed.days} violations={deed.problem?.of("/days")} onInput={(next) => setTyped({ ...typed, days: next })} />}
        {until && <Input label={t("直到（北京时间）", "Until, Beijing time")} type="datetime-local" value={typed.until} violations={deed.problem?.of("/until")} onInput={(next) => setTyped({ ...typed, until: next })} />}
        <TextArea label={t("理由（备案人会看到）", "Reason; the filer reads it")} value={typed.reason} violations={deed.problem?.of("/reason")} onInput={(reason) => setTyped({ ...typed, reason })} />
        <Trouble problem={deed.problem} side="staff" again={() => void again()} shown={["/reason", "/days", "/until"]} />
        {no === undefined ? <Button type="submit" isBusy={deed.isBusy}>{yes}</Button> : (
          // Each is the other's opposite, and final: neither is done by one click.
          <>
            <Twice label={yes} question={t("决定后不能更改。", "It is not undone.")} yes={t(`确定：${yes}`, `Yes: ${yes}`)} isBusy={deed.isBusy} onYes={() => void decide(true)} />
            <Twice label={no} question={t("决定后不能更改。", "It is not undone.")} yes={t(`确定：${no}`, `Yes: ${no}`)} isBusy={deed.isBusy} onYes={() => void decide(false)} />
          </>
        )}
      </Form>
    </Folded>
  );
}

/** Whether what people see counts: broken is said of what is being looked at for the last time, and of a bureau's demand. */
function isRead(finding: Finding): boolean {
  const { state } = finding.state;
  if (finding.demand) return finding.demand.wants !== "stopped-now" && ["open", "last-look", "condemned"].includes(state);
  return state === "last-look" || state === "condemned";
}

/** Whether people may find it broken still: at a last look; and of a bureau's demand once its date is over, or its filer
 * asked for a look. */
function mayBeBroken(finding: Finding): boolean {
  const { state } = finding.state;
  if (state === "last-look") return true;
  if (!finding.demand || (state !== "open" && state !== "condemned")) return false;
  const due = dueBy(finding);
  return finding.recheckUnderWay || (state === "open" && Boolean(due) && isPast(due ?? ""));
}

function OfFinding({ finding, opened, again }: Acting & { finding: Finding }) {
  const id = opened.of.id;
  const path = { case: id };
  const isAppealed = finding.appeals.some((appeal) => !appeal.decision);
  const acting = { opened, again };
  return (
    <>
      {isAppealed && (
        <Decision {...acting} name={`appeal ${finding.id}`} title={t("决定申诉", "Decide the appeal")} yes={t("申诉成立", "Grant it")} no={t("申诉不成立", "Refuse it")}
          send={({ reason, isYes }, header) => answered(api.POST("/review/cases/{case}/appeal-decisions", { params: { path, header }, body: { finding: finding.id, granted: isYes, reason } }))} />
      )}
      {isRead(finding) && (
        <Decision {...acting} name={`reading ${finding.id}`} title={t("记录人工查看的结果", "What people saw")} yes={t("已整改", "As it must be")} {...(mayBeBroken(finding) && { no: t("仍不合格", "Not as it must be") })}
          send={({ reason, isYes }, header) => answered(api.POST("/review/cases/{case}/readings", { params: { path, header }, body: { finding: finding.id, says: isYes ? "kept" : "broken", reason } }))} />
      )}
      {!finding.demand && finding.state.state === "open" && (
          <Decision {...acting} name={`extend ${finding.id}`} title={t("延长整改期", "More days")} yes={t("延长", "Give them")} days
            send={({ reason, days }, header) => answered(api.POST("/review/cases/{case}/extensions", { params: { path, header }, body: { finding: finding.id, days, reason } }))} />
      )}
      {!finding.demand && ["open", "last-look", "condemned"].includes(finding.state.state) && (
          <Decision {...acting} name={`exempt ${finding.id}`} title={t("豁免一段时间", "Exempt it for a time")} yes={t("豁免", "Exempt it")} until
            send={({ reason, until }, header) => answered(api.POST("/review/cases/{case}/exemptions", { params: { path, header }, body: { finding: finding.id, until, reason } }))} />
      )}
    </>
  );
}

function OfCase({ opened, again }: Acting) {
  const { of, filing } = opened;
  const path = { case: of.id };
  const acting = { opened, again };
  const objection = of.findings.filter((finding) => finding.state.state === "stopped").flatMap((finding) => finding.objections).find((one) => !one.decision);
  const isAskedBack = objection?.grounds === "put-right";
  const reported = of.findings.some((finding) => finding.state.state === "reported");
  const refused = of.needsStaff?.kind === "report-refused";
  const stopped = filing.services.filter((service) => service.link?.case === of.id && service.link.state === "stopped");
  return (
    <>
      {objection && (
        <Section title={isAskedBack ? t("备案人称已整改，申请恢复接入", "The filer says that it is put right, and asks for access back") : t("异议", "Objection")}>
          <p>{objection.reason}</p>
          <Decision {...acting} name="objection" title={isAskedBack ? t("决定是否恢复接入", "Decide whether access is given back") : t("决定异议", "Decide the objection")} yes={isAskedBack ? t("已整改，恢复接入", "It is put right: give access back") : t("异议成立，恢复接入", "Uphold it: access is given back")} no={isAskedBack ? t("仍不合格，不恢复", "It is not: refuse it") : t("异议不成立", "Refuse it")}
            send={({ reason, isYes }, header) => answered(api.POST("/review/cases/{case}/objection-decisions", { params: { path, header }, body: { granted: isYes, reason } }))} />
        </Section>
      )}
      {reported && (
        <Section title={t("管局对取消接入的答复", "The bureau's answer to the report")}>
          <Decision {...acting} name="report-answer" title={t("录入答复", "Record the answer")} yes={t("管局已登记取消接入", "It recorded the cancellation")} no={t("管局拒绝", "It refused")}
            send={({ reason, isYes }, header) => answered(api.POST("/review/cases/{case}/report-answers", { params: { path, header }, body: { answer: isYes ? "cancelled" : "refused", reason } }))} />
        </Section>
      )}
      {refused && (
        <Section title={t("再次上报", "Report again")}>
          <Decision {...acting} name="report" title={t("再次上报取消接入", "Report the cancellation again")} yes={t("上报", "Report it")}
            send={({ reason }, header) => answered(api.POST("/review/cases/{case}/reports", { params: { path, header }, body: { reason } }))} />
        </Section>
      )}
      {stopped.length > 0 && !objection && (
        <Section title={t("恢复接入", "Give access back")}>
          {stopped.map((service) => <Reinstate key={service.id} subject={filing.id} service={service} again={again} />)}
        </Section>
      )}
    </>
  );
}

/** Access is given back by staff. */
function Reinstate({ subject, service, again }: { subject: string; service: Service; again: () => Promise<void> }) {
  const deed = useDeed(`reinstate ${subject} ${service.id}`);
  const give = async () => {
    const done = await deed.run(null, (key) => answered(api.POST("/review/filings/{subject}/services/{service}/reinstatements",
      { params: { path: { subject, service: service.id }, header: { "Idempotency-Key": key } } })));
    if (done) await again();
  };
  return (
    <>
      <Trouble problem={deed.problem} side="staff" again={() => void again()} />
      <Twice label={t(`恢复“${service.name}”的接入`, `Give ${service.name} its access back`)} question={t("接入立即恢复，核查随之办结。", "Access is back at once, and the case is closed.")}
        yes={t(`确定恢复“${service.name}”的接入`, `Yes, give ${service.name} its access back`)} isBusy={deed.isBusy} onYes={() => void give()} />
    </>
  );
}
