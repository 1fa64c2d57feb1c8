// A person named in a filing, without an account: is the message genuine, and the proof of the number. The number of
// the case and the own mobile are what a notice gives; nothing is told before the code is right.
import { useState } from "preact/hooks";
import { answered, api } from "../api/client";
import { now } from "../api/clock";
import { useKept } from "../api/kept";
import type { Sent, Told } from "../api/shapes";
import { useDeed, useRead } from "../api/use";
import { Button, Choice, Facts, Form, Input, Note, Section, Trouble, View } from "../parts/basics";
import { said, t } from "../words/language";
import { messageWords } from "../words/terms";
import { day, instant } from "../words/time";

/** What the right code tells. */
/** An answer that stands, and until when the number is proved by it. */
interface RecordedAnswer {
  answer: string;
  verifiedUntil: string | null;
}

type Held = { caseNumber: string; mobile: string };

export default function ContactCheck() {
  const [held, setHeld, forgetHeld] = useKept<Held>(`contact-check ${caseInAddress()}`, { caseNumber: caseInAddress(), mobile: "" });
  const [isSent, setIsSent, forgetSent] = useKept(`contact-check:sent ${caseInAddress()}`, false);
  const [kept, setKept, forgetTold] = useKept<{ held: Held; told: Told } | null>(`contact-check:told ${caseInAddress()}`, null);
  // What was told is of the case and number that were asked about, and for as long as its ticket is good.
  const told = kept && kept.held.caseNumber === held.caseNumber && kept.held.mobile === held.mobile && now() < Date.parse(kept.told.until) ? kept.told : null;
  const [recorded, setRecorded] = useState<RecordedAnswer | null>(null);
  const forgetAll = () => {
    forgetHeld();
    forgetSent();
    forgetTold();
  };
  const restart = () => {
    forgetAll();
    setRecorded(null);
  };
  return (
    <View title={t("核对通知与核验号码", "Is a message genuine; prove a number")}
      lead={t("输入通知里的十位编号和收到通知的手机号。我们会向该号码发送验证码；验证通过后，告诉您是谁备案、您是什么角色、我们发过哪些通知。",
        "Type the ten digits of the notice and the number that it came to. We send a code there; with it you see what the notice is about, in which role you are named, and what we sent.")}>
      <Provider />
      {!told && !recorded && <Numbers held={held} setHeld={setHeld} isSent={isSent} onSent={() => setIsSent(true)} />}
      {!told && !recorded && isSent && <Code held={held} onTold={(next) => setKept({ held, told: next })} />}
      {told && <Answer held={held} told={told} restart={restart} onRecorded={(answer) => {
        setRecorded(answer);
        forgetAll();
      }} />}
      {recorded && <Recorded done={recorded} restart={restart} />}
    </View>
  );
}

/** A notice's link names the case: `?case=3475855925`. */
function caseInAddress(): string {
  return new URLSearchParams(location.search).get("case")?.replace(/\D/g, "") ?? "";
}

/** What every message of ours says, for comparing without any proof. */
function Provider() {
  const read = useRead("provider", async () => (await answered(api.GET("/contact-checks/provider"))).body);
  if (!read.value) return null;
  const { provider, signature, telephone, address } = read.value;
  return (
    <Note kind="info">
      {t("真实的通知一定：", "A genuine message always: ")}
      <ul>
        <li>{t(`以“【${signature}】”开头，来自${said(provider)}`, `begins with 【${signature}】 and comes from ${said(provider)}`)}</li>
        <li>{t(`只写这一个网址：${address}`, `gives this one address: ${address}`)}</li>
        <li>{t("只写这一个电话：", "gives this one telephone number: ")}<a href={`tel:${telephone}`}>{telephone}</a></li>
        <li>{t("不要求您把验证码告诉任何人，不要密码，不要付款", "does not ask you to tell a code to anybody, and wants no password and no money")}</li>
      </ul>
    </Note>
  );
}

function Numbers({ held, setHeld, isSent, onSent }: { held: Held; setHeld: (held: Held) => void; isSent: boolean; onSent: () => void }) {
  const deed = useDeed("contact-check-code");
  const send = async () => {
    const done = await deed.run(held, (key) => answered(api.POST("/contact-checks/codes",
      { params: { header: { "Idempotency-Key": key } }, body: held })));
    if (done) onSent();
  };
  return (
    <Form label={t("发送验证码", "Send a code")} onSubmit={() => void send()}>
      <Input label={t("通知里的编号（十位数字）", "Number of the notice, ten digits")} value={held.caseNumber} inputMode="numeric"
        violations={deed.problem?.of("/caseNumber")} onInput={(caseNumber) => setHeld({ ...held, caseNumber: caseNumber.replace(/[^\d-]/g, "") })} />
      <Input label={t("收到通知的手机号", "The mobile number that it came to")} value={held.mobile} type="tel" autoComplete="tel"
        violations={deed.problem?.of("/mobile")} onInput={(mobile) => setHeld({ ...held, mobile })} />
      <Trouble problem={deed.problem} shown={["/caseNumber", "/mobile"]} />
      <Button type="submit" isBusy={deed.isBusy} kind={isSent ? "plain" : "main"}>
        {isSent ? t("重新发送验证码", "Send another code") : t("发送验证码", "Send the code")}
      </Button>
    </Form>
  );
}

