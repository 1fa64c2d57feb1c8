// What the document calls an object without saying of what: the shapes of the domain, as far as pages read them.
import type { components } from "./schema";
import type { Text } from "../words/language";

type Schemas = components["schemas"];

/** What a finding speaks of. */
export interface About {
  kind: "subject" | "person" | "material" | "material-kind" | "service" | "domain";
  id?: string;
}

export interface BrokenLook {
  look: string;
  begunAt: string;
  vantage: string;
}

/** Where a finding's life stands: `state`, and what it waits with there. */
export interface FindingState {
  state: "open" | "last-look" | "condemned" | "stopping" | "stopped" | "moving" | "reported" | "closed";
  looks?: BrokenLook[];
  condemnedAt?: string;
  release?: { releasedAt: string; by?: string } | null;
  stoppedAt?: string;
  to?: { to: "given-back" | "reported" | "taken-back" | "cancelled" };
  closedAt?: string;
  why?: string;
}

export interface Appeal {
  appealedAt: string;
  reason: string;
  decision: { granted: boolean; reason: string; decidedAt: string } | null;
}

export interface Objection {
  objectedAt: string;
  grounds: "wrong" | "put-right";
  reason: string;
  decision: { granted: boolean; reason: string } | null;
}

export type Finding = Omit<Schemas["FindingView"], "state" | "object" | "fault" | "toDo" | "demand" | "appeals" | "objections" | "extension" | "staffExtensions" | "rechecked"> & {
  state: FindingState;
  object: About;
  fault: Text | null;
  toDo: Text | null;
  demand: { wants: "rectified" | "stopped-now"; documentNumber: string; issuedOn: string; says?: string; dueBy?: string } | null;
  appeals: Appeal[];
  objections: Objection[];
  extension: { days: number; takenAt: string } | null;
  staffExtensions: { days: number }[];
  rechecked: { at: string; isBroken: boolean } | null;
};

/** An answer of the world, or why there was none. */
export type Seen<T> = { answer: T } | { failed: string };

export interface PageFacts {
  statuses: number[];
  url: string;
  title: string;
  numbers: { number: string; linksTo: string | null }[];
  linksToMiit: boolean;
  excerpt: string;
}

export interface Evidence {
  evidence: {
    look: { id: string; purpose: string };
    begunAt: string;
    names: { name: string; seen: Seen<{ addresses: { canonical: string[]; addresses: string[] } } | "noSuchName" | "noAddress"> }[];
    homePage: Seen<{ answered: PageFacts } | "noAddress" | "refused"> | null;
  };
  shows: [rule: string, object: About, says: Text][];
  /** Whose network it was seen from. */
  carrier: string | null;
}

export interface Call {
  calledAt: string;
  by?: string;
  person: string;
  outcome: string;
  note?: string | null;
}

export type Case = Omit<Schemas["CaseView"], "findings" | "evidence" | "calls" | "callSlot" | "needsStaff"> & {
  findings: Finding[];
  evidence: Evidence[];
  calls: Call[];
  callSlot: { from: string; until?: string; person: string } | null;
  needsStaff: { kind: string; since: string } | null;
};

export interface LinkState {
  state: "live" | "stopped" | "reported" | "cancelled";
  stoppedAt?: string;
  case?: string;
}

export type Service = Omit<Schemas["ServiceView"], "link"> & { link: LinkState | null };

export interface Proof {
  verifiedAt: string;
  until: string;
}

export type Person = Omit<Schemas["PersonView"], "proof"> & { proof: Proof | null };

export type Filing = Omit<Schemas["FilingView"], "state" | "services" | "persons" | "materials"> & {
  state: { state: "new" | "filed" | "deregistered"; number?: string };
  services: Service[];
  persons: Person[];
  materials: (Omit<Schemas["MaterialView"], "kind"> & { kind: string })[];
};

export type StaffFiling = Filing & { account: string; conflicts: string[]; label: string | null; origin: string; province: string | null };

export type Contact = Omit<Schemas["ContactView"], "proof"> & { proof: Proof | null };

/** What a return or a rejection says of a field. */
export interface ReturnReason {
  field: string;
  error: string;
  suggestion: string;
}

export interface OrderState {
  state: "draft" | "provider-review" | "returned" | "queued" | "bureau-sms" | "bureau-review" | "approved" | "withdrawn" | "dead";
  since?: string;
  returnedAt?: string;
  by?: "provider" | "bureau" | "sms-check" | "sms-check-presumed";
  reasons?: ReturnReason[];
  approvedAt?: string;
}

export type OrderHead = Omit<Schemas["OrderHeadView"], "state" | "proposed"> & {
  state: OrderState;
  proposed?: { decision: string; proposedAt: string };
};

/** An order as its account's list shows it. */
export type ListedOrder = OrderHead & { about: Schemas["AboutView"] };

export interface DraftPerson {
  id: string;
  name: string;
  identityKind: string;
  identity: string;
  identityUntil: string | null;
  mobile: string;
  email: string;
}

export interface DraftService {
  id: string;
  kind: string;
  name: string;
  domains: string[];
  homePage: string | null;
  principal: string;
  addresses: string[];
}

export interface DraftMaterial {
  id: string;
  kind: string;
  validUntil?: string | null;
  custody: { custody: string; shelfMark?: string; mediaType?: string };
}

export interface Draft {
  subject: {
    province: string;
    nature: string | null;
    name: string;
    certificate: { kind: string; number: string } | null;
    certificateAddress: string;
    postalAddress: string;
    principal: string;
    legalRepresentative: string;
  };
  persons: DraftPerson[];
  services: DraftService[];
  materials: DraftMaterial[];
}

export type Order = OrderHead & { draft: Draft; verified: string[]; lapsesAt?: string | null };

/** An order as staff read it. */
export type ReviewedOrder = Order & { warnings: CheckedViolation[] };

/** A link by which a file is uploaded or read, with the headers that go with it. */
export interface FileLink {
  url: string;
  headers: [string, string][];
}

/** A number of violations and warnings, with texts in both languages. */
export interface Checked {
  violations: CheckedViolation[];
  warnings: CheckedViolation[];
}

export interface CheckedViolation {
  field: string;
  rule: string;
  text: Text;
  source: string;
  asOf?: string;
}
