// What kept a call from being answered, in the reader's language.
import type { components } from "./schema";
import { t } from "../words/language";

export type Violation = components["schemas"]["ViolationBody"];

/** Why a call failed. `kind` is the end of the problem's URN, or one of ours. */
export class Problem extends Error {
  constructor(
    readonly kind: string,
    readonly status: number,
    title: string,
    readonly detail: string,
    readonly violations: Violation[] = [],
    readonly retryAfter: number | null = null,
  ) {
    super(title);
  }

  /** Whether the same call may succeed later, so that its key is kept. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 401 || this.status === 429 || 500 <= this.status;
  }

  /** The violations of a field, by its JSON pointer. */
  of(field: string): Violation[] {
    return this.violations.filter((violation) => violation.field === field);
  }
}

/** The answer never came. */
export function unanswered(): Problem {
  return new Problem("unanswered", 0, t("网络没有响应", "The network does not answer"),
    t("请检查网络后再试一次；已填写的内容都还在，重复提交也不会办两次。",
      "Check the network and try again. Nothing you typed is lost, and nothing is done twice."));
}

/** A problem document, or the gateway's own words. */
export function told(status: number, body: unknown): Problem {
  const told = (body ?? {}) as Partial<components["schemas"]["ProblemBody"]> & { message?: string };
  if (status === 401) {
    return new Problem("signed-out", 401, t("登录已过期", "You are signed out"),
      t("请重新登录；已填写的内容会保留。", "Sign in again; what you typed is kept."));
  }
  const kind = told.type?.split(":").pop() ?? "gateway";
  const title = told.title ?? (status === 429
    ? t("请求太频繁，请稍后再试", "Too many requests; try again in a while")
    : t("服务暂时无法处理", "The service cannot do this now"));
  const violations = told.violations ?? [];
  // To callers of the API a field is not parsed; to who filled it in it is to be mended, and each says how.
  if (kind === "malformed-request" && violations.length > 0) return new Problem(kind, status, t("填写的内容须修改", "What was filled in is to be mended"), "", violations);
  return new Problem(kind, status, title, told.detail ?? "", violations, told.retryAfter ?? null);
}
