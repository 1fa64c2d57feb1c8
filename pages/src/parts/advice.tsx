// The way back's questions, one at a time, and its steps: for whoever lost access, and for whoever ends a filing.
import { useKept } from "../api/kept";
import type { Advice, Question, Sent } from "../api/shapes";
import { Button, Check, Choice, Form, Note, Section, Select, sourceWords } from "./basics";
import { fieldGroups, MIIT, provincePrefixes } from "../words/terms";
import { said, t, type Text } from "../words/language";

/** What the filer said, in the order in which it was asked. */
export interface Given {
  input: string;
  ask: Text;
  words: Text;
  value: unknown;
}

export type Situation = Record<string, unknown>;

/** As the API takes it: answers are values that it offered itself. */
export function asSent(situation: Situation): Sent<"Situation"> {
  return situation as Sent<"Situation">;
}

/** The question that only a filer can answer, if one is open. */
export function openQuestion(advice: Advice): Question | undefined {
  return advice.questions.find((asked) => asked.input !== null);
}

/** A situation with an answer: `guards.suffix` is a field of its group. Whoever has looked at MIIT anew says anew whether
 * the two working days were over. */
export function withAnswer(situation: Situation, { input, value }: Pick<Given, "input" | "value">): Situation {
  const [group = "", name] = input.split(".");
  const { freshness: _stale, ...looked } = situation;
  return { ...(group === "record" ? looked : situation), [group]: name ? { ...(situation[group] as Situation | undefined), [name]: value } : value };
}

/** Whether a situation has an answer to a question already. */
export function isSaid(situation: Situation, question: Question): boolean {
  const [group = "", name] = (question.input ?? "").split(".");
  const held = situation[group];
  return (name ? (held as Situation | undefined)?.[name] : held) !== undefined;
}

/** One question, with where to look and what each result looks like. What is chosen is kept under a name until it is given. */
export function Asked({ kept, question, give, isNext, isAgain, isBusy = false }: {
  kept: string; question: Question; give: (given: Given) => void; isNext: boolean;
  /** Whether it was answered already, and what was answered does not go together. */
  isAgain: boolean;
  isBusy?: boolean;
}) {
  const input = question.input ?? "";
  const [chosen, setChosen, forgetChosen] = useKept<string>(`${kept}-answer:${input}`, "");
  const [named, setNamed, forgetNamed] = useKept<string[]>(`${kept}-named:${input}`, []);
  const answer = question.answers[Number(chosen)];
  const isNamed = chosen !== "" && answer !== undefined && answer.value === null;
  const isChosen = chosen !== "" && (!isNamed || named.some((one) => one !== ""));
  const next = () => {
    if (!answer || !isChosen) return;
    const value = isNamed ? (input === "province" ? named[0] : named) : answer.value;
    const names = named.map((one) => fieldGroups().find(([group]) => group === one)?.[1] ?? one).join(t("、", ", "));
    forgetChosen();
    forgetNamed();
    give({ input, ask: question.ask, value, words: isNamed ? { zh: names, en: names } : answer.text });
  };
  return (
    <Section title={said(question.ask)} isNext={isNext}>
      {isAgain && (
        <Note kind="warning">{t("按您的回答还得不出步骤：查询结果可能还没有更新（须等满两个工作日），或与本接入商的记录不一致。请等满两个工作日后重新查询，再回答；若结果仍是这样，请联系客服。",
          "These answers lead to no steps yet: what MIIT shows may not be renewed (it takes two working days), or does not go together with our record. Wait until then, query again, and answer what you see; call us if it stays so.")}</Note>
      )}
      <p>{said(question.whatToType)} {said(question.whatToType).includes("beian.miit.gov.cn") && <a href={MIIT} target="_blank" rel="noreferrer">{t("打开工信部备案查询", "Open MIIT's query")}</a>}</p>
      <Form label={said(question.ask)} onSubmit={next}>
        <Choice legend={t("您看到的是：", "What you see:")} value={chosen} onInput={setChosen}
          options={question.answers.map((one, at) => [String(at), said(one.text)] as const)} />
        {isNamed && input === "province" && (
          <Select label={t("备案号的第一个字", "First character of the number")} value={named[0] ?? ""} empty={t("请选择", "choose")} onInput={(character) => setNamed([character])} options={provincePrefixes()} />
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
        <Button type="submit" isBusy={isBusy} disabled={!isChosen}>{t("下一步", "Next")}</Button>
      </Form>
    </Section>
  );
}

/** The steps, as they are printed and taken along. */
export function Steps({ advice, isNext = false }: { advice: Advice; isNext?: boolean }) {
  return (
    <>
      <Section title={t("办理步骤", "The steps")} isNext={isNext}>
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
          <li key={reason.text.zh}>{said(reason.text)} <small>{sourceWords(reason.source, reason.asOf)}</small></li>
        ))}</ul>
      </Section>
      <p class="unprinted"><Button onClick={() => print()}>{t("打印或存为PDF", "Print, or save as PDF")}</Button></p>
    </>
  );
}
