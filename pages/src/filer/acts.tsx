// What a filer does about a case. Each act names the version that was seen and is done once.
import { useLocation } from "preact-iso";
import { answered, api, ifMatch } from "../api/client";
import { keep, useKept } from "../api/kept";
import type { Advice, Finding, Sent } from "../api/shapes";
import { useDeed, useRead } from "../api/use";
import { Button, Choice, Folded, Form, Input, Note, Select, Shown, TextArea, Trouble } from "../parts/basics";
import { t } from "../words/language";
import { materialWords } from "../words/terms";
import { deadline, inShanghai, isPast, nextOfficeMorning, span } from "../words/time";
import { Asked, asSent, isSaid, openQuestion, type Situation, Steps, withAnswer } from "../parts/advice";
import { useState } from "preact/hooks";
import { orders } from "./of-account";
import type { Opened } from "./case";
import { consequencesOf } from "./consequences";

type Acting = { opened: Opened; again: () => Promise<void> };

/** Appeals against one finding. Source: behaviour, part 4. */
const MOST_APPEALS = 2;

function headers(key: string, version: number) {
  return { "Idempotency-Key": key, "If-Match": ifMatch(version) };
}

/** What a recheck looks at: what is not over, and no order of a bureau to stop at once. */
export function toRecheck(findings: Finding[]): Finding[] {
  return findings.filter((finding) => ["open", "last-look", "condemned"].includes(finding.state.state) && finding.demand?.wants !== "stopped-now");
}

export function Recheck({ opened, again }: Acting) {
  const { of, version } = opened;
  const deed = useDeed(`recheck ${of.id}`);
  const wanted = toRecheck(of.findings);
  const isUnderWay = wanted.some((finding) => finding.recheckUnderWay && !finding.demand);
  const isForPeople = wanted.some((finding) => finding.recheckUnderWay && finding.demand);
  const isAsked = wanted.every((finding) => finding.recheckUnderWay);
  const ask = async () => {
    const done = await deed.run(version, (key) => answered(api.POST("/cases/{case}/rechecks", { params: { path: { case: of.id }, header: headers(key, version) } })));
    if (done) await again();
  };
  return (
    <>
      <p>{of.findings.some((finding) => finding.demand) ? t("改好后点这里，由工作人员按管局的要求查看。", "Once it is put right, press here: staff look at what the bureau demanded.") : t("改好后点这里，系统会马上重新查看，通常几分钟内有结果。合格后本项即办结。", "Once it is put right, press here: it is looked at again at once, and closed when it is as it must be.")}</p>
      <Trouble problem={deed.problem} side="filers" again={() => void again()} />
      {isForPeople && <Note kind="info">{t("已通知工作人员查看管局要求的事项，结果会通知您。", "Staff were asked to look at what the bureau demanded, and tell you.")}</Note>}
      {(isUnderWay || !isAsked) && <Button isBusy={deed.isBusy} disabled={isUnderWay} onClick={() => void ask()}>{isUnderWay ? t("正在复查…", "Being looked at…") : t("申请复查", "Ask for a look")}</Button>}
    </>
  );
}

export function Extend({ finding, opened, again }: Acting & { finding: Finding }) {
  const { of, version } = opened;
  const [typed, setTyped, forget] = useKept(`extend ${finding.id}`, { days: String(finding.mayExtendBy ?? ""), reason: "" });
  const deed = useDeed(`extend ${finding.id}`);
  if (finding.mayExtendBy === null || !finding.dueAt) return null;
  const ask = async () => {
    const body = { finding: finding.id, days: Number(typed.days), reason: typed.reason };
    const done = await deed.run(body, (key) => answered(api.POST("/cases/{case}/extensions", { params: { path: { case: of.id }, header: headers(key, version) }, body })));
    if (done) {
      forget();
      await again();
    }
  };
  return (
    <Folded title={t("来不及改：延期（一次）", "More time: the one extension")} open={deed.problem !== null}>
      <Form label={t("延期", "Extension")} onSubmit={() => void ask()}>
        <Input label={t("延长几天", "Days")} type="number" inputMode="numeric" min="1" max={String(finding.mayExtendBy)} value={typed.days}
          violations={deed.problem?.of("/days")} onInput={(days) => setTyped({ ...typed, days })} />
        <TextArea label={t("原因", "Why")} value={typed.reason} violations={deed.problem?.of("/reason")} onInput={(reason) => setTyped({ ...typed, reason })} />
        <Trouble problem={deed.problem} side="filers" again={() => void again()} shown={["/days", "/reason"]} />
        <Button type="submit" isBusy={deed.isBusy}>{t("延期", "Extend")}</Button>
      </Form>
    </Folded>
  );
}

