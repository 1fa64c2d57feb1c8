// An account's own lists. Cases come without their evidence, orders without their drafts.
import { answered, api, whole } from "../api/client";
import type { Case, Filing, ListedOrder } from "../api/shapes";
import type { Page } from "../api/use";

/** A page as people read them; a list that is read to its end is read by the longest pages there are. */
const READ = 20;
const LONGEST = 50;

function query<T>(cursor: string | undefined, limit: number, narrowed: T): { params: { query: T & { limit: number; cursor?: string } } } {
  return { params: { query: { ...narrowed, limit, ...(cursor && { cursor }) } } };
}

/** What is to be put right, whole. */
export function openCases(): Promise<Case[]> {
  return whole(async (cursor) => await answered(api.GET("/cases", query(cursor, LONGEST, { open: true }))));
}

/** What is over, the newest first. */
export async function closedCases(cursor?: string): Promise<Page<Case>> {
  return (await answered(api.GET("/cases", query(cursor, READ, { open: false })))).body;
}

/** Orders, the newest first. */
export async function orders(cursor?: string, limit = READ): Promise<Page<ListedOrder>> {
  return (await answered(api.GET("/orders", query(cursor, limit, {})))).body;
}

export async function filings(cursor?: string): Promise<Page<Filing>> {
  return (await answered(api.GET("/filings", query(cursor, LONGEST, {})))).body;
}
