// What an order says, beside what is filed.
import type { Draft, Filing } from "../api/shapes";
import { Facts, Section } from "./basics";
import { t } from "../words/language";
import { certificateWords, natureWords, provinceWords } from "../words/terms";
import { day } from "../words/time";

/** What goes with a subject: each of its sites with its number. */
export function Loses({ filing }: { filing: Filing }) {
  const sites = filing.services.filter((service) => !service.deregisteredAt);
  return (
    <Section title={t("注销后失去", "What is lost")}>
      <ul>
        <li>{filing.subject?.name} · {filing.state.number}</li>
        {sites.map((service) => <li key={service.id}>{service.name} · {service.domains.join(t("、", ", "))} · {service.number}</li>)}
      </ul>
    </Section>
  );
}

/** What is typed, and struck through what is filed in its place. What is masked may differ where it looks the same. */
function beside(now: string | null | undefined, before: string | null | undefined) {
  if (!now || !before) return now ?? "";
  if (now !== before) return <>{now} <del>{before}</del></>;
  return now.includes("*") ? <>{now} <small>{t("（可见部分与备案相同）", "(what is shown is as filed)")}</small></> : now;
}

/** A draft as it was typed; what it changes stands struck through beside it, and what it leaves as it is filed is not said again. */
export function DraftTable({ draft, filing }: { draft: Draft; filing: Filing | null }) {
  const { subject } = draft;
  const was = filing?.state.state === "filed" ? filing.subject : null;
  const nameOf = (id: string | undefined) => (id && (draft.persons.find((person) => person.id === id)?.name || filing?.persons.find((person) => person.id === id)?.name)) || id || "";
  const isOfSubject = Object.entries(subject).some(([field, value]) => field !== "principal" ? Boolean(value) : value !== "" && value !== was?.principal);
  return (
    <>
      {isOfSubject && (
        <Section title={t("主体", "Subject")}>
          <Facts facts={[
            [t("名称", "Name"), beside(subject.name, was?.name)],
            [t("省份", "Province"), beside(subject.province && provinceWords(subject.province), was && provinceWords(was.province))],
            [t("性质", "Nature"), beside(subject.nature ? natureWords(subject.nature) : "", was && natureWords(was.nature))],
            subject.certificate && [t("证件", "Certificate"), beside(`${certificateWords(subject.certificate.kind)} ${subject.certificate.number}`, was && `${certificateWords(was.certificate.kind)} ${was.certificate.number}`)],
            [t("证件住所", "Certificate address"), beside(subject.certificateAddress, was?.certificateAddress)],
            [t("通信地址", "Postal address"), beside(subject.postalAddress, was?.postalAddress)],
            [t("法定代表人", "Legal representative"), beside(subject.legalRepresentative, was?.legalRepresentative)],
            [t("主体负责人", "Principal"), beside(nameOf(subject.principal), was && nameOf(was.principal))],
          ]} />
        </Section>
      )}
      {draft.persons.map((person) => {
        const before = filing?.persons.find((one) => one.id === person.id);
        return (
          <Section key={person.id} title={`${t("人员", "Person")} ${nameOf(person.id)}`}>
            <Facts facts={[
              [t("姓名", "Name"), beside(person.name, before?.name)],
              [t("证件", "Document"), person.identity && `${certificateWords(person.identityKind)} ${person.identity}`],
              [t("有效期至", "Valid until"), day(person.identityUntil)],
              [t("手机", "Mobile"), beside(person.mobile, before?.mobile)], [t("邮箱", "E-mail"), person.email],
            ]} />
          </Section>
        );
      })}
      {draft.services.map((service) => {
        const before = filing?.services.find((one) => one.id === service.id);
        return (
          <Section key={service.id} title={`${t("网站", "Site")} ${service.name || before?.name || (service.domains ?? [])[0] || t("（新）", "(new)")}`}>
            <Facts facts={[
              [t("名称", "Name"), beside(service.name, before?.name)],
              [t("域名", "Domains"), beside((service.domains ?? []).join(" "), before?.domains.join(" ")) || before?.domains.join(" ")],
              [t("首页", "Home page"), beside(service.homePage, before?.homePage)],
              [t("地址", "Addresses"), beside((service.addresses ?? []).join(" "), before?.addresses.join(" "))],
              [t("负责人", "Principal"), beside(nameOf(service.principal), before && nameOf(before.principal))],
              before?.number ? [t("备案号", "Number"), before.number] : null,
            ]} />
          </Section>
        );
      })}
    </>
  );
}
