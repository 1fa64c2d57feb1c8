// Rules as operators know them: the code, and the fault that it finds.
import { answered, api } from "../api/client";
import { type Read, useRead } from "../api/use";
import { said } from "../words/language";

/** Every rule's fault by its code, in the order of codes. */
export function useRules(): Read<Map<string, string>> {
  return useRead("rules", async () => {
    const levels = (await answered(api.GET("/operations/levels"))).body.items;
    return new Map(levels.map((level): [string, string] => [level.rule, said(level.name)]).sort());
  });
}

/** A rule in a line; its code alone while the faults are not read. */
export function ruleWords(rules: Read<Map<string, string>>, code: string): string {
  const fault = rules.value?.get(code);
  return fault ? `${code} ${fault}` : code;
}
