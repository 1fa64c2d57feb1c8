// A filing as staff see it: masked, shown whole for a reason; its proofs, its register, its history.
import { useState } from "preact/hooks";
import { answered, api } from "../api/client";
import type { Entry } from "../api/shapes";
import { useDeed, useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Button, Facts, Folded, Note, Section, Shown, Table, Trouble, View } from "../parts/basics";
import { KeptFile } from "../parts/kept-file";
import { useSession } from "../session/session";
import { happenedWords } from "../words/happened";
import { proofWords } from "../words/proof";
import { t } from "../words/language";
import { certificateWords, conflictWords, linkWords, materialWords, natureWords, provinceWords, subjectStateWords } from "../words/terms";
import { day, instant } from "../words/time";
import { Registry } from "./registry";
import { Reveal } from "./reveal";
import { Unlock } from "./unlock";

export default function Filing({ subject = "" }: { subject?: string }) {
  return <Only side="staff" roles={["reviewer", "auditor", "operator"]}><Loaded subject={subject} /></Only>;
}

function Loaded({ subject }: { subject: string }) {
  const session = useSession("staff");
  const read = useRead(`staff-filing ${subject}`, async () => (await answered(api.GET("/review/filings/{subject}", { params: { path: { subject } } }))).body);
  const isReviewer = session?.role === "reviewer";
  // Persons, the register and history are the reviewers' and auditors'.
  const isReviewing = session?.role !== "operator";
  return (
    <Shown read={read} title={t("备案", "Filing")} side="staff">{(filing) => (
      <View title={filing.subject?.name ?? t("备案", "Filing")}>
        <p class="quiet">{filing.state.number ?? ""} {subjectStateWords(filing.state.state)} · {t("账号", "account")} {filing.account}{filing.label && ` · ${filing.label}`} · {filing.origin === "import" ? t("导入", "imported") : t("订单", "by orders")}</p>
        {filing.conflicts.length > 0 && <Note kind="warning">{t("与其他备案冲突：", "In conflict: ")}{filing.conflicts.map(conflictWords).join(t("、", ", "))}</Note>}
        {filing.openCase && <Note kind="warning"><a href={`/pages/staff/cases/${filing.openCase}`}>{t("主体有进行中的核查", "The subject has an open case")}</a></Note>}
        {filing.orderInFlight && <Note kind="info"><a href={`/pages/staff/orders/${filing.orderInFlight}`}>{t("有在途订单", "An order is in flight")}</a></Note>}
        <div class="beside">
          <div>
            {filing.subject && (
              <Section title={t("主体", "Subject")}>
                <Facts facts={[
                  [t("性质", "Nature"), natureWords(filing.subject.nature)], [t("省份", "Province"), provinceWords(filing.subject.province)],
                  [t("证件", "Certificate"), `${certificateWords(filing.subject.certificate.kind)} ${filing.subject.certificate.number}`],
                  [t("证件住所", "Certificate address"), filing.subject.certificateAddress], [t("通信地址", "Postal address"), filing.subject.postalAddress],
                  [t("法定代表人", "Legal representative"), filing.subject.legalRepresentative],
                ]} />
                {isReviewer && <Reveal of="filings" id={filing.id} names={new Map(filing.persons.map((person) => [person.id, person.name]))} />}
              </Section>
            )}
            <Section title={t("网站和App", "Sites and apps")}>
              <ul class="cards">{filing.services.map((service) => (
                <li key={service.id}>
                  <h3>{service.name} · {service.domains.join(" ")}</h3>
                  <Facts facts={[[t("备案号", "Number"), service.number], [t("接入", "Access"), service.link ? linkWords(service.link.state) : t("无", "none")], [t("首页", "Home page"), service.homePage], [t("地址", "Addresses"), service.addresses.join(" ")]]} />
                  {service.link?.case && service.link.case !== service.openCase && <p><a href={`/pages/staff/cases/${service.link.case}`}>{t("停止接入的核查", "Case of the stop")}</a></p>}
                  {service.openCase && <a href={`/pages/staff/cases/${service.openCase}`}>{t("进行中的核查", "Open case")}</a>}
                </li>
              ))}</ul>
            </Section>
          </div>
          <div>
            {isReviewing && <Persons subject={filing.id} isReviewer={isReviewer} />}
            <Section title={t("材料", "Materials")}>
              <ul>{filing.materials.map((material) => <li key={material.id}>{materialWords(material.kind)}{material.validUntil && ` · ${t("至", "until")} ${day(material.validUntil)}`} · {material.custody === "stored" ? isReviewer && <SeeMaterial subject={filing.id} material={material.id} /> : material.custody === "paper" ? t("纸质", "on paper") : t("未知", "unknown")}</li>)}</ul>
            </Section>
            {isReviewing && <Registry subject={filing.id} certificate={filing.subject?.certificate.number ?? ""} isReviewer={isReviewer} />}
          </div>
        </div>
        {isReviewing && <HistoryOf subject={filing.id} />}
      </View>
    )}</Shown>
  );
}

function Persons({ subject, isReviewer }: { subject: string; isReviewer: boolean }) {
  const read = useRead(`staff-persons ${subject}`, async () => (await answered(api.GET("/review/filings/{subject}/persons", { params: { path: { subject } } }))).body.items);
  return (
    <Section title={t("人员", "Persons")}>
      <Shown read={read} side="staff">{(persons) => (
        <ul>{persons.map((person) => (
          <li key={person.id}>{person.name} {person.mobile} · {proofWords(person)}
            {isReviewer && <Unlock of="filings" id={subject} person={person.id} again={read.again} />}</li>
        ))}</ul>
      )}</Shown>
    </Section>
  );
}

function SeeMaterial({ subject, material }: { subject: string; material: string }) {
  const [url, setUrl] = useState("");
  const deed = useDeed(`view ${subject} ${material}`);
  const show = async () => {
    const done = await deed.run(null, (key) => answered(api.POST("/review/filings/{subject}/materials/{material}/views", { params: { path: { subject, material }, header: { "Idempotency-Key": key } } })));
    if (done) setUrl((done.body).url);
  };
  if (url) return <KeptFile url={url} />;
  return <><Trouble problem={deed.problem} side="staff" /><Button kind="plain" isBusy={deed.isBusy} onClick={() => void show()}>{t("查看（会留下记录）", "See it; that is recorded")}</Button></>;
}

function actorWords(actor: Entry["actor"]): string {
  if (actor.function) return t(`系统（${actor.function}）`, `the service (${actor.function})`);
  if (actor.person) return t(`负责人${actor.person}`, `the person ${actor.person}`);
  return actor.user ?? actor.kind;
}

function HistoryOf({ subject }: { subject: string }) {
  const read = useRead(`staff-history ${subject}`, async () =>
    (await answered(api.GET("/review/filings/{subject}/history", { params: { path: { subject } } }))).body);
  return (
    <Section title={t("历史", "History")}>
      <Shown read={read} side="staff">{(history) => (
        <>
          <Note kind={history.whole ? "good" : "bad"}>{history.whole ? t("历史链完整。", "The chain is whole.") : history.broken}</Note>
          <Folded title={t(`${history.items.length}条记录`, `${history.items.length} entries`)}>
            <Table caption={t("历史记录", "History")} heads={["#", t("时间", "When"), t("谁", "Who"), t("做了什么", "What")]}
              rows={[...history.items].reverse().map((entry) => [String(entry.number), instant(entry.at), actorWords(entry.actor), happenedWords(entry.what)])} />
          </Folded>
        </>
      )}</Shown>
    </Section>
  );
}
