// What audits came to, by time, category, rule and province; and the same as a file.
import { useState } from "preact/hooks";
import { answered, api, asJson, problemOf } from "../api/client";
import { useKept } from "../api/kept";
import { type Problem, told } from "../api/problem";
import { useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Bars } from "../parts/chart";
import { Button, Form, Input, Shown, Trouble, View } from "../parts/basics";
import { said, t } from "../words/language";
import { today } from "../words/time";

export default function Reports() {
  return <Only side="staff" roles={["operator", "auditor"]}><OfPeriod /></Only>;
}

function OfPeriod() {
  const [period, setPeriod] = useKept("report-period", { from: today(-29), until: today() });
  const [asked, setAsked] = useKept("report-asked", period);
  const read = useRead(`report ${JSON.stringify(asked)}`, async () => asJson(await answered(api.GET("/operations/reports", { params: { query: asked } }))));
  const [problem, setProblem] = useState<Problem | null>(null);
  const download = async () => {
    setProblem(null);
    const { data, error, response } = await api.GET("/operations/reports", { params: { query: asked }, headers: { accept: "text/csv" }, parseAs: "blob" });
    if (!response.ok || !data) throw told(response.status, error);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(data);
    link.download = `audits-${asked.from}-${asked.until}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <View title={t("核查报表", "Audit report")}>
      <Form label={t("期间", "Period")} onSubmit={() => setAsked(period)}>
        <Input label={t("从", "From")} type="date" value={period.from} onInput={(from) => setPeriod({ ...period, from })} violations={read.problem?.of("/from")} />
        <Input label={t("到", "Until")} type="date" value={period.until} onInput={(until) => setPeriod({ ...period, until })} violations={read.problem?.of("/until")} />
        <Button type="submit">{t("查看", "Show")}</Button>{" "}
        <Button kind="plain" onClick={() => void download().catch((thrown: unknown) => setProblem(problemOf(thrown)))}>{t("下载CSV", "Download as CSV")}</Button>
        <Trouble problem={problem} side="staff" />
      </Form>
      <Shown read={read} side="staff">{(report) => (
        <>
          <ul class="tiles">
            <li><strong>{report.all.checks}</strong>{t("次检查", "checks")}</li>
            <li><strong>{report.all.findings}</strong>{t("项不合格", "findings")}</li>
            <li><strong>{report.all.undecided}</strong>{t("次未能判定", "undecided")}</li>
          </ul>
          {([[t("按时间", "By time"), report.times], [t("按类别", "By category"), report.categories], [t("按规则", "By rule"), report.rules.filter((line) => line.findings > 0)], [t("按省份", "By province"), report.provinces]] as const).map(([title, lines]) => (
            lines.length > 0 && <Bars key={title} title={t(`${title}：不合格 / 检查`, `${title}: findings / checks`)} unit={t("检查", "checks")} bars={lines.map((line) => ({ label: line.name ? said(line.name) : line.code, value: line.checks, broken: line.findings }))} />
          ))}
        </>
      )}</Shown>
    </View>
  );
}
