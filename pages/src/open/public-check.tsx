// Whoever controls a domain has its site looked at by every rule, without an account.
import { useLocation } from "preact-iso";
import { answered, api } from "../api/client";
import { useKept } from "../api/kept";
import { useDeed, useRead, useWatch } from "../api/use";
import { Button, Facts, Form, Input, Note, Shown, Trouble, View } from "../parts/basics";
import { Copied } from "../parts/copied";
import { SaidList } from "../parts/said";
import { t } from "../words/language";

export default function PublicCheck() {
  const [domain, setDomain] = useKept("public-check:domain", "");
  // The check stands in the address: whoever opens it in another window, or tomorrow, goes on there.
  const { query, route } = useLocation();
  const check = query.check ?? "";
  const deed = useDeed("public-check");
  const begin = async () => {
    // An address that was copied from a browser is its domain.
    const body = { domain: domain.trim().replace(/^https?:\/\//i, "").replace(/[/?#].*$/, "").replace(/^www\./i, "") };
    const done = await deed.run(body, (key) => answered(api.POST("/public-checks", { params: { header: { "Idempotency-Key": key } }, body })));
    if (done) route(`/pages/public-check?check=${(done.body).id}`);
  };
  return (
    <View title={t("检测网站", "Check a site")}
      lead={t("按备案核查的全部规则看一遍您的网站。结果只给您看，不会产生整改或处罚。为确认域名由您管理，需要添加一条TXT记录。",
        "Your site is looked at by every rule of the audit. The result is for you alone, and nothing follows from it. A TXT record shows that the domain is in your hands.")}>
      {check ? (
        <>
          <Progress key={check} id={check} />
          <p><a href="/pages/public-check">{t("检测另一个域名", "Check another domain")}</a></p>
        </>
      ) : (
        <Form label={t("开始检测", "Begin")} onSubmit={() => void begin()}>
          <Input label={t("域名", "Domain")} hint={t("不带 http:// 和 www，例如 example.cn", "without http:// and www, such as example.cn")} value={domain}
            inputMode="url" violations={deed.problem?.of("/domain")} onInput={setDomain} />
          <Trouble problem={deed.problem} shown={["/domain"]} />
          <Button type="submit" isBusy={deed.isBusy} disabled={domain.trim() === ""}>{t("下一步", "Next")}</Button>
        </Form>
      )}
    </View>
  );
}

function Progress({ id }: { id: string }) {
  const read = useRead(`public-check ${id}`, async () => (await answered(api.GET("/public-checks/{check}", { params: { path: { check: id } } }))).body);
  const deed = useDeed(`public-check-proof ${id}`);
  const state = read.value?.state;
  useWatch(read, state !== "looking");
  const prove = async () => {
    const done = await deed.run(id, (key) => answered(api.POST("/public-checks/{check}/proofs",
      { params: { path: { check: id }, header: { "Idempotency-Key": key } } })));
    if (done) await read.again();
  };
  return (
    <Shown read={read}>
      {(check) => {
        const txt = check.txt as { name: string; host: string; value: string };
        return (
          <>
            <Facts facts={[[t("域名", "Domain"), check.domain]]} />
            <Note kind={check.state === "looked" ? "good" : check.state === "not-proved" ? "warning" : "info"}>{check.says}</Note>
            {(check.state === "to-prove" || check.state === "not-proved") && (
              <>
                <ol>
                  <li>{t("在域名的DNS服务商处添加一条TXT记录：", "Where the domain's DNS is kept, add a TXT record:")}
                    <Facts facts={[
                      [t("主机记录", "Host"), <Copied text={txt.host} />], [t("记录类型", "Type"), "TXT"], [t("记录值", "Value"), <Copied text={txt.value} />],
                      [t("完整名称（要求填全名的控制台用）", "Whole name, where the console wants it"), <Copied text={txt.name} />],
                    ]} />
                  </li>
                  <li>{t("等待几分钟，让记录生效。", "Wait some minutes until it is there.")}</li>
                  <li>{t("回到这里，点“我已添加”。此页面可以先关闭：收藏网址，24小时内都能继续。", "Come back and press the button. You may close this page meanwhile: its address goes on for 24 hours.")}</li>
                </ol>
                <Trouble problem={deed.problem} />
                <Button isBusy={deed.isBusy} onClick={() => void prove()}>{t("我已添加，开始检测", "It is there: check the site")}</Button>
              </>
            )}
            {check.state === "looked" && <SaidList said={check.rules} />}
          </>
        );
      }}
    </Shown>
  );
}
