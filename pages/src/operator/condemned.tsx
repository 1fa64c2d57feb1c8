// What is to be stopped: looked at one by one, chosen, and let go. Each is released as it was shown, or not at all.
import { useState } from "preact/hooks";
import { type Answered, answered, api, whole } from "../api/client";
import { useKept } from "../api/kept";
import type { Brake, Case, Finding, Released } from "../api/shapes";
import { useDeed, useRead } from "../api/use";
import { Only } from "../frame/frame";
import { Button, Check, Facts, Note, Select, Shown, Trouble, Twice, View } from "../parts/basics";
import { useSession } from "../session/session";
import { said, t } from "../words/language";
import { aboutWords } from "../words/terms";
import { instant } from "../words/time";

interface ToStop {
  of: Case;
  finding: Finding;
}

/** Whether a release of it does anything: latched, only what is released after it counts. */
function isToRelease(finding: Finding, brake: Brake): boolean {
  const { release } = finding.state;
  return !release || (brake.latchedAt !== null && release.releasedAt <= brake.latchedAt);
}

/** What a list may be narrowed to, each once, with how often it is there. */
function counted(all: [string, string][]): [string, string][] {
  const words = new Map(all);
  return [...words].map(([one, its]) => [one, `${its}（${all.filter(([of]) => of === one).length}）`]);
}

/** What a release leads to under the brake as it stands. */
function brakeWords(brake: Brake): string {
  if (brake.latchedAt) {
    return t(`停止接入总控已于${instant(brake.latchedAt)}锁定：之前同意的不再停止。此后只停止第一批同意的（一次最多${brake.releasedAtOnce}项），其余须先在运营总览解除锁定。`,
      `The brake latched at ${instant(brake.latchedAt)}: what was released before is not stopped. Of what is released from now on, the first set is, ${brake.releasedAtOnce} at most; for more take the latch off in Operations.`);
  }
  switch (brake.mode) {
    case "manual": return t("总控为人工放行：只停止在这里同意的。", "The brake is manual: what is released here is stopped, and nothing else.");
    case "automatic": return t("总控为自动：准确率达标的规则不经同意也会停止；其余须在这里同意。", "The brake is automatic: rules that were right often enough stop by themselves; the others wait for a release.");
    case "dry-run": return t("总控为演练：同意后也不会停止任何接入。", "The brake is in dry run: a release stops nothing.");
    default: return t("总控已全部暂停：同意后也不会停止任何接入，直到改回。", "All stops are off: a release stops nothing until they are on again.");
  }
}

export default function Condemned() {
  return <Only side="staff" roles={["operator", "auditor"]}><Listed /></Only>;
}

