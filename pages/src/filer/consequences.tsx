// What a deregistration takes away for good, seen and typed before it is sent; and the gentler way, where there is one.
import { useState } from "preact/hooks";
import { answered, api, ifMatch } from "../api/client";
import { useKept } from "../api/kept";
import type { Order } from "../api/shapes";
import { useDeed, useRead } from "../api/use";
import { Asked, asSent, isSaid, openQuestion, type Situation, Steps, withAnswer } from "../parts/advice";
import { Button, Form, Input, Note, Shown, Trouble } from "../parts/basics";
import { said, t } from "../words/language";

/** Under which name the answers about an order are kept. */
export function consequencesOf(order: string): string {
  return `consequences ${order}`;
}

export function Consequences({ order, version, again }: { order: Order; version: () => number; again: () => Promise<void> }) {
  const [answers, setAnswers, restart] = useKept<Situation>(consequencesOf(order.id), {});
  const [typed, setTyped] = useState("");
  const deed = useDeed(`submit ${order.id}`);
  const read = useRead(`consequences ${order.id} ${JSON.stringify(answers)}`, async () =>
    (await answered(api.POST("/orders/{order}/consequences", { params: { path: { order: order.id } }, body: asSent(answers) }))).body);
  const submit = async (confirmation: string) => {
    const body = { confirmation, typed: typed.trim() };
    const done = await deed.run([body, version()], (key) => answered(api.POST("/orders/{order}/submission",
      { params: { path: { order: order.id }, header: { "Idempotency-Key": key, "If-Match": ifMatch(version()) } }, body })));
    if (done) {
      restart();
      await again();
    }
  };
  return (
    <Shown read={read} side="filers">{(weighed) => {
      const question = weighed.advice.map(openQuestion).find((open) => open !== undefined);
      // Whatever has a gentler way is told that way's steps.
      const gentler = weighed.isTheWay || question ? [] : weighed.advice;
      return (
        <>
          <Note kind="warning"><strong>{t("将永久失去：", "Lost for good: ")}{weighed.loses.join(t("、", ", "))}</strong></Note>
          {weighed.withheld && <Note kind="bad">{said(weighed.withheld)}</Note>}
          {question && <Asked key={question.input} kept={`consequences ${order.id}`} question={question} isNext={Object.keys(answers).length > 0} isAgain={isSaid(answers, question)} give={(given) => setAnswers((now) => withAnswer(now, given))} />}
          {gentler.map((advice) => <Steps key={advice.summary.zh} advice={advice} />)}
          {Object.keys(answers).length > 0 && <p><Button kind="plain" onClick={restart}>{t("重新回答", "Answer anew")}</Button></p>}
          {weighed.confirmation && weighed.number && (
            <Form label={t("确认注销", "Confirm")} onSubmit={() => void submit(weighed.confirmation ?? "")}>
              <Input label={t(`请输入将失去的备案号：${weighed.number}`, `Type the number that will be lost: ${weighed.number}`)} value={typed} onInput={setTyped} violations={deed.problem?.of("/typed")} />
              <Trouble problem={deed.problem} side="filers" shown={["/typed"]} again={() => void Promise.all([read.again(), again()])} />
              <Button type="submit" kind="danger" isBusy={deed.isBusy} disabled={typed.trim() !== weighed.number}>{t("注销，永久失去此备案号", "Deregister, and lose this number for good")}</Button>
            </Form>
          )}
        </>
      );
    }}</Shown>
  );
}
