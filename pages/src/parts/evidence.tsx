// Evidence as a layman believes it: what was found beside what it should be, where and when it was seen, and the words
// of the page itself.
import type { Answer, Evidence, Finding, Service } from "../api/shapes";
import { Facts, Folded } from "./basics";
import { said, t, type Text } from "../words/language";
import { instant } from "../words/time";

/** The looks that a finding rests on, the latest first. */
export function EvidenceOf({ finding, evidence, service }: { finding: Finding; evidence: Evidence[]; service: Service | null }) {
  const shown = evidence.filter((one) => wordsOf(finding, one).length > 0)
    .sort((one, other) => other.evidence.begunAt.localeCompare(one.evidence.begunAt));
  if (shown.length === 0) return null;
  return (
    <div class="evidence">
      <h3>{t("我们看到了什么", "What we saw")}</h3>
      {shown.map((one, at) => (
        <Folded key={one.evidence.look.id} open={at === 0}
          title={seenFrom(finding, one)}>
          <OneLook finding={finding} look={one} service={service} />
        </Folded>
      ))}
    </div>
  );
}

/** When it was seen and, of what is looked at on the network, from where. */
function seenFrom(finding: Finding, look: Evidence): string {
  const at = instant(look.evidence.begunAt);
  const { carrier } = look;
  const isLooked = finding.category === "access" || finding.category === "content-and-holder";
  if (!isLooked) return t(`${at}，核对备案记录`, `${at}, by the filing's own record`);
  return carrier ? t(`${at}，从${carrier}的网络查看`, `${at}, seen from the network of ${carrier}`) : at;
}

/** What a look says of a finding. */
function wordsOf(finding: Finding, look: Evidence): Text[] {
  const object = JSON.stringify(finding.object);
  return look.shows.filter(([rule, of]) => rule === finding.rule && JSON.stringify(of) === object).map(([, , words]) => words);
}

/** One look. Where names lead matters to access alone. */
function OneLook({ finding, look, service }: { finding: Finding; look: Evidence; service: Service | null }) {
  const { names, homePage } = look.evidence;
  const page = homePage?.answer;
  const facts = page && typeof page === "object" ? page.answered : null;
  return (
    <>
      {wordsOf(finding, look).map((words) => <p key={words.zh} class="summary">{said(words)}</p>)}
      {finding.category === "access" && names.length > 0 && (
        <table class="compared">
          <caption>{t("域名解析", "Where the names lead")}</caption>
          <thead><tr><th scope="col">{t("域名", "Name")}</th><th scope="col">{t("查到的地址", "Address found")}</th><th scope="col">{t("备案的地址", "Address filed")}</th></tr></thead>
          <tbody>
            {names.map((name) => (
              <tr key={name.name}>
                <th scope="row">{name.name}</th>
                <td>{addresses(name.seen)}</td>
                <td>{service?.addresses.join(t("、", ", ")) || t("本接入商的地址", "an address of ours")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {homePage === null ? null : facts ? (
        <>
          <Facts facts={[
            [t("打开的网址", "Address opened"), facts.url],
            [t("服务器回答", "The server's answer"), facts.statuses.join(" → ")],
            [t("网页标题", "Title of the page"), facts.title || t("（没有标题）", "(none)")],
            [t("网页上的备案号", "Filing numbers on the page"), facts.numbers.map((one) => one.number).join(t("、", ", ")) || t("没有找到", "none found")],
            [t("应有的备案号", "The number it must show"), service?.number ?? ""],
          ]} />
          {facts.excerpt && <figure><figcaption>{t("网页文字节选", "From the page")}</figcaption><blockquote tabIndex={0}>{facts.excerpt}</blockquote></figure>}
        </>
      ) : <p>{t("首页：", "Home page: ")}{notAnswered(homePage)}</p>}
    </>
  );
}

function addresses(seen: Evidence["evidence"]["names"][number]["seen"]): string {
  if (!seen.answer) return t("查询失败（不算不合格）", "could not be asked (no fault)");
  const { answer } = seen;
  if (answer === "noSuchName") return t("域名不存在", "no such name");
  if (answer === "noAddress") return t("没有解析到任何地址", "no address");
  if (typeof answer !== "object") return "";
  return [...answer.addresses.canonical.map((name) => `→ ${name}`), ...answer.addresses.addresses].join(t("、", ", "));
}

function notAnswered(seen: Answer<"Seen_PageAnswer">): string {
  if (!seen.answer) return t("无法打开（线路故障不算不合格）", "could not be opened (our own failures count for nothing)");
  return seen.answer === "refused" ? t("服务器拒绝连接", "the server refused") : t("没有地址可打开", "no address to open");
}
