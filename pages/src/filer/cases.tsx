// What is to be put right, the most urgent first; and what was.
import { usePaged, useRead } from "../api/use";
import type { Case, Finding } from "../api/shapes";
import { Only } from "../frame/frame";
import { Folded, More, Note, Shown, View } from "../parts/basics";
import { said, t } from "../words/language";
import { dueBy, endWords, findingSentence, gravest, isClosed } from "../words/standing";
import { aboutWords } from "../words/terms";
import { instant } from "../words/time";
import { closedCases, openCases } from "./of-account";
import { StandingLine } from "./filings";

export default function Cases() {
  return <Only side="filers" roles={["filer"]}><Listed /></Only>;
}

/** Until when the first of a case's findings must be put right; what has no date comes last. */
function first(of: Case): string {
  return of.findings.filter((finding) => !isClosed(finding)).map((finding) => dueBy(finding) ?? "9").sort()[0] ?? "9";
}

function Listed() {
  const read = useRead("cases", openCases);
  return (
    <View title={t("待整改", "To put right")}>
      <Shown read={read} side="filers">{(cases) => {
        const open = [...cases].sort((one, other) => first(one).localeCompare(first(other)));
        return (
          <>
            {open.length === 0 && <Note kind="good">{t("没有需要整改的事项。", "There is nothing to put right.")}</Note>}
            <ul class="cards">{open.map((one) => <CaseCard key={one.id} of={one} />)}</ul>
          </>
        );
      }}</Shown>
      <Closed />
    </View>
  );
}

function Closed() {
  const read = usePaged("closed-cases", closedCases);
  return (
    <Shown read={read} side="filers">{({ items, next }) => items.length > 0 && (
      <Folded title={t("已办结", "Closed")}>
        <ul class="cards">{items.map((one) => <CaseCard key={one.id} of={one} />)}</ul>
        <More next={next} side="filers" read={read.more} />
      </Folded>
    )}</Shown>
  );
}

function CaseCard({ of }: { of: Case }) {
  const open = of.findings.filter((finding) => !isClosed(finding));
  const worst = gravest(open.map(findingSentence));
  return (
    <li>
      <h2><a href={`/pages/cases/${of.id}`}>{t("核查编号", "Case")} {of.number}</a></h2>
      <p><strong>{aboutWords(of)}</strong></p>
      <p class="quiet">{instant(of.openedAt)}</p>
      <ul>{(of.open ? open : of.findings).map((finding) => <li key={finding.id}>{faultOf(finding)}</li>)}</ul>
      {worst && <StandingLine standing={worst} />}
    </li>
  );
}

function faultOf(finding: Finding): string {
  const fault = said(finding.fault) || finding.rule;
  return finding.state.why ? `${fault} · ${endWords(finding)}` : fault;
}
