// The persons of a filing or an order, and the proof of each one's number by the code that is sent there.
import { useEffect, useRef, useState } from "preact/hooks";
import { answered, api } from "../api/client";
import type { Contact } from "../api/shapes";
import { useDeed, useRead } from "../api/use";
import { Button, Form, Input, Note, Shown, Trouble } from "../parts/basics";
import { t } from "../words/language";
import { proofWords } from "../words/proof";

type Holder = "filings" | "orders";

/** `revision` grows when the persons themselves changed. */
export function Persons({ holder, id, again, revision = 0 }: { holder: Holder; id: string; again?: () => Promise<void>; revision?: number }) {
  const read = useRead(`persons ${holder} ${id}`, async () => {
    const found = holder === "filings"
      ? await answered(api.GET("/filings/{subject}/persons", { params: { path: { subject: id } } }))
      : await answered(api.GET("/orders/{order}/persons", { params: { path: { order: id } } }));
    return found.body.items;
  });
  const seen = useRef(revision);
  useEffect(() => {
    if (seen.current === revision) return;
    seen.current = revision;
    void read.again();
  }, [revision, read.again]);
  const changed = async () => {
    await read.again();
    await again?.();
  };
  return (
    <Shown read={read} side="filers">{(persons) => (
      <>
        {persons.length === 0 && <p>{t("还没有填写人员。", "No persons yet.")}</p>}
        {areProved(holder, persons) && (
          <Note kind="good">{t("所有负责人的号码都已核验。", "The numbers of all principals are proved.")}</Note>
        )}
        <ul class="cards">{persons.map((person) => <One key={person.id} holder={holder} id={id} person={person} again={changed} />)}</ul>
      </>
    )}</Shown>
  );
}

/** Whether nothing is left to prove: of an order, whoever it names; of a filing, its principals. */
function areProved(holder: Holder, persons: Contact[]): boolean {
  const wanted = holder === "orders" ? persons : persons.filter((person) => person.principal);
  return wanted.length > 0 && wanted.every((person) => person.state === "verified");
}

function One({ holder, id, person, again }: { holder: Holder; id: string; person: Contact; again: () => Promise<void> }) {
  const [code, setCode] = useState("");
  const [isSent, setIsSent] = useState(person.code !== null && person.code !== undefined);
  const sending = useDeed(`code ${holder} ${id} ${person.id}`);
  const confirming = useDeed(`confirm ${holder} ${id} ${person.id}`);
  const roles = [person.subjectPrincipal && t("主体负责人", "subject principal"), person.principalOf.length > 0 && t("网站负责人", "service principal")].filter(Boolean);
  const send = async () => {
    const done = await sending.run(null, (key) => answered(holder === "filings"
      ? api.POST("/filings/{subject}/persons/{person}/codes", { params: { path: { subject: id, person: person.id }, header: { "Idempotency-Key": key } } })
      : api.POST("/orders/{order}/persons/{person}/codes", { params: { path: { order: id, person: person.id }, header: { "Idempotency-Key": key } } })));
    if (done) setIsSent(true);
  };
  const confirm = async () => {
    const body = { code: code.trim() };
    const done = await confirming.run(body, (key) => answered(holder === "filings"
      ? api.POST("/filings/{subject}/persons/{person}/confirmations", { params: { path: { subject: id, person: person.id }, header: { "Idempotency-Key": key } }, body })
      : api.POST("/orders/{order}/persons/{person}/confirmations", { params: { path: { order: id, person: person.id }, header: { "Idempotency-Key": key } }, body })));
    if (done) {
      setCode("");
      setIsSent(false);
    }
    // A wrong code may have been the last: the number is locked then.
    await again();
  };
  const named = person.mobile ? t(`${person.name}（${person.mobile}）`, `${person.name} (${person.mobile})`) : person.name || t("新人员", "New person");
  return (
    <li>
      <p><strong>{named}</strong> {roles.join(t("、", ", "))}</p>
      <p><span class={`tag ${person.state === "verified" ? "kept" : "broken"}`}>{proofWords(person)}</span></p>
      {person.mobile === "" && <p>{t("填写手机号码后，可以发送验证码。", "Once the mobile number is filled in, a code can be sent.")}</p>}
      {person.state !== "locked" && person.mobile !== "" && (
        <>
          <Trouble problem={sending.problem} side="filers" />
          <Button kind={isSent || person.state === "verified" ? "plain" : "main"} isBusy={sending.isBusy} onClick={() => void send()}>
            {isSent ? t("重新发送验证码", "Send another code") : t(`向${person.mobile}发送验证码`, `Send a code to ${person.mobile}`)}
          </Button>
        </>
      )}
      {isSent && person.state !== "locked" && (
        <Form label={t(`核验${named}`, `Prove ${named}`)} onSubmit={() => void confirm()}>
          <Input label={t("短信验证码", "Code from the text")} value={code} inputMode="numeric" autoComplete="one-time-code" maxLength={8}
            hint={t("由负责人本人查看刚收到的验证码并在此输入，10分钟内有效。", "The person reads the code that just arrived, and types it here; it is good for 10 minutes.")}
            violations={confirming.problem?.of("/code")} onInput={setCode} />
          <Trouble problem={confirming.problem} side="filers" shown={["/code"]} />
          <Button type="submit" isBusy={confirming.isBusy} disabled={code.trim() === ""}>{t("核验", "Prove")}</Button>
        </Form>
      )}
    </li>
  );
}
