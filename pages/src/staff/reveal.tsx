// Personal data shown for a reason, which stands in the filing's history. It goes when the page is left.
import { useState } from "preact/hooks";
import { answered, api } from "../api/client";
import type { Disclosed, Draft } from "../api/shapes";
import { useDeed } from "../api/use";
import { Button, Facts, Folded, Form, Note, TextArea, Trouble } from "../parts/basics";
import { t } from "../words/language";
import { certificateWords, natureWords, provinceWords } from "../words/terms";

type Details = Record<string, unknown>;

export function Reveal({ of, id, names, onShown }: { of: "filings" | "orders"; id: string; names?: Map<string, string>; onShown?: (draft: Draft) => void }) {
  const [reason, setReason] = useState("");
  const [shown, setShown] = useState<Disclosed | null>(null);
  const deed = useDeed(`reveal ${of} ${id}`);
  const ask = async () => {
    const done = await deed.run(reason, (key) => {
      const header = { "Idempotency-Key": key };
      const body = { reason };
      return answered(of === "filings"
        ? api.POST("/review/filings/{subject}/disclosures", { params: { path: { subject: id }, header }, body })
        : api.POST("/review/orders/{order}/disclosures", { params: { path: { order: id }, header }, body }));
    });
    if (!done) return;
    const disclosed = done.body;
    setShown(disclosed);
    if (disclosed.draft) onShown?.(disclosed.draft);
  };
  return (
    <Folded title={t("查看完整个人信息（须填写理由，会留下记录）", "Show personal data, for a reason that is recorded")} open={shown !== null || deed.problem !== null}>
      {!shown && (
        <Form label={t("查看个人信息", "Show personal data")} onSubmit={() => void ask()}>
          <TextArea label={t("理由", "Reason")} value={reason} violations={deed.problem?.of("/reason")} onInput={setReason} />
          <Trouble problem={deed.problem} side="staff" shown={["/reason"]} />
          <Button type="submit" isBusy={deed.isBusy}>{t("查看", "Show")}</Button>
        </Form>
      )}
      {shown?.draft && <Note kind="info">{t("已在上方显示完整内容。", "Shown above in full.")}</Note>}
      {shown?.subject && <><h3>{t("主体", "Subject")}</h3><Plain of={shown.subject} /></>}
      {Object.entries(shown?.persons ?? {}).map(([person, details]) => <div key={person}><h3>{names?.get(person) ?? person}</h3><Plain of={details} /></div>)}
      {shown?.registry && <><h3>{t("登记机关的答复", "The register's answer")}</h3><Plain of={shown.registry} /></>}
    </Folded>
  );
}

/** Names and values as they are stored. */
function Plain({ of }: { of: Details }) {
  const text = (value: unknown, name = ""): string => name === "nature" ? natureWords(String(value)) : name === "province" ? provinceWords(String(value)) : name === "kind" ? certificateWords(String(value)) : value === null || value === undefined ? "" : typeof value === "object" ? Object.entries(value).map(([part, held]) => text(held, part)).join(" ") : String(value);
  return <Facts facts={Object.entries(of).map(([name, value]) => [fieldWords(name), text(value, name)] as const)} />;
}

export function fieldWords(name: string): string {
  const words: Record<string, string> = {
    name: t("名称", "name"), certificate: t("证件", "certificate"), certificateAddress: t("证件住所", "certificate address"), postalAddress: t("通信地址", "postal address"),
    identity: t("证件号码", "identity"), identityUntil: t("证件有效期", "valid until"), mobile: t("手机号", "mobile"), email: t("邮箱", "e-mail"), province: t("省份", "province"),
    nature: t("性质", "nature"), principal: t("负责人", "principal"), legalRepresentative: t("法定代表人", "legal representative"), number: t("号码", "number"),
    source: t("来源", "source"), asOf: t("日期", "as of"), state: t("状态", "state"), found: t("是否查到", "found"), registeredName: t("登记名称", "registered name"),
    registeredAddress: t("登记地址", "registered address"), formerNames: t("曾用名", "former names"),
  };
  return words[name] ?? name;
}
