// One order: what it says, what is wrong with it beside each field, whose numbers are still to be proved, what became of
// it at the bureau.
import { answered, api, ifMatch, problemOf } from "../api/client";
import { useEffect, useState } from "preact/hooks";
import { useKept } from "../api/kept";
import type { Violation } from "../api/problem";
import type { Draft, Filing, Order as OrderShape, OrderState } from "../api/shapes";
import { useDeed, useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Button, Facts, Folded, Note, Section, Shown, Trouble, Twice, View, Violations, placeId } from "../parts/basics";
import { DraftTable, Loses } from "../parts/draft-table";
import { fieldWords } from "../words/fields";
import { t } from "../words/language";
import { isPresumed, materialWords, orderKindWords, orderStateWords, orderStepWords } from "../words/terms";
import { deadline, instant } from "../words/time";
import { type Editing, useDraft } from "./draft";
import { PersonFields, ServiceFields, SubjectFields } from "./draft-fields";
import { Consequences } from "./consequences";
import { Materials } from "./materials";
import { ORDER_KINDS, type Part } from "./order-kinds";
import { Persons } from "./persons";

export default function Order({ id = "" }: { id?: string }) {
  return <Only side="filers" roles={["filer"]}><Loaded id={id} /></Only>;
}

interface Opened {
  order: OrderShape;
  filing: Filing | null;
  version: number;
}

/** A subject that is filed elsewhere has no filing here before its order is approved. */
function noFilingYet(thrown: unknown): null {
  if (problemOf(thrown).status === 404) return null;
  throw thrown;
}

function Loaded({ id }: { id: string }) {
  const read = useRead(`order ${id}`, async (): Promise<Opened> => {
    const found = await answered(api.GET("/orders/{order}", { params: { path: { order: id } } }));
    const order = found.body;
    const filing = order.kind === "first-filing" ? null
      : await answered(api.GET("/filings/{subject}", { params: { path: { subject: order.subject } } })).then((answer) => answer.body, noFilingYet);
    return { order, filing, version: found.version };
  });
  return (
    <Shown read={read} title={t("备案订单", "Order")} side="filers">{(opened) => {
      const { order } = opened;
      const isOpen = order.state.state === "draft" || (order.state.state === "returned" && !isPresumed(order.state));
      return (
        <View title={orderKindWords(order.kind)}>
          <Progress order={order} />
          {isOpen ? <Edit key={order.id} opened={opened} again={read.again} /> : <Sent opened={opened} again={read.again} />}
        </View>
      );
    }}</Shown>
  );
}

const STEPS: OrderState["state"][] = ["draft", "provider-review", "queued", "bureau-sms", "bureau-review", "approved"];

/** Where the order stands on its way, and what is to be done there. */
function Progress({ order: { state, lapsesAt } }: { order: OrderShape }) {
  const at = STEPS.indexOf(isPresumed(state) ? "bureau-sms" : state.state === "returned" ? "draft" : state.state);
  const hint: Partial<Record<OrderState["state"], string>> = {
    "bureau-sms": t("请相关负责人在24小时内打开管局短信核验网址，输入验证码、手机号和证件号后六位。过期会被退回。", "The principals must do the bureau's SMS check within 24 hours, or the order comes back."),
    "bureau-review": t("管局最长20个工作日内答复。", "The bureau answers within 20 working days."),
    "provider-review": t("我们正在审核，结果会通知您。", "We are looking at it, and tell you."),
    "dead": t("长时间没有动作，订单已失效。请重新下单。", "Nothing happened for long, so the order has lapsed. Begin another."),
  };
  return (
    <>
      {at >= 0 && (
        <ol class="progress">{STEPS.map((step, index) => (
          <li key={step} class={index < at ? "done" : index === at ? "now" : ""} aria-current={index === at ? "step" : undefined}>{orderStepWords(step)}</li>
        ))}</ol>
      )}
      <Facts facts={[[t("现状", "State"), orderStateWords(state)], [t("自", "Since"), instant(state.since ?? state.returnedAt ?? state.approvedAt)], lapsesAt && !isPresumed(state) ? lapse(state.state, lapsesAt) : null]} />
      {hint[state.state] && <Note kind={state.state === "bureau-sms" ? "warning" : "info"}>{hint[state.state]}</Note>}
      {isPresumed(state) && <Note kind="info">{t("管局短信核验的24小时已过，正在等管局确认；若各负责人已完成核验，无需再做什么。", "The 24 hours of the bureau's SMS check are over; we wait for the bureau's word. If all principals did it, there is nothing to do.")}</Note>}
      {state.state === "returned" && !isPresumed(state) && (
        <Note kind="bad">
          <strong>{state.by === "provider" ? t("我们退回了订单：", "We returned the order:") : state.by === "bureau" ? t("管局退回了订单：", "The bureau returned the order:") : t("短信核验未完成，订单已退回。", "The bureau's SMS check was not done.")}</strong>
          <ul>{(state.reasons ?? []).map((reason) => (
            <li key={reason.field + reason.error}>{reason.error}{reason.suggestion && <p>{t("建议：", "Do this: ")}{reason.suggestion}</p>} <small>{fieldWords(reason.field)}</small></li>
          ))}</ul>
        </Note>
      )}
    </>
  );
}

