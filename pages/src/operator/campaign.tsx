// One campaign: how far it has come, what its release would tell, and steering it.
import { answered, api, asJson } from "../api/client";
import { useKept } from "../api/kept";
import type { Campaign as CampaignShape, Sent } from "../api/shapes";
import { useDeed, useRead, useWatch } from "../api/use";
import { Only } from "../frame/frame";
import { Bars } from "../parts/chart";
import { Button, Facts, Folded, Form, Note, Section, Shown, TextArea, Trouble, View } from "../parts/basics";
import { useSession } from "../session/session";
import { said, t } from "../words/language";
import { deadline, instant } from "../words/time";
import { ruleWords, useRules } from "./rule-names";
import { campaignStateWords } from "./campaigns";

export default function Campaign({ id = "" }: { id?: string }) {
  return <Only side="staff" roles={["operator", "auditor"]}><Loaded id={id} /></Only>;
}

function Loaded({ id }: { id: string }) {
  const session = useSession("staff");
  const rules = useRules();
  const read = useRead(`campaign ${id}`, async () => (await answered(api.GET("/operations/campaigns/{campaign}", { params: { path: { campaign: id } } }))).body);
  useWatch(read, !read.value || !["choosing", "looking", "asking"].includes(read.value.state), 5000);
  return (
    <Shown read={read} title={t("专项核查", "Campaign")} side="staff">{(campaign) => {
      const { progress } = campaign;
      return (
        <View title={campaign.terms.name}>
          <Facts facts={[
            [t("现状", "State"), campaignStateWords(campaign.state)],
            [t("法律依据", "Legal bases"), campaign.terms.legalBases.join(t("；", "; "))],
            [t("规则", "Rules"), Object.entries(campaign.terms.rules).map(([rule, terms]) => `${ruleWords(rules, rule)}（${terms.periodDays}${t("天", " days")}）`).join(t("；", "; "))],
            [t("开始", "Begun"), `${campaign.begunBy} · ${instant(campaign.begunAt)}`],
            progress?.expectedEnd ? [t("预计完成", "Expected end"), deadline(progress.expectedEnd)] : null,
            ...Object.entries(campaign.deeds).map(([deed, by]) => [campaignDeed(deed), `${by.by} · ${by.reason}`] as const),
          ]} />
          {progress && (
            <Section title={t("进度", "Progress")}>
              <progress max={Math.max(1, campaign.members)} value={progress.done} aria-label={t("进度", "Progress")} />
              <ul class="tiles">
                <li><strong>{campaign.members}</strong>{t("对象", "units")}</li>
                <li><strong>{progress.done}</strong>{t("已完成", "done")}</li>
                <li><strong>{progress.broken}</strong>{t("不合格", "broken")}</li>
                <li><strong>{progress.undecided}</strong>{t("未能判定", "undecided")}</li>
                <li><strong>{progress.told}</strong>{t("已通知", "told")}</li>
                <li><strong>{progress.putRight}</strong>{t("已自行整改", "put right")}</li>
              </ul>
              {progress.answers
                ? <Bars title={t("备案人的答复", "What filers answered")} unit={t("数量", "units")} bars={[
                  { label: t("无变化", "unchanged"), value: progress.answers.unchanged }, { label: t("有变化", "changed"), value: progress.answers.changed },
                  { label: t("不再使用", "no longer used"), value: progress.answers.noLongerUsed }, { label: t("未答复", "unanswered"), value: progress.answers.unanswered },
                ]} />
                : Object.keys(progress.rules).length > 0 && <Bars title={t("各规则不合格的对象", "Units broken, by rule")} unit={t("数量", "units")} bars={Object.entries(progress.rules).map(([rule, value]) => ({ label: ruleWords(rules, rule), value }))} />}
            </Section>
          )}
          {session?.role === "operator" && !campaign.deeds.released && ["looked", "chosen"].includes(campaign.state) && <Preview id={id} again={read.again} />}
          {session?.role === "operator" && campaign.state !== "cancelled" && <Steer campaign={campaign} again={read.again} />}
          {campaign.kind === "audit" && progress && progress.done > 0 && <Report id={id} />}
        </View>
      );
    }}</Shown>
  );
}

function campaignDeed(deed: string): string {
  const words: Record<string, string> = { released: t("放行", "Released"), paused: t("暂停", "Paused"), cancelled: t("取消", "Cancelled") };
  return words[deed] ?? deed;
}

