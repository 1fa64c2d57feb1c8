// Calls of the API: typed by its document, with the caller's token and language, within a time.
import createClient from "openapi-fetch";
import type { paths } from "./schema";
import { hear } from "./clock";
import type { Whole } from "./shapes";
import { Problem, told, unanswered } from "./problem";
import { tokenFor } from "../session/session";
import { language, tag } from "../words/language";

/** A call that takes longer has failed: the gateway itself gives up after 30 s. */
const MOST_MS = 35_000;

async function send(request: Request): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.set("accept-language", tag(language()));
  if (!headers.has("accept")) headers.set("accept", "application/json");
  try {
    const token = await tokenFor(new URL(request.url).pathname);
    if (token) headers.set("authorization", `Bearer ${token}`);
    const answer = await fetch(new Request(request, { headers, signal: AbortSignal.timeout(MOST_MS) }));
    hear(answer);
    // An answer that breaks off is none: it is read to its end here.
    const body = await answer.arrayBuffer();
    return new Response(body.byteLength === 0 ? null : body, { status: answer.status, statusText: answer.statusText, headers: answer.headers });
  } catch {
    throw unanswered();
  }
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: send });

/** What a call answered: its body, and the version that the next step names. */
export interface Answered<T> {
  body: T;
  status: number;
  version: number;
}

interface Result<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer of a call; a problem is thrown. */
export async function answered<T>(call: Promise<Result<T>>): Promise<Answered<Whole<T>>> {
  const { data, error, response } = await call;
  if (!response.ok) throw told(response.status, error);
  const version = Number(response.headers.get("etag")?.replace(/\D/g, "") ?? 0);
  return { body: data as Whole<T>, status: response.status, version };
}

/** A problem, whatever was thrown. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  console.error(thrown);
  return new Problem("page", 0, String(thrown), "");
}

/** What of an answer in several renderings is JSON. */
export function asJson<T>({ body }: Answered<T>): Exclude<T, string> {
  return body as Exclude<T, string>;
}

/** A version as `If-Match` takes it. */
export function ifMatch(version: number): string {
  return `"${version}"`;
}

/** A list to its end. */
export async function whole<T>(page: (cursor: string | undefined) => Promise<Answered<{ items: T[]; next?: string | null }>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await page(cursor);
    items.push(...body.items);
    cursor = body.next ?? undefined;
  } while (cursor !== undefined);
  return items;
}
