// The small parts that every view is made of.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { problemOf } from "../api/client";
import type { Problem, Violation } from "../api/problem";
import type { Read } from "../api/use";
import { signIn } from "../session/session";
import type { Side } from "../session/settings";
import { fieldWords } from "../words/fields";
import { day } from "../words/time";
import { t } from "../words/language";

/** A view: its heading, which also is the window's title and takes the focus when the view is entered. */
export function View({ title, lead, children }: { title: string; lead?: ComponentChildren; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>{title}</h1>
      {lead && <p class="lead">{lead}</p>}
      {children}
    </>
  );
}

/** A part of a view with a heading of its own, which takes the focus where it comes next after what was done. */
export function Section({ title, children, id, isNext = false, isPrinted = true }: { title: string; children: ComponentChildren; id?: string; isNext?: boolean; isPrinted?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // What follows from an answer is where its reader goes on.
  useEffect(() => {
    if (isNext) heading.current?.focus();
  }, []);
  return (
    <section {...(id && { id })} {...(!isPrinted && { class: "unprinted" })}>
      <h2 ref={heading} {...(isNext && { tabIndex: -1 })}>{title}</h2>
      {children}
    </section>
  );
}

interface ButtonProps {
  children: ComponentChildren;
  onClick?: () => void;
  isBusy?: boolean;
  disabled?: boolean;
  kind?: "main" | "plain" | "danger";
  type?: "button" | "submit";
}

/** A deed that is not undone: asked for, and asked once more. The second question is answered by a button that leaves it. */
export function Twice({ label, question, yes, isBusy, onYes }: { label: string; question: string; yes: string; isBusy: boolean; onYes: () => void }) {
  const [isAsked, setIsAsked] = useState(false);
  const place = useRef<HTMLParagraphElement>(null);
  const wasAsked = useRef(false);
  // With the question itself, so that no key that is pressed meanwhile is lost; and back where it was left.
  useLayoutEffect(() => {
    if (isAsked || wasAsked.current) place.current?.querySelector<HTMLButtonElement>("button.plain")?.focus();
    wasAsked.current = isAsked;
  }, [isAsked]);
  if (!isAsked) return <p key="first" ref={place}><Button kind="plain" onClick={() => setIsAsked(true)}>{label}</Button></p>;
  return (
    <p key="second" ref={place}>
      {question}{" "}
      <Button kind="plain" onClick={() => setIsAsked(false)}>{t("先不", "Leave it")}</Button>{" "}
      <Button kind="danger" isBusy={isBusy} onClick={onYes}>{yes}</Button>
    </p>
  );
}

/** A button. While its deed is under way it says so, stays where it is and does nothing more; the second click of a double
 * one does nothing either, also where the first was answered meanwhile and the view is another. */
export function Button({ children, onClick, isBusy = false, disabled = false, kind = "main", type = "button" }: ButtonProps) {
  return (
    <button type={type} class={kind} aria-disabled={isBusy || disabled} aria-busy={isBusy} disabled={disabled}
      onClick={(event) => {
        if (isBusy || 1 < event.detail) event.preventDefault();
        else onClick?.();
      }}>
      {children}{isBusy && <span class="busy">{t("处理中…", "working…")}</span>}
    </button>
  );
}

/** The id of what stands at a place of a draft, by its JSON pointer. */
export function placeId(pointer: string): string {
  return `at${pointer.replaceAll("/", "-")}`;
}

const TYPED = "input, select, textarea";

/** Leads to where a place of a draft is typed, or to the nearest that holds it; whatever is folded around that is opened. */
function goTo(pointer: string): void {
  for (let at = pointer; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    const place = document.getElementById(placeId(at));
    if (!place) continue;
    const found = place.matches(TYPED) ? place : place.querySelector<HTMLElement>(TYPED) ?? place;
    if (found === place && !place.matches(TYPED)) place.tabIndex = -1;
    for (let folded = found.closest("details"); folded; folded = folded.parentElement?.closest("details") ?? null) folded.open = true;
    found.focus({ preventScroll: true });
    found.scrollIntoView({ block: "center" });
    return;
  }
}

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  violations?: Violation[];
  /** Where it stands in a draft: what is wrong with it leads there. */
  place?: string | undefined;
  children: (attributes: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => JSX.Element;
}

/** A labelled input, with what it wants above it and what is wrong below. */
export function Field({ label, hint, violations = [], place, children }: FieldProps) {
  const own = useId();
  const id = place === undefined ? own : placeId(place);
  const described = [hint && `${id}-hint`, violations.length > 0 && `${id}-wrong`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {children({ id, ...(described && { "aria-describedby": described }), ...(violations.length > 0 && { "aria-invalid": true }) })}
      {violations.length > 0 && <Violations id={`${id}-wrong`} violations={violations} />}
    </div>
  );
}

/** Only instruments and the state's own pages are told to who fills in a form: standards, files of this project and what
 * other providers wrote say nothing to him. */
export function sourceWords(source: string, asOf: string | null | undefined): string {
  return /《|\.gov\.cn/.test(source) ? [source, asOf && day(asOf)].filter(Boolean).join(" · ") : "";
}

interface ViolationsProps {
  violations: Violation[];
  id?: string;
  /** Whether each says which field it is of. */
  areNamed?: boolean;
  /** Which names lead to their fields, in the same view. */
  leads?: (violation: Violation) => boolean;
}

/** What is wrong, of one field or, named, of several. */
export function Violations({ violations, id, areNamed = false, leads = () => false }: ViolationsProps) {
  return (
    <ul class="violations" id={id}>
      {violations.map((violation) => {
        const { field, rule, text, source, asOf } = violation;
        const name = areNamed && fieldWords(field);
        return (
          <li key={rule + field}>
            {name && <strong>{leads(violation) ? <a href={`#${placeId(field)}`} onClick={(event) => {
              event.preventDefault();
              goTo(field);
            }}>{name}</a> : name}{t("：", ": ")}</strong>}{text}
            <small>{sourceWords(source, asOf)}</small>
          </li>
        );
      })}
    </ul>
  );
}

interface InputProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  hint?: ComponentChildren;
  violations?: Violation[] | undefined;
  place?: string;
  type?: "text" | "tel" | "email" | "date" | "datetime-local" | "number" | "search" | "url";
  inputMode?: "numeric" | "tel" | "email" | "url" | "text";
  autoComplete?: string;
  required?: boolean;
  maxLength?: number;
  min?: string;
  max?: string;
}

