// The service's time: what the last answer's Date said, going on from there. A reader's clock may be wrong.
const KEPT = "service-clock-ahead";

let ahead = Number(sessionStorage.getItem(KEPT) ?? 0);

export function hear(answer: Response): void {
  const said = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(said)) return;
  ahead = said - Date.now();
  // After a reload it is known before the first answer.
  sessionStorage.setItem(KEPT, String(ahead));
}

/** Milliseconds since 1970. */
export function now(): number {
  return Date.now() + ahead;
}
