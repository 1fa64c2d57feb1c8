// Finding a filing by whatever is at hand: what is typed says by itself what it is.
import { useState } from "preact/hooks";
import { answered, api } from "../api/client";
import { useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Button, Form, Input, Note, Select, Shown, View } from "../parts/basics";
import { t } from "../words/language";
import { linkWords, subjectStateWords } from "../words/terms";

type By = "number" | "domain" | "certificate" | "name" | "mobile" | "caseNumber" | "account";

export default function Search() {
  return <Only side="staff" roles={["reviewer", "auditor"]}><Found /></Only>;
}

/** What a text most likely is. */
function guessed(text: string): By {
  const plain = text.replace(/[\s-]/g, "");
  if (/备/.test(text)) return "number";
  if (/^(\+?86)?1\d{10}$/.test(plain)) return "mobile";
  if (/^\d{10}$/.test(plain)) return "caseNumber";
  // A credit code, an ID, a licence's number; or the code of an organisation.
  if (/^(\d{15}|[0-9A-Z]{18}|\d{17}x|(?=.*\d.*\d)[0-9A-Z]{9})$/.test(plain)) return "certificate";
  if (/^[^\s\u4e00-\u9fff]+\.[^\s.]+$/.test(text) || /^https?:/.test(text)) return "domain";
  if (/^[a-z][\w-]*$/i.test(text)) return "account";
  return "name";
}

function byWords(): [By, string][] {
  return [["number", t("备案号", "filing number")], ["domain", t("域名", "domain")], ["certificate", t("证件号码（含统一社会信用代码）", "certificate or credit code")], ["name", t("主办单位名称", "name")], ["mobile", t("手机号", "phone")],
    ["caseNumber", t("核查编号", "case number")], ["account", t("账号", "account")]];
}

/** What was looked for last, while the page stands: names and numbers of people are kept nowhere else. */
let last: { text: string; by: By | "" } = { text: "", by: "" };

function Found() {
  const [typed, setTyped] = useState<{ text: string; by: By | "" }>(() => last);
  const [asked, setAsked] = useState<{ text: string; by: By }>(() => ({ text: last.text, by: last.by || guessed(last.text) }));
  const read = useRead(`staff-search ${JSON.stringify(asked)}`, async () => {
    if (asked.text === "") return { items: [], next: null };
    const body = { by: { [asked.by]: asked.text } as Record<string, unknown>, limit: 50 };
    const found = await answered(api.POST("/review/filing-searches", { body }));
    return found.body;
  });
  const by = typed.by || guessed(typed.text);
  const go = () => {
    const text = by === "domain" ? typed.text.trim().replace(/^https?:\/\//, "").replace(/[/:].*$/, "") : typed.text.trim();
    last = { text, by: typed.by };
    setAsked({ text, by });
  };
  return (
    <View title={t("查找备案", "Search")}>
      <Form label={t("查找", "Search")} onSubmit={go}>
        <Input label={t("备案号、域名、名称、信用代码、手机号、核查编号或账号", "Number, domain, name, credit code, phone, case number or account")} type="search" value={typed.text}
          onInput={(text) => setTyped({ ...typed, text })} violations={read.problem?.violations}
          {...(by === "caseNumber" && { hint: t("十位数字按核查编号查找；备案号请连同省份简称填写，如京ICP备…号。", "Ten digits are taken for a case number; a filing number begins with its province, as 京ICP备…号.") })} />
        <div class="row">
          <Select label={t("按", "By")} value={typed.by} empty={t(`自动（${byWords().find(([one]) => one === guessed(typed.text))?.[1]}）`, `by itself (${byWords().find(([one]) => one === guessed(typed.text))?.[1]})`)}
            onInput={(next) => setTyped({ ...typed, by: next as By | "" })} options={byWords()} />
          <Button type="submit">{t("查找", "Search")}</Button>
        </div>
      </Form>
      {asked.text !== "" && (
        <Shown read={read} side="staff">{({ items: filings, next }) => (
          <>
            {filings.length === 0 && <Note kind="info">{t("没有找到。", "Nothing fits.")}</Note>}
            {next && <Note kind="info">{t("只显示前50项，请查得更具体。", "The first 50 are shown: search for more of it.")}</Note>}
            <ul class="cards">{filings.map((filing) => (
              <li key={filing.id}>
                <h2><a href={`/pages/staff/filings/${filing.id}`}>{filing.subject?.name ?? filing.id}</a></h2>
                <p class="quiet">{filing.state.number ?? subjectStateWords(filing.state.state)} · {t("账号", "account")} {filing.account}{filing.label && ` · ${filing.label}`}</p>
                <ul>{filing.services.map((service) => <li key={service.id}>{service.domains.join(" ")} · {service.link ? linkWords(service.link.state) : t("无接入", "no access")}{[...new Set([service.openCase, service.link?.case])].map((of) => of && <span key={of}> · <a href={`/pages/staff/cases/${of}`}>{of === service.openCase ? t("进行中的核查", "open case") : t("停止接入的核查", "case of the stop")}</a></span>)}</li>)}{filing.openCase && <li><a href={`/pages/staff/cases/${filing.openCase}`}>{t("主体的核查", "case of the subject")}</a></li>}</ul>
              </li>
            ))}</ul>
          </>
        )}</Shown>
      )}
    </View>
  );
}
