// How the proof of a person's number stands.
import type { Contact } from "../api/shapes";
import { t } from "./language";
import { day } from "./time";

export function proofWords(person: Contact): string {
  switch (person.state) {
    case "verified": return t(`已核验，有效期至${day(person.proof?.until)}`, `proved until ${day(person.proof?.until)}`);
    case "lapsing": return t(`即将到期：${day(person.proof?.until)}，请重新核验`, `lapses on ${day(person.proof?.until)}: prove it again`);
    case "lapsed": return t("核验已过期，请重新核验", "the proof has lapsed: prove it again");
    case "locked": return t("输入错误过多，已锁定，请联系客服", "locked after too many wrong codes: call us");
    default: return t("未核验", "not proved");
  }
}
