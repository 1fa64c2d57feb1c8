// What an operator sees first: the brake as one switch, what waits behind it, and what is held.
import { useState } from "preact/hooks";
import { answered, api, ifMatch } from "../api/client";
import { useDeed, useRead } from "../api/use";
import { useKept } from "../api/kept";
import type { NoticeHold, Sent } from "../api/shapes";
import { Only } from "../frame/frame";
import { Button, Folded, Form, Note, Section, Shown, TextArea, Trouble, Twice, View } from "../parts/basics";
import { useSession } from "../session/session";
import { t } from "../words/language";
import { day, instant } from "../words/time";
import { ruleWords, useRules } from "./rule-names";

export default function Overview() {
  return <Only side="staff" roles={["operator", "auditor"]}><Whole /></Only>;
}

function Whole() {
  return (
    <View title={t("运营总览", "Operations")}>
      <BrakeSwitch />
      <Holds />
    </View>
  );
}

function brakeModes(): [Sent<"BrakeMode">, string, string][] {
  return [
    ["manual", t("人工放行", "Released by hand"), t("停止接入须由运营人员逐项放行", "nothing is stopped unless an operator releases it")],
    ["automatic", t("自动", "Automatic"), t("准确率达标的规则自动停止接入，超过上限即停", "rules that were right often enough stop by themselves, up to the caps")],
    ["dry-run", t("演练", "Dry run"), t("照常判定，但不停止任何接入", "all is done but the stop")],
    ["off", t("全部暂停", "All stops off"), t("除管局指令外，不停止任何接入", "nothing is stopped but by a bureau's order")],
  ];
}

function BrakeSwitch() {
  const session = useSession("staff");
  const read = useRead("brake", async () => {
    const found = await answered(api.GET("/operations/brake"));
    return { brake: found.body, version: found.version };
  });
  const [wanted, setWanted] = useState("");
  const deed = useDeed("brake");
  const set = async (mode: Sent<"BrakeMode">, unlatch: boolean, version: number) => {
    const body = { mode, unlatch };
    const done = await deed.run([body, version], (key) => answered(api.POST("/operations/brake", { params: { header: { "Idempotency-Key": key, "If-Match": ifMatch(version) } }, body })));
    if (done) {
      setWanted("");
      await read.again();
    }
  };
  return (
    <Section title={t("停止接入总控", "The brake")}>
      <Shown read={read} side="staff">{({ brake, version }) => {
        const now = brakeModes().find(([mode]) => mode === brake.mode);
        const next = brakeModes().find(([mode]) => mode === wanted);
        return (
          <div class={brake.latchedAt ? "brake latched" : "brake"}>
            <p><strong>{t("现在：", "Now: ")}{now?.[1]}</strong> {now?.[2]}</p>
            <ul class="tiles">
              <li><strong>{brake.liveLinks}</strong>{t("正常接入", "links live")}</li>
              <li><strong>{brake.stoppedInLastDay}</strong>{t("近24小时停止", "stopped in 24 hours")}</li>
            </ul>
            {brake.latchedAt && (
              <Note kind="bad">
                {t(`已于${instant(brake.latchedAt)}因超过上限自动锁定：只停止锁定之后同意的第一批，以及管局要求立即停止的。`, `Latched at ${instant(brake.latchedAt)}: a cap was passed. Only the first set that is released after it is stopped, and what a bureau orders.`)}
                {session?.role === "operator" && <Twice label={t("解除锁定", "Take the latch off")} question={t("待停止的都看过、确认无误？", "Was all that is to be stopped looked at, and is it right?")}
                  yes={t("确认无误，解除锁定", "It is right: take the latch off")} isBusy={deed.isBusy} onYes={() => void set(brake.mode, true, version)} />}
              </Note>
            )}
            {session?.role === "operator" && (
              <div class="switch" role="group" aria-label={t("总控模式", "Mode of the brake")}>
                {brakeModes().map(([mode, words]) => (
                  <button key={mode} type="button" class="plain" aria-pressed={mode === brake.mode} onClick={() => setWanted(mode === brake.mode ? "" : mode)}>{words}</button>
                ))}
              </div>
            )}
            {next && next[0] !== brake.mode && (
              <Note kind="warning">
                <p><strong>{next[1]}</strong>：{next[2]}</p>
                <Button isBusy={deed.isBusy} onClick={() => void set(next[0], false, version)}>{t(`改为“${next[1]}”`, `Set it to ${next[1]}`)}</Button>{" "}
                <Button kind="plain" onClick={() => setWanted("")}>{t("不改", "Leave it")}</Button>
              </Note>
            )}
            <Trouble problem={deed.problem} side="staff" again={() => void read.again()} />
          </div>
        );
      }}</Shown>
    </Section>
  );
}

