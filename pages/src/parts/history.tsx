// What happened, the latest first.
import { t } from "../words/language";
import { happenedWords } from "../words/happened";
import { instant } from "../words/time";

interface Happened {
  number: number;
  at: string;
  who: string;
  what: string;
}

function whoWords(who: string): string {
  const words: Record<string, string> = { filer: t("备案人", "filer"), staff: t("工作人员", "staff"), person: t("负责人", "the person"), service: t("系统", "the service") };
  return words[who] ?? who;
}

/** A draft saves itself while one types: such a run is one entry with its number of times. Every other instant counts. */
function runs(items: Happened[]): { last: Happened; times: number }[] {
  const found: { last: Happened; times: number }[] = [];
  for (const item of items) {
    const before = found.at(-1);
    if (before && item.what === "order-edited" && before.last.what === item.what && before.last.who === item.who) {
      before.last = item;
      before.times += 1;
    } else found.push({ last: item, times: 1 });
  }
  return found.reverse();
}

export function History({ items }: { items: Happened[] }) {
  return (
    <ol class="history">
      {runs(items).map(({ last, times }) => (
        <li key={last.number}><time dateTime={last.at}>{instant(last.at)}</time> <span>{happenedWords(last.what)}{times > 1 && t(`（${times}次）`, ` (${times} times)`)}</span> <small>{whoWords(last.who)}</small></li>
      ))}
    </ol>
  );
}
