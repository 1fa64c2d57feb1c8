// An order's review: what it says beside its materials and the register's answer; the decision; and what the bureau did.
import { useState } from "preact/hooks";
import { answered, api, ifMatch, problemOf } from "../api/client";
import { useKept } from "../api/kept";
import type { Draft, ReturnReason, ReviewedOrder, StaffFiling } from "../api/shapes";
import { useDeed, useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Button, Facts, Folded, Form, Input, Note, Section, Select, Shown, TextArea, Trouble, View, Violations } from "../parts/basics";
import { DraftTable, Loses } from "../parts/draft-table";
import { KeptFile } from "../parts/kept-file";
import { useSession } from "../session/session";
import { fieldWords } from "../words/fields";
import { t } from "../words/language";
import { conflictWords, decisionWords, isPresumed, materialWords, orderKindWords, orderStateWords } from "../words/terms";
import { day, instant } from "../words/time";
import { inWords } from "../words/violations";
import { Registry } from "./registry";
import { Reveal } from "./reveal";
import { Unlock } from "./unlock";

interface Opened {
  order: ReviewedOrder;
  filing: StaffFiling | null;
  version: number;
}

export default function Order({ id = "" }: { id?: string }) {
  return <Only side="staff" roles={["reviewer", "auditor"]}><Loaded id={id} /></Only>;
}

/** A subject that is not filed here has no filing before its order is approved; what cannot be read is another matter. */
function noFilingYet(thrown: unknown): null {
  if (problemOf(thrown).status === 404) return null;
  throw thrown;
}

function Loaded({ id }: { id: string }) {
  const read = useRead(`staff-order ${id}`, async (): Promise<Opened> => {
    const found = await answered(api.GET("/review/orders/{order}", { params: { path: { order: id } } }));
    const order = found.body;
    const filing = await answered(api.GET("/review/filings/{subject}", { params: { path: { subject: order.subject } } }))
      .then((answer) => answer.body, noFilingYet);
    return { order, filing, version: found.version };
  });
  return <Shown read={read} title={t("订单", "Order")} side="staff">{(opened) => <Review opened={opened} again={read.again} />}</Shown>;
}

function Review({ opened, again }: { opened: Opened; again: () => Promise<void> }) {
  const { order, filing } = opened;
  const session = useSession("staff");
  const [whole, setWhole] = useState<{ draft: Draft; version: number } | null>(null);
  // A draft that was sent anew is not the one that was revealed.
  const draft = whole?.version === opened.version ? whole.draft : order.draft;
  const isReviewer = session?.role === "reviewer";
  return (
    <View title={orderKindWords(order.kind)}>
      <Facts facts={[
        [t("现状", "State"), `${orderStateWords(order.state)} ${instant(order.state.since)}`],
        filing && filing.state.number ? [t("备案", "Filing"), <a href={`/pages/staff/filings/${filing.id}`}>{filing.subject?.name} {filing.state.number}</a>] : null,
        [t("已核验号码的人员", "Numbers proved"), order.verified.map((id) => draft.persons.find((person) => person.id === id)?.name ?? id).join(t("、", ", "))],
        order.proposed && [t("第一人的决定", "A first person decided"), `${decisionWords(order.proposed.decision)} · ${instant(order.proposed.proposedAt)}`],
        (order.conflicts?.length ?? 0) > 0 && [t("冲突", "Conflicts"), order.conflicts?.map(conflictWords).join(t("、", ", "))],
      ]} />
      <div class="beside">
        <div>
          <DraftTable draft={draft} filing={filing} />
          {order.kind === "deregister-subject" && filing && <Loses filing={filing} />}
          {order.warnings.length > 0 && <Section title={t("备案人看到的提醒（不影响提交）", "What its filer was told to look at; nothing of it refuses the order")}><Violations violations={order.warnings.map(inWords)} areNamed /></Section>}
          {isReviewer && <Reveal of="orders" id={order.id} onShown={(shown: Draft) => setWhole({ draft: shown, version: opened.version })} />}
          {isReviewer && draft.persons.filter((person) => !order.verified.includes(person.id)).map((person) => (
            <div key={person.id}><p>{t(`${person.name}的号码还没有核验。`, `${person.name}'s number is not proved.`)}</p><Unlock of="orders" id={order.id} person={person.id} again={again} /></div>
          ))}
        </div>
        <div>
          <Section title={t("材料", "Materials")}>
            {draft.materials.length === 0 && <p>{t("没有材料。", "None.")}</p>}
            {draft.materials.map((material) => (
              <div key={material.id}>
                <h3>{materialWords(material.kind)}{material.validUntil && ` · ${t("至", "until")} ${day(material.validUntil)}`}</h3>
                {material.custody.custody === "stored" ? (isReviewer && <SeeMaterial order={order.id} material={material.id} />) : <p>{t("纸质", "on paper")} {material.custody.shelfMark}</p>}
              </div>
            ))}
          </Section>
          {filing && <Registry subject={order.subject} certificate={filing.subject?.certificate.number ?? draft.subject.certificate?.number ?? ""} isReviewer={isReviewer} />}
        </div>
      </div>
      {isReviewer && <Decide opened={opened} again={again} />}
    </View>
  );
}

