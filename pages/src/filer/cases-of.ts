// An account's cases: lists come without their evidence.
import { answered, api, whole } from "../api/client";
import type { Case } from "../api/shapes";

export function casesOfAccount(): Promise<Case[]> {
  return whole(async (cursor) => {
    const query = { limit: 50, ...(cursor && { cursor }) };
    const page = await answered(api.GET("/cases", { params: { query } }));
    return page as unknown as { body: { items: Case[]; next?: string | null }; status: number; version: number };
  });
}
