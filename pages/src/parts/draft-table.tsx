// What an order says, beside what is filed.
import type { Draft, Filing } from "../api/shapes";
import { Facts, Section } from "./basics";
import { t } from "../words/language";
import { certificateWords, natureWords, provinceWords } from "../words/terms";
import { day } from "../words/time";

/** A draft as it was typed; what it changes stands struck through beside it, and what it leaves as it is filed is not said again. */
export function DraftTable({ draft, filing }: { draft: Draft; filing: Filing | null }) {
  const { subject } = draft;
  const was = filing?.state.state === "filed" ? filing.subject : null;
  const nameOf = (id: string) => draft.persons.find((person) => person.id === id)?.name || filing?.persons.find((person) => person.id === id)?.name || id;
  const beside = (now: string, before: string | null | undefined) => before && now && before !== now ? <>{now} <del>{before}</del></> : now;
  return (
    <>
      {(subject.name || subject.certificate || subject.postalAddress) && (
        <Section title={t("主体", "Subject")}>
          <Facts facts={[
            [t("名称", "Name"), beside(subject.name, was?.name)],
            [t("省份", "Province"), subject.province && provinceWords(subject.province)],
            [t("性质", "Nature"), subject.nature && natureWords(subject.nature)],
            subject.certificate && [t("证件", "Certificate"), beside(`${certificateWords(subject.certificate.kind)} ${subject.certificate.number}`, was && `${certificateWords(was.certificate.kind)} ${was.certificate.number}`)],
            [t("证件住所", "Certificate address"), beside(subject.certificateAddress, was?.certificateAddress)],
            [t("通信地址", "Postal address"), beside(subject.postalAddress, was?.postalAddress)],
            [t("法定代表人", "Legal representative"), subject.legalRepresentative],
            [t("主体负责人", "Principal"), nameOf(subject.principal)],
          ]} />
        </Section>
      )}
      {draft.persons.map((person) => (
        <Section key={person.id} title={`${t("人员", "Person")} ${nameOf(person.id)}`}>
          <Facts facts={[
            [t("证件", "Document"), person.identity && `${certificateWords(person.identityKind)} ${person.identity}`],
            [t("有效期至", "Valid until"), day(person.identityUntil)],
            [t("手机", "Mobile"), person.mobile], [t("邮箱", "E-mail"), person.email],
          ]} />
        </Section>
      ))}
      {draft.services.map((service) => {
        const before = filing?.services.find((one) => one.id === service.id);
        return (
          <Section key={service.id} title={`${t("网站", "Site")} ${service.name || before?.name || service.id}`}>
            <Facts facts={[
              [t("域名", "Domains"), beside((service.domains ?? []).join(" "), before?.domains.join(" ")) || before?.domains.join(" ")],
              [t("首页", "Home page"), service.homePage], [t("地址", "Addresses"), (service.addresses ?? []).join(" ")],
              [t("负责人", "Principal"), nameOf(service.principal)],
              before?.number ? [t("备案号", "Number"), before.number] : null,
            ]} />
          </Section>
        );
      })}
    </>
  );
}
