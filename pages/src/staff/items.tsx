// What machines cannot decide, decided thing by thing.
import { answered, api } from "../api/client";
import { useKept } from "../api/kept";
import type { Doubt, Item } from "../api/shapes";
import { type Page, useDeed, usePaged } from "../api/use";
import { Button, Form, More, Note, Shown, TextArea, Trouble } from "../parts/basics";
import { useSession } from "../session/session";
import { said, t } from "../words/language";
import { aboutWords } from "../words/terms";
import { instant } from "../words/time";

async function page(cursor?: string): Promise<Page<Item>> {
  return (await answered(api.GET("/review/items", { params: { query: { limit: 20, ...(cursor && { cursor }) } } }))).body;
}

export function Items() {
  const read = usePaged("items", page);
  return (
    <Shown read={read} side="staff">{({ items, next }) => (
      <>
        {items.length === 0 && <Note kind="good">{t("没有等待处理的事项。", "Nothing waits.")}</Note>}
        <ul class="cards">{items.map((item) => (
          <li key={item.id}>
            <h2><a href={`/pages/staff/filings/${item.subject}`}>{aboutWords(item)}</a></h2>
            <p class="quiet">{instant(item.askedAt)}</p>
            {item.doubts.map((doubt) => <Decide key={doubt.rule + JSON.stringify(doubt.object)} item={item} doubt={doubt} again={read.again} />)}
          </li>
        ))}</ul>
        <More next={next} side="staff" read={read.more} />
      </>
    )}</Shown>
  );
}

/** What a rule looks for, and what machines saw last. */
function Asked({ doubt }: { doubt: Doubt }) {
  return <p class="summary">{doubt.fault && <strong>{said(doubt.fault)}{t("？", "? ")}</strong>} {said(doubt.seen)} <small>{doubt.rule}</small></p>;
}

function Decide({ item, doubt, again }: { item: Item; doubt: Doubt; again: () => Promise<void> }) {
  const name = `doubt ${item.id} ${doubt.rule} ${doubt.object.id ?? ""}`;
  const [reason, setReason, forget] = useKept(name, "");
  const deed = useDeed(name);
  const session = useSession("staff");
  const decide = async (says: "kept" | "broken") => {
    const body = { rule: doubt.rule, object: doubt.object, says, reason };
    const done = await deed.run(body, (key) => answered(api.POST("/review/items/{item}/decisions",
      { params: { path: { item: item.id }, header: { "Idempotency-Key": key } }, body })));
    if (done) {
      forget();
      await again();
    }
  };
  if (session?.role !== "reviewer") return <Asked doubt={doubt} />;
  return (
    <Form label={said(doubt.fault) || doubt.rule} onSubmit={() => void decide("kept")}>
      <Asked doubt={doubt} />
      <TextArea label={t("依据（不合格时备案人会看到；勿写姓名）", "On what it rests; the filer reads it where it is broken. Name nobody")} value={reason} violations={deed.problem?.of("/reason")} onInput={setReason} />
      <Trouble problem={deed.problem} side="staff" shown={["/reason"]} />
      <Button isBusy={deed.isBusy} onClick={() => void decide("kept")}>{t("合格", "As it must be")}</Button>{" "}
      <Button kind="danger" isBusy={deed.isBusy} onClick={() => void decide("broken")}>{t("不合格", "Not as it must be")}</Button>
    </Form>
  );
}
