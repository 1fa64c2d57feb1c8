// The way back by questions, one at a time, ending in ordered steps that print well. Of a filing of one's own it
// begins with what the filing itself says.
import { useEffect } from "preact/hooks";
import { answered, api } from "../api/client";
import { useKept } from "../api/kept";
import { useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Button, Check, Choice, Form, Input, Note, Section, Shown, View } from "../parts/basics";
import { MIIT, fieldGroups } from "../words/terms";
import { said, t, type Text } from "../words/language";
import { day } from "../words/time";

interface Question {
  about: { input: string };
  input: string | null;
  ask: Text;
  whatToType: Text;
  answers: { text: Text; value: unknown }[];
}

interface Step {
  act: string;
  place: string;
  text: Text;
  prepare: Text[];
  irreversible: boolean;
}

export interface Advice {
  branch: string;
  summary: Text;
  steps: Step[];
  reasons: { text: Text; source: string; asOf?: string }[];
  warnings: Text[];
  questions: Question[];
  staffItem: boolean;
}

/** What the filer said, in the order in which it was asked. */
interface Given {
  input: string;
  ask: Text;
  words: Text;
  value: unknown;
}

type Situation = Record<string, unknown>;

export default function WayBack({ subject, service }: { subject?: string; service?: string }) {
  if (subject && service) return <Only side="filers"><OfFiling subject={subject} service={service} /></Only>;
  return <Questions kept="way-back" known={{}} />;
}

function OfFiling({ subject, service }: { subject: string; service: string }) {
  const read = useRead(`way-back ${subject} ${service}`, async () =>
    (await answered(api.GET("/filings/{subject}/services/{service}/way-back", { params: { path: { subject, service } } }))).body as unknown as { situation: Situation });
  return <Shown read={read} title={t("恢复接入的稳妥办法", "The one safe way back")} side="filers">{(of) => <Questions kept={`way-back:${subject}.${service}`} known={of.situation} />}</Shown>;
}

/** The situation that is asked about: what is known, and above it what was answered. */
function situationOf(known: Situation, given: Given[]): Situation {
  const situation: Situation = { ...known };
  for (const { input, value } of given) {
    const [group, name] = input.split(".");
    if (group && name) situation[group] = { ...(situation[group] as Situation | undefined), [name]: value };
    else situation[input] = value;
  }
  return situation;
}

function Questions({ kept, known }: { kept: string; known: Situation }) {
  const [given, setGiven, restart] = useKept<Given[]>(kept, []);
  const situation = situationOf(known, given);
  const read = useRead(`advice ${JSON.stringify(situation)}`, async () =>
    (await answered(api.POST("/way-back", { body: situation }))).body as unknown as Advice);
  // The back button takes the last answer back, as a reader expects who sees one question a page.
  useEffect(() => {
    const here = location.pathname;
    history.replaceState({ answers: given.length }, "", location.href);
    const back = () => {
      const { answers } = (history.state ?? {}) as { answers?: number };
      if (location.pathname === here && answers !== undefined) setGiven((now) => now.slice(0, answers));
    };
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
    // The entry of history is this view's from its beginning; what is answered later has entries of its own.
  }, [setGiven]);
  const give = (answer: Given) => {
    setGiven((now) => [...now, answer]);
    history.pushState({ answers: given.length + 1 }, "", location.href);
  };
  return (
    <View title={t("恢复接入的稳妥办法", "The one safe way back")}
      lead={t("一次一个问题。每个答案都说明去哪里查、输入什么、结果是什么样子；不确定时不要猜，按说明查一遍。",
        "One question at a time, each with where to look, what to type there and what each result looks like. Do not guess: look.")}>
      <Note kind="warning">{t("在得到步骤之前，不要注销备案：备案号一旦注销就拿不回来。", "Deregister nothing before you have the steps: a number that was given up does not come back.")}</Note>
      {given.length > 0 && (
        <Section title={t("您的回答", "Your answers")}>
          <ol class="given">{given.map((answer) => <li key={answer.input}>{said(answer.ask)} <strong>{said(answer.words)}</strong></li>)}</ol>
          <p class="unprinted">
            <Button kind="plain" onClick={() => {
              setGiven(given.slice(0, -1));
              history.replaceState({ answers: given.length - 1 }, "", location.href);
            }}>{t("改上一个回答", "Take the last one back")}</Button>{" "}
            <Button kind="plain" onClick={() => {
              restart();
              history.replaceState({ answers: 0 }, "", location.href);
            }}>{t("从头开始", "Begin anew")}</Button>
          </p>
        </Section>
      )}
      <Shown read={read}>{(advice) => {
        const question = advice.questions.find((asked) => asked.input !== null);
        return question ? <Asked key={question.input} question={question} give={give} /> : <Steps advice={advice} />;
      }}</Shown>
    </View>
  );
}

