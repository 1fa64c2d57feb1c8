// One filing: how each of its services stands, its persons, its materials, what happened to it, and a look by every rule.
import { answered, api } from "../api/client";
import { now } from "../api/clock";
import { useKept } from "../api/kept";
import type { Case, Filing as FilingShape, Review, Sent, Service } from "../api/shapes";
import { useDeed, useRead, useWatch } from "../api/use";
import { Only } from "../frame/frame";
import { Button, Choice, Facts, Folded, Form, Note, Section, Shown, Trouble, View } from "../parts/basics";
import { History } from "../parts/history";
import { SaidList } from "../parts/said";
import { said, t } from "../words/language";
import { serviceStanding } from "../words/standing";
import { certificateWords, linkWords, materialWords, natureWords, provinceWords, subjectStateWords } from "../words/terms";
import { day, deadline } from "../words/time";
import { openCases } from "./of-account";
import { StandingLine } from "./filings";
import { Persons } from "./persons";

export default function Filing({ subject = "" }: { subject?: string }) {
  return <Only side="filers" roles={["filer"]}><Loaded subject={subject} /></Only>;
}

function Loaded({ subject }: { subject: string }) {
  const read = useRead(`filing ${subject}`, async () => {
    const path = { params: { path: { subject } } };
    const [filing, cases, reviews] = await Promise.all([
      answered(api.GET("/filings/{subject}", path)), openCases(), answered(api.GET("/filings/{subject}/yearly-reviews", path)),
    ]);
    return { filing: filing.body, cases, reviews: reviews.body.items as Review[] };
  });
  return (
    <Shown read={read} title={t("备案", "Filing")} side="filers">{({ filing, cases, reviews }) => (
      <View title={filing.subject?.name ?? t("备案", "Filing")}>
        <p class="quiet">{filing.state.number ?? ""} {subjectStateWords(filing.state.state)}</p>
        {filing.orderInFlight && <Note kind="info">{t("有一个订单正在办理。", "An order is under way.")} <a href={`/pages/orders/${filing.orderInFlight}`}>{t("查看进度", "See how far it is")}</a></Note>}
        {reviews.filter(isTold).map((review) => review.answer ? <Reviewed key={review.campaign} subject={filing.id} review={review} /> : <YearlyReview key={review.campaign} subject={filing.id} review={review} again={read.again} />)}
        <Services filing={filing} cases={cases} />
        <Section title={t("负责人号码核验", "Numbers of the principals")}><Persons holder="filings" id={filing.id} again={read.again} /></Section>
        <SelfCheck filing={filing} />
        <Details filing={filing} />
        <Section title={t("办理记录", "What happened")}><FilerHistory subject={filing.id} /></Section>
      </View>
    )}</Shown>
  );
}

function Services({ filing, cases }: { filing: FilingShape; cases: Case[] }) {
  return (
    <Section title={t("网站和App", "Sites and apps")}>
      <ul class="cards">
        {filing.services.map((service) => (
          <li key={service.id}>
            <h3>{service.name} · {service.domains.join(t("、", ", "))}</h3>
            <StandingLine standing={serviceStanding(filing, service, cases)} />
            <Facts facts={[
              [t("备案号", "Number"), service.number],
              [t("接入", "Access"), service.link ? linkWords(service.link.state) : t("无", "none")],
              [t("首页", "Home page"), service.homePage],
              [t("备案的服务器地址", "Addresses filed"), service.addresses.join(t("、", ", "))],
            ]} />
            {service.link?.state !== "live" && !service.deregisteredAt && <p><a href={`/pages/filings/${filing.id}/way-back/${service.id}`}>{t("恢复接入的步骤", "The way back")}</a></p>}
            <Orders filing={filing} service={service} />
          </li>
        ))}
      </ul>
      <p><a href={`/pages/orders?kind=add-site&subject=${filing.id}`}>{t("再加一个网站", "Add another site")}</a></p>
    </Section>
  );
}

/** What may be ordered of a service as it stands: whoever has no access first sees the way back, and ends nothing by one click. */
function Orders({ filing, service }: { filing: FilingShape; service: Service }) {
  if (service.deregisteredAt || filing.state.state !== "filed") return null;
  const of = `subject=${filing.id}&service=${service.id}`;
  const change = <li><a href={`/pages/orders?kind=change&subject=${filing.id}`}>{t("变更备案信息", "Change what is filed")}</a></li>;
  switch (service.link?.state) {
    case "live":
      return (
        <Folded title={t("办理", "Orders")}>
          <ul>
            {change}
            <li><a href={`/pages/orders?kind=cancel-access&${of}`}>{t("取消接入（备案号保留）", "Cancel access; the number stays")}</a></li>
            <li><a href={`/pages/orders?kind=deregister-site&${of}`}>{t("注销网站（备案号失去）", "Deregister the site; the number is lost")}</a></li>
          </ul>
        </Folded>
      );
    case "stopped":
    case "reported":
      return <Folded title={t("办理", "Orders")}><ul>{change}</ul></Folded>;
    case "cancelled":
    case undefined:
      return (
        <Folded title={t("办理", "Orders")}>
          <ul>{change}<li><a href={`/pages/orders?kind=add-access&${of}`}>{t("接入备案（恢复本接入商的接入）", "Access filing: access here again")}</a></li></ul>
        </Folded>
      );
  }
}

