// The fields of a draft, each with what is wrong with it beside it. In a change, what stays empty stays as it is filed.
import { useState } from "preact/hooks";
import type { Draft, DraftPerson, DraftService, Filing } from "../api/shapes";
import type { Violation } from "../api/problem";
import { Button, Check, Folded, Input, Select, placeId } from "../parts/basics";
import { t } from "../words/language";
import { certificateKinds, natures, provinces, serviceKinds } from "../words/terms";
import type { Editing } from "./draft";
import { newId } from "./order-kinds";

type Certificate = NonNullable<Draft["subject"]["certificate"]>;

/** A place of a draft, and what is wrong there. */
export interface Place {
  place: string;
  violations: Violation[];
}

interface Shown {
  at: (pointer: string) => Place;
  /** With all that stands below it. */
  within: (pointer: string) => Place;
  editing: Editing;
  filing: Filing | null;
}

/** What is filed now, as the hint of a field that may stay empty. */
function filed(isChange: boolean, value: string | null | undefined): string | undefined {
  return isChange && value ? t(`现为：${value}；不填则不变`, `Filed: ${value}; leave empty to keep it`) : undefined;
}

/** What is parted by blanks or commas. */
function parted(text: string): string[] {
  return text.split(/[\s,，、;；]+/).filter((part) => part !== "");
}

/** Several in one field: the text stays as it is typed, and the draft has what stands in it. */
function Parted({ values, onInput, ...input }: { values: string[]; onInput: (values: string[]) => void; label: string; hint?: string; inputMode?: "url" } & Place) {
  const [typed, setTyped] = useState(values.join(" "));
  const isTheirs = parted(typed).join(" ") !== values.filter((value) => value !== "").join(" ");
  return <Input {...input} value={isTheirs ? values.join(" ") : typed} onInput={(text) => {
    setTyped(text);
    onInput(parted(text));
  }} />;
}

function hinted(hint: string | undefined): { hint?: string } {
  return hint === undefined ? {} : { hint };
}

export function SubjectFields({ at, editing, filing, isChange }: Shown & { isChange: boolean }) {
  const { draft } = editing;
  const { subject } = draft;
  const set = (change: Partial<Draft["subject"]>) => editing.change((now) => ({ ...now, subject: { ...now.subject, ...change } }));
  const was = filing?.subject;
  const unchanged = isChange ? { empty: t("不变", "unchanged") } : { empty: t("请选择", "choose") };
  // In a change the kind is the filed one's until a number is typed: both are told together.
  const [newKind, setNewKind] = useState<Certificate["kind"]>((was?.certificate.kind ?? "credit-code") as Certificate["kind"]);
  const certificate = subject.certificate ?? { kind: newKind, number: "" };
  const setKind = (chosen: string) => {
    const kind = chosen as Certificate["kind"];
    setNewKind(kind);
    if (subject.certificate || !isChange) set({ certificate: { ...certificate, kind } });
  };
  const principals = personOptions(draft, filing);
  const { place, violations } = at("/subject/certificate");
  const certified = { place, violations: [...violations, ...at("/subject/certificate/number").violations] };
  return (
    <>
      <Select label={t("所在省份", "Province")} value={subject.province} {...at("/subject/province")} onInput={(province) => set({ province })} options={provinces()} {...unchanged} />
      <Select label={t("主办单位性质", "Nature")} value={subject.nature ?? ""} {...at("/subject/nature")} onInput={(nature) => set({ nature: (nature || null) as Draft["subject"]["nature"] })} options={natures()} {...unchanged} />
      <Input label={t("主办单位名称（个人填姓名）", "Name of the subject")} value={subject.name} {...at("/subject/name")} {...hinted(filed(isChange, was?.name))} onInput={(name) => set({ name })} />
      <Select label={t("证件类型", "Kind of certificate")} value={certificate.kind} {...at("/subject/certificate/kind")} onInput={setKind} options={certificateKinds()} />
      <Input label={t("证件号码", "Number of the certificate")} value={certificate.number} {...certified}
        {...hinted(filed(isChange, was?.certificate.number))} onInput={(number) => set({ certificate: number === "" && isChange ? null : { ...certificate, number } })} />
      <Input label={t("证件住所", "Address on the certificate")} value={subject.certificateAddress} {...at("/subject/certificateAddress")} {...hinted(filed(isChange, was?.certificateAddress))} onInput={(certificateAddress) => set({ certificateAddress })} />
      <Input label={t("通信地址", "Postal address")} value={subject.postalAddress} {...at("/subject/postalAddress")} {...hinted(filed(isChange, was?.postalAddress))} onInput={(postalAddress) => set({ postalAddress })} />
      <Input label={t("法定代表人（选填）", "Legal representative, if any")} value={subject.legalRepresentative} {...at("/subject/legalRepresentative")} {...hinted(filed(isChange, was?.legalRepresentative))} onInput={(legalRepresentative) => set({ legalRepresentative })} />
      {principals.length > 0 && (
        <Select label={t("主体负责人", "Subject principal")} value={subject.principal} {...at("/subject/principal")} onInput={(principal) => set({ principal })} options={principals} {...unchanged} />
      )}
    </>
  );
}

