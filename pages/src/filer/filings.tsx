// My filings, and what is wrong with each in one plain sentence.
import { useRef, useState } from "preact/hooks";
import { answered, api } from "../api/client";
import type { Filing } from "../api/shapes";
import { useKept } from "../api/kept";
import { useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Button, Form, Input, More, Note, Shown, View } from "../parts/basics";
import { t } from "../words/language";
import { serviceStanding, type Standing } from "../words/standing";
import { subjectStateWords } from "../words/terms";
import { deadline } from "../words/time";
import { openCases } from "./of-account";

interface Sought {
  domain: string;
  number: string;
}

const NOTHING: Sought = { domain: "", number: "" };

export default function Filings() {
  return <Only side="filers" roles={["filer"]}><Found /></Only>;
}

async function search(sought: Sought, cursor: string | null): Promise<{ items: Filing[]; next?: string | null }> {
  const body = { limit: 20, ...(sought.domain && { domain: sought.domain }), ...(sought.number && { number: sought.number }), ...(cursor && { cursor }) };
  const found = await answered(api.POST("/filing-searches", { body }));
  return found.body;
}

function Found() {
  const [sought, setSought] = useKept("filings:sought", NOTHING);
  const [typed, setTyped] = useState(sought.domain || sought.number);
  const [more, setMore] = useState<{ items: Filing[]; next?: string | null }>();
  const latest = useRef(sought);
  latest.current = sought;
  const read = useRead(`filings ${JSON.stringify(sought)}`, async () => {
    setMore(undefined);
    const [found, cases] = await Promise.all([search(sought, null), openCases()]);
    return { found, cases };
  });
  const go = () => {
    const text = typed.trim();
    const isNumber = /备|号/.test(text);
    setSought({ domain: isNumber ? "" : text.replace(/^https?:\/\//, "").replace(/\/.*$/, ""), number: isNumber ? text : "" });
  };
  return (
    <View title={t("我的备案", "My filings")}>
      <Form label={t("查找", "Search")} onSubmit={go}>
        <div class="row">
          <Input label={t("域名或备案号", "Domain or filing number")} type="search" value={typed} onInput={setTyped} />
          <Button type="submit" kind="plain">{t("查找", "Search")}</Button>
        </div>
      </Form>
      <Shown read={read} side="filers">{({ found, cases }) => {
        const items = [...found.items, ...(more?.items ?? [])];
        const next = more ? more.next : found.next;
        return (
          <>
            {items.length === 0 && (
              <Note kind="info">{sought === NOTHING || (!sought.domain && !sought.number)
                ? <>{t("还没有备案。", "There are no filings yet.")} <a href="/pages/orders">{t("新增备案订单", "Begin an order")}</a></>
                : t("没有符合条件的备案。", "No filing fits.")}</Note>
            )}
            <ul class="cards">
              {items.map((filing) => (
                <li key={filing.id}>
                  <h2><a href={`/pages/filings/${filing.id}`}>{filing.subject?.name ?? t("未命名主体", "Unnamed subject")}</a></h2>
                  <p class="quiet">{filing.state.number ?? subjectStateWords(filing.state.state)}</p>
                  <ToAnswer subject={filing.id} />
                  <ul class="services">
                    {filing.services.map((service) => (
                      <li key={service.id}>
                        <strong>{service.domains.join(t("、", ", "))}</strong>
                        <StandingLine standing={serviceStanding(filing, service, cases)} />
                      </li>
                    ))}
                  </ul>
                </li>
              ))}
            </ul>
            <More next={next} side="filers" read={async (cursor) => {
              const page = await search(sought, cursor);
              // Another search may have been begun meanwhile.
              if (latest.current === sought) setMore((now) => ({ items: [...(now?.items ?? []), ...page.items], next: page.next ?? null }));
            }} />
          </>
        );
      }}</Shown>
    </View>
  );
}

/** A yearly review that waits for its answer: it is given on the filing's own page. */
function ToAnswer({ subject }: { subject: string }) {
  const read = useRead(`reviews ${subject}`, async () => (await answered(api.GET("/filings/{subject}/yearly-reviews", { params: { path: { subject } } }))).body.items);
  const open = (read.value ?? []).filter((review) => review.mayAnswer);
  return (
    <>{open.map((review) => (
      <Note key={review.campaign} kind="warning" isNews={false}>
        <a href={`/pages/filings/${subject}`}>{t(`“${review.name}”：请在${deadline(review.answerBy)}前确认备案信息`, `${review.name}: confirm what is filed by ${deadline(review.answerBy)}`)}</a>
      </Note>
    ))}</>
  );
}

/** The sentence, and where to read on. */
export function StandingLine({ standing }: { standing: Standing }) {
  return (
    <Note kind={standing.kind} isNews={false}>
      {standing.sentence}
      {standing.case && <> <a href={`/pages/cases/${standing.case}`}>{t("查看原因和办法", "See why, and what to do")}</a></>}
      {standing.others ? <> <a href="/pages/cases">{t(`另有${standing.others}项核查待整改`, `${standing.others} more to put right`)}</a></> : null}
    </Note>
  );
}
