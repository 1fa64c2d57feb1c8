// The way back by questions, one at a time, ending in ordered steps that print well. Of a filing of one's own it
// begins with what the filing itself says.
import { useEffect } from "preact/hooks";
import { answered, api } from "../api/client";
import { useKept } from "../api/kept";
import { useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Asked, asSent, type Given, openQuestion, type Situation, Steps, withAnswer } from "../parts/advice";
import { Button, Note, Section, Shown, View } from "../parts/basics";
import { said, t } from "../words/language";

export default function WayBack({ subject, service }: { subject?: string; service?: string }) {
  if (subject && service) return <Only side="filers"><OfFiling subject={subject} service={service} /></Only>;
  return <Questions kept="way-back" known={{}} />;
}

function OfFiling({ subject, service }: { subject: string; service: string }) {
  const read = useRead(`way-back ${subject} ${service}`, async () =>
    (await answered(api.GET("/filings/{subject}/services/{service}/way-back", { params: { path: { subject, service } } }))).body);
  return <Shown read={read} title={t("恢复接入的稳妥办法", "The one safe way back")} side="filers">{(of) => <Questions kept={`way-back:${subject}.${service}`} known={of.situation} />}</Shown>;
}

function Questions({ kept, known }: { kept: string; known: Situation }) {
  const [given, setGiven, restart] = useKept<Given[]>(kept, []);
  // What is known, and above it what was answered.
  const situation = given.reduce(withAnswer, known);
  const read = useRead(`advice ${JSON.stringify(situation)}`, async () =>
    (await answered(api.POST("/way-back", { body: asSent(situation) }))).body);
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
          <ol class="given">{given.map((answer, at) => <li key={at}>{said(answer.ask)} <strong>{said(answer.words)}</strong></li>)}</ol>
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
        const question = openQuestion(advice);
        return question ? <Asked key={`${question.input} ${given.length}`} kept={kept} question={question} give={give} isNext={given.length > 0} isAgain={given.some(({ input }) => input === question.input)} /> : <Steps advice={advice} isNext={given.length > 0} />;
      }}</Shown>
    </View>
  );
}
