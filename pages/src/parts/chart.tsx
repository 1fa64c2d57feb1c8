// Bars that are also a table: the figures are read where the drawing is not.
import { Folded, Table } from "./basics";
import { t } from "../words/language";

export interface Bar {
  label: string;
  value: number;
  /** Of which so many are broken. */
  broken?: number;
}

const HEIGHT = 26;
const LABEL = 230;
const WIDTH = 640;

/** As much of a label as stands before the bars; the table has the whole. */
function short(label: string): string {
  let width = 0;
  for (const [at, letter] of [...label].entries()) {
    width += letter.charCodeAt(0) > 0x2000 ? 2 : 1;
    if (width > 34) return `${[...label].slice(0, at).join("")}…`;
  }
  return label;
}

export function Bars({ title, bars, unit }: { title: string; bars: Bar[]; unit: string }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  const scale = (value: number) => (value / most) * (WIDTH - LABEL - 90);
  const told = bars.map((bar) => `${bar.label} ${bar.value}`).join(t("；", "; "));
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <div class="scrolled" tabIndex={0} role="region" aria-label={title}>
        <svg viewBox={`0 0 ${WIDTH} ${Math.max(1, bars.length) * HEIGHT}`} width={WIDTH} role="img" aria-label={`${title}${t("：", ": ")}${told}`}>
          {bars.map((bar, at) => (
            <g key={bar.label} transform={`translate(0 ${at * HEIGHT})`}>
              <text x="0" y="17">{short(bar.label)}</text>
              <rect class="bar" x={LABEL} y="4" width={scale(bar.value)} height={HEIGHT - 8} />
              {bar.broken !== undefined && <rect class="bar broken" x={LABEL} y="4" width={scale(bar.broken)} height={HEIGHT - 8} />}
              <text x={LABEL + scale(bar.value) + 6} y="17">{bar.broken === undefined ? bar.value : `${bar.broken} / ${bar.value}`}</text>
            </g>
          ))}
        </svg>
      </div>
      <Folded title={t("数据表", "As a table")}>
        <Table caption={title} heads={[t("项目", "Of"), unit, ...(bars.some((bar) => bar.broken !== undefined) ? [t("其中不合格", "of which broken")] : [])]}
          rows={bars.map((bar) => [bar.label, String(bar.value), ...(bar.broken === undefined ? [] : [String(bar.broken)])])} />
      </Folded>
    </figure>
  );
}
