// What rules say of a site, one by one.
import type { components } from "../api/schema";
import { Folded } from "./basics";
import { categoryWords } from "../words/terms";
import { t } from "../words/language";

type Said = components["schemas"]["SaidView"];

function outcomeWords(outcome: string): string {
  const words: Record<string, string> = {
    broken: t("不合格", "not as it must be"), "for-people": t("须人工判断", "for people to judge"),
    undecided: t("未能判定", "not seen"), kept: t("合格", "as it must be"), "not-applicable": t("不适用", "not spoken of"),
  };
  return words[outcome] ?? outcome;
}

/** What is broken first; what is as it must be, folded. */
export function SaidList({ said }: { said: Said[] }) {
  const isWell = (one: Said) => one.outcome === "kept" || one.outcome === "not-applicable";
  const well = said.filter(isWell);
  return (
    <>
      <ul class="said">{said.filter((one) => !isWell(one)).map((one) => <SaidItem key={one.rule + JSON.stringify(one.object)} said={one} />)}</ul>
      {well.length > 0 && (
        <Folded title={t(`其余${well.length}项`, `The other ${well.length}`)}>
          <ul class="said">{well.map((one) => <SaidItem key={one.rule + JSON.stringify(one.object)} said={one} />)}</ul>
        </Folded>
      )}
    </>
  );
}

function SaidItem({ said }: { said: Said }) {
  return (
    <li class={said.outcome}>
      <p><span class={`tag ${said.outcome}`}>{outcomeWords(said.outcome)}</span> {said.says}</p>
      {said.toDo && <p>{t("怎么做：", "What to do: ")}{said.toDo}</p>}
      {said.consequences && <p class="hint">{said.consequences}</p>}
      <p class="hint">{said.rule}{said.category && ` · ${categoryWords(said.category)}`}</p>
    </li>
  );
}