/** A run: its rule, and its day. */
function runWords(rules: ReturnType<typeof useRules>, run: string): string {
  const [code = "", on = ""] = run.split(".");
  return `${ruleWords(rules, code)} · ${day(on)}`;
}

/** Runs whose first notices are held: too many faults at once may be our own. */
function Holds() {
  const session = useSession("staff");
  const rules = useRules();
  const read = useRead("notice-holds", async () => (await answered(api.GET("/operations/notice-holds"))).body.items);
  return (
    <Section title={t("暂缓发出的通知", "Notices that are held")}>
      <Shown read={read} side="staff">{(holds) => {
        const held = holds.filter((hold) => !hold.released);
        const released = holds.filter((hold) => hold.released).sort((one, other) => other.heldAt.localeCompare(one.heldAt));
        const about = (hold: NoticeHold) => <p><strong>{runWords(rules, hold.run)}</strong> · {t(`${hold.units}个中有${hold.broken}个不合格`, `${hold.broken} of ${hold.units} broken`)} · {instant(hold.heldAt)}</p>;
        return (
          <>
            {held.length === 0 ? <p>{t("没有。", "None.")}</p> : (
              <ul class="cards">{held.map((hold) => (
                <li key={hold.run}>
                  {about(hold)}
                  {session?.role === "operator" && <Release hold={hold} again={read.again} />}
                </li>
              ))}</ul>
            )}
            {released.length > 0 && (
              <Folded title={t(`已放行的（${released.length}）`, `Those that were let go (${released.length})`)}>
                <ul class="cards">{released.map((hold) => (
                  <li key={hold.run}>
                    {about(hold)}
                    <p class="quiet">{instant(hold.released?.at)} · {hold.released?.by} · {hold.released?.reason}</p>
                  </li>
                ))}</ul>
              </Folded>
            )}
          </>
        );
      }}</Shown>
    </Section>
  );
}

function Release({ hold, again }: { hold: NoticeHold; again: () => Promise<void> }) {
  const [reason, setReason, forget] = useKept(`hold ${hold.run}`, "");
  const deed = useDeed(`hold ${hold.run}`);
  const release = async () => {
    const done = await deed.run([reason, hold.version], (key) => answered(api.POST("/operations/notice-holds/{run}/releases",
      { params: { path: { run: hold.run }, header: { "Idempotency-Key": key, "If-Match": ifMatch(hold.version) } }, body: { reason } })));
    if (done) {
      forget();
      await again();
    }
  };
  return (
    <Form label={t(`放行${hold.run}的通知`, `Let the notices of ${hold.run} go`)} onSubmit={() => void release()}>
      <TextArea label={t("为什么确认无误", "Why they are right")} value={reason} violations={deed.problem?.of("/reason")} onInput={setReason} />
      <Trouble problem={deed.problem} side="staff" again={() => void again()} shown={["/reason"]} />
      <Button type="submit" isBusy={deed.isBusy}>{t("放行通知", "Let them go")}</Button>
    </Form>
  );
}
