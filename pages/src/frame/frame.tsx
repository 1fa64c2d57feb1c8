// The frame around every view: where one is, who one is, which language.
import { type ComponentChildren, Fragment } from "preact";
import { useLocation } from "preact-iso";
import { api, answered } from "../api/client";
import { useRead } from "../api/use";
import { type Session, signIn, signOut, useSession } from "../session/session";
import { Button, View } from "../parts/basics";
import type { Side } from "../session/settings";
import { choose, language, said, t } from "../words/language";

interface Place {
  path: string;
  label: string;
}

/** The places of a reader's side. */
function places(side: Side | null, session: Session | null | undefined): Place[] {
  if (side === "filers") {
    return [
      { path: "/pages/filings", label: t("我的备案", "My filings") },
      { path: "/pages/cases", label: t("待整改", "To put right") },
      { path: "/pages/orders", label: t("备案订单", "Orders") },
      { path: "/pages/contact", label: t("通知方式", "How I am told") },
    ];
  }
  if (side === "staff") {
    const reviews = [
      { path: "/pages/staff", label: t("工作台", "Work") },
      { path: "/pages/staff/search", label: t("查找备案", "Search") },
    ];
    const operates = [
      { path: "/pages/operations", label: t("运营总览", "Operations") },
      { path: "/pages/operations/condemned", label: t("待停止接入", "To be stopped") },
      { path: "/pages/operations/imports", label: t("导入", "Imports") },
      { path: "/pages/operations/bureau-lists", label: t("管局下发清单", "Bureau lists") },
      { path: "/pages/operations/campaigns", label: t("专项核查", "Campaigns") },
      { path: "/pages/operations/reports", label: t("报表", "Reports") },
    ];
    if (session?.role === "operator") return operates;
    return session?.role === "auditor" ? [...reviews, ...operates] : reviews;
  }
  return [
    { path: "/", label: t("首页", "Start") },
    { path: "/pages/contact-check", label: t("核验号码", "Prove a number") },
    { path: "/pages/public-check", label: t("检测网站", "Check a site") },
    { path: "/pages/way-back", label: t("恢复接入", "The way back") },
  ];
}

/** Where the work of one of the staff begins. */
function home(session: Session | null | undefined): string {
  return session?.role === "operator" ? "/pages/operations" : "/pages/staff";
}

/** The side that a page belongs to; none for what is open. */
function sideOfPage(path: string): Side | null {
  if (/^\/pages\/(staff|operations)(\/|$)/.test(path)) return "staff";
  if (/^\/pages\/(filings|cases|orders|contact)(\/|$)/.test(path)) return "filers";
  return null;
}

export function Frame({ children }: { children: ComponentChildren }) {
  const { path } = useLocation();
  const side = sideOfPage(path);
  const session = useSession(side);
  const listed = places(side, session);
  // The longest that fits is where one is.
  const at = listed.filter((place) => path === place.path || path.startsWith(`${place.path}/`))
    .sort((one, other) => other.path.length - one.path.length)[0];
  return (
    <>
      <a class="skip" href="#main">{t("跳到正文", "Skip to the contents")}</a>
      <header>
        <a class="brand" href={side === "staff" ? home(session) : "/"}>{t("ICP备案核查", "ICP filing audit")}</a>
        <div class="reader">
          {side && session && (
            <>
              <span class="who">{side === "staff" ? roleWords(session.role) : session.account} · {session.person}</span>
              {side === "staff" && <button type="button" class="link" onClick={() => void signIn(side, { anew: true })}>{t("换人登录", "Somebody else")}</button>}
              <button type="button" class="link" onClick={() => void signOut(side)}>{t("退出", "Sign out")}</button>
            </>
          )}
          {!side && <a href="/pages/filings">{t("我的备案", "My filings")}</a>}
          <button type="button" class="link" lang={language() === "zh" ? "en" : "zh-CN"}
            onClick={() => choose(language() === "zh" ? "en" : "zh")}>
            {language() === "zh" ? "English" : "中文"}
          </button>
        </div>
      </header>
      <nav aria-label={t("主导航", "Main")}>
        <ul>
          {listed.map((place) => (
            <li key={place.path}><a href={place.path} aria-current={place === at ? "page" : undefined}>{place.label}</a></li>
          ))}
        </ul>
      </nav>
      <main id="main">{children}</main>
      <Foot />
    </>
  );
}

/** Whom to ask, as every message of ours says it too. */
function Foot() {
  const provider = useRead("provider", async () => (await answered(api.GET("/contact-checks/provider"))).body);
  if (!provider.value) return <footer />;
  const { provider: name, telephone, address } = provider.value;
  return (
    <footer>
      <p>{said(name)} · {t("客服电话", "Telephone")} <a href={`tel:${telephone}`}>{telephone}</a> · {address}</p>
      <p>{t("我们的短信和电话不会索要验证码、密码或付款，也不会给出其他网址。", "No text and no call of ours asks for a code, a password or money, or gives another address.")}</p>
    </footer>
  );
}

function roleWords(role: string): string {
  const words: Record<string, string> = {
    filer: t("备案人", "Filer"), reviewer: t("审核员", "Reviewer"), operator: t("运营人员", "Operator"), auditor: t("审计员", "Auditor"),
  };
  return words[role] ?? role;
}

/** What only whoever is signed in on a side sees; others are asked to. */
export function Only({ side, roles, children }: { side: Side; roles?: string[]; children: ComponentChildren }) {
  const session = useSession(side);
  if (session === undefined) return <p role="status">{t("读取中…", "Reading…")}</p>;
  if (session === null) {
    return (
      <View title={t("请先登录", "Sign in first")} lead={side === "staff" ? t("本页面供工作人员使用。", "This page is for staff.")
        : t("用您的账号登录后，可以查看备案、整改期限和办理进度。", "Signed in, you see your filings, their deadlines and your orders.")}>
        <button type="button" class="main" onClick={() => void signIn(side)}>{t("登录", "Sign in")}</button>
      </View>
    );
  }
  if (roles && !roles.includes(session.role)) {
    return (
      <View title={t("没有权限", "Not for this role")} lead={t(`当前身份是${roleWords(session.role)}，不能使用此页面。`, `You are signed in as ${roleWords(session.role)}, who has no part in this page.`)}>
        <p><a href={home(session)}>{t("回到工作台", "Back to your work")}</a></p>
        <p><Button kind="plain" onClick={() => void signIn(side, { anew: true })}>{t("换人登录", "Sign in as somebody else")}</Button></p>
      </View>
    );
  }
  // Nothing of one person stands before another.
  return <Fragment key={`${session.account} ${session.person}`}>{children}</Fragment>;
}
