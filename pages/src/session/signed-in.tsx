// Where the issuer sends the reader back to.
import { useLocation } from "preact-iso";
import { useEffect, useState } from "preact/hooks";
import { Button, View } from "../parts/basics";
import { t } from "../words/language";
import { signedIn, signIn } from "./session";
import type { Side } from "./settings";

export default function SignedIn({ side: named }: { side?: string }) {
  const side: Side = named === "staff" ? "staff" : "filers";
  const { route } = useLocation();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    signedIn(side).then((to) => route(to, true), () => setFailed(true));
  }, []);
  if (!failed) return <p role="status">{t("正在登录…", "Signing in…")}</p>;
  const start = side === "staff" ? "/pages/staff" : "/pages/filings";
  return (
    <View title={t("登录没有完成", "You are not signed in")} lead={t("登录页面可能停留太久，请再试一次。", "The sign-in took too long, or was left. Try again.")}>
      <Button onClick={() => void signIn(side, { to: start })}>{t("登录", "Sign in")}</Button>
    </View>
  );
}