function Asked({ question, give }: { question: Question; give: (given: Given) => void }) {
  const input = question.input ?? "";
  const [chosen, setChosen] = useKept<string>(`way-back-answer:${input}`, "");
  const [named, setNamed] = useKept<string[]>(`way-back-named:${input}`, []);
  const answer = question.answers[Number(chosen)];
  const isNamed = chosen !== "" && answer !== undefined && answer.value === null;
  const isChosen = chosen !== "" && (!isNamed || named.some((one) => one !== ""));
  const next = () => {
    if (!answer) return;
    const value = isNamed ? (input === "province" ? named[0] : named) : answer.value;
    const names = named.map((one) => fieldGroups().find(([group]) => group === one)?.[1] ?? one).join(t("、", ", "));
    give({ input, ask: question.ask, value, words: isNamed ? { zh: names, en: names } : answer.text });
  };
  return (
    <Section title={said(question.ask)}>
      <p>{said(question.whatToType)} {said(question.whatToType).includes("beian.miit.gov.cn") && <a href={MIIT} target="_blank" rel="noreferrer">{t("打开工信部备案查询", "Open MIIT's query")}</a>}</p>
      <Form label={said(question.ask)} onSubmit={next}>
        <Choice legend={t("您看到的是：", "What you see:")} value={chosen} onInput={setChosen}
          options={question.answers.map((one, at) => [String(at), said(one.text)] as const)} />
        {isNamed && input === "province" && (
          <Input label={t("备案号的第一个字", "First character of the number")} value={named[0] ?? ""} maxLength={1} onInput={(character) => setNamed([character])} />
        )}
        {isNamed && input === "differs" && (
          <fieldset>
            <legend>{t("哪些不一致", "What differs")}</legend>
            {fieldGroups().map(([group, words]) => (
              <Check key={group} label={words} checked={named.includes(group)}
                onInput={(isIn) => setNamed(isIn ? [...named, group] : named.filter((one) => one !== group))} />
            ))}
          </fieldset>
        )}
        <Button type="submit" disabled={!isChosen}>{t("下一步", "Next")}</Button>
      </Form>
    </Section>
  );
}

/** The steps, as they are printed and taken along. */
export function Steps({ advice }: { advice: Advice }) {
  return (
    <>
      <Section title={t("办理步骤", "The steps")}>
        <p class="summary">{said(advice.summary)}</p>
        {advice.warnings.map((warning) => <Note key={warning.zh} kind="warning">{said(warning)}</Note>)}
        {advice.steps.length > 0 && <ol class="steps">
          {advice.steps.map((step) => (
            <li key={step.act + step.place}>
              <p><strong>{said(step.text)}</strong>{step.irreversible && <span class="tag broken">{t("不可撤回", "cannot be undone")}</span>}</p>
              {step.prepare.length > 0 && <ul>{step.prepare.map((thing) => <li key={thing.zh}>{said(thing)}</li>)}</ul>}
            </li>
          ))}
        </ol>}
        {advice.staffItem && <Note kind="info">{t("这一步需要工作人员协助，请联系客服，并说明以上回答。", "Staff must help with this: call us, and tell these answers.")}</Note>}
        {advice.questions.map((question) => (
          <Note key={question.ask.zh} kind="info">
            <strong>{said(question.ask)}</strong><p>{said(question.whatToType)}</p>
            <ul>{question.answers.map((answer) => <li key={answer.text.zh}>{said(answer.text)}</li>)}</ul>
          </Note>
        ))}
      </Section>
      <Section title={t("为什么这样办", "Why so")}>
        <ul>{advice.reasons.map((reason) => (
          <li key={reason.text.zh}>{said(reason.text)} <small>{reason.source}{reason.asOf && ` · ${day(reason.asOf)}`}</small></li>
        ))}</ul>
      </Section>
      <p class="unprinted"><Button onClick={() => print()}>{t("打印或存为PDF", "Print, or save as PDF")}</Button></p>
    </>
  );
}