/** The persons of a draft and of its filing, as the options of a principal. */
function personOptions(draft: Draft, filing: Filing | null): [string, string][] {
  const options = new Map<string, string>();
  for (const person of filing?.persons ?? []) options.set(person.id, `${person.name} ${person.mobile}`);
  for (const person of draft.persons) options.set(person.id, person.name || t("新人员", "new person"));
  return [...options];
}

export function PersonFields({ at, editing, filing, isChange }: Shown & { isChange: boolean }) {
  const { draft } = editing;
  const set = (index: number, change: Partial<DraftPerson>) => editing.change((now) => ({
    ...now, persons: now.persons.map((person, place) => place === index ? { ...person, ...change } : person),
  }));
  const add = (person: Partial<DraftPerson>) => editing.change((now) => ({
    ...now,
    persons: [...now.persons, { id: newId("p"), name: "", identityKind: "resident-id", identity: "", identityUntil: null, mobile: "", email: "", ...person }],
  }));
  const missing = isChange ? (filing?.persons ?? []).filter((person) => !draft.persons.some((one) => one.id === person.id)) : [];
  return (
    <>
      {draft.persons.map((person, index) => {
        const was = filing?.persons.find((one) => one.id === person.id);
        const field = (name: string) => at(`/persons/${index}/${name}`);
        const isFiled = isChange && was !== undefined;
        return (
          <fieldset key={person.id} id={placeId(`/persons/${index}`)}>
            <legend>{person.name || was?.name || t("新人员", "New person")}</legend>
            {[...at(`/persons/${index}`).violations, ...field("id").violations].map((violation) => <p key={violation.rule} class="wrong">{violation.text}</p>)}
            <Input label={t("姓名", "Name")} value={person.name} {...field("name")} {...hinted(filed(isFiled, was?.name))} onInput={(name) => set(index, { name })} />
            <Select label={t("证件类型", "Kind of document")} value={person.identityKind} onInput={(identityKind) => set(index, { identityKind: identityKind as DraftPerson["identityKind"] })}
              options={certificateKinds().filter(([kind]) => !["credit-code", "registration-number", "organisation-code"].includes(kind))} />
            <Input label={t("证件号码", "Number of the document")} value={person.identity} {...field("identity")} onInput={(identity) => set(index, { identity })} />
            <Input label={t("证件有效期至（长期的不填）", "Valid until; empty where it has no end")} type="date" value={person.identityUntil ?? ""} {...field("identityUntil")} onInput={(until) => set(index, { identityUntil: until || null })} />
            <Input label={t("手机号码", "Mobile number")} type="tel" autoComplete="off" value={person.mobile} {...field("mobile")} {...hinted(filed(isFiled, was?.mobile))} onInput={(mobile) => set(index, { mobile })} />
            <Input label={t("电子邮箱", "E-mail address")} type="email" autoComplete="off" value={person.email} {...field("email")} onInput={(email) => set(index, { email })} />
            {draft.persons.length > (isChange || filing ? 0 : 1) && (
              <Button kind="plain" onClick={() => editing.change((now) => ({ ...now, persons: now.persons.filter((one) => one.id !== person.id) }))}>{t("移除此人", "Remove this person")}</Button>
            )}
          </fieldset>
        );
      })}
      {missing.map((person) => (
        <p key={person.id}><Button kind="plain" onClick={() => add({ id: person.id })}>{t(`修改${person.name}（${person.mobile}）`, `Change ${person.name} (${person.mobile})`)}</Button></p>
      ))}
      <p><Button kind="plain" onClick={() => add({})}>{t("添加人员", "Add a person")}</Button></p>
    </>
  );
}