/** What runs out, and when. */
function lapse(state: string, at: string): [string, string] {
  switch (state) {
    case "draft": return [t("草稿保留至", "The draft is kept until"), t(`${deadline(at)}；每次修改后重新计算`, `${deadline(at)}, and longer with each change`)];
    case "bureau-sms": return [t("短信核验最晚", "The SMS check is done by"), deadline(at)];
    default: return [t("最晚修改", "To be mended by"), t(`${deadline(at)}；逾期退回草稿`, `${deadline(at)}; after that it is a draft again`)];
  }
}

function Edit({ opened, again }: { opened: Opened; again: () => Promise<void> }) {
  const { order, filing } = opened;
  const editing = useDraft(order, opened.version, filing?.state.state === "filed");
  const about = ORDER_KINDS[order.kind];
  // Of a subject that is filed elsewhere alone everything is said.
  const isElsewhere = about?.isOfElsewhere === true && filing?.state.state !== "filed";
  const parts: Part[] = isElsewhere ? ["subject", "persons", "services", "materials"] : (about?.parts ?? []);
  const { violations, warnings } = editing.checked;
  // What the order was returned for stands beside its field too.
  const returned = (order.state.reasons ?? []).map((reason) => ({ field: reason.field, rule: "returned", text: `${reason.error} ${reason.suggestion}`.trim(), source: t("退回原因", "why it was returned"), asOf: null }));
  // What is merely empty still is said beside its field once the order was to be sent; what is wrong at once.
  const [isTried, setIsTried] = useKept(`tried ${order.id}`, false);
  const said = isTried ? violations : violations.filter((violation) => isTyped(editing.draft, violation.field));
  const all = [...returned, ...said];
  const at = (place: string) => ({ place, violations: all.filter(({ field }) => field === place) });
  const within = (place: string) => ({ place, violations: all.filter(({ field }) => field === place || field.startsWith(`${place}/`)) });
  const shown = { at, within, editing, filing };
  // What is wrong with the order as a whole, or with a part that it does not ask for, leads nowhere.
  const leads = ({ field, rule }: Violation) => rule !== "order-in-flight" && parts.some((part) => field === `/${part}` || field.startsWith(`/${part}/`));
  const isBeside = (one: Violation) => leads(one) && (one.field.split("/").length > 2 || one.field === "/materials");
  return (
    <>
      <SavingLine editing={editing} />
      {parts.length === 0 && <Ends draft={editing.draft} filing={filing} kind={order.kind} />}
      {parts.includes("subject") && <Section id={placeId("/subject")} title={t("主体信息", "Subject")}><SubjectFields {...shown} isChange={order.kind === "change"} /></Section>}
      {parts.includes("persons") && <Section id={placeId("/persons")} title={t("人员", "Persons")}><PersonFields {...shown} isChange={order.kind === "change"} /></Section>}
      {parts.includes("services") && <Section id={placeId("/services")} title={t("网站和App", "Sites and apps")}><ServiceFields {...shown} kind={order.kind} /></Section>}
      {parts.includes("materials") && (
        <Section title={t("材料", "Materials")}>
          <Materials order={order.id} version={editing.version} materials={editing.draft.materials} within={within} save={editing.save} onTaken={editing.merged} again={editing.takeTheirs}
            onRemove={(material) => editing.change((draft) => ({ ...draft, materials: draft.materials.filter((one) => one.id !== material) }))} />
        </Section>
      )}
      {parts.includes("persons") && (
        <Section title={t("核验手机号", "Prove the numbers")}>
          <p>{t("提交前，每位负责人的手机号都要用短信验证码核验。", "Before the order is sent, each principal proves their number by a code.")}</p>
          <Persons holder="orders" id={order.id} revision={editing.version()} />
        </Section>
      )}
      {warnings.length > 0 && <Section title={t("请留意（不影响提交）", "Worth a look; nothing of it refuses the order")}><Violations violations={warnings} areNamed leads={leads} /></Section>}
      <Section title={t("提交", "Send it")}>
        {violations.length > 0 && (
          <Folded title={t(`还有${violations.length}处需要修改`, `${violations.length} things are still to be mended`)} open={isTried}>
            <Violations violations={violations} areNamed leads={leads} />
          </Folded>
        )}
        {about?.isFinal ? <Consequences order={order} version={editing.version} again={again} /> : <Submit order={order} editing={editing} again={again} onTry={() => setIsTried(true)} shown={violations.filter(isBeside).map(({ field }) => field)} />}
        <Withdraw order={order} version={editing.version} again={again} />
      </Section>
    </>
  );
}

