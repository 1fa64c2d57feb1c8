// Who is signed in, on which side. Tokens stay in the tabs; the issuer's own session spares the next sign-in.
import { type User, UserManager, WebStorageStateStore } from "oidc-client-ts";
import { useEffect, useState } from "preact/hooks";
import { forgetAll, shut } from "../api/kept";
import { end, isEnded } from "./ended";
import { type Side, settings } from "./settings";
import { askTabs, endInTabs, hearTabs, personOf } from "./tabs";

export interface Session {
  account: string;
  role: string;
  person: string;
}

/** Whose what is kept in this window is: nobody's yet, one person's, or no one's any more ("") where that person left. */
const WHO = "icp-who";

const SIDES: readonly Side[] = ["filers", "staff"];

const managers = new Map<Side, Promise<UserManager>>();
const heard = new Set<() => void>();

/** Paths that staff call; every other is a filer's or open. */
const STAFF = /^\/(review|operations|access-changes|bounces)(\/|$)/;

function manager(side: Side): Promise<UserManager> {
  const made = managers.get(side) ?? settings().then((of) => new UserManager({
    authority: of[side].issuer,
    client_id: of[side].client,
    scope: of[side].scope,
    redirect_uri: `${location.origin}/pages/signed-in/${side}`,
    post_logout_redirect_uri: `${location.origin}/`,
    userStore: new WebStorageStateStore({ prefix: `icp-${side}:`, store: sessionStorage }),
    automaticSilentRenew: false,
  }));
  managers.set(side, made);
  made.catch(() => managers.delete(side));
  return made;
}

/** The side that a path of the API belongs to. */
function sideOf(path: string): Side {
  return STAFF.test(path) ? "staff" : "filers";
}

/** The token for a path, if somebody is signed in on its side. */
export async function tokenFor(path: string): Promise<string | null> {
  if (path.startsWith("/contact-checks") || path.startsWith("/public-checks") || path === "/way-back") return null;
  const user = await (await manager(sideOf(path))).getUser();
  return user?.access_token ?? null;
}

/** Sends the reader to the issuer, and back to where they are now. `anew` asks who it is, though somebody is signed in. */
export async function signIn(side: Side, { to = location.pathname + location.search, anew = false } = {}): Promise<void> {
  try {
    await (await manager(side)).signinRedirect({ state: { to }, ...(anew && { prompt: "login" }) });
  } catch (error) {
    console.error(error);
    // The view there says so, and tries again.
    location.assign(`/pages/signed-in/${side}`);
  }
}

/** Takes the issuer's answer, and says where the reader was. */
export async function signedIn(side: Side): Promise<string> {
  const user = await (await manager(side)).signinRedirectCallback();
  welcome(user);
  return (user.state as { to?: string } | undefined)?.to ?? (side === "staff" ? "/pages/staff" : "/pages/filings");
}

/** What another person typed in this window is not this one's. */
function welcome(user: User): void {
  const who = personOf(user);
  if (sessionStorage.getItem(WHO) !== null && sessionStorage.getItem(WHO) !== who) forgetAll();
  sessionStorage.setItem(WHO, who);
  for (const hears of heard) hears();
}

/** Who is signed in in this window, and was not signed out in another. */
async function own(side: Side): Promise<User | null> {
  const at = await manager(side);
  const user = await at.getUser();
  if (!user || user.expired) return null;
  if (!(await isEnded(user))) return user;
  await forgetPerson(personOf(user));
  return null;
}

/** Who is signed in here; or whom another tab knows, and then here too. Only a window that was nobody's takes somebody over,
 * or one whose own person's session is over: what is typed in it stays its own. */
async function found(side: Side): Promise<User | null> {
  const here = await own(side);
  if (here) return here;
  const theirs = await askTabs(side);
  // Somebody may have signed in here meanwhile.
  const since = await own(side);
  if (since || !theirs || (await isEnded(theirs))) return since;
  const who = sessionStorage.getItem(WHO);
  if (who !== null && who !== personOf(theirs)) return null;
  await (await manager(side)).storeUser(theirs);
  welcome(theirs);
  return theirs;
}

/** This window knows nothing of a person any more. */
async function forgetPerson(person: string): Promise<void> {
  forgetAll();
  sessionStorage.setItem(WHO, "");
  for (const side of SIDES) {
    const at = await manager(side);
    const user = await at.getUser();
    if (user && personOf(user) === person) await at.removeUser();
  }
}

/** In another tab a person signed out: what stands here of that person goes, and what is on its way is not kept. */
async function left(person: string): Promise<void> {
  const here = await Promise.all(SIDES.map(async (side) => (await manager(side)).getUser()));
  if (!here.some((user) => user && personOf(user) === person)) return;
  shut();
  await forgetPerson(person);
  location.reload();
}

hearTabs(own, (person) => void left(person).catch(console.error));

/** Leaves nothing of the reader in this browser. */
export async function signOut(side: Side): Promise<void> {
  // An answer may be on its way still, and the issuer slow: what comes until the page is left is not kept.
  shut();
  forgetAll();
  sessionStorage.setItem(WHO, "");
  const at = await manager(side);
  const user = await at.getUser();
  if (user) {
    const person = personOf(user);
    for (const other of SIDES) {
      const of = await (await manager(other)).getUser();
      if (!of || personOf(of) !== person) continue;
      await end(of);
      if (other !== side) await (await manager(other)).removeUser();
    }
    endInTabs(person);
  }
  try {
    await at.signoutRedirect();
  } catch {
    // An issuer without an end of session: the tab forgets by itself.
    await at.removeUser();
    location.assign("/");
  }
}

/** Who is signed in on a side; nobody yet while that is found out, and nobody where no side is asked for. */
export function useSession(side: Side | null): Session | null | undefined {
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  useEffect(() => {
    // Other tabs may be waited for: what is heard meanwhile is newer.
    let latest = 0;
    if (side === null) {
      setSession(null);
      return undefined;
    }
    const hear = () => {
      latest += 1;
      const mine = latest;
      void Promise.all([found(side), settings()])
        .then(([user, of]) => {
          if (mine === latest) setSession(user ? sessionOf(user, of.accountClaim, of.roleClaim) : null);
        })
        .catch(() => {
          if (mine === latest) setSession(null);
        });
    };
    heard.add(hear);
    hear();
    return () => {
      latest += 1;
      heard.delete(hear);
    };
  }, [side]);
  return session;
}

function sessionOf(user: User, accountClaim: string, roleClaim: string): Session {
  const claims = claimsOf(user.access_token);
  const text = (name: string) => String(claims[name] ?? user.profile[name] ?? "");
  return { account: text(accountClaim), role: text(roleClaim), person: user.profile.sub };
}

/** The claims in a token, unchecked: they choose what is shown, and the API checks them. */
function claimsOf(token: string): Record<string, unknown> {
  const body = token.split(".")[1] ?? "";
  const text = atob(body.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}