/** A field of one line. */
export function Input({ label, hint, violations = [], place, onInput, ...input }: InputProps) {
  return (
    <Field label={label} hint={hint} violations={violations} place={place}>
      {(attributes) => <input {...attributes} {...(input as { value: string })} onInput={(event) => onInput(event.currentTarget.value)} />}
    </Field>
  );
}

/** A field of several lines. */
export function TextArea({ label, hint, violations = [], value, onInput, required = false }:
  Pick<InputProps, "label" | "hint" | "violations" | "value" | "onInput" | "required">) {
  return (
    <Field label={label} hint={hint} violations={violations ?? []}>
      {(attributes) => (
        <textarea {...attributes} rows={3} value={value} required={required} onInput={(event) => onInput(event.currentTarget.value)} />
      )}
    </Field>
  );
}

export type Options = readonly (readonly [value: string, label: string])[];

/** A choice out of a list. */
export function Select({ label, hint, violations = [], place, value, onInput, options, empty }:
  Pick<InputProps, "label" | "hint" | "violations" | "place" | "value" | "onInput"> & { options: Options; empty?: string }) {
  return (
    <Field label={label} hint={hint} violations={violations ?? []} place={place}>
      {(attributes) => (
        <select {...attributes} value={value} onChange={(event) => onInput(event.currentTarget.value)}>
          {empty !== undefined && <option value="">{empty}</option>}
          {options.map(([option, words]) => <option key={option} value={option}>{words}</option>)}
        </select>
      )}
    </Field>
  );
}

