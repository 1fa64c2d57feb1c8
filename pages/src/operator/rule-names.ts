// Rules as operators know them: the code, the fault that it finds, its category.
import { answered, api } from "../api/client";
import type { Sent } from "../api/shapes";
import { type Read, useRead } from "../api/use";
import { said } from "../words/language";

interface Rule {
  fault: string;
  category: Sent<"Category">;
}

/** Every rule by its code, in the order of codes. */
export function useRules(): Read<Map<string, Rule>> {
  return useRead("rules", async () => {
    const levels = (await answered(api.GET("/operations/levels"))).body.items;
    return new Map(levels.map(({ rule, name, category }): [string, Rule] => [rule, { fault: said(name), category }]).sort());
  });
}

/** A rule in a line; its code alone while the faults are not read. */
export function ruleWords(rules: Read<Map<string, Rule>>, code: string): string {
  const rule = rules.value?.get(code);
  return rule ? `${code} ${rule.fault}` : code;
}

/** The codes of each category, in the order of codes. */
export function byCategory(rules: Map<string, Rule>): Map<Rule["category"], string[]> {
  const found = new Map<Rule["category"], string[]>();
  for (const [code, { category }] of rules) found.set(category, [...(found.get(category) ?? []), code]);
  return found;
}
