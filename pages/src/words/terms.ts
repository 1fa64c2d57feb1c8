// The terms of the API in words, each where `docs/GLOSSARY.md` has it.
import type { FaultyObject, OrderState, Sent } from "../api/shapes";
import { t } from "./language";

/** Words for names. Where the API's document lists the names, a table has every one of them. */
export type Words<Name extends string = string> = Record<Name, readonly [zh: string, en: string]>;

/** A table's words for a name; the name itself where the table is older than the API. */
export function of<Name extends string>(words: Words<Name>): (name: string) => string {
  return (name) => {
    const found = (words as Words)[name];
    return found ? t(found[0], found[1]) : name;
  };
}

/** A table as the options of a choice. */
function options<Name extends string>(words: Words<Name>): () => [string, string][] {
  return () => Object.entries(words as Words).map(([name, [zh, en]]) => [name, t(zh, en)]);
}

export const MIIT = "https://beian.miit.gov.cn/";

const PROVINCES: Words = {
  "11": ["北京", "Beijing"],
  "12": ["天津", "Tianjin"],
  "13": ["河北", "Hebei"],
  "14": ["山西", "Shanxi"],
  "15": ["内蒙古", "Inner Mongolia"],
  "21": ["辽宁", "Liaoning"],
  "22": ["吉林", "Jilin"],
  "23": ["黑龙江", "Heilongjiang"],
  "31": ["上海", "Shanghai"],
  "32": ["江苏", "Jiangsu"],
  "33": ["浙江", "Zhejiang"],
  "34": ["安徽", "Anhui"],
  "35": ["福建", "Fujian"],
  "36": ["江西", "Jiangxi"],
  "37": ["山东", "Shandong"],
  "41": ["河南", "Henan"],
  "42": ["湖北", "Hubei"],
  "43": ["湖南", "Hunan"],
  "44": ["广东", "Guangdong"],
  "45": ["广西", "Guangxi"],
  "46": ["海南", "Hainan"],
  "50": ["重庆", "Chongqing"],
  "51": ["四川", "Sichuan"],
  "52": ["贵州", "Guizhou"],
  "53": ["云南", "Yunnan"],
  "54": ["西藏", "Tibet"],
  "61": ["陕西", "Shaanxi"],
  "62": ["甘肃", "Gansu"],
  "63": ["青海", "Qinghai"],
  "64": ["宁夏", "Ningxia"],
  "65": ["新疆", "Xinjiang"],
};
export const provinceWords = of(PROVINCES);
/** The codes as strings of digits would be sorted as numbers; they are in that order already. */
export const provinces = options(PROVINCES);

/** What a filing number of each province begins with (省级简称). */
const PREFIXES: Record<string, string> = {
  "11": "京", "12": "津", "13": "冀", "14": "晋", "15": "蒙", "21": "辽", "22": "吉", "23": "黑", "31": "沪", "32": "苏", "33": "浙",
  "34": "皖", "35": "闽", "36": "赣", "37": "鲁", "41": "豫", "42": "鄂", "43": "湘", "44": "粤", "45": "桂", "46": "琼", "50": "渝",
  "51": "蜀", "52": "黔", "53": "滇", "54": "藏", "61": "陕", "62": "陇", "63": "青", "64": "宁", "65": "新",
};
export function provincePrefixes(): [string, string][] {
  return Object.entries(PREFIXES).map(([code, prefix]) => [prefix, `${prefix}（${provinceWords(code)}）`]);
}

