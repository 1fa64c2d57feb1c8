// A case: what is wrong and how we know, until when, and everything its filer can do about it.
import { answered, api } from "../api/client";
import type { Case as CaseShape, Filing, Finding } from "../api/shapes";
import { useRead, useWatch } from "../api/use";
import { Only } from "../frame/frame";
import { Facts, Note, Section, Shown, View, Button } from "../parts/basics";
import { EvidenceOf } from "../parts/evidence";
import { said, t } from "../words/language";
import { endWords, findingSentence, isClosed } from "../words/standing";
import { categoryWords, findingStateWords, objectWords } from "../words/terms";
import { day, deadline, instant, isPast, left, span } from "../words/time";
import { Appeal, CallMe, Extend, GiveUp, ObjectToStop, Recheck, toRecheck } from "./acts";
import { StandingLine } from "./filings";
import { Persons } from "./persons";

export interface Opened {
  of: CaseShape;
  filing: Filing;
  version: number;
}

export default function Case({ id = "" }: { id?: string }) {
  return <Only side="filers" roles={["filer"]}><Loaded id={id} /></Only>;
}

function Loaded({ id }: { id: string }) {
  const read = useRead(`case ${id}`, async (): Promise<Opened> => {
    const found = await answered(api.GET("/cases/{case}", { params: { path: { case: id } } }));
    const of = found.body;
    const filing = await answered(api.GET("/filings/{subject}", { params: { path: { subject: of.subject } } }));
    return { of, filing: filing.body, version: found.version };
  });
  // What people look at takes days, and they tell.
  const isWatched = read.value?.of.findings.some((finding) => finding.recheckUnderWay && !finding.demand) ?? false;
  useWatch(read, !isWatched, 3000);
  return <Shown read={read} title={t("核查", "Case")} side="filers">{(opened) => <Whole opened={opened} again={read.again} />}</Shown>;
}

function Whole({ opened, again }: { opened: Opened; again: () => Promise<void> }) {
  const { of, filing } = opened;
  const service = filing.services.find((one) => one.id === of.service) ?? null;
  const open = of.findings.filter((finding) => !isClosed(finding));
  const isStopped = open.some((finding) => ["stopped", "reported", "stopping", "moving"].includes(finding.state.state));
  const isOrdered = open.some((finding) => finding.demand?.wants === "stopped-now");
  const mayRecheck = !isOrdered && toRecheck(of.findings).length > 0;
  const wantsProof = open.some((finding) => finding.fix === "verify-number");
  return (
    <View title={t(`核查编号 ${of.number}`, `Case ${of.number}`)}>
      <Facts facts={[
        [t("备案主体", "Subject"), <a href={`/pages/filings/${filing.id}`}>{filing.subject?.name}</a>],
        service ? [t("网站", "Site"), `${service.name} · ${service.domains.join(t("、", ", "))}`] : [t("涉及", "About"), t("主体本身", "the subject itself")],
        [t("备案号", "Number"), service?.number ?? filing.state.number],
        [t("发现时间", "Opened"), instant(of.openedAt)],
        of.callSlot && !isPast(of.callSlot.until) && [t("约定的来电时间", "You will be called"), span(of.callSlot)],
      ]} />
      {of.callOwed && <Note kind="info">{t("我们没有在约定的时间来电，抱歉。在我们致电之前不会停止接入（管局规定期限的除外）；您现在就可以整改并申请复查。", "We did not call when we promised to, and are sorry. Nothing is stopped before we do, unless a bureau's date is over; you can put it right meanwhile, and ask for a look.")}</Note>}
      {!of.open && <Ended opened={opened} />}
      {isStopped && <Stopped opened={opened} again={again} />}
      {mayRecheck && <p class="unprinted"><a href="#recheck">{t("已经改好了？去申请复查", "It is put right already? Ask for another look")}</a></p>}
      {of.findings.map((finding) => <OneFinding key={finding.id} finding={finding} opened={opened} again={again} />)}
      {mayRecheck && (
        <Section id="recheck" title={t("改好了，请再看一次", "It is put right: look again")} isPrinted={false}>
          <Recheck opened={opened} again={again} />
        </Section>
      )}
      {wantsProof && <Section title={t("核验负责人号码", "Prove the numbers")} isPrinted={false}><Persons holder="filings" id={filing.id} again={again} /></Section>}
      {of.open && (
        <Section title={t("其他办法", "What else you can do")} isPrinted={false}>
          <CallMe opened={opened} again={again} />
          <GiveUp opened={opened} />
        </Section>
      )}
      <p class="unprinted"><Button kind="plain" onClick={print}>{t("打印或存为PDF（含证据）", "Print, or save as PDF, with the evidence")}</Button></p>
    </View>
  );
}

/** A case that is over; the link may be gone all the same. */
function Ended({ opened: { of, filing } }: { opened: Opened }) {
  const gone = filing.services.filter((service) => (of.service ? service.id === of.service : true) && !service.deregisteredAt && service.link && service.link.state !== "live");
  if (gone.length === 0) return <Note kind="good">{t("本次核查已办结，您不需要再做什么。", "This case is closed; there is nothing more to do.")}</Note>;
  return (
    <Note kind="warning">
      {t("本次核查已办结，但以下网站没有接入：", "This case is closed, but these have no access: ")}
      <ul>{gone.map((service) => <li key={service.id}><a href={`/pages/filings/${filing.id}/way-back/${service.id}`}>{t(`查看恢复“${service.name}”的步骤`, `The steps for ${service.name}`)}</a></li>)}</ul>
    </Note>
  );
}