function SeeMaterial({ order, material }: { order: string; material: string }) {
  const [url, setUrl] = useState("");
  const deed = useDeed(`view ${order} ${material}`);
  const show = async () => {
    const done = await deed.run(null, (key) => answered(api.POST("/review/orders/{order}/materials/{material}/views",
      { params: { path: { order, material }, header: { "Idempotency-Key": key } } })));
    if (done) setUrl((done.body).url);
  };
  if (url === "") return <><Trouble problem={deed.problem} side="staff" /><Button kind="plain" isBusy={deed.isBusy} onClick={() => void show()}>{t("查看（会留下记录）", "See it; that is recorded")}</Button></>;
  return <KeptFile url={url} />;
}

/** What comes next for an order, and nothing else. */
function Decide({ opened, again }: { opened: Opened; again: () => Promise<void> }) {
  const { order, version } = opened;
  // Our clock counted the bureau's 24 hours; until it answers, its answer is still to be recorded.
  const state = isPresumed(order.state) ? "bureau-sms" : order.state.state;
  switch (state) {
    case "provider-review":
      return <Section title={t("初审", "Decision")}><Pass order={order} version={version} again={again} /><Return order={order} version={version} again={again} route="decisions" /></Section>;
    case "queued":
      return <Section title={t("提交管局", "To the bureau")}><Result order={order} version={version} again={again} result="sent" words={t("已提交管局", "It was sent to the bureau")} /></Section>;
    case "bureau-sms":
      return (
        <Section title={t("管局短信核验", "The bureau's SMS check")}>
          <Result order={order} version={version} again={again} result="sms-done" words={t("已全部核验", "All answered")} />{" "}
          <Result order={order} version={version} again={again} result="sms-not-done" words={t("未完成", "They did not")} />
          {isPresumed(order.state) && <Approve order={order} version={version} again={again} filing={opened.filing} />}
        </Section>
      );
    case "bureau-review":
      return <Section title={t("管局结果", "The bureau's answer")}><Approve order={order} version={version} again={again} filing={opened.filing} /><Return order={order} version={version} again={again} route="bureau-results" /></Section>;
    default:
      return null;
  }
}

interface Step {
  order: ReviewedOrder;
  version: number;
  again: () => Promise<void>;
}

function Pass({ order, version, again }: Step) {
  const deed = useDeed(`pass ${order.id}`);
  const [note, setNote] = useState("");
  const pass = async () => {
    const done = await deed.run(version, (key) => answered(api.POST("/review/orders/{order}/decisions",
      { params: { path: { order: order.id }, header: { "Idempotency-Key": key, "If-Match": ifMatch(version) } }, body: { decision: "pass" } })));
    if (!done) return;
    if (done.status === 202) setNote(t("已记录您的同意，须另一人再通过一次。", "Recorded: a second person has to pass it too."));
    await again();
  };
  return (
    <>
      {note && <Note kind="info">{note}</Note>}
      <Trouble problem={deed.problem} side="staff" again={() => void again()} />
      <Button isBusy={deed.isBusy} onClick={() => void pass()}>{t("通过", "Pass it")}</Button>
    </>
  );
}

/** Sent back, by us or by the bureau: each reason with the field it is about. */
function Return({ order, version, again, route }: Step & { route: "decisions" | "bureau-results" }) {
  const [reasons, setReasons, forget] = useKept<ReturnReason[]>(`return ${route} ${order.id}`, [{ field: "", error: "", suggestion: "" }]);
  const deed = useDeed(`return ${route} ${order.id}`);
  const set = (at: number, change: Partial<ReturnReason>) => setReasons(reasons.map((reason, place) => place === at ? { ...reason, ...change } : reason));
  const send = async () => {
    const written = reasons.filter((reason) => reason.error.trim() !== "");
    const path = { path: { order: order.id } };
    const done = await deed.run([written, version], (key) => {
      const header = { "Idempotency-Key": key, "If-Match": ifMatch(version) };
      return route === "decisions"
        ? answered(api.POST("/review/orders/{order}/decisions", { params: { ...path, header }, body: { decision: "return", reasons: written } }))
        : answered(api.POST("/review/orders/{order}/bureau-results", { params: { ...path, header }, body: { result: "rejected", reasons: written } }));
    });
    if (done) {
      forget();
      await again();
    }
  };
  const title = route === "decisions" ? t("退回修改", "Return it") : t("管局退回", "The bureau rejected it");
  return (
    <Folded title={title} open={deed.problem !== null}>
      <Form label={title} onSubmit={() => void send()}>
        {reasons.map((reason, at) => (
          <fieldset key={at}>
            <legend>{t(`原因${at + 1}`, `Reason ${at + 1}`)}</legend>
            <Select label={t("哪一项", "Which field")} value={reason.field} empty={t("整个订单", "the order as a whole")} onInput={(field) => set(at, { field })} options={pointersOf(order.draft)} />
            <TextArea label={t("问题", "What is wrong")} value={reason.error} onInput={(error) => set(at, { error })} />
            <TextArea label={t("怎么改", "What to do")} value={reason.suggestion} onInput={(suggestion) => set(at, { suggestion })} />
          </fieldset>
        ))}
        <Button kind="plain" onClick={() => setReasons([...reasons, { field: "", error: "", suggestion: "" }])}>{t("再加一条", "Another")}</Button>
        <Trouble problem={deed.problem} side="staff" again={() => void again()} />
        <p><Button type="submit" kind="danger" isBusy={deed.isBusy}>{title}</Button></p>
      </Form>
    </Folded>
  );
}