export function Appeal({ finding, opened, again }: Acting & { finding: Finding }) {
  const { of, version } = opened;
  const [reason, setReason, forget] = useKept(`appeal ${finding.id}`, "");
  const [brought, setBrought] = useKept(`appeal-material ${finding.id}`, "");
  const deed = useDeed(`appeal ${finding.id}`);
  const isSecond = finding.appeals.length > 0;
  if (finding.appeals.some((appeal) => !appeal.decision) || MOST_APPEALS <= finding.appeals.length) return null;
  const ask = async () => {
    const [order, material] = brought.split(" ");
    const body = { finding: finding.id, reason, ...(isSecond && order && material && { material: { order, material } }) };
    const done = await deed.run(body, (key) => answered(api.POST("/cases/{case}/appeals", { params: { path: { case: of.id }, header: headers(key, version) }, body })));
    if (done) {
      forget();
      await again();
    }
  };
  return (
    <Folded title={t("不认同：申诉", "It is not so: appeal")} open={deed.problem !== null}>
      <Form label={t("申诉", "Appeal")} onSubmit={() => void ask()}>
        <p>{finding.demand?.dueBy ? t("工作人员在两个工作日内答复。管局规定的期限不会因此暂停。", "Staff answer within two working days. The bureau's date does not wait for it.")
          : t("工作人员在两个工作日内答复；其间整改期暂停，不会停止接入。", "Staff answer within two working days; the period stands still meanwhile.")}</p>
        {isSecond && <NewMaterial subject={of.subject} brought={brought} setBrought={setBrought} />}
        <TextArea label={t("为什么不认同", "Why it is not so")} value={reason} violations={deed.problem?.of("/reason")} onInput={setReason} />
        <Trouble problem={deed.problem} side="filers" again={() => void again()} shown={["/reason"]} />
        <Button type="submit" isBusy={deed.isBusy}>{t("提交申诉", "Appeal")}</Button>
      </Form>
    </Folded>
  );
}

/** A file that the filer uploaded to a change order: what a second appeal rests on. */
function NewMaterial({ subject, brought, setBrought }: { subject: string; brought: string; setBrought: (brought: string) => void }) {
  const read = useRead(`uploaded ${subject}`, async () => {
    // What is new was uploaded lately.
    const { items } = await orders(undefined, 50);
    const changes = items.filter((order) => order.subject === subject && order.kind === "change");
    const read = await Promise.all(changes.map(async (order) => (await answered(api.GET("/orders/{order}", { params: { path: { order: order.id } } }))).body));
    return read.flatMap((order) => order.draft.materials.filter((material) => material.custody.custody === "stored")
      .map((material): [string, string] => [`${order.id} ${material.id}`, materialWords(material.kind)]));
  });
  return (
    <>
      <Note kind="info">{t("第二次申诉需要新的材料：", "A second appeal wants new material: ")}<a href={`/pages/orders?kind=change&subject=${subject}`}>{t("先在变更订单中上传（不必提交）", "upload it to a change order first, which need not be sent")}</a></Note>
      <Shown read={read} side="filers">{(materials) => (
        <Select label={t("新的材料", "The new material")} value={brought} empty={t("请选择", "choose")} onInput={setBrought} options={materials} />
      )}</Shown>
    </>
  );
}