function SavingLine({ editing }: { editing: Editing }) {
  const { saving, problem } = editing;
  if (saving === "conflict") {
    return (
      <Note kind="bad">
        <strong>{t("另一个窗口也修改了这份草稿。", "Another window changed this draft too.")}</strong>
        <p>{t("您在这里填写的内容都还在。请选择：", "What you typed here is all there. Choose:")}</p>
        <Button onClick={() => void editing.keepMine()}>{t("保留这里填写的", "Keep what I typed here")}</Button>{" "}
        <Button kind="plain" onClick={() => void editing.takeTheirs()}>{t("改用另一个窗口的", "Take the other window's")}</Button>
        {problem?.status !== 412 && <Trouble problem={problem} side="filers" />}
      </Note>
    );
  }
  const words = {
    saved: t("已保存", "Saved"), typing: t("正在填写，稍后自动保存", "Typing; it is saved by itself"), saving: t("保存中…", "Saving…"),
    failed: t("尚未保存：内容保留在此窗口", "Not saved yet; it is kept in this window"),
  }[saving];
  return (
    <>
      <p class="saving" role="status">{words}</p>
      {saving === "failed" && <><Trouble problem={problem} side="filers" /><Button kind="plain" onClick={() => void editing.save()}>{t("再保存一次", "Save again")}</Button></>}
    </>
  );
}

/** What an order that ends something is about. */
function Ends({ draft, filing, kind }: { draft: Draft; filing: Filing | null; kind: string }) {
  return (
    <>
      <DraftTable draft={draft} filing={filing} />
      {kind === "deregister-subject" && filing && <Loses filing={filing} />}
      {kind === "cancel-access" && <Note kind="warning">{t("取消后，本接入商不再为该网站提供接入，网站将无法访问；备案号保留。", "Access here ends with it, and the site is no longer reached; its number stays.")}</Note>}
    </>
  );
}

/** Whether something stands at a JSON pointer of a draft. */
function isTyped(draft: Draft, pointer: string): boolean {
  let value: unknown = draft;
  for (const name of pointer.split("/").slice(1)) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}