export function ServiceFields({ at, within, editing, filing, kind }: Shown & { kind: string }) {
  const { draft } = editing;
  const set = (index: number, change: Partial<DraftService>) => editing.change((now) => ({
    ...now, services: now.services.map((service, place) => place === index ? { ...service, ...change } : service),
  }));
  const add = (service: Partial<DraftService>) => editing.change((now) => ({
    ...now, services: [...now.services, { id: newId("s"), kind: "site", name: "", domains: [], homePage: null, principal: "", addresses: [], ...service }],
  }));
  const isChange = kind === "change";
  const missing = isChange ? (filing?.services ?? []).filter((service) => !draft.services.some((one) => one.id === service.id)) : [];
  return (
    <>
      {draft.services.map((service, index) => {
        const was = filing?.services.find((one) => one.id === service.id);
        const field = (name: string) => at(`/services/${index}/${name}`);
        const all = (name: string) => within(`/services/${index}/${name}`);
        const [domains, addresses] = [service.domains ?? [], service.addresses ?? []];
        const isFiled = was !== undefined;
        const fields = (
          <>
            {!isFiled && <Select label={t("类型", "Kind")} value={service.kind} onInput={(of) => set(index, { kind: of as DraftService["kind"] })} options={serviceKinds()} />}
            <Input label={t("名称", "Name")} value={service.name ?? ""} {...field("name")} {...hinted(filed(isFiled, was?.name))} onInput={(name) => set(index, { name })} />
            <Parted label={isFiled ? t("域名（多个用空格分开）", "Domains, parted by blanks") : t("域名（一个）", "Domain, one")} values={domains} inputMode="url"
              {...all("domains")} {...hinted(filed(isFiled, was?.domains.join(" ")))}
              onInput={(next) => set(index, { domains: next })} />
            <Input label={t("首页网址（选填）", "Home page, if any")} type="url" value={service.homePage ?? ""} {...field("homePage")} {...hinted(filed(isFiled, was?.homePage))} onInput={(homePage) => set(index, { homePage: homePage || null })} />
            <Select label={t("网站负责人", "Service principal")} value={service.principal ?? ""} {...field("principal")} empty={isFiled ? t("不变", "unchanged") : t("请选择", "choose")}
              onInput={(principal) => set(index, { principal })} options={personOptions(draft, filing)} />
            <Parted label={t("服务器IP地址（选填，多个用空格分开）", "Addresses of its servers, if known, parted by blanks")} values={addresses}
              {...all("addresses")} {...hinted(filed(isFiled, was?.addresses.join(" ")))}
              onInput={(next) => set(index, { addresses: next })} />
          </>
        );
        return (
          <fieldset key={service.id} id={placeId(`/services/${index}`)}>
            <legend>{service.name || was?.name || t("新网站", "New site")}{was && ` · ${was.domains.join(" ")}`}</legend>
            {[...at(`/services/${index}`).violations, ...field("id").violations].map((violation) => <p key={violation.rule} class="wrong">{violation.text}</p>)}
            {kind === "add-access" && isFiled ? <Folded title={t("同时修改信息", "Change its data too")}>{fields}</Folded> : fields}
            {draft.services.length > 1 && (
              <Button kind="plain" onClick={() => editing.change((now) => ({ ...now, services: now.services.filter((one) => one.id !== service.id) }))}>{t("移除", "Remove")}</Button>
            )}
          </fieldset>
        );
      })}
      {missing.map((service) => (
        <p key={service.id}><Button kind="plain" onClick={() => add({ id: service.id })}>{t(`修改“${service.name}”`, `Change ${service.name}`)}</Button></p>
      ))}
      {(kind === "add-site" || kind === "first-filing") && <p><Button kind="plain" onClick={() => add({ domains: [""] })}>{t("再添加一个网站", "Add another site")}</Button></p>}
      {kind === "add-access" && (filing?.services ?? []).filter((service) => !draft.services.some((one) => one.id === service.id) && service.link?.state !== "live").map((service) => (
        <Check key={service.id} label={t(`同时接入“${service.name}”`, `Access for ${service.name} too`)} checked={false} onInput={() => add({ id: service.id })} />
      ))}
    </>
  );
}