/** The objection to a stop. */
export function ObjectToStop({ opened, again }: Acting) {
  const { of, version } = opened;
  const [reason, setReason, forget] = useKept(`objection ${of.id}`, "");
  const [chosen, setChosen, forgetChosen] = useKept(`objection-grounds ${of.id}`, "");
  const deed = useDeed(`objection ${of.id}`);
  const stopped = of.findings.find((finding) => finding.state.state === "stopped" && finding.demand?.wants !== "stopped-now");
  if (!stopped) return null;
  const made = stopped.objections.at(-1);
  const until = stopped.mayObjectUntil;
  const isAsked = made?.grounds === "put-right";
  const said = made && (
    <Note kind={made.decision ? (made.decision.granted ? "good" : "warning") : "info"}>{made.decision
      ? `${made.decision.granted ? (isAsked ? t("同意恢复接入：", "Access is given back: ") : t("异议成立：", "Upheld: ")) : (isAsked ? t("未同意恢复接入：", "Access was not given back: ") : t("异议不成立：", "Refused: "))}${made.decision.reason}`
      : isAsked ? t("已申请恢复接入，两个工作日内答复；其间不会上报管局。", "Access was asked for, and you are answered within two working days; nothing is reported meanwhile.")
        : t("您的异议正在处理，两个工作日内答复；其间不会上报管局。", "Your objection is being decided within two working days; nothing is reported meanwhile.")}</Note>
  );
  if (!until && !stopped.mayAskBack) return <>{said}{(!made || made.decision) && <Note kind="info">{t("申请恢复和提出异议的期限已过。", "The time to ask for access back, or to object, is over.")}</Note>}</>;
  // Once it was said to be wrong, what is left to say is that it is put right.
  const grounds = until ? chosen : "put-right";
  const ask = async () => {
    const body = { grounds: grounds as Sent<"Objection">["grounds"] & string, reason };
    const done = await deed.run(body, (key) => answered(api.POST("/cases/{case}/objections", { params: { path: { case: of.id }, header: headers(key, version) }, body })));
    if (done) {
      forget();
      forgetChosen();
      await again();
    }
  };
  return (
    <>
      {said}
      <Folded title={until ? t(`申请恢复接入，或提出异议（异议最晚${deadline(until)}）`, `Ask for access back, or object (objections until ${deadline(until)})`) : t("申请恢复接入（取消接入上报管局之前）", "Ask for access back, before its cancellation is reported")} open={deed.problem !== null}>
        <Form label={t("恢复接入", "Access back")} onSubmit={() => void ask()}>
          {until && <Choice legend={t("您要说的是", "What you say")} value={grounds} onInput={setChosen} options={[
            ["put-right", t("已经整改，申请恢复接入", "It is put right: give access back")], ["wrong", t("停止接入是错的", "The stop was wrong")],
          ]} />}
          <TextArea label={grounds === "put-right" ? t("改了什么", "What was put right") : t("为什么是错的", "Why it was wrong")} value={reason} violations={deed.problem?.of("/reason")} onInput={setReason} />
          <Trouble problem={deed.problem} side="filers" again={() => void again()} shown={["/reason"]} />
          <Button type="submit" isBusy={deed.isBusy} disabled={grounds === ""}>{grounds === "wrong" ? t("提出异议", "Object") : t("申请恢复", "Ask for it")}</Button>
        </Form>
      </Folded>
    </>
  );
}

/** A slot in which staff call. */
export function CallMe({ opened, again }: Acting) {
  const { of, filing, version } = opened;
  const [typed, setTyped, forget] = useKept(`call ${of.id}`, { person: filing.persons[0]?.id ?? "", from: nextOfficeMorning() });
  const deed = useDeed(`call ${of.id}`);
  const ask = async () => {
    if (Number.isNaN(Date.parse(typed.from))) return;
    const body = { person: typed.person, from: inShanghai(typed.from) };
    const done = await deed.run(body, (key) => answered(api.POST("/cases/{case}/call-slots", { params: { path: { case: of.id }, header: headers(key, version) }, body })));
    if (done) {
      forget();
      await again();
    }
  };
  return (
    <Folded title={t("收不到短信：请打电话给我", "No text arrives: call me")} open={deed.problem !== null}>
      {of.callSlot && (isPast(of.callSlot.until)
        ? <Note kind="warning">{t(`约定的时间（${span(of.callSlot)}）已过，我们还没有来电；请等我们致电，或再约时间。`, `The time for our call (${span(of.callSlot)}) is over, and we have not called; wait for us, or choose another time.`)}</Note>
        : <Note kind="good">{t(`已约定来电时间：${span(of.callSlot)}。再约会改到新的时间。`, `You will be called: ${span(of.callSlot)}. Another time takes its place.`)}</Note>)}
      <p class="hint">{t("约来电不会推迟整改期限。", "A call moves no deadline.")}</p>
      <Form label={t("约来电", "A call")} onSubmit={() => void ask()}>
        <Select label={t("打给谁", "Whom")} value={typed.person} onInput={(person) => setTyped({ ...typed, person })}
          options={filing.persons.map((person) => [person.id, `${person.name} ${person.mobile}`] as const)} />
        <Input label={t("从何时起两小时内（北京时间，工作日白天）", "Within two hours from (Beijing time, office hours)")} type="datetime-local" value={typed.from}
          violations={deed.problem?.of("/from")} onInput={(from) => setTyped({ ...typed, from })} />
        <Trouble problem={deed.problem} side="filers" again={() => void again()} shown={["/from"]} />
        <Button type="submit" isBusy={deed.isBusy} disabled={Number.isNaN(Date.parse(typed.from))}>{t("约定", "Choose this time")}</Button>
      </Form>
    </Folded>
  );
}

