// Campaigns: begun, and where each stands.
import { useLocation } from "preact-iso";
import { answered, api } from "../api/client";
import { useKept } from "../api/kept";
import type { Problem, Violation } from "../api/problem";
import type { Sent } from "../api/shapes";
import { useDeed, useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Button, Check, Choice, Form, Input, Section, Select, Shown, TextArea, Trouble, View } from "../parts/basics";
import { useSession } from "../session/session";
import { t } from "../words/language";
import { categoryWords, provinces } from "../words/terms";
import { instant } from "../words/time";
import { byCategory, ruleWords, useRules } from "./rule-names";

export function campaignStateWords(state: string): string {
  const words: Record<string, string> = {
    choosing: t("正在选定对象", "choosing"), chosen: t("已选定，待放行", "chosen; to be released"), looking: t("正在核查", "looking"), asking: t("正在征询", "asking"),
    looked: t("核查完毕", "looked at"), answered: t("征询完毕", "answered"), paused: t("已暂停", "paused"), cancelled: t("已取消", "cancelled"),
  };
  return words[state] ?? state;
}

export default function Campaigns() {
  return <Only side="staff" roles={["operator", "auditor"]}><Listed /></Only>;
}

function Listed() {
  const session = useSession("staff");
  const read = useRead("campaigns", async () => (await answered(api.GET("/operations/campaigns"))).body.items);
  return (
    <View title={t("专项核查", "Campaigns")}>
      <Shown read={read} side="staff">{(campaigns) => (
        <>
          {campaigns.length === 0 && <p>{t("还没有专项核查。", "No campaign yet.")}</p>}
          <ul class="cards">{campaigns.map((one) => (
            <li key={one.id}>
              <h2><a href={`/pages/operations/campaigns/${one.id}`}>{one.terms.name}</a></h2>
              <p class="quiet">{one.kind === "yearly-review" ? t("年审", "yearly review") : t("专项核查", "audit")} · {campaignStateWords(one.state)} · {t(`${one.members}个对象`, `${one.members} units`)} · {instant(one.begunAt)}</p>
            </li>
          ))}</ul>
        </>
      )}</Shown>
      {session?.role === "operator" && <Begin />}
    </View>
  );
}

interface Typed {
  kind: string;
  name: string;
  legalBases: string;
  publicPage: string;
  rules: string[];
  level: string;
  periodDays: string;
  answerDays: string;
  everybody: boolean;
  province: string;
  label: string;
  ratePerMinute: string;
  sms: boolean;
  mail: boolean;
}

const EMPTY: Typed = {
  kind: "audit", name: "", legalBases: "《非经营性互联网信息服务备案管理办法》第十九条", publicPage: "", rules: [], level: "notify", periodDays: "15",
  answerDays: "30", everybody: true, province: "", label: "", ratePerMinute: "600", sms: true, mail: true,
};

/** What is set of all rules alike. */
const TERMS = ["level", "periodDays"] as const;

/** What is wrong with a term, of each rule by its code. */
function ofRules(problem: Problem | null, term: typeof TERMS[number]): Violation[] {
  return (problem?.violations ?? []).filter(({ field }) => field.startsWith("/rules/") && field.endsWith(`/${term}`))
    .map((one) => ({ ...one, text: `${one.field.split("/")[2]}${t("：", ": ")}${one.text}` }));
}

