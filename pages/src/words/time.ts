// Instants as people in China read them: Asia/Shanghai, with the weekday. Mainland China has one time zone.
import { now } from "../api/clock";
import { language, t, tag } from "./language";

const ZONE = "Asia/Shanghai";
const DAY_MS = 24 * 60 * 60 * 1000;

/** Date, weekday and minute. */
export function instant(at: string | null | undefined): string {
  if (!at) return "";
  const format = new Intl.DateTimeFormat(tag(language()), {
    timeZone: ZONE, year: "numeric", month: "long", day: "numeric", weekday: "long",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  return format.format(new Date(at));
}

/** Date and weekday. */
export function day(at: string | null | undefined): string {
  if (!at) return "";
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(at);
  const format = new Intl.DateTimeFormat(tag(language()), {
    timeZone: ZONE, year: "numeric", month: "long", day: "numeric", weekday: "long",
  });
  return format.format(new Date(isDate ? `${at}T00:00:00+08:00` : at));
}

/** A deadline, named as what it is: Beijing time. A day's end is that day's, as notices print it. */
export function deadline(at: string): string {
  const isMidnight = onTheWall(at).endsWith("T00:00");
  const until = isMidnight ? `${day(new Date(Date.parse(at) - 1).toISOString())} 24:00` : instant(at);
  return t(`${until}（北京时间）`, `${until} (Beijing time)`);
}

/** From when until when. */
export function span({ from, until }: { from: string; until: string }): string {
  return `${instant(from)} – ${instant(until)}`;
}

/** Whether an instant is over. */
export function isPast(at: string): boolean {
  return Date.parse(at) <= now();
}

/** How much is left until an instant, in words; what is past says so. */
export function left(at: string): string {
  const ms = Date.parse(at) - now();
  if (ms <= 0) return t("已到期", "over");
  const days = Math.floor(ms / DAY_MS);
  if (days === 0) return t("不足1天", "less than a day left");
  return t(`还剩${days}天`, days === 1 ? "1 day left" : `${days} days left`);
}

/** Today's date in Shanghai, as the API writes dates. */
export function today(shift = 0): string {
  return new Date(now() + shift * DAY_MS + 8 * 60 * 60 * 1000).toISOString().slice(0, 10);
}

/** A wall clock's reading in Shanghai, such as `2026-03-03T14:00`, as an instant. */
export function inShanghai(local: string): string {
  return new Date(`${local}:00+08:00`).toISOString().replace(".000Z", "Z");
}

/** Ten o'clock of the next day from Monday to Friday, for inputs: what holidays move is told by the service. */
export function nextOfficeMorning(): string {
  let days = 1;
  while ([0, 6].includes(new Date(`${today(days)}T00:00:00Z`).getUTCDay())) days += 1;
  return `${today(days)}T10:00`;
}

/** The other way round, for inputs. */
export function onTheWall(at: string): string {
  return new Date(Date.parse(at) + 8 * 60 * 60 * 1000).toISOString().slice(0, 16);
}
