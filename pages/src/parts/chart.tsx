// Bars that are also a table: the figures are read where the drawing is not.
import { Folded, Table } from "./basics";
import { t } from "../words/language";

export interface Bar {
  label: string;
  value: number;
  /** Of which so many are broken. */
  broken?: number;
}

export function Bars({ title, bars, unit }: { title: string; bars: Bar[]; unit: string }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  const share = (value: number) => `${(100 * value) / most}%`;
  const told = bars.map((bar) => `${bar.label} ${bar.broken === undefined ? bar.value : `${bar.broken} / ${bar.value}`}`).join(t("；", "; "));
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <div class="bars" role="img" aria-label={`${title}${t("：", ": ")}${told}`}>
        {bars.map((bar) => (
          <div key={bar.label} class="line">
            <span class="label">{bar.label}</span>
            <svg width="100%" height="18" aria-hidden="true">
              <rect class="bar" y="2" width={share(bar.value)} height="14" />
              {bar.broken !== undefined && <rect class="bar broken" y="2" width={share(bar.broken)} height="14" />}
            </svg>
            <span class="value">{bar.broken === undefined ? bar.value : `${bar.broken} / ${bar.value}`}</span>
          </div>
        ))}
      </div>
      <Folded title={t("数据表", "As a table")}>
        <Table caption={title} heads={[t("项目", "Of"), unit, ...(bars.some((bar) => bar.broken !== undefined) ? [t("其中不合格", "of which broken")] : [])]}
          rows={bars.map((bar) => [bar.label, String(bar.value), ...(bar.broken === undefined ? [] : [String(bar.broken)])])} />
      </Folded>
    </figure>
  );
}