/** No longer used, or the subject dissolved: the order that ends it with the least loss, or what is to be found out first. */
export function GiveUp({ opened }: { opened: Opened }) {
  const { of, filing } = opened;
  const { route } = useLocation();
  const [says, setSays, forgetSays] = useKept(`give-up ${of.id}`, "");
  const [service, setService] = useKept(`give-up-service ${of.id}`, of.service ?? filing.services[0]?.id ?? "");
  const [answers, setAnswers, forgetAnswers] = useKept<Situation>(`give-up-answers ${of.id}`, {});
  const [advice, setAdvice] = useState<Advice | null>(null);
  const deed = useDeed(`give-up ${of.id}`);
  const ask = async (given: Situation = answers) => {
    const body = { says: says as Sent<"GivingUp">["says"], answers: asSent(given), ...(!of.service && says === "no-longer-used" && { service }) };
    const done = await deed.run(body, (key) => answered(api.POST("/cases/{case}/give-ups", { params: { path: { case: of.id }, header: { "Idempotency-Key": key } }, body })));
    if (!done) return;
    if (done.status === 201) {
      forgetSays();
      forgetAnswers();
      // Nobody is asked the same twice: the order weighs what it takes away by these answers.
      keep(consequencesOf(done.body.id ?? ""), given);
      route(`/pages/orders/${done.body.id}`);
    } else setAdvice(done.body.advice ?? null);
  };
  const restart = () => {
    forgetAnswers();
    setAdvice(null);
  };
  const question = advice && openQuestion(advice);
  return (
    <Folded title={t("网站不再使用，或主体已注销", "No longer used, or the subject is dissolved")} open={says !== "" || deed.problem !== null}>
      <Form label={t("不再使用", "No longer used")} onSubmit={() => void ask()}>
        <Choice legend={t("是哪一种？", "Which is it?")} value={says} onInput={(next) => {
          setSays(next);
          restart();
        }} options={[
          ["no-longer-used", t("网站不再使用", "The site is no longer used")],
          ["subject-dissolved", t("主办单位已注销", "The subject is dissolved")],
        ]} />
        {!of.service && says === "no-longer-used" && (
          <Select label={t("哪个网站", "Which site")} value={service} onInput={(next) => {
            setService(next);
            restart();
          }} options={filing.services.map((one) => [one.id, `${one.name} · ${one.domains.join(" ")}`] as const)} />
        )}
        <Trouble problem={deed.problem} side="filers" />
        {!advice && <Button type="submit" isBusy={deed.isBusy} disabled={says === ""}>{t("查看损失最小的办法", "Show the way that loses least")}</Button>}
      </Form>
      {advice && question && (
        <Asked key={question.input} kept={`give-up ${of.id}`} question={question} isNext isAgain={isSaid(answers, question)} isBusy={deed.isBusy} give={(given) => {
          const next = withAnswer(answers, given);
          setAnswers(next);
          void ask(next);
        }} />
      )}
      {advice && !question && <Steps advice={advice} isNext />}
      {advice && <p><Button kind="plain" onClick={restart}>{t("重新回答", "Answer anew")}</Button></p>}
    </Folded>
  );
}
