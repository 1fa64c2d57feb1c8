// The service's time: what the last answer's Date said, going on from there. A reader's clock may be wrong.
let ahead = 0;

export function hear(answer: Response): void {
  const said = Date.parse(answer.headers.get("date") ?? "");
  if (!Number.isNaN(said)) ahead = said - Date.now();
}

/** Milliseconds since 1970. */
export function now(): number {
  return Date.now() + ahead;
}
