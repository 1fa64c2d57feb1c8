//! Whether a draft brings its materials, and whether they are valid.

use std::collections::BTreeSet;

use super::persons::months_from;
use super::{Demand, Desk, of_source};
use crate::Text;
use crate::filing::{MaterialKind, Nature, Regime};
use crate::order::materials::{Case, demanded};
use crate::rulebook::Known;

impl Desk<'_> {
    pub(super) fn materials(&mut self) {
        for (at, typed) in self.typed.materials.iter().enumerate() {
            let field = format!("/materials/{at}/validUntil");
            let last = typed.material.valid_until;
            if typed.material.kind == MaterialKind::PrincipalIdentity {
                self.document(&field, last);
            } else {
                self.not_expired(&field, last);
            }
            if typed.material.kind == MaterialKind::SubjectCertificate
                && let Some(clause) = self.clause(|demands| &demands.certificate_validity_months)
                && let Some(last) = typed.material.valid_until
                && self.today <= last
                && last < months_from(self.today, clause.is)
            {
                self.refuse(
                    field,
                    of_source(
                        "certificate-expires-soon",
                        format!("主办单位证件剩余有效期须不少于{}个月", clause.is),
                        format!(
                            "the subject's certificate is valid for {} more months",
                            clause.is
                        ),
                        &clause.source,
                    ),
                );
            }
        }
        self.missing();
    }

    fn missing(&mut self) {
        let typed = self.typed.materials.iter();
        let brought: BTreeSet<MaterialKind> = typed
            .map(|typed| typed.material.kind)
            .chain(self.held())
            .collect();
        let filed = &self.against.filing.services;
        let new = self
            .parts
            .services
            .keys()
            .filter(|id| !filed.contains_key(*id));
        let domains = self
            .parts
            .services
            .values()
            .map(|service| service.domains.len());
        let before = self.against.filing.subject.details.as_ref();
        let name = self.typed.subject.name.reveal().trim();
        let case = Case {
            kind: self.against.kind,
            // What every filing brings does not hang on the nature, and what a province adds does.
            nature: self.nature.unwrap_or(Nature::Enterprise),
            regime: Regime::on(self.today),
            demands: self
                .province
                .filter(|_| self.nature.is_some())
                .map(|province| &province.demands),
            domains: u32::try_from(domains.sum::<usize>()).unwrap_or(u32::MAX),
            sites: u32::try_from(self.against.filing.on_record().count() + new.count())
                .unwrap_or(u32::MAX),
            subject_by_representative: self.parts.subject_by_representative(),
            services_by_representative: self.parts.services_by_representative(),
            local_id: self.local_id(),
            renamed: before.is_some_and(|before| before.name.reveal().as_str() != name),
        };
        for wanted in demanded(&case) {
            // An individual's certificate is the principal's own identity document.
            let by_identity = self.nature == Some(Nature::Individual)
                && wanted.kind == MaterialKind::SubjectCertificate
                && brought.contains(&MaterialKind::PrincipalIdentity);
            if by_identity || brought.contains(&wanted.kind) {
                continue;
            }
            let what = wanted.kind.text();
            let (text, rule) = if wanted.certain {
                let zh = format!("缺少材料：{}", what.zh);
                let en = format!("{} is missing", what.en);
                (Text::new(zh, en), "material-missing")
            } else {
                let zh = format!("可能需要材料：{}", what.zh);
                let en = format!("{} may be needed", what.en);
                (Text::new(zh, en), "material-may-be-needed")
            };
            let demand = Demand {
                rule,
                text,
                source: &wanted.source.title,
                as_of: wanted.source.as_of,
            };
            if wanted.certain {
                self.refuse("/materials", demand);
            } else {
                self.warn("/materials", demand);
            }
        }
    }

    /// What the filing holds and need not be brought again: documents in force. Form and photo are
    /// made for the order that they verify.
    fn held(&self) -> impl Iterator<Item = MaterialKind> {
        let today = self.today;
        let of_filing = self.against.filing.materials.values();
        let in_force =
            of_filing.filter(move |held| held.valid_until.is_none_or(|last| today <= last));
        in_force
            .map(|held| held.kind)
            .filter(|kind| !kind.is_of_one_order())
    }

    /// Whether the subject's principal holds an ID of the province.
    fn local_id(&self) -> Known {
        match (self.parts.subject_principal(), self.province) {
            (Some(person), Some(province)) => {
                if person.identity.region().and_then(|it| it.get(..2)) == Some(&province.code) {
                    Known::Yes
                } else {
                    Known::No
                }
            }
            (_, _) => Known::Unknown,
        }
    }
}
