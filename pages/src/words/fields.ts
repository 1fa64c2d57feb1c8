// The fields of a draft in words, by their JSON pointers.
import { t } from "./language";

const NAMES: Record<string, readonly [string, string]> = {
  province: ["所在省份", "province"], nature: ["主办单位性质", "nature"], certificate: ["证件号码", "number of the certificate"], certificateAddress: ["证件住所", "certificate address"],
  postalAddress: ["通信地址", "postal address"], legalRepresentative: ["法定代表人", "legal representative"], identity: ["证件号码", "number of the document"],
  identityKind: ["证件类型", "kind of document"], identityUntil: ["证件有效期", "validity of the document"], mobile: ["手机号码", "mobile number"], email: ["电子邮箱", "e-mail address"],
  validUntil: ["有效期", "validity"], domains: ["域名", "domains"], homePage: ["首页网址", "home page"], addresses: ["服务器地址", "server addresses"], principal: ["负责人", "principal"], id: ["编号", "id"], kind: ["类型", "kind"], name: ["名称", "name"],
};

const PARTS: Record<string, readonly [string, string]> = {
  subject: ["主体", "subject"], persons: ["人员", "person"], services: ["网站", "site"], materials: ["材料", "material"],
};

/** `/persons/0/mobile` as “人员1 · 手机号码”. Nothing of a pointer that names no field of a draft. */
export function fieldWords(pointer: string): string {
  const [, part = "", at, field] = pointer.split("/");
  const named = PARTS[part];
  if (!named) return "";
  const isListed = at !== undefined && /^\d+$/.test(at);
  const name = NAMES[(isListed ? field : at) ?? ""];
  const number = isListed ? String(Number(at) + 1) : "";
  return [`${t(named[0], named[1])}${number && ` ${number}`}`, name && t(name[0], name[1])].filter(Boolean).join(" · ");
}
