// What machines cannot decide, decided thing by thing.
import { type Answered, answered, api, whole } from "../api/client";
import { useKept } from "../api/kept";
import type { About } from "../api/shapes";
import type { components } from "../api/schema";
import { useDeed, useRead } from "../api/use";
import { Button, Form, Note, Shown, TextArea, Trouble } from "../parts/basics";
import { useSession } from "../session/session";
import { said, t, type Text } from "../words/language";
import { aboutWords } from "../words/terms";
import { instant } from "../words/time";

interface Doubt {
  rule: string;
  object: About;
  seen: Text;
}

type Item = Omit<components["schemas"]["ItemView"], "doubts"> & { doubts: Doubt[] };

export function Items() {
  const read = useRead("items", () => whole(async (cursor) =>
    await answered(api.GET("/review/items", { params: { query: { limit: 50, ...(cursor && { cursor }) } } })) as unknown as Answered<{ items: Item[]; next?: string | null }>));
  return (
    <Shown read={read} side="staff">{(items) => (
      <>
        {items.length === 0 && <Note kind="good">{t("没有等待处理的事项。", "Nothing waits.")}</Note>}
        <ul class="cards">{items.map((item) => (
          <li key={item.id}>
            <h2><a href={`/pages/staff/filings/${item.subject}`}>{aboutWords(item)}</a></h2>
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
  const session = useSession("staff");
  const decide = async (says: "kept" | "broken") => {
    const body = { rule: doubt.rule, object: doubt.object as unknown as Record<string, unknown>, says, reason };
    const done = await deed.run(body, (key) => answered(api.POST("/review/items/{item}/decisions",
      { params: { path: { item: item.id }, header: { "Idempotency-Key": key } }, body })));
    if (done) {
      forget();
      await again();
    }
  };
  if (session?.role !== "reviewer") return <p>{said(doubt.seen)} <small>{doubt.rule}</small></p>;
  return (
    <Form label={doubt.rule} onSubmit={() => void decide("kept")}>
      <p class="summary">{said(doubt.seen)} <small>{doubt.rule}</small></p>
      <TextArea label={t("依据（不合格时备案人会看到；勿写姓名）", "On what it rests; the filer reads it where it is broken. Name nobody")} value={reason} violations={deed.problem?.of("/reason")} onInput={setReason} />
      <Trouble problem={deed.problem} side="staff" shown={["/reason"]} />
      <Button isBusy={deed.isBusy} onClick={() => void decide("kept")}>{t("合格", "As it must be")}</Button>{" "}
      <Button kind="danger" isBusy={deed.isBusy} onClick={() => void decide("broken")}>{t("不合格", "Not as it must be")}</Button>
    </Form>
  );
}
