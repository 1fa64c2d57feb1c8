// Orders, and beginning one. What each kind carries is in `order-kinds.ts`.
import { useLocation } from "preact-iso";
import { answered, api } from "../api/client";
import { useKept } from "../api/kept";
import type { Filing, Sent } from "../api/shapes";
import { useDeed, usePaged, useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Button, Choice, Form, More, Note, Section, Select, Shown, Trouble, View } from "../parts/basics";
import { t } from "../words/language";
import { isPresumed, orderKindWords, orderStateWords } from "../words/terms";
import { instant } from "../words/time";
import { filings as filingsOf, orders as ordersOf } from "./of-account";
import { ORDER_KINDS, startOf } from "./order-kinds";

export default function Orders() {
  return <Only side="filers" roles={["filer"]}><Listed /></Only>;
}

function Listed() {
  const read = usePaged("orders", ordersOf);
  return (
    <View title={t("备案订单", "Orders")}>
      <Shown read={read} side="filers">{({ items, next }) => (
        <>
          {items.length === 0 && <Note kind="info">{t("还没有订单。", "There are no orders yet.")}</Note>}
          <ul class="cards">
            {items.map((order) => (
              <li key={order.id}>
                <h2><a href={`/pages/orders/${order.id}`}>{orderKindWords(order.kind)}</a></h2>
                {order.about.number && <p>{[order.about.subjectName, order.about.number].filter(Boolean).join(" ")}</p>}
                {order.sites.length > 0 && <p>{order.sites.join(t("、", ", "))}</p>}
                <p><span class={`tag ${order.state.state === "returned" && !isPresumed(order.state) ? "broken" : "kept"}`}>{orderStateWords(order.state)}</span> {instant(order.state.since ?? order.state.returnedAt ?? order.state.approvedAt ?? order.begunAt)}</p>
              </li>
            ))}
          </ul>
          <More next={next} side="filers" read={read.more} />
        </>
      )}</Shown>
      <Begun />
    </View>
  );
}

/** Subjects that an order may be of: the one that a link names, and those of the account as far as they were read. */
function Begun() {
  const { query } = useLocation();
  const named = useRead(`begin-order ${query.subject ?? ""}`, async () => query.subject
    ? [(await answered(api.GET("/filings/{subject}", { params: { path: { subject: query.subject } } }))).body] : []);
  const read = usePaged("filings", filingsOf);
  return (
    <Shown read={named} side="filers">{(first) => (
      <Shown read={read} side="filers">{({ items, next }) => {
        const all = [...first, ...items.filter((one) => one.id !== first[0]?.id)];
        return (
          <>
            <Begin filings={all.filter((filing) => filing.state.state === "filed")} />
            {next && <p class="quiet">{t("没有列出全部主体。也可以在“我的备案”中找到主体，从那里办理。", "Not every subject is listed. You can also find it in My filings and begin there.")} <More next={next} side="filers" read={read.more} /></p>}
          </>
        );
      }}</Shown>
    )}</Shown>
  );
}

/** Stands for a subject that has no filing here. */
const ELSEWHERE = "elsewhere";

function Begin({ filings }: { filings: Filing[] }) {
  const { route, query } = useLocation();
  // A link that was pressed says what is begun; what was chosen since then stands beside that link.
  const asked = `begin-order ${query.kind ?? ""} ${query.subject ?? ""} ${query.service ?? ""}`;
  const [kind, setKind, forgetKind] = useKept(asked, query.kind ?? "");
  const [subject, setSubject, forgetSubject] = useKept(`${asked} subject`, query.subject ?? filings[0]?.id ?? "");
  const [service, setService, forgetService] = useKept(`${asked} service`, query.service ?? "");
  const deed = useDeed("begin-order");
  const about = ORDER_KINDS[kind];
  const filing = filings.find((one) => one.id === subject);
  const begin = async () => {
    const wanted = (filing?.services.find((one) => one.id === service) ?? filing?.services[0])?.id ?? "";
    const body = { kind: kind as Sent<"OrderKind">, ...(about?.of !== "nothing" && filing && { subject: filing.id }), draft: startOf(kind, wanted, filing !== undefined) };
    const done = await deed.run(body, (key) => answered(api.POST("/orders", { params: { header: { "Idempotency-Key": key } }, body })));
    if (!done) return;
    forgetKind();
    forgetSubject();
    forgetService();
    route(`/pages/orders/${done.body.id}`);
  };
  const kinds = Object.entries(ORDER_KINDS).filter(([, one]) => one.of === "nothing" || one.isOfElsewhere || filings.length > 0);
  const ofElsewhere: [string, string][] = about?.isOfElsewhere ? [[ELSEWHERE, t("主体在其他接入商备案", "a subject that is filed elsewhere")]] : [];
  return (
    <Section title={t("新增订单", "Begin an order")}>
      <Form label={t("新增订单", "Begin an order")} onSubmit={() => void begin()}>
        <Choice legend={t("要办理什么？", "What is it to do?")} value={kind} onInput={setKind}
          options={kinds.map(([name, one]) => [name, `${orderKindWords(name)}：${one.about()}`] as const)} />
        {about && about.of !== "nothing" && (
          <Select label={t("哪个主体", "Of which subject")} value={subject} onInput={(next) => {
            setSubject(next);
            setService("");
          }}
            options={[...filings.map((one): [string, string] => [one.id, `${one.subject?.name ?? ""} ${one.state.number ?? ""}`]), ...ofElsewhere]} />
        )}
        {about?.of === "service" && filing && (
          <Select label={t("哪个网站", "Which site")} value={service || (filing.services[0]?.id ?? "")} onInput={setService}
            options={filing.services.map((one) => [one.id, `${one.name} · ${one.domains.join(" ")}`] as const)} />
        )}
        {about?.isFinal && <Note kind="warning">{t("注销后备案号永久失去。若只是想停用本接入商的接入，请选“取消接入”。", "A deregistration takes the number away for good. To end access here alone, cancel access instead.")}</Note>}
        <Trouble problem={deed.problem} side="filers" />
        <Button type="submit" isBusy={deed.isBusy} disabled={!about}>{t("开始填写", "Begin")}</Button>
      </Form>
    </Section>
  );
}