/** What is still to be answered, and for a week what was. */
function isTold(review: Review): boolean {
  const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
  return review.mayAnswer || (Boolean(review.answeredAt) && now() - Date.parse(review.answeredAt ?? "") < WEEK_MS);
}

/** What was answered, and what follows from it. */
function Reviewed({ subject, review }: { subject: string; review: Review }) {
  return (
    <Note kind="good">
      {t(`“${review.name}”已确认。`, `${review.name}: answered.`)} {said(review.next)}{" "}
      {review.answer === "changed" && <a href={`/pages/orders?kind=change&subject=${subject}`}>{t("现在提交变更备案", "File the change now")}</a>}
      {review.answer === "no-longer-used" && <a href={`/pages/orders?kind=cancel-access&subject=${subject}`}>{t("现在取消接入", "Cancel access now")}</a>}
    </Note>
  );
}

function YearlyReview({ subject, review, again }: { subject: string; review: Review; again: () => Promise<void> }) {
  const [answer, setAnswer, forget] = useKept(`review ${subject} ${review.campaign}`, "");
  const deed = useDeed(`review ${subject} ${review.campaign}`);
  const send = async () => {
    const done = await deed.run(answer, (key) => answered(api.POST("/filings/{subject}/yearly-reviews/{campaign}/answers",
      { params: { path: { subject, campaign: review.campaign }, header: { "Idempotency-Key": key } }, body: { answer: answer as Sent<"YearlyReviewAnswer">["answer"] } })));
    if (!done) return;
    forget();
    await again();
  };
  return (
    <Section title={review.name}>
      <Note kind="warning">{t(`请在${deadline(review.answerBy)}前确认备案信息。`, `Confirm what is filed by ${deadline(review.answerBy)}.`)}</Note>
      <Form label={review.name} onSubmit={() => void send()}>
        <Choice legend={t("备案信息与实际", "What is filed")} value={answer} onInput={setAnswer} options={[
          ["unchanged", t("一致，没有变化", "is as it is: nothing changed")],
          ["changed", t("有变化（之后请提交变更订单）", "has changed (file a change afterwards)")],
          ["no-longer-used", t("网站不再使用", "is of a site that is no longer used")],
        ]} />
        <Trouble problem={deed.problem} side="filers" />
        <Button type="submit" isBusy={deed.isBusy} disabled={answer === ""}>{t("确认", "Confirm")}</Button>
      </Form>
    </Section>
  );
}

/** Every rule's word on the filing now; nothing follows from it. */
function SelfCheck({ filing }: { filing: FilingShape }) {
  const [check, setCheck] = useKept(`self-check ${filing.id}`, "");
  const deed = useDeed(`self-check ${filing.id}`);
  const begin = async () => {
    const done = await deed.run(null, (key) => answered(api.POST("/filings/{subject}/self-checks",
      { params: { path: { subject: filing.id }, header: { "Idempotency-Key": key } }, body: {} })));
    if (done) setCheck((done.body).id);
  };
  return (
    <Section title={t("自查", "Look for yourself")}>
      <p>{t("按全部规则看一遍。结果只给您看，不产生任何记录或处罚。", "Every rule's word on this filing, for you alone: nothing follows from it.")}</p>
      <Trouble problem={deed.problem} side="filers" />
      <Button kind="plain" isBusy={deed.isBusy} onClick={() => void begin()}>{t("开始自查", "Look now")}</Button>
      {check && <Looked key={check} check={check} />}
    </Section>
  );
}

function Looked({ check }: { check: string }) {
  const read = useRead(`self-check ${check}`, async () => (await answered(api.GET("/self-checks/{check}", { params: { path: { check } } }))).body);
  useWatch(read, read.value !== null && read.value.state !== "looking");
  return (
    <Shown read={read} side="filers">{(looked) => (
      <>
        <Note kind={looked.counts.broken > 0 ? "warning" : "info"}>{looked.says}</Note>
        {looked.looks.map((look) => (
          <div key={(look.service ?? "") + look.clock}>
            {look.says && <p>{look.says}</p>}
            <SaidList said={look.rules} />
          </div>
        ))}
      </>
    )}</Shown>
  );
}

function Details({ filing }: { filing: FilingShape }) {
  const { subject } = filing;
  if (!subject) return null;
  return (
    <Section title={t("备案信息", "What is filed")}>
      <Facts facts={[
        [t("主办单位", "Subject"), subject.name],
        [t("性质", "Nature"), natureWords(subject.nature)],
        [t("证件", "Certificate"), `${certificateWords(subject.certificate.kind)} ${subject.certificate.number}`],
        [t("证件住所", "Address on the certificate"), subject.certificateAddress],
        [t("通信地址", "Postal address"), subject.postalAddress],
        [t("省份", "Province"), provinceWords(subject.province)],
        [t("法定代表人", "Legal representative"), subject.legalRepresentative],
        [t("材料", "Materials"), filing.materials.map((material) => `${materialWords(material.kind)}${material.validUntil ? `（${t("至", "until")} ${day(material.validUntil)}）` : ""}`).join(t("；", "; "))],
      ]} />
    </Section>
  );
}

function FilerHistory({ subject }: { subject: string }) {
  const read = useRead(`history ${subject}`, async () => (await answered(api.GET("/filings/{subject}/history", { params: { path: { subject } } }))).body.items);
  return <Shown read={read} side="filers">{(items) => <History items={items} />}</Shown>;
}