/** What its release would tell, to whom, in which words; and the release. */
function Preview({ id, again }: { id: string; again: () => Promise<void> }) {
  const rules = useRules();
  const read = useRead(`preview ${id}`, async () => (await answered(api.GET("/operations/campaigns/{campaign}/preview", { params: { path: { campaign: id } } }))).body);
  const [reason, setReason, forget] = useKept(`release ${id}`, "");
  const deed = useDeed(`release ${id}`);
  const release = async (preview: string) => {
    const body = { step: "release" as const, reason, preview };
    const done = await deed.run(body, (key) => answered(api.POST("/operations/campaigns/{campaign}/steps", { params: { path: { campaign: id }, header: { "Idempotency-Key": key } }, body })));
    if (done) {
      forget();
      await again();
    }
  };
  return (
    <Section title={t("放行预览", "What a release would tell")}>
      <Shown read={read} side="staff">{(preview) => (
        <>
          <p><strong>{t(`将通知${preview.members}个对象。`, `${preview.members} units would be told.`)}</strong></p>
          {Object.keys(preview.rules).length > 0 && <Bars title={t("按规则", "By rule")} unit={t("对象", "units")} bars={Object.entries(preview.rules).map(([rule, value]) => ({ label: ruleWords(rules, rule), value }))} />}
          {preview.notice && (
            <Folded title={t("通知的原文", "The notice as it will read")} open>
              <blockquote tabIndex={0}>{preview.notice.sms}</blockquote>
              <blockquote tabIndex={0}>{preview.notice.mailSubject}{"\n\n"}{preview.notice.mailText}</blockquote>
            </Folded>
          )}
          {preview.samples.length > 0 && (
            <Folded title={t(`样例（${preview.samples.length}个）`, `${preview.samples.length} of them, to look at`)}>
              <ul>{preview.samples.map((sample) => {
                const { unit, faults } = sample;
                return <li key={unit.subject + (unit.service ?? "")}><a href={`/pages/staff/filings/${unit.subject}`}>{unit.subject.slice(0, 8)}</a> {faults.map((fault) => `${ruleWords(rules, fault.rule)}（${said(fault.basis)}）`).join(t("；", "; "))}</li>;
              })}</ul>
            </Folded>
          )}
          <Form label={t("放行", "Release")} onSubmit={() => void release(preview.token)}>
            <TextArea label={t("放行理由", "Why it is released")} value={reason} violations={deed.problem?.of("/reason")} onInput={setReason} />
            <Trouble problem={deed.problem} side="staff" shown={["/reason"]} again={() => void read.again().then(deed.clear)} />
            {preview.members === 0 && <Note kind="info">{t("没有需要新通知的对象：不合格的已有进行中的核查，或都合格。", "Nobody new would be told: what is broken has its case already, or nothing is.")}</Note>}
            <Button type="submit" isBusy={deed.isBusy} disabled={preview.members === 0}>{t("放行，开始通知", "Release it: they are told")}</Button>
          </Form>
        </>
      )}</Shown>
    </Section>
  );
}

function Steer({ campaign, again }: { campaign: CampaignShape; again: () => Promise<void> }) {
  const [reason, setReason, forget] = useKept(`steer ${campaign.id}`, "");
  const deed = useDeed(`steer ${campaign.id}`);
  const step = async (step: Sent<"StepName">) => {
    const body = { step, reason };
    const done = await deed.run(body, (key) => answered(api.POST("/operations/campaigns/{campaign}/steps", { params: { path: { campaign: campaign.id }, header: { "Idempotency-Key": key } }, body })));
    if (done) {
      forget();
      await again();
    }
  };
  const isPaused = campaign.state === "paused";
  return (
    <Folded title={t("暂停、继续或取消", "Pause, resume or cancel")} open={deed.problem !== null}>
      <Form label={t("暂停、继续或取消", "Pause, resume or cancel")} onSubmit={() => void step(isPaused ? "resume" : "pause")}>
        <TextArea label={t("理由", "Reason")} value={reason} violations={deed.problem?.of("/reason")} onInput={setReason} />
        <Trouble problem={deed.problem} side="staff" shown={["/reason"]} />
        <Button type="submit" isBusy={deed.isBusy}>{isPaused ? t("继续", "Resume") : t("暂停", "Pause")}</Button>{" "}
        <Button kind="danger" isBusy={deed.isBusy} onClick={() => void step("cancel")}>{t("取消专项核查", "Cancel it")}</Button>
      </Form>
    </Folded>
  );
}

function Report({ id }: { id: string }) {
  const read = useRead(`campaign-report ${id}`, async () => asJson(await answered(api.GET("/operations/campaigns/{campaign}/report", { params: { path: { campaign: id } } }))));
  return (
    <Section title={t("结果", "What it came to")}>
      <Shown read={read} side="staff">{(report) => (
        <Bars title={t("各省：不合格 / 已核查", "By province: broken / done")} unit={t("已核查", "done")} bars={report.provinces.map((line) => ({ label: said(line.name), value: line.done, broken: line.broken }))} />
      )}</Shown>
    </Section>
  );
}
