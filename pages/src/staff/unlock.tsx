// A person's number may be tried again: failures in a row and the sends to the number begin at none.
import { useState } from "preact/hooks";
import { answered, api } from "../api/client";
import { useDeed } from "../api/use";
import { Button, Folded, Form, TextArea, Trouble } from "../parts/basics";
import { t } from "../words/language";

export function Unlock({ of, id, person, again }: { of: "filings" | "orders"; id: string; person: string; again: () => Promise<void> }) {
  const [reason, setReason] = useState("");
  const deed = useDeed(`unlock ${of} ${id} ${person}`);
  const unlock = async () => {
    const done = await deed.run(reason, (key) => {
      const header = { "Idempotency-Key": key };
      const body = { reason };
      return answered(of === "filings"
        ? api.POST("/review/filings/{subject}/persons/{person}/unlocks", { params: { path: { subject: id, person }, header }, body })
        : api.POST("/review/orders/{order}/persons/{person}/unlocks", { params: { path: { order: id, person }, header }, body }));
    });
    if (done) {
      setReason("");
      await again();
    }
  };
  return (
    <Folded title={t("解除核验锁定（发送次数也重新计）", "Unlock the number; its sends begin anew")} open={deed.problem !== null}>
      <Form label={t(`解除${person}的核验锁定`, `Unlock ${person}`)} onSubmit={() => void unlock()}>
        <TextArea label={t("理由", "Reason")} value={reason} onInput={setReason} violations={deed.problem?.of("/reason")} />
        <Trouble problem={deed.problem} side="staff" shown={["/reason"]} />
        <Button type="submit" kind="plain" isBusy={deed.isBusy}>{t("解除锁定", "Unlock")}</Button>
      </Form>
    </Folded>
  );
}
