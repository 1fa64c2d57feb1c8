// Violations that come in both languages, in the reader's.
import type { Violation } from "../api/problem";
import type { CheckedViolation } from "../api/shapes";
import { said } from "./language";

export function inWords(one: CheckedViolation): Violation {
  return { ...one, text: said(one.text), asOf: one.asOf ?? null };
}
