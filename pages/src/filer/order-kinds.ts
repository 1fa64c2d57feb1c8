// The seven kinds of order as a filer meets them: what each is for, what it is about, which parts are filled in.
import type { Draft, DraftPerson, DraftService } from "../api/shapes";
import { t } from "../words/language";

export type Part = "subject" | "persons" | "services" | "materials";

interface OrderKind {
  about: () => string;
  /** What it is begun of. */
  of: "nothing" | "subject" | "service";
  parts: Part[];
  /** Whether its subject may be filed at another provider alone. */
  isOfElsewhere?: boolean;
  /** Whether it takes a number away for good. */
  isFinal: boolean;
}

export const ORDER_KINDS: Record<string, OrderKind> = {
  "first-filing": { about: () => t("第一次备案", "a filing that is the subject's first"), of: "nothing", parts: ["subject", "persons", "services", "materials"], isFinal: false },
  "change": { about: () => t("更正已备案的信息", "what is filed shall say what is"), of: "subject", parts: ["subject", "persons", "services", "materials"], isFinal: false },
  "add-site": { about: () => t("主体已备案，再加一个网站", "another site of a filed subject"), of: "subject", parts: ["persons", "services", "materials"], isOfElsewhere: true, isFinal: false },
  "add-access": { about: () => t("恢复或新增本接入商的接入", "access here for a site that is filed"), of: "service", parts: ["services", "materials"], isOfElsewhere: true, isFinal: false },
  "cancel-access": { about: () => t("不再由本接入商接入，备案号保留", "no access here any more; the number stays"), of: "service", parts: [], isFinal: false },
  "deregister-site": { about: () => t("网站彻底不用了，备案号注销", "the site is gone for good, and so is its number"), of: "service", parts: [], isFinal: true },
  "deregister-subject": { about: () => t("主体不再需要任何备案", "the subject wants no filing any more"), of: "subject", parts: [], isFinal: true },
};

/** The draft that an order begins with. */
export function startOf(kind: string, service: string, isFiledHere: boolean): Partial<Draft> {
  const person: DraftPerson = { id: "p1", name: "", identityKind: "resident-id", identity: "", identityUntil: null, mobile: "", email: "" };
  const site = (id: string): DraftService => ({ id, kind: "site", name: "", domains: [""], homePage: null, principal: "p1", addresses: [] });
  if (!isFiledHere && ORDER_KINDS[kind]?.isOfElsewhere) return { subject: { ...emptySubject(), principal: "p1" }, persons: [person], services: [site("1")] };
  switch (kind) {
    case "first-filing":
      return { subject: { ...emptySubject(), principal: "p1" }, persons: [person], services: [site("1")] };
    case "add-site":
      return { services: [{ ...site(newId("s")), principal: "" }] };
    case "add-access":
    case "cancel-access":
    case "deregister-site":
      // Only the id: whatever else stands in a draft is a change.
      return { services: [{ id: service } as Draft["services"][number]] };
    default:
      return {};
  }
}

function emptySubject(): Draft["subject"] {
  return { province: "", nature: null, name: "", certificate: null, certificateAddress: "", postalAddress: "", principal: "", legalRepresentative: "" };
}

/** An id that no other part of a draft has. */
export function newId(of: string): string {
  return `${of}${Math.random().toString(36).slice(2, 8)}`;
}
