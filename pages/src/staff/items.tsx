// What machines cannot decide, decided thing by thing.
import { answered, api } from "../api/client";
import { useKept } from "../api/kept";
import type { About } from "../api/shapes";
import type { components } from "../api/schema";
import { useDeed, useRead } from "../api/use";
import { Button, Form, Note, Shown, TextArea, Trouble } from "../parts/basics";
import { said, t, type Text } from "../words/language";
import { instant } from "../words/time";

interface Doubt {
  rule: string;
  object: About;
  seen: Text;
}

type Item = Omit<components["schemas"]["ItemView"], "doubts"> & { doubts: Doubt[] };

export function Items() {
  const read = useRead("items", async () => (await answered(api.GET("/review/items", { params: { query: { limit: 50 } } }))).body.items as unknown as Item[]);
  return (
    <Shown read={read} side="staff">{(items) => (
      <>
        {items.length === 0 && <Note kind="good">{t("没有等待处理的事项。", "Nothing waits.")}</Note>}
        <ul class="cards">{items.map((item) => (
          <li key={item.id}>
            <h2><a href={`/pages/staff/filings/${item.subject}`}>{item.rules.join(" ")}</a></h2>
            <p class="quiet">{instant(item.askedAt)}</p>
            {item.doubts.map((doubt) => <Decide key={doubt.rule + JSON.stringify(doubt.object)} item={item} doubt={doubt} again={read.again} />)}
          </li>
        ))}</ul>
      </>
    )}</Shown>
  );
}

function Decide({ item, doubt, again }: { item: Item; doubt: Doubt; again: () => Promise<void> }) {
  const name = `doubt ${item.id} ${doubt.rule} ${doubt.object.id ?? ""}`;
  const [reason, setReason, forget] = useKept(name, "");
  const deed = useDeed(name);
  const decide = async (says: "kept" | "broken") => {
    const body = { rule: doubt.rule, object: doubt.object as unknown as Record<string, unknown>, says, reason };
    const done = await deed.run(body, (key) => answered(api.POST("/review/items/{item}/decisions",
      { params: { path: { item: item.id }, header: { "Idempotency-Key": key } }, body })));
    if (done) {
      forget();
      await again();
    }
  };
  return (
    <Form label={doubt.rule} onSubmit={() => void decide("kept")}>
      <p class="summary">{doubt.rule}：{said(doubt.seen)}</p>
      <TextArea label={t("依据（不合格时备案人会看到；勿写姓名）", "On what it rests; the filer reads it where it is broken. Name nobody")} value={reason} violations={deed.problem?.of("/reason")} onInput={setReason} />
      <Trouble problem={deed.problem} side="staff" shown={["/reason"]} />
      <Button isBusy={deed.isBusy} onClick={() => void decide("kept")}>{t("合格", "As it must be")}</Button>{" "}
      <Button kind="danger" isBusy={deed.isBusy} onClick={() => void decide("broken")}>{t("不合格", "Not as it must be")}</Button>
    </Form>
  );
}