/** The fields of a draft, by their pointers. */
function pointersOf(draft: Draft): [string, string][] {
  const subject = ["province", "nature", "name", "certificate", "certificateAddress", "postalAddress", "legalRepresentative", "principal"].map((field) => `/subject/${field}`);
  const persons = draft.persons.flatMap((_, at) => ["name", "identity", "identityUntil", "mobile", "email"].map((field) => `/persons/${at}/${field}`));
  const services = draft.services.flatMap((_, at) => ["name", "domains", "homePage", "principal", "addresses"].map((field) => `/services/${at}/${field}`));
  const materials = draft.materials.map((_, at) => `/materials/${at}`);
  return [...subject, ...persons, ...services, ...materials].map((pointer) => [pointer, fieldWords(pointer)]);
}

function Result({ order, version, again, result, words }: Step & { result: "sent" | "sms-done" | "sms-not-done"; words: string }) {
  const deed = useDeed(`result ${result} ${order.id}`);
  const record = async () => {
    const done = await deed.run(version, (key) => answered(api.POST("/review/orders/{order}/bureau-results",
      { params: { path: { order: order.id }, header: { "Idempotency-Key": key, "If-Match": ifMatch(version) } }, body: { result } })));
    if (done) await again();
  };
  return <><Trouble problem={deed.problem} side="staff" again={() => void again()} /><Button kind={result === "sms-not-done" ? "plain" : "main"} isBusy={deed.isBusy} onClick={() => void record()}>{words}</Button></>;
}

function numberWords(service: string): string {
  return t(`“${service}”的备案号`, `Number of ${service}`);
}

/** The numbers that the bureau gave: of the subject, and of each service, where they are new. */
function Approve({ order, version, again, filing }: Step & { filing: StaffFiling | null }) {
  const isNumbered = filing?.state.state === "filed";
  const gives = ["first-filing", "add-site", "add-access", "change"].includes(order.kind);
  const wantsSubject = gives && (!isNumbered || order.kind === "change");
  const numberOf = (service: string) => filing?.services.find((one) => one.id === service)?.number ?? null;
  const services = gives ? order.draft.services.filter((service) => numberOf(service.id) === null || order.kind === "change") : [];
  const [typed, setTyped, forget] = useKept<Record<string, string>>(`approve ${order.id}`, {});
  const deed = useDeed(`approve ${order.id}`);
  const isOptional = order.kind === "change";
  // What stands in a field is what is sent.
  const ofService = (service: string, at: number) => typed[service] ?? (order.kind === "first-filing" && typed.subject ? `${typed.subject}-${at + 1}` : "");
  const approve = async () => {
    const approval = {
      ...(typed.subject && { number: typed.subject }),
      services: services.map((service, at) => ({ service: service.id, number: ofService(service.id, at) })).filter(({ number }) => number !== ""),
    };
    const done = await deed.run([approval, version], (key) => answered(api.POST("/review/orders/{order}/bureau-results",
      { params: { path: { order: order.id }, header: { "Idempotency-Key": key, "If-Match": ifMatch(version) } }, body: { result: "approved", approval } })));
    if (!done) return;
    forget();
    await again();
  };
  return (
    <Form label={t("管局通过", "Approved")} onSubmit={() => void approve()}>
      {order.proposed && <Note kind="info">{t("第一人已录入，须由另一人录入相同的结果。", "A first person recorded it; another records the same.")}</Note>}
      {isOptional && <p class="hint">{t("备案号没有变化的不填。", "Leave empty what keeps its number.")}</p>}
      {wantsSubject && <Input label={t("主体备案号", "Number of the subject")} value={typed.subject ?? ""} onInput={(subject) => setTyped({ ...typed, subject })} />}
      {services.map((service, at) => (
        <Input key={service.id} label={numberWords(service.name || (filing?.services.find((one) => one.id === service.id)?.name ?? service.id))}
          value={ofService(service.id, at)} onInput={(number) => setTyped({ ...typed, [service.id]: number })} />
      ))}
      <Trouble problem={deed.problem} side="staff" again={() => void again()} />
      <Button type="submit" isBusy={deed.isBusy}>{t("录入管局通过", "Record the approval")}</Button>
    </Form>
  );
}
