// Tabs of one browser tell each other who is signed in, so that a page opened beside another wants no sign-in of its own.
// Nothing of it is kept outside the tabs.
import { User } from "oidc-client-ts";
import type { Side } from "./settings";

type Said =
  | { says: "who"; side: Side }
  | { says: "this"; side: Side; user: string }
  | { says: "over"; person: string };

const tabs = new BroadcastChannel("icp-session");

/** How long other tabs are waited for: they answer in a few milliseconds, or not at all. */
const WAIT_MS = 200;

/** One person at one issuer. */
export function personOf(user: User): string {
  return `${user.profile.iss} ${user.profile.sub}`;
}

function say(said: Said): void {
  tabs.postMessage(said);
}

/** Whom the other tabs know on a side; nobody where they know several. */
export function askTabs(side: Side): Promise<User | null> {
  const known = new Map<string, User>();
  const hear = ({ data }: MessageEvent<Said>) => {
    if (data.says !== "this" || data.side !== side) return;
    const user = User.fromStorageString(data.user);
    if (!user.expired) known.set(personOf(user), user);
  };
  tabs.addEventListener("message", hear);
  say({ says: "who", side });
  return new Promise((resolve) => setTimeout(() => {
    tabs.removeEventListener("message", hear);
    const [first, ...others] = known.values();
    resolve(others.length === 0 ? first ?? null : null);
  }, WAIT_MS));
}

/** Somebody signed out: no tab knows that person any more. */
export function endInTabs(person: string): void {
  say({ says: "over", person });
}

/** Answers what other tabs ask, and hears what ends there. */
export function hearTabs(userOf: (side: Side) => Promise<User | null>, over: (person: string) => void): void {
  tabs.addEventListener("message", ({ data }: MessageEvent<Said>) => {
    if (data.says === "over") over(data.person);
    if (data.says === "who") {
      const { side } = data;
      // A tab that cannot tell says nothing.
      userOf(side).then((user) => {
        if (user) say({ says: "this", side, user: user.toStorageString() });
      }, () => undefined);
    }
  });
}
