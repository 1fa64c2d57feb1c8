// Sessions that were ended in this browser: a window that slept through it does not bring them back. What is kept is a
// digest of the token, which says of nobody who it was, until the token is over anyway.
import type { User } from "oidc-client-ts";

const KEPT = "icp-ended";

type Ended = Record<string, number>;

function read(): Ended {
  const now = Date.now() / 1000;
  const all = Object.entries(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Ended);
  return Object.fromEntries(all.filter(([, until]) => now < until));
}

async function digest(user: User): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(user.access_token));
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

export async function end(user: User): Promise<void> {
  const of = await digest(user);
  localStorage.setItem(KEPT, JSON.stringify({ ...read(), [of]: user.expires_at ?? Number.MAX_SAFE_INTEGER }));
}

export async function isEnded(user: User): Promise<boolean> {
  return (await digest(user)) in read();
}