function Listed() {
  const session = useSession("staff");
  const read = useRead("condemned", async () => {
    const [cases, brake, campaigns] = await Promise.all([whole(async (cursor) => await answered(api.GET("/operations/condemned", { params: { query: { limit: 50, ...(cursor && { cursor }) } } }))), answered(api.GET("/operations/brake")), answered(api.GET("/operations/campaigns"))]);
    return { cases, brake: brake.body, campaigns: Object.fromEntries(campaigns.body.items.map(({ id, terms }) => [id, terms.name])) };
  });
  const [ticked, setChosen] = useKept<string[]>("condemned-chosen", []);
  const [keptRule, setRule] = useKept("condemned-rule", "");
  const [keptCampaign, setCampaign] = useKept("condemned-campaign", "");
  const [done, setDone] = useState<Released | null>(null);
  const deed = useDeed("release");
  const release = async (chosen: ToStop[], atOnce: number) => {
    const wanted = chosen
      .map(({ of, finding }) => ({ case: of.id, finding: finding.id, look: finding.state.looks?.at(-1)?.look ?? "" }));
    const sum: Released = { released: [], refused: [] };
    const isWhole = await deed.run(wanted, async (key) => {
      let last: Answered<Released> = { body: sum, status: 200, version: 0 };
      for (let from = 0; from < wanted.length; from += atOnce) {
        const body = { findings: wanted.slice(from, from + atOnce) };
        last = await answered(api.POST("/operations/releases", { params: { header: { "Idempotency-Key": `${key}-${from}` } }, body }));
        sum.released.push(...last.body.released);
        sum.refused.push(...last.body.refused);
      }
      return last;
    });
    const answeredFor = new Set([...sum.released, ...sum.refused].map(({ finding }) => finding));
    if (answeredFor.size > 0) setDone(sum);
    setChosen((now) => now.filter((finding) => !answeredFor.has(finding)));
    if (isWhole) await read.again();
  };
  return (
    <View title={t("待停止接入", "To be stopped")} lead={t("整改期已过、复核仍不合格。停止在工作日10:00至16:00进行；停止前若有新的订单、申诉或已整改，则不会停止。",
      "Past their period, and broken at fresh last looks. Stops are made on working days between 10:00 and 16:00, unless an order, an appeal or a mended site comes first.")}>
      <Shown read={read} side="staff">{({ cases, brake, campaigns }) => {
        const every = cases.flatMap((of) => of.findings.filter((finding) => finding.state.state === "condemned").map((finding) => ({ of, finding })));
        // What is narrowed to may be stopped or ended by now.
        const rule = every.some(({ finding }) => finding.rule === keptRule) ? keptRule : "";
        const campaign = every.some(({ finding }) => finding.campaign === keptCampaign) ? keptCampaign : "";
        const fits = ({ finding }: ToStop) => (!rule || finding.rule === rule) && (!campaign || finding.campaign === campaign);
        const all = every.filter(fits);
        const open = all.filter(({ finding }) => isToRelease(finding, brake));
        // What was ticked and is to be released no more is not counted.
        const chosen = open.filter(({ finding }) => ticked.includes(finding.id));
        const most = brake.latchedAt ? brake.releasedAtOnce : open.length;
        return (
          <>
            <Note kind={brake.latchedAt ? "bad" : brake.mode === "manual" || brake.mode === "automatic" ? "info" : "warning"}>{brakeWords(brake)}</Note>
            {done && <Note kind={done.refused.length > 0 ? "warning" : "good"}>{t(`已同意停止${done.released.length}项${done.refused.length > 0 ? `；${done.refused.length}项已有变化，未同意，请重新查看` : ""}。`,
              `${done.released.length} released${done.refused.length > 0 ? `; ${done.refused.length} changed meanwhile and were not: look at them again` : ""}.`)}</Note>}
            {every.length === 0 && <Note kind="good">{t("没有待停止的事项。", "Nothing is to be stopped.")}</Note>}
            {every.length > 0 && (
              <div class="row many">
                <Select label={t("只看规则", "Of one rule")} value={rule} empty={t(`全部规则（${every.length}）`, `every rule (${every.length})`)} onInput={setRule}
                  options={counted(every.map(({ finding }) => [finding.rule, `${finding.rule} ${said(finding.fault)}`]))} />
                <Select label={t("只看专项核查", "Of one campaign")} value={campaign} empty={t("不限", "any, and none")} onInput={setCampaign}
                  options={counted(every.flatMap(({ finding }) => finding.campaign ? [[finding.campaign, campaigns[finding.campaign] ?? finding.campaign]] : []))} />
              </div>
            )}
            {every.length > 0 && all.length === 0 && <Note kind="info">{t("没有符合条件的事项。", "Nothing fits.")}</Note>}
            {session?.role === "operator" && open.length > 0 && (
              <p>
                <Button kind="plain" onClick={() => setChosen(chosen.length === 0 ? open.slice(0, most).map(({ finding }) => finding.id) : [])}>{chosen.length > 0 ? t("全不选", "Choose none") : most < open.length ? t(`选前${most}项`, `Choose the first ${most}`) : t(`全选（${open.length}）`, `Choose all ${open.length}`)}</Button>{" "}
              </p>
            )}
            {session?.role === "operator" && chosen.length > 0 && chosen.length <= most && (
              <Twice label={t(`同意停止所选${chosen.length}项`, `Let the ${chosen.length} chosen be stopped`)} question={t("证据都看过了？同意后在停止时段内停止，不能收回。", "Was the evidence of each looked at? They are stopped within the stop window, and a release is not taken back.")}
                yes={t(`确定同意停止${chosen.length}项`, `Yes, let the ${chosen.length} be stopped`)} isBusy={deed.isBusy} onYes={() => void release(chosen, brake.releasedAtOnce)} />
            )}
            <Trouble problem={deed.problem} side="staff" again={() => void read.again()} />
            <ul class="cards">{all.map(({ of, finding }) => (
              <li key={finding.id}>
                <h2><a href={`/pages/staff/cases/${of.id}`}>{of.number}</a> · {said(finding.fault)}</h2>
                <Facts facts={[
                  [t("网站", "Site"), aboutWords(of)],
                  [t("规则", "Rule"), finding.rule],
                  [t("通知送达", "Told"), instant(finding.notifiedAt)],
                  [t("最后复核", "Last looks"), (finding.state.looks ?? []).map((look) => instant(look.begunAt)).join(t("；", "; "))],
                  of.callOwed && !finding.demand ? [t("暂不停止", "Held"), t("约定的来电还没有打：致电后才会停止", "a promised call was not made; it is stopped after that")] : null,
                  finding.state.release ? [t("已同意停止", "Released"), instant(finding.state.release.releasedAt)] : null,
                ]} />
                {session?.role === "operator" && isToRelease(finding, brake) && (
                  <Check label={t("同意停止这一项", "Let this be stopped")} checked={ticked.includes(finding.id)}
                    onInput={(isIn) => setChosen((now) => isIn ? [...now, finding.id] : now.filter((one) => one !== finding.id))} />
                )}
              </li>
            ))}</ul>
          </>
        );
      }}</Shown>
    </View>
  );
}
