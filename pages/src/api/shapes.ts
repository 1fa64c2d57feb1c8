// Names for what the document describes, as answers hold it.
import type { components } from "./schema";

type Schemas = components["schemas"];

type Filled<T> = T extends object ? { [Field in keyof T]-?: Whole<T[Field]> } : T;

type Fields<One> = One extends readonly unknown[] ? never : One extends object ? keyof One : never;

type Open<One, All extends PropertyKey> = One extends readonly unknown[] ? One : One extends object ? One & { [Field in Exclude<All, keyof One>]?: undefined } : One;

/** A shape as answers hold it: every field is there, and null where there is nothing; what only some of several shapes have
 * may be asked of each. In requests what is null may be left out. */
export type Whole<T> = Open<Filled<T>, Fields<Filled<T>>>;

export type Answer<Name extends keyof Schemas> = Whole<Schemas[Name]>;

/** A shape as requests send it. */
export type Sent<Name extends keyof Schemas> = Schemas[Name];

export type About = Answer<"AboutView">;
export type Advice = Answer<"Advice">;
export type Brake = Answer<"BrakeView">;
export type BureauList = Omit<Answer<"BureauListView">, "file" | "reply" | "openRows"> & { file: FileLink; reply: FileLink | null; openRows: FileLink | null };
export type Call = Answer<"Call">;
export type Campaign = Answer<"CampaignView">;
export type Case = Answer<"CaseView">;
export type CheckedViolation = Answer<"Violation">;
export type Contact = Answer<"ContactView">;
export type Disclosed = Answer<"Disclosed">;
export type Doubt = Answer<"DoubtView">;
export type Draft = Answer<"TypedDraft">;
export type DraftMaterial = Answer<"TypedMaterial">;
export type DraftPerson = Answer<"TypedPerson">;
export type DraftService = Answer<"TypedService">;
export type Entry = Answer<"HistoryEntry">;
export type Evidence = Answer<"EvidenceView">;
export type FaultyObject = Answer<"FaultyObject">;
/** The typed client makes lists of pairs. */
export type FileLink = Omit<Answer<"FileLink">, "headers"> & { headers: string[][] };
export type Filing = Answer<"FilingView">;
export type Finding = Answer<"FindingView">;
export type Import = Omit<Answer<"ImportView">, "badRows"> & { badRows: FileLink | null };
export type Item = Answer<"ItemView">;
export type ListedOrder = Answer<"ListedOrderView">;
export type NoticeHold = Answer<"NoticeHoldView">;
export type Objection = Answer<"MadeObjection">;
export type Order = Answer<"OrderView">;
export type OrderHead = Answer<"OrderHeadView">;
export type OrderState = Answer<"OrderState">;
export type Person = Answer<"PersonView">;
export type Question = Answer<"Question">;
export type Released = Answer<"ReleasedView">;
export type ReturnReason = Answer<"ReturnReason">;
export type Review = Answer<"YearlyReviewView">;
export type ReviewedOrder = Answer<"ReviewedOrderView">;
export type Service = Answer<"ServiceView">;
export type StaffFiling = Answer<"StaffFilingView">;
export type Text = Answer<"Text">;
export type Told = Answer<"ToldView">;
export type Waiting = Answer<"WaitingView">;
