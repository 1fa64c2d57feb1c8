// What a register of bodies answered of a filing's subject, and bringing a new answer.
import { answered, api } from "../api/client";
import { useKept } from "../api/kept";
import { useDeed, useRead } from "../api/use";
import { Button, Facts, Folded, Form, Input, Note, Section, Select, Shown, TextArea, Trouble } from "../parts/basics";
import { t } from "../words/language";
import { day, today } from "../words/time";

function bodyStates(): [string, string][] {
  return [["active", t("存续", "active")], ["deregistered", t("已注销", "deregistered")], ["revoked", t("已吊销", "revoked")], ["other", t("其他", "other")]];
}

export function Registry({ subject, certificate, isReviewer }: { subject: string; certificate: string; isReviewer: boolean }) {
  const read = useRead(`reports ${subject}`, async () => {
    const reports = await answered(api.GET("/review/filings/{subject}/reports", { params: { path: { subject } } }));
    return { found: reports.body.registry };
  });
  return (
    <Section title={t("登记机关答复", "The register's answer")}>
      {read.problem?.status === 404 ? <p>{t("尚未备案，没有记录。", "Not filed yet: nothing is kept.")}</p> : (
        <Shown read={read} side="staff">{({ found }) => (
          found === null ? <p>{t("还没有查询记录。", "Nothing was brought yet.")}</p> : (
            <Facts facts={[
              [t("来源", "Source"), found.source], [t("查询日期", "As of"), day(found.asOf)],
              [t("结果", "It says"), found.found ? bodyStates().find(([one]) => one === found.state)?.[1] ?? found.state ?? t("查到", "found") : t("查无此号", "nothing under this number")],
              [t("查询人", "Brought by"), found.by], [t("原因", "Because"), found.because],
            ]} />
          )
        )}</Shown>
      )}
      {isReviewer && read.problem?.status !== 404 && <Bring subject={subject} certificate={certificate} again={read.again} />}
    </Section>
  );
}

function Bring({ subject, certificate, again }: { subject: string; certificate: string; again: () => Promise<void> }) {
  const empty = { source: "国家企业信用信息公示系统", certificateNumber: certificate.includes("*") ? "" : certificate, asOf: today(), registeredName: "", legalRepresentative: "", registeredAddress: "", state: "active", reason: "" };
  const [typed, setTyped, forget] = useKept(`registry ${subject}`, empty);
  const deed = useDeed(`registry ${subject}`);
  const set = (change: Partial<typeof empty>) => setTyped({ ...typed, ...change });
  const send = async () => {
    const done = await deed.run(typed, (key) => answered(api.POST("/review/filings/{subject}/registry-answers", { params: { path: { subject }, header: { "Idempotency-Key": key } }, body: typed })));
    if (done) {
      forget();
      await again();
    }
  };
  return (
    <Folded title={t("录入新的查询结果", "Bring a new answer")} open={deed.problem !== null}>
      <Form label={t("录入查询结果", "Bring an answer")} onSubmit={() => void send()}>
        <Note kind="info">{t("查到的名称留空，表示该号码下没有登记。", "An empty name says that there is nothing under the number.")}</Note>
        <Input label={t("登记机关", "Register")} value={typed.source} onInput={(source) => set({ source })} />
        <Input label={t("证件号码（完整）", "Number of the certificate, in full")} value={typed.certificateNumber} onInput={(certificateNumber) => set({ certificateNumber })} violations={deed.problem?.of("/certificateNumber")} />
        <Input label={t("查询日期", "As of")} type="date" value={typed.asOf} onInput={(asOf) => set({ asOf })} violations={deed.problem?.of("/asOf")} />
        <Input label={t("登记名称", "Registered name")} value={typed.registeredName} onInput={(registeredName) => set({ registeredName })} />
        <Select label={t("登记状态", "State")} value={typed.state} onInput={(state) => set({ state })} options={bodyStates()} />
        <Input label={t("法定代表人", "Legal representative")} value={typed.legalRepresentative} onInput={(legalRepresentative) => set({ legalRepresentative })} />
        <Input label={t("登记地址", "Registered address")} value={typed.registeredAddress} onInput={(registeredAddress) => set({ registeredAddress })} />
        <TextArea label={t("为什么查询（勿写姓名）", "Why it was asked; name nobody")} value={typed.reason} onInput={(reason) => set({ reason })} violations={deed.problem?.of("/reason")} />
        <Trouble problem={deed.problem} side="staff" shown={["/certificateNumber", "/asOf", "/reason"]} />
        <Button type="submit" isBusy={deed.isBusy}>{t("录入", "Bring it")}</Button>
      </Form>
    </Folded>
  );
}