const NATURES: Words<Sent<"Nature">> = {
  "defence": ["军队", "army or defence body"],
  "government": ["政府机关", "government"],
  "public-institution": ["事业单位", "public institution"],
  "enterprise": ["企业", "enterprise"],
  "individual": ["个人", "individual"],
  "social-organisation": ["社会团体", "social organisation"],
  "private-non-enterprise": ["民办非企业单位", "private non-enterprise"],
  "foundation": ["基金会", "foundation"],
  "law-firm": ["律师执业机构", "law firm"],
  "foreign-cultural-centre": ["外国在华文化中心", "foreign cultural centre"],
  "mass-organisation": ["群众性团体组织", "mass organisation"],
  "forensic-appraisal": ["司法鉴定机构", "forensic appraisal body"],
  "religious-body": ["宗教团体", "religious body"],
  "overseas-body": ["境外机构", "overseas body"],
  "medical-institution": ["医疗机构", "medical institution"],
  "notary-office": ["公证机构", "notary office"],
  "collective-economy": ["集体经济", "collective economy"],
  "arbitration-body": ["仲裁机构", "arbitration body"],
};
export const natureWords = of(NATURES);
export const natures = options(NATURES);

const FIELD_GROUPS: Words<Sent<"FieldGroup">> = {
  "certificate-number": ["证件号码", "certificate number"],
  "unit-name": ["主办单位名称", "name of the subject"],
  "nature": ["主办单位性质", "nature of the subject"],
  "superior-unit": ["投资人或主管单位", "investor or superior unit"],
  "certificate-address": ["证件住所", "address on the certificate"],
  "postal-address": ["通信地址", "postal address"],
  "subject-principal": ["主体负责人", "subject principal"],
  "subject-other": ["其他主体信息", "other data of the subject"],
  "service-principal": ["网站负责人", "service principal"],
  "service-details": ["网站信息", "data of the service"],
};
export const fieldGroups = options(FIELD_GROUPS);

const CATEGORIES: Words<Sent<"Category">> = {
  "subject-information": ["主体信息", "subject information"],
  "contacts": ["联系方式", "contacts"],
  "materials": ["真实性核验材料", "authenticity materials"],
  "access": ["接入信息", "access"],
  "content-and-holder": ["网站内容、域名持有者", "content and domain holder"],
};
export const categoryWords = of(CATEGORIES);

const ORDER_KINDS: Words<Sent<"OrderKind">> = {
  "first-filing": ["首次备案", "first filing"],
  "add-site": ["新增网站", "added site"],
  "add-access": ["接入备案", "access filing"],
  "change": ["变更备案", "change filing"],
  "cancel-access": ["取消接入", "cancellation of access"],
  "deregister-site": ["注销网站", "deregistration of a site"],
  "deregister-subject": ["注销主体", "deregistration of a subject"],
};
export const orderKindWords = of(ORDER_KINDS);


const orderStates = of<OrderState["state"] | "sms-check-presumed">({
  "draft": ["草稿", "draft"],
  "provider-review": ["接入商审核中", "under our review"],
  "returned": ["已退回，待修改", "returned to you"],
  "queued": ["待提交管局", "waiting to go to the bureau"],
  "bureau-sms": ["待短信核验", "waiting for the bureau's SMS check"],
  "bureau-review": ["管局审核中", "under the bureau's review"],
  "approved": ["已通过", "approved"],
  "withdrawn": ["已撤回", "withdrawn"],
  "dead": ["已失效", "lapsed"],
  "sms-check-presumed": ["短信核验时限已过，待管局确认", "SMS check over, waiting for the bureau's word"],
});

/** Whether our clock alone says that an order's SMS check lapsed: it waits for the bureau's word. */
export function isPresumed(state: OrderState): boolean {
  return state.by === "sms-check-presumed";
}

/** A step of an order's way. */
export function orderStepWords(step: OrderState["state"]): string {
  return orderStates(step);
}

export function orderStateWords(state: OrderState): string {
  return orderStates(isPresumed(state) ? "sms-check-presumed" : state.state);
}

export const linkWords = of<Sent<"LinkState">["state"]>({
  "live": ["接入正常", "access live"],
  "stopped": ["已停止接入", "access stopped"],
  "reported": ["已停止，取消接入已上报管局", "stopped, cancellation reported to the bureau"],
  "cancelled": ["接入已取消", "access cancelled"],
});

