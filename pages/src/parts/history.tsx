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

export function History({ items }: { items: Happened[] }) {
  return (
    <ol class="history">
      {[...items].reverse().map((item) => (
        <li key={item.number}><time dateTime={item.at}>{instant(item.at)}</time> <span>{happenedWords(item.what)}</span> <small>{whoWords(item.who)}</small></li>
      ))}
    </ol>
  );
}