/** A choice of few, all of them seen at once. */
export function Choice({ legend, value, onInput, options, hint }:
  { legend: string; value: string; onInput: (value: string) => void; options: Options; hint?: ComponentChildren }) {
  const name = useId();
  return (
    <fieldset>
      <legend>{legend}</legend>
      {hint && <p class="hint">{hint}</p>}
      {options.map(([option, words]) => (
        <label key={option} class="choice">
          <input type="radio" name={name} value={option} checked={option === value} onChange={() => onInput(option)} />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Check({ label, checked, onInput }: { label: ComponentChildren; checked: boolean; onInput: (checked: boolean) => void }) {
  return (
    <label class="choice">
      <input type="checkbox" checked={checked} onChange={(event) => onInput(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** What a reader is told: marked by more than its colour, and said aloud unless it stands there from the beginning. */
export function Note({ kind, children, isNews = true }: { kind: "good" | "info" | "warning" | "bad"; children: ComponentChildren; isNews?: boolean }) {
  const mark = { good: "✓", info: "i", warning: "!", bad: "✕" }[kind];
  return (
    <div class={`note ${kind}`} {...(isNews && { role: kind === "bad" ? "alert" : "status" })}>
      <span class="mark" aria-hidden="true">{mark}</span>
      <div>{children}</div>
    </div>
  );
}

/** A short wait in seconds, a long one in minutes. */
function waitWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return seconds < 120 ? t(`请在${seconds}秒后再试。`, `Try again in ${seconds} seconds.`) : t(`请在${minutes}分钟后再试。`, `Try again in ${minutes} minutes.`);
}

/** What went wrong, what stands in no field, and the way on. */
export function Trouble({ problem, side, again, shown = [] }:
  { problem: Problem | null; side?: Side; again?: () => void; shown?: readonly string[] }) {
  // What was read again is judged anew: the trouble before it is over.
  const [over, setOver] = useState<Problem | null>(null);
  if (!problem || problem === over) return null;
  const elsewhere = problem.violations.filter((violation) => !shown.includes(violation.field));
  return (
    <Note kind="bad">
      <strong>{problem.message}</strong>
      {problem.violations.length > 0 && elsewhere.length === 0 ? <p>{t("请修改上面标出的项目。", "Mend what is marked above.")}</p> : problem.detail && <p>{problem.detail}</p>}
      {problem.retryAfter !== null && <p>{waitWords(problem.retryAfter)}</p>}
      {problem.status === 412 && (
        <p>{t("页面打开后，它被改动过（可能在另一个窗口中）。已为您保留填写的内容；请重新读取后再提交。",
          "It was changed after this page was opened, perhaps in another window. What you typed is kept; read it again, then send.")}</p>
      )}
      {elsewhere.length > 0 && <Violations violations={elsewhere} areNamed />}
      {problem.kind === "signed-out" && side && (
        <Button onClick={() => void signIn(side)}>{t("重新登录", "Sign in again")}</Button>
      )}
      {again && problem.kind !== "signed-out" && <Button kind="plain" onClick={() => {
        setOver(problem);
        again();
      }}>{t("重新读取", "Read again")}</Button>}
    </Note>
  );
}

/** What is read, once it is there. What was read before stays while it is read again. A whole view has a title until then. */
export function Shown<T>({ read, side, title, children }: { read: Read<T>; side?: Side; title?: string; children: (value: T) => ComponentChildren }) {
  return (
    <>
      {title && read.value === null && <h1>{title}</h1>}
      <Trouble problem={read.problem} {...(side && { side })} again={() => void read.again()} />
      {read.value !== null ? children(read.value) : !read.problem && <p role="status">{t("读取中…", "Reading…")}</p>}
    </>
  );
}

/** Names and what they stand for. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren] | null | false | undefined)[] }) {
  return (
    <dl>
      {facts.map((fact) => fact && fact[1] !== "" && fact[1] !== null && fact[1] !== undefined && (
        <div key={fact[0]}><dt>{fact[0]}</dt><dd>{fact[1]}</dd></div>
      ))}
    </dl>
  );
}

/** A form whose submission is ours. */
export function Form({ onSubmit, children, label }: { onSubmit: () => void; children: ComponentChildren; label: string }) {
  return (
    <form aria-label={label} noValidate onSubmit={(event) => {
      event.preventDefault();
      onSubmit();
    }}>{children}</form>
  );
}

/** What is seldom wanted, folded. */
export function Folded({ title, children, open = false }: { title: string; children: ComponentChildren; open?: boolean }) {
  const folded = useRef<HTMLDetailsElement>(null);
  // It is opened where that is called for, and closed by its reader alone.
  useEffect(() => {
    if (open && folded.current) folded.current.open = true;
  }, [open]);
  return <details ref={folded}><summary>{title}</summary>{children}</details>;
}

/** The next page of a list; asked for once at a time. */
export function More({ next, side, read }: { next: string | null | undefined; side: Side; read: (cursor: string) => Promise<void> }) {
  const [isReading, setIsReading] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  if (!next) return null;
  const more = async () => {
    setIsReading(true);
    setProblem(null);
    try {
      await read(next);
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
    setIsReading(false);
  };
  return (
    <>
      <Trouble problem={problem} side={side} />
      <Button kind="plain" isBusy={isReading} onClick={() => void more()}>{t("更多", "More")}</Button>
    </>
  );
}

/** A table that scrolls within itself on a narrow screen. */
export function Table({ caption, heads, rows }: { caption: string; heads: string[]; rows: ComponentChildren[][] }) {
  return (
    <div class="scrolled" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead><tr>{heads.map((head) => <th key={head} scope="col">{head}</th>)}</tr></thead>
        <tbody>{rows.map((row, at) => <tr key={at}>{row.map((cell, column) => <td key={column}>{cell}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}
