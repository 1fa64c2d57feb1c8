// How a service or a filing stands, in one plain sentence: what its filer reads first.
import type { Case, Filing, Finding, Service } from "../api/shapes";
import { said, t } from "./language";
import { whyWords } from "./terms";
import { deadline, left, day, instant } from "./time";

export interface Standing {
  kind: "good" | "info" | "warning" | "bad";
  sentence: string;
  /** Among what is equally grave: what comes first is told first. Later letters and dates come later. */
  urgency?: string;
  /** The case that it is about, if there is one. */
  case?: string;
  /** How many cases there are beside it. */
  others?: number;
}

/** Comes after every stop and every date. */
const LEAST_URGENT = "z";

const ORDER = { bad: 0, warning: 1, info: 2, good: 3 };

/** The gravest of several. */
export function gravest(standings: Standing[]): Standing | undefined {
  const urgency = (standing: Standing) => standing.urgency ?? LEAST_URGENT;
  return [...standings].sort((one, other) => ORDER[one.kind] - ORDER[other.kind] || urgency(one).localeCompare(urgency(other)))[0];
}

/** Why a finding ended; nothing while it has not. */
export function endWords(finding: Finding): string {
  if (!finding.state.why) return "";
  const why = whyWords(finding.state.why);
  return finding.exemptUntil ? t(`${why}，至${instant(finding.exemptUntil)}为止；之后照常核查`, `${why}, until ${instant(finding.exemptUntil)}; after that it is audited as before`) : why;
}

/** Whether a finding is over. */
export function isClosed(finding: Finding): boolean {
  return finding.state.state === "closed";
}

/** Until when a finding must be put right, as far as that is fixed. */
export function dueBy(finding: Finding): string | null {
  return finding.demand?.dueBy ?? finding.dueAt ?? null;
}

/** What a finding means for its filer. */
export function findingSentence(finding: Finding): Standing {
  return { ...sentenceOf(finding), urgency: urgencyOf(finding) };
}

/** Access that is gone comes before what is about to go, and that before what has time, by its date. */
function urgencyOf(finding: Finding): string {
  switch (finding.state.state) {
    case "stopping":
    case "stopped":
    case "moving":
    case "reported":
      return "a";
    case "condemned":
      return finding.frozen ? "d" : "b";
    case "last-look":
      return finding.frozen ? "d" : "c";
    case "open":
      return `d${dueBy(finding) ?? "z"}`;
    case "closed":
      return LEAST_URGENT;
  }
}

function sentenceOf(finding: Finding): Standing {
  const todo = said(finding.toDo);
  if (finding.demand?.wants === "stopped-now" && !isClosed(finding) && finding.state.to?.to !== "given-back") return stoppedByOrder(finding);
  if (finding.frozen && !finding.demand && ["last-look", "condemned"].includes(finding.state.state)) return standsStill(finding);
  switch (finding.state.state) {
    case "open":
      return finding.demand ? demanded(finding, todo) : inItsPeriod(finding, todo);
    case "last-look":
      return { kind: "bad", sentence: t(`整改期已到，正在最后复核。现在整改仍然来得及：${todo}。`, `The period is over and a last look is being made. It is still in time: ${todo}.`) };
    case "condemned":
      return finding.demand
        ? { kind: "bad", sentence: t(`管局的期限已到，将按其要求停止接入。请尽快整改并联系我们：${todo}。`, `The bureau's date is over, and access will be stopped as it demands. Put it right and call us: ${todo}.`) }
        : { kind: "bad", sentence: t(`复核仍不合格，等待停止接入。现在整改并申请复查，仍可避免：${todo}。`, `Still not as it must be: access is about to be stopped. Put it right and ask for a look, and it is not: ${todo}.`) };
    case "moving":
      return finding.state.to?.to === "given-back"
        ? { kind: "info", sentence: t("接入正在恢复，通常几分钟内完成。", "Access is being given back, within minutes as a rule.") }
        : stopped();
    case "stopping":
    case "stopped":
    case "reported":
      return stopped();
    case "closed":
      return { kind: "good", sentence: t("这一项已办结。", "This is closed.") };
  }
}

/** While an order or an appeal is dealt with. */
function standsStill({ daysLeft }: Finding): Standing {
  const left = daysLeft === null || daysLeft === undefined ? ""
    : daysLeft === 0 ? t("恢复计算后剩余可能不足1天。", " Once it goes on, less than a day may be left.")
      : t(`恢复计算后至少还有${daysLeft}天。`, ` At least ${daysLeft} ${daysLeft === 1 ? "day is" : "days are"} left once it goes on.`);
  return { kind: "info", sentence: t("整改期暂停计算：您的申诉或订单正在处理，不会因此停止接入。", "The period stands still while your appeal or order is dealt with. Nothing is stopped meanwhile.") + left };
}