function Code({ held, onTold }: { held: Held; onTold: (told: Told) => void }) {
  const [code, setCode] = useState("");
  const deed = useDeed("contact-check-confirm");
  const confirm = async () => {
    const body = { ...held, code: code.trim() };
    const done = await deed.run(body, (key) => answered(api.POST("/contact-checks/confirmations",
      { params: { header: { "Idempotency-Key": key } }, body })));
    if (done) onTold(done.body);
  };
  return (
    <Form label={t("输入验证码", "Type the code")} onSubmit={() => void confirm()}>
      <Note kind="info">{t("若编号和手机号相符，验证码已发出，10分钟内有效。没有收到：请核对两个号码，一分钟后可重发；一直收不到，通知可能是伪造的，请拨打上面的电话。",
        "If number and mobile belong together, a code is on its way; it is good for 10 minutes. Nothing came: compare both numbers; after a minute another may be sent. If nothing comes at all, the message may be forged: call us.")}</Note>
      <Input label={t("短信验证码", "Code from the text")} value={code} inputMode="numeric" autoComplete="one-time-code" maxLength={8}
        violations={deed.problem?.of("/code")} onInput={setCode} />
      <Trouble problem={deed.problem} shown={["/code"]} />
      <Button type="submit" isBusy={deed.isBusy}>{t("核对", "Compare")}</Button>
    </Form>
  );
}

function Answer({ held, told, onRecorded, restart }: { held: Held; told: Told; onRecorded: (answer: RecordedAnswer) => void; restart: () => void }) {
  const [answer, setAnswer] = useState("");
  const deed = useDeed("contact-check-answer");
  const say = async () => {
    const body = { ...held, ticket: told.ticket, answer: answer as Sent<"ContactAnswer"> };
    const recorded = await deed.run(body, (key) => answered(api.POST("/contact-checks/answers",
      { params: { header: { "Idempotency-Key": key } }, body })));
    if (!recorded) return;
    onRecorded({ answer, verifiedUntil: recorded.body.verifiedUntil });
  };
  const roles = told.roles.map((role) => role === "subject-principal" ? t("主体负责人", "subject principal") : t("网站负责人", "service principal"));
  return (
    <>
      <Note kind="good"><strong>{t("验证码正确：这是我们的通知。", "The code is right: the notice is ours.")}</strong></Note>
      <Facts facts={[
        [t("通知编号", "Number of the notice"), held.caseNumber],
        [t("备案接入商", "Provider"), said(told.provider)],
        [t("涉及的域名（部分隐藏）", "Domain, masked"), told.domain ?? t("主体本身", "the subject itself")],
        [t("您的角色", "You are named as"), roles.join(t("、", ", ")) || t("没有角色", "nobody")],
      ]} />
      <Section title={t("近30天发往此号码的通知", "What we sent to this number in 30 days")}>
        {told.sent.length === 0 ? <p>{t("没有。", "Nothing.")}</p> : (
          <ul>{told.sent.map((sent) => <li key={sent.at + sent.about}>{instant(sent.at)} · {messageWords(sent.about)}{sent.caseNumber && ` · ${sent.caseNumber}`}</li>)}</ul>
        )}
        <p class="hint">{t("不在上面的，就不是我们发的。", "What is not among these did not come from us.")}</p>
      </Section>
      <Form label={t("您的回答", "Your answer")} onSubmit={() => void say()}>
        <Choice legend={t("您是这项备案的负责人吗？", "Are you the person of this filing?")} value={answer} onInput={setAnswer} options={[
          ["me", t("是，我就是负责人，号码是我的", "Yes: I am, and the number is mine")],
          ["not-principal", t("不是，我不认识这项备案或已不再负责", "No: I do not know it, or it is mine no longer")],
          ["stop", t("先不回答", "I do not answer now")],
        ]} />
        <Trouble problem={deed.problem} />
        <Button type="submit" isBusy={deed.isBusy} disabled={answer === ""}>{t("提交回答", "Send the answer")}</Button>
      </Form>
      <p><Button kind="plain" onClick={restart}>{t("重新核对", "Begin anew")}</Button></p>
    </>
  );
}

function Recorded({ done, restart }: { done: RecordedAnswer; restart: () => void }) {
  const words: Record<string, string> = {
    me: t(`号码已核验${done.verifiedUntil ? `，有效期至${day(done.verifiedUntil)}` : ""}。这只证明了号码：通知中要求整改的事项仍须按期处理，请登录查看。`,
      `Your number is proved${done.verifiedUntil ? ` until ${day(done.verifiedUntil)}` : ""}. That proves the number alone: what the notice wants put right still has its date. Sign in to see it.`),
    "not-principal": t("已记录：您不是这项备案的负责人。我们会据此核查，要求备案主体更正负责人；您不会因此承担责任。",
      "Recorded: you are not the person of this filing. The audit goes by it, and its subject has to name another; nothing of it is yours to answer for."),
    stop: t("没有记录任何内容。通知中的期限仍然有效。", "Nothing was recorded. The notice's date still holds."),
  };
  return (
    <>
      <Note kind="good">{words[done.answer]}</Note>
      {done.answer !== "not-principal" && <p><a href="/pages/cases">{t("登录查看要整改什么、最晚到哪天", "Sign in: what is to be put right, and until when")}</a></p>}
      <Button kind="plain" onClick={restart}>{t("核对另一条通知", "Check another notice")}</Button>
    </>
  );
}