export const subjectStateWords = of<Sent<"SubjectState">["state"]>({
  "new": ["尚未备案", "not filed yet"],
  "filed": ["已备案", "filed"],
  "deregistered": ["已注销", "deregistered"],
});

export const findingStateWords = of<Sent<"FindingState">["state"]>({
  "open": ["待整改", "to be put right"],
  "last-look": ["已到期，正在复核", "period over, being looked at again"],
  "condemned": ["复核仍不合格，待停止接入", "still broken, to be stopped"],
  "stopping": ["正在停止接入", "being stopped"],
  "stopped": ["已停止接入", "access stopped"],
  "moving": ["正在处理", "under way"],
  "reported": ["取消接入已上报管局", "cancellation reported to the bureau"],
  "closed": ["已办结", "closed"],
});

export const whyWords = of<Sent<"Why">>({
  "put-right": ["已整改合格", "put right"],
  "appeal-granted": ["申诉成立，已撤销", "taken back on appeal"],
  "overtaken": ["接入已因其他原因结束", "access ended by another cause"],
  "reinstated": ["工作人员已恢复接入", "staff gave access back"],
  "objection-upheld": ["异议成立，已恢复接入", "objection upheld, access given back"],
  "void": ["核查有误，已更正", "found in error, taken back"],
  "exempt": ["已获豁免", "exempted for a time"],
  "cancelled": ["接入已取消", "access cancelled"],
});

export const materialKinds = options<Sent<"MaterialKind">>({
  "subject-certificate": ["主办单位证件", "the subject's certificate"],
  "principal-identity": ["负责人身份证件", "the principals' identity documents"],
  "verification-form": ["真实性核验单", "the verification form"],
  "portrait": ["当面核验照", "the photo taken at the verification"],
  "domain-certificate": ["域名证书", "the domain certificate"],
  "subject-letter": ["主体负责人授权书", "letter that authorises the subject's principal"],
  "service-letter": ["网站负责人授权书", "letter that authorises the service's principal"],
  "residence-proof": ["居住证明", "a proof of residence"],
  "construction-plan": ["网站建设方案书", "a construction plan"],
  "party-building-letter": ["党建确认函", "the party-building confirmation"],
  "rename-letter": ["更名函", "the rename letter"],
  "pre-approval": ["前置审批文件", "the pre-approval file"],
});
export function materialWords(kind: string): string {
  return materialKinds().find(([name]) => name === kind)?.[1] ?? kind;
}

export const certificateKinds = options<Sent<"TypedCertificate">["kind"]>({
  "credit-code": ["统一社会信用代码", "credit code"],
  "registration-number": ["工商注册号", "registration number"],
  "organisation-code": ["组织机构代码", "organisation code"],
  "resident-id": ["居民身份证", "resident ID"],
  "passport": ["护照", "passport"],
  "hong-kong-macao-permit": ["港澳居民来往内地通行证", "Hong Kong and Macao permit"],
  "taiwan-permit": ["台湾居民来往大陆通行证", "Taiwan permit"],
  "permanent-resident-id": ["外国人永久居留身份证", "permanent resident ID"],
});
export function certificateWords(kind: string): string {
  return certificateKinds().find(([name]) => name === kind)?.[1] ?? kind;
}

export const serviceKinds = options<Sent<"ServiceKind">>({
  "site": ["网站", "site"],
  "app": ["App", "app"],
  "mini-program": ["小程序", "mini-program"],
  "quick-app": ["快应用", "quick app"],
});

export const callOutcomes = options<Sent<"CallOutcome">>({
  "is-the-person": ["本人接听，已告知", "the person, who was told"],
  "no-answer": ["无人接听", "no answer"],
  "is-another": ["他人接听", "somebody else"],
  "does-not-know": ["接听者不知情", "does not know of it"],
  "switched-off": ["关机", "switched off"],
  "no-such-number": ["空号", "no such number"],
});

/** What another filing holds. */
export const conflictWords = of<Sent<"Takes">>({
  "number": ["主体备案号", "the subject's number"],
  "domain": ["域名", "a domain"],
  "certificate": ["证件号码", "the certificate"],
});