function Stopped({ opened, again }: { opened: Opened; again: () => Promise<void> }) {
  const { of, filing } = opened;
  const services = filing.services.filter((service) => of.service ? service.id === of.service : service.link?.state === "stopped" || service.link?.state === "reported");
  return (
    <Section title={t("恢复接入", "The way back")}>
      <ul>{services.map((service) => (
        <li key={service.id}><a href={`/pages/filings/${filing.id}/way-back/${service.id}`}>{t(`查看恢复“${service.name}”的步骤`, `The steps for ${service.name}`)}</a></li>
      ))}</ul>
      <ObjectToStop opened={opened} again={again} />
    </Section>
  );
}

/** Where what puts it right is begun, if that is an order. */
function WayOn({ finding, of }: { finding: Finding; of: CaseShape }) {
  const about = `subject=${of.subject}${of.service ? `&service=${of.service}` : ""}`;
  switch (finding.fix) {
    case "change-filing":
    case "renew-server":
    case "transfer-domain": return <a class="unprinted" href={`/pages/orders?kind=change&${about}`}>{t("现在提交变更备案", "File the change now")}</a>;
    case "deregister": return <a class="unprinted" href={`/pages/orders?kind=${of.service ? "deregister-site" : "deregister-subject"}&${about}`}>{t("现在办理注销", "Deregister now")}</a>;
    default: return null;
  }
}

function OneFinding({ finding, opened, again }: { finding: Finding; opened: Opened; again: () => Promise<void> }) {
  const service = opened.filing.services.find((one) => one.id === opened.of.service) ?? null;
  return (
    <Section title={[said(finding.fault) || finding.rule, objectWords(finding.object, opened.filing.persons)].filter(Boolean).join(" · ")}>
      {isClosed(finding)
        ? <Note kind="good">{endWords(finding)} · {instant(finding.state.closedAt)}</Note>
        : <StandingLine standing={findingSentence(finding)} />}
      <Facts facts={[
        [t("怎么改", "How to put it right"), isClosed(finding) ? "" : <>{said(finding.toDo)} <WayOn finding={finding} of={opened.of} /></>],
        [t("最晚", "By"), finding.dueAt && finding.state.state === "open" ? `${deadline(finding.dueAt)} · ${left(finding.dueAt)}` : ""],
        [t("通知送达", "You were told"), instant(finding.notifiedAt)],
        [t("现状", "State"), findingStateWords(finding.state.state)],
        [t("停止时间", "Stopped"), instant(finding.state.stoppedAt)],
        finding.demand && [t("管局文件", "The bureau's paper"), `${finding.demand.documentNumber} · ${day(finding.demand.issuedOn)}${finding.demand.says ? ` · ${finding.demand.says}` : ""}`],
        [t("核查规则", "Rule"), `${finding.rule}${finding.category ? ` · ${categoryWords(finding.category)}` : ""}`],
        [t("依据", "Legal basis"), finding.demand ? "" : finding.basis],
        finding.extension && [t("已延期", "Extended"), t(`${finding.extension.days}天`, `${finding.extension.days} days`)],
      ]} />
      {finding.appeals.map((appeal) => (
        <Note key={appeal.appealedAt} kind={appeal.decision ? (appeal.decision.granted ? "good" : "warning") : "info"}>
          {t(`${instant(appeal.appealedAt)} 申诉：${appeal.reason}`, `Appeal of ${instant(appeal.appealedAt)}: ${appeal.reason}`)}
          <p>{appeal.decision
            ? `${appeal.decision.granted ? t("申诉成立：", "Granted: ") : t("申诉不成立：", "Refused: ")}${appeal.decision.reason}`
            : finding.demand?.dueBy ? t("正在处理，两个工作日内答复。管局规定的期限不会因此暂停。", "Being decided, within two working days; the bureau's date does not wait for it.")
              : t("正在处理，两个工作日内答复，其间整改期暂停。", "Being decided, within two working days; the period stands still.")}</p>
        </Note>
      ))}
      <EvidenceOf finding={finding} evidence={opened.of.evidence} service={service} />
      {finding.rechecked && !isClosed(finding) && (
        <Note kind="warning">{finding.rechecked.isBroken
          ? t(`${instant(finding.rechecked.at)}复查：仍不合格。请看上面的证据，改好后可以再申请复查。`, `Looked at again on ${instant(finding.rechecked.at)}: it still is not as it must be. See the evidence above; once it is put right, ask again.`)
          : t(`${instant(finding.rechecked.at)}复查：没有看清（例如网站打不开）。不算合格也不算不合格，请稍后再申请。`, `Looked at again on ${instant(finding.rechecked.at)}: it could not be seen, so it counts neither way. Ask again in a while.`)}</Note>
      )}
      {finding.recheckUnderWay && <Note kind="info">{finding.demand
        ? t("已请工作人员查看，结果会通知您。", "Staff were asked to look at it; you are told what they find.")
        : t("正在复查，结果会自动显示在这里。", "It is being looked at again; what is found appears here by itself.")}</Note>}
      {!isClosed(finding) && finding.state.state === "open" && (
        <div class="acts unprinted">
          <Extend finding={finding} opened={opened} again={again} />
          <Appeal finding={finding} opened={opened} again={again} />
        </div>
      )}
    </Section>
  );
}
