// How the account's holder is told, beside the persons of the filings.
import { answered, api } from "../api/client";
import { useKept } from "../api/kept";
import { useDeed, useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Button, Facts, Form, Input, Note, Shown, Trouble, View } from "../parts/basics";
import { t } from "../words/language";

export default function Contact() {
  return <Only side="filers" roles={["filer"]}><Told /></Only>;
}

function Told() {
  const read = useRead("account-contact", async () => (await answered(api.GET("/account-contact"))).body);
  const [typed, setTyped, forget] = useKept("account-contact", { mobile: "", email: "" });
  const deed = useDeed("account-contact");
  const save = async () => {
    const body = { ...(typed.mobile && { mobile: typed.mobile }), ...(typed.email && { email: typed.email }) };
    const done = await deed.run(body, (key) => answered(api.POST("/account-contact", { params: { header: { "Idempotency-Key": key } }, body })));
    if (done) {
      forget();
      await read.again();
    }
  };
  return (
    <View title={t("通知方式", "How I am told")} lead={t("通知会发给备案负责人，也会发到这里填写的号码和邮箱。", "Notices go to the persons of the filings, and to what is given here.")}>
      <Shown read={read} side="filers">{(now) => (
        <>
          <Facts facts={[[t("手机号", "Mobile"), now.mobile ?? t("未填写", "none")], [t("邮箱", "E-mail"), now.email ?? t("未填写", "none")]]} />
          <Form label={t("修改", "Change")} onSubmit={() => void save()}>
            <Note kind="info">{t("保存时两项一起替换：留空的一项会被取消。", "Both are replaced: what is left empty is taken away.")}</Note>
            <Input label={t("手机号", "Mobile")} type="tel" autoComplete="tel" value={typed.mobile} violations={deed.problem?.of("/mobile")} onInput={(mobile) => setTyped({ ...typed, mobile })} />
            <Input label={t("邮箱", "E-mail")} type="email" autoComplete="email" value={typed.email} violations={deed.problem?.of("/email")} onInput={(email) => setTyped({ ...typed, email })} />
            <Trouble problem={deed.problem} side="filers" shown={["/mobile", "/email"]} />
            <Button type="submit" isBusy={deed.isBusy}>{t("保存", "Save")}</Button>
          </Form>
        </>
      )}</Shown>
    </View>
  );
}