/** What a first person decided of what takes two. */
export const decisionWords = of<Sent<"ProposedDecision">>({
  "pass": ["初审通过", "passed the review"],
  "approve": ["录入管局通过", "recorded the bureau's approval"],
});

export const levelWords = of<Sent<"Level">>({
  "off": ["关闭", "off"],
  "observe": ["只观察", "observe"],
  "notify": ["通知，不停止接入", "notify"],
  "enforce": ["通知并可停止接入", "enforce"],
});

export const needWords = of({
  "nobody-reached": ["通知无人收到：请打电话", "nobody took the notice: call"],
  "undecided": ["复核未能判定：请人工查看", "last looks undecided: look for yourself"],
  "appeal": ["有申诉待决定", "an appeal waits"],
  "objection": ["有异议或恢复接入的申请待决定", "an objection, or a request for access back, waits"],
  "report": ["向管局上报取消接入，并录入管局的答复", "report the cancellation to the bureau, and record its answer"],
  "report-refused": ["管局拒绝了上报", "the bureau refused the report"],
  "reading": ["管局要求待查看", "a bureau's demand is to be looked at"],
  "call-wanted": ["备案人约了来电", "the filer wants to be called"],
});

/** What a case is about, by the names that people know. */
export function aboutWords({ about }: { about: { number?: string | null; subjectName?: string | null; name?: string | null; domains: string[] } }): string {
  const site = [about.name, about.domains.join(t("、", ", "))].filter(Boolean).join(" · ");
  return [site || t("主体本身", "the subject itself"), about.number, about.subjectName].filter(Boolean).join(" · ");
}

/** What a finding is about within its filing, where that is one of several; nothing of a site or subject as a whole. */
export function objectWords(object: FaultyObject, persons: { id: string; name: string; mobile: string }[]): string {
  switch (object.kind) {
    case "person": {
      const person = persons.find((one) => one.id === object.id);
      return person ? `${person.name} ${person.mobile}` : "";
    }
    case "material-kind": return materialWords(object.id ?? "");
    case "domain": return object.id ?? "";
    default: return "";
  }
}

/** Messages, by their text's name. */
export const messageWords = of({
  "code": ["验证码", "a code"],
  "audit-notice": ["核查通知", "notice of findings"],
  "audit-notice-without-stop": ["核查通知", "notice of findings"],
  "reminder-half-time": ["整改提醒", "reminder"],
  "reminder-three-days": ["整改提醒", "reminder"],
  "reminder-one-day": ["最后提醒", "last reminder"],
  "reminder-one-day-without-stop": ["最后提醒", "last reminder"],
  "access-stopped": ["停止接入通知", "notice of a stop"],
  "access-reinstated": ["恢复接入通知", "notice that access is back"],
  "case-closed": ["办结通知", "notice that a case is closed"],
  "correction": ["更正", "correction"],
  "proof-lapses": ["号码核验到期提醒", "reminder that a proof lapses"],
  "order-approved": ["订单通过通知", "notice of an approval"],
  "order-returned": ["订单退回通知", "notice of a return"],
  "order-reminder": ["订单提醒", "reminder of an order"],
  "yearly-review": ["年度核对通知", "yearly review"],
  "yearly-review-reminder": ["年度核对提醒", "reminder of the yearly review"],
  "period-extended": ["整改延期通知", "notice of an extension"],
  "appeal-granted": ["申诉结果", "decision of an appeal"],
  "appeal-refused": ["申诉结果", "decision of an appeal"],
  "objection-upheld": ["异议结果", "decision of an objection"],
  "objection-refused": ["异议结果", "decision of an objection"],
  "deregistered": ["注销通知", "notice of a deregistration"],
  "reminder": ["整改提醒", "reminder"],
  "digest": ["通知汇总", "several notices at once"],
  "digest-without-deadline": ["通知汇总", "several notices at once"],
});