/** A bureau ordered access stopped at once: nothing of ours puts that right. */
function stoppedByOrder(finding: Finding): Standing {
  const number = finding.demand?.documentNumber ?? "";
  return { kind: "bad", sentence: t(`管局（${number}）要求立即停止接入。恢复须经管局同意：请联系我们，凭管局的答复恢复。`, `The bureau (${number}) ordered access stopped at once. It comes back when the bureau agrees: call us, with its answer.`) };
}

function stopped(): Standing {
  return { kind: "bad", sentence: t("网站已被停止接入。备案号还在，请按步骤恢复接入，不要注销。", "Access was stopped. The filing number still stands: follow the way back, and deregister nothing.") };
}

/** Of what a bureau demands: its date runs whatever is told, asked or appealed. */
function demanded(finding: Finding, todo: string): Standing {
  const by = finding.demand?.dueBy ?? finding.dueAt;
  const number = finding.demand?.documentNumber ?? "";
  return by
    ? { kind: "bad", sentence: t(`管局（${number}）要求在${deadline(by)}前整改（${left(by)}）：${todo}。逾期将停止接入。`, `The bureau (${number}) demands by ${deadline(by)} (${left(by)}): ${todo}. Otherwise access is stopped.`) }
    : { kind: "bad", sentence: t(`管局（${number}）要求整改：${todo}。`, `The bureau (${number}) demands: ${todo}.`) };
}

function inItsPeriod(finding: Finding, todo: string): Standing {
  if (finding.frozen) {
    return standsStill(finding);
  }
  if (!finding.dueAt) {
    return { kind: "warning", sentence: t(`发现一项不合格，通知送达后开始计算整改期。现在就可以整改：${todo}。`, `Something is not as it must be; the period begins once you were told. You can put it right already: ${todo}.`) };
  }
  return finding.level === "enforce"
    ? { kind: "bad", sentence: t(`您必须在${deadline(finding.dueAt)}前整改（${left(finding.dueAt)}），否则网站会被停止接入：${todo}。`,
      `You must put this right by ${deadline(finding.dueAt)} (${left(finding.dueAt)}), or access is stopped: ${todo}.`) }
    : { kind: "warning", sentence: t(`请在${deadline(finding.dueAt)}前整改（${left(finding.dueAt)}）：${todo}。`, `Please put this right by ${deadline(finding.dueAt)} (${left(finding.dueAt)}): ${todo}.`) };
}

/** How a service stands. */
export function serviceStanding(filing: Filing, service: Service, cases: Case[]): Standing {
  const link = service.link?.state;
  if (service.deregisteredAt) return { kind: "info", sentence: t(`已于${day(service.deregisteredAt)}注销。`, `Deregistered on ${day(service.deregisteredAt)}.`) };
  const own = cases.filter((one) => one.open && one.subject === filing.id && (one.service ?? service.id) === service.id);
  const worst = gravest(own.flatMap((one) => one.findings.filter((finding) => !isClosed(finding))
    .map((finding) => ({ ...findingSentence(finding), case: one.id }))));
  if (link === "cancelled") return { kind: "info", sentence: t("接入已取消，备案号仍在。需要恢复时请先看步骤。", "Access was cancelled; the number still stands. See the way back before you act.") };
  if (worst) return { ...worst, others: own.length - 1 };
  if (link === "stopped" || link === "reported") {
    const of = service.link?.case;
    return { kind: "bad", sentence: t("网站已被停止接入，请按步骤恢复。", "Access is stopped: follow the way back."), ...(of && { case: of }) };
  }
  if (!link) return { kind: "info", sentence: t("还没有在本接入商接入。", "No access here yet.") };
  const principals = filing.persons.filter((person) => person.principal);
  if (principals.some((person) => !person.proof)) {
    return { kind: "warning", sentence: t("备案正常，但有负责人的手机号还没有核验，请尽快核验。", "The filing stands, but a principal's number is not proved yet: prove it soon.") };
  }
  const until = principals.map((person) => person.proof?.until ?? "").sort()[0];
  return { kind: "good", sentence: until
    ? t(`备案正常；负责人号码的核验有效期至${day(until)}，请在此前重新核验。`, `Your filing is safe until ${day(until)}; before then prove the numbers of its principals again.`)
    : t("备案正常。", "Your filing is safe.") };
}