/** Nothing is sent while what was typed is not saved: said where one pressed. */
export function Unsaved({ editing: { saving, problem } }: { editing: Editing }) {
  return (
    <Note kind="bad">
      {saving === "conflict" ? t("还没有提交：另一个窗口也修改了这份草稿，请先在页首选择保留哪一份。", "Not sent: another window changed this draft too. Choose at the top of the page which of both stays.")
        : <>{t("还没有提交：填写的内容没有保存成功，网络恢复后会自动保存。", "Not sent: what you typed was not saved. It is saved by itself once the network is back.")}{problem && <p>{problem.message}</p>}</>}
    </Note>
  );
}

interface SubmitProps {
  order: OrderShape;
  editing: Editing;
  again: () => Promise<void>;
  onTry: () => void;
  /** Fields of which the view says already that they are to be mended. */
  shown: string[];
}

function Submit({ order, editing, again, onTry, shown }: SubmitProps) {
  const deed = useDeed(`submit ${order.id}`);
  const [isUnsaved, setIsUnsaved] = useState(false);
  // What was refused was another draft: what is still to be mended stands above, counted anew.
  useEffect(() => {
    if (editing.saving === "typing") deed.clear();
  }, [editing.saving]);
  const submit = async () => {
    onTry();
    const isSaved = await editing.save();
    setIsUnsaved(!isSaved);
    if (!isSaved) return;
    const version = editing.version();
    const done = await deed.run(version, (key) => answered(api.POST("/orders/{order}/submission",
      { params: { path: { order: order.id }, header: { "Idempotency-Key": key, "If-Match": ifMatch(version) } } })));
    if (done) await again();
  };
  return (
    <>
      {isUnsaved && editing.saving !== "saved" && <Unsaved editing={editing} />}
      <Trouble problem={deed.problem} side="filers" shown={shown} {...(deed.problem?.status === 412 && { again: () => void editing.takeTheirs().then(deed.clear) })} />
      <Button isBusy={deed.isBusy} onClick={() => void submit()}>{t("提交审核", "Send for review")}</Button>
    </>
  );
}

function Withdraw({ order, version, again }: { order: OrderShape; version: () => number; again: () => Promise<void> }) {
  const deed = useDeed(`withdraw ${order.id}`);
  const withdraw = async () => {
    const done = await deed.run(version(), (key) => answered(api.POST("/orders/{order}/withdrawal",
      { params: { path: { order: order.id }, header: { "Idempotency-Key": key, "If-Match": ifMatch(version()) } } })));
    if (done) await again();
  };
  return (
    <>
      <Trouble problem={deed.problem} side="filers" again={() => void again()} />
      <Twice label={t("撤回订单", "Withdraw the order")} yes={t("确定撤回", "Withdraw it")} isBusy={deed.isBusy} onYes={() => void withdraw()}
        question={t("确定撤回？撤回后不能恢复，需要重新下单。", "Withdraw it? It does not come back; another order would have to be begun.")} />
    </>
  );
}

/** An order that was sent: nothing of it is edited any more. */
function Sent({ opened, again }: { opened: Opened; again: () => Promise<void> }) {
  const { order } = opened;
  // Once it is on its way to the bureau nobody takes it back.
  const mayWithdraw = order.state.state === "provider-review";
  const { draft } = order;
  return (
    <>
      <DraftTable draft={draft} filing={opened.filing} />
      {draft.materials.length > 0 && <Facts facts={[[t("材料", "Materials"), draft.materials.map((material) => materialWords(material.kind)).join(t("、", ", "))]]} />}
      {order.kind === "deregister-subject" && opened.filing && <Loses filing={opened.filing} />}
      {order.state.state === "approved" && <Note kind="good">{t("订单已通过。", "The order was approved.")} <a href={`/pages/filings/${order.subject}`}>{t("查看备案", "See the filing")}</a></Note>}
      {mayWithdraw && <Withdraw order={order} version={() => opened.version} again={again} />}
    </>
  );
}
