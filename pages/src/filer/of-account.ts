// An account's own lists, to their ends. Cases come without their evidence, orders without their drafts.
import { type Answered, answered, api, whole } from "../api/client";
import type { Case, Filing, OrderHead } from "../api/shapes";

interface Page<T> {
  items: T[];
  next?: string | null;
}

function query(cursor: string | undefined): { params: { query: { limit: number; cursor?: string } } } {
  return { params: { query: { limit: 50, ...(cursor && { cursor }) } } };
}

export function casesOfAccount(): Promise<Case[]> {
  return whole(async (cursor) => await answered(api.GET("/cases", query(cursor))) as unknown as Answered<Page<Case>>);
}

export function ordersOfAccount(): Promise<OrderHead[]> {
  return whole(async (cursor) => await answered(api.GET("/orders", query(cursor))) as unknown as Answered<Page<OrderHead>>);
}

export function filingsOfAccount(): Promise<Filing[]> {
  return whole(async (cursor) => await answered(api.GET("/filings", query(cursor))) as unknown as Answered<Page<Filing>>);
}