function Begin() {
  const { route } = useLocation();
  const [typed, setTyped, forget] = useKept("campaign", EMPTY);
  const rules = useRules();
  const deed = useDeed("campaign");
  const set = (change: Partial<Typed>) => setTyped({ ...typed, ...change });
  const isReview = typed.kind === "yearly-review";
  const begin = async () => {
    const chosen = typed.everybody ? { everybody: true }
      : { ...(typed.province && { provinces: [typed.province] }), ...(typed.label && { labels: [typed.label] }) };
    const body = {
      name: typed.name, legalBases: typed.legalBases.split("\n").filter((line) => line.trim() !== ""), ...(typed.publicPage && { publicPage: typed.publicPage }),
      ...(isReview ? { yearlyReview: { answerDays: Number(typed.answerDays) } }
        : { rules: Object.fromEntries(typed.rules.map((rule) => [rule, { level: typed.level as Sent<"Level">, periodDays: Number(typed.periodDays) }])) }),
      chosen, ratePerMinute: Number(typed.ratePerMinute), channels: [...(typed.sms ? ["sms" as const] : []), ...(typed.mail ? ["mail" as const] : [])],
    };
    const done = await deed.run(body, (key) => answered(api.POST("/operations/campaigns", { params: { header: { "Idempotency-Key": key } }, body })));
    if (done) {
      forget();
      route(`/pages/operations/campaigns/${done.body.id}`);
    }
  };
  return (
    <Section title={t("新的专项核查", "Begin a campaign")}>
      <p>{t("开始后只查看、不通知任何人；查看完毕、看过预览并放行后才会通知。", "Units are looked at, and nobody is told of anything before you saw the preview and released it.")}</p>
      <Form label={t("新的专项核查", "Begin a campaign")} onSubmit={() => void begin()}>
        <Choice legend={t("类型", "Kind")} value={typed.kind} onInput={(kind) => set({ kind })} options={[["audit", t("核查网站", "audit sites")], ["yearly-review", t("年审：请备案人确认", "yearly review: ask filers to confirm")]]} />
        <Input label={t("名称（备案人会看到）", "Name, as filers read it")} value={typed.name} violations={deed.problem?.of("/name")} onInput={(name) => set({ name })} />
        <TextArea label={t("法律依据（每行一条）", "Legal bases, a line each")} value={typed.legalBases} violations={deed.problem?.of("/legalBases")} onInput={(legalBases) => set({ legalBases })} />
        <Input label={t("公开说明网址（选填）", "Public page, if any")} type="url" value={typed.publicPage} violations={deed.problem?.of("/publicPage")} onInput={(publicPage) => set({ publicPage })} />
        {isReview ? <Input label={t("答复天数", "Days to answer")} type="number" value={typed.answerDays} violations={deed.problem?.of("/yearlyReview/answerDays")} onInput={(answerDays) => set({ answerDays })} /> : (
          <>
            <Shown read={rules} side="staff">{(known) => <>{[...byCategory(known)].map(([category, codes]) => (
              <fieldset key={category}>
                <legend>{t("规则：", "Rules: ")}{categoryWords(category)}</legend>
                {codes.map((code) => <Check key={code} label={ruleWords(rules, code)} checked={typed.rules.includes(code)} onInput={(isIn) => set({ rules: isIn ? [...typed.rules, code] : typed.rules.filter((one) => one !== code) })} />)}
              </fieldset>
            ))}</>}</Shown>
            <Select label={t("级别", "Level")} value={typed.level} violations={ofRules(deed.problem, "level")} onInput={(level) => set({ level })}
              options={[["observe", t("只观察，不通知（observe）", "observe, and tell nobody")], ["notify", t("只通知（notify）", "notify")], ["enforce", t("通知，逾期停止接入（enforce）", "enforce")]]} />
            <Input label={t("整改期（天）", "Period, in days")} type="number" value={typed.periodDays} violations={ofRules(deed.problem, "periodDays")} onInput={(periodDays) => set({ periodDays })} />
          </>
        )}
        <fieldset>
          <legend>{t("对象", "Whom")}</legend>
          <Check label={t("全部接入的网站", "Every site with access")} checked={typed.everybody} onInput={(everybody) => set({ everybody })} />
          {!typed.everybody && <Select label={t("省份", "Province")} value={typed.province} empty={t("不限", "any")} onInput={(province) => set({ province })} options={provinces()} />}
          {!typed.everybody && <Input label={t("账号分组（选填）", "Account group, if any")} value={typed.label} onInput={(label) => set({ label })} />}
        </fieldset>
        <Input label={t("每分钟最多查看", "Looks a minute, at most")} type="number" value={typed.ratePerMinute} violations={deed.problem?.of("/ratePerMinute")} onInput={(ratePerMinute) => set({ ratePerMinute })} />
        <Check label={t("短信通知", "By SMS")} checked={typed.sms} onInput={(sms) => set({ sms })} />
        <Check label={t("邮件通知", "By mail")} checked={typed.mail} onInput={(mail) => set({ mail })} />
        <Trouble problem={deed.problem} side="staff" shown={["/name", "/legalBases", "/publicPage", "/ratePerMinute", "/yearlyReview/answerDays", ...TERMS.flatMap((term) => ofRules(deed.problem, term).map(({ field }) => field))]} />
        {!typed.sms && !typed.mail && <p class="wrong">{t("至少选择一种通知方式。", "Choose at least one way of telling.")}</p>}
        <Button type="submit" isBusy={deed.isBusy} disabled={!typed.sms && !typed.mail}>{t("开始", "Begin")}</Button>
      </Form>
    </Section>
  );
}
