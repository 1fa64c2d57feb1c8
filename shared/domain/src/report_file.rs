//! What people and files bring of the facts of an audit: rows of six kinds of file, and the same fields by
//! form.
//!
//! **Invariant:** a row is read whole or refused with every bad column at once, and holds no judgement.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::filing::MaterialKind;
use crate::identifiers::{DomainName, IcpNumber, Mobile};
use crate::import::words::code;
use crate::import::{BadCell, Record};
use crate::reports::{PaperSeen, RegistrarStanding, RegistryReport, TelephoneSays};

mod column;
mod reading;
mod words;

pub use column::ReportColumn;
pub use words::{is_of_carriers, phone_words, state_words};

use reading::Reading;

/// What a file reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReportKind {
    /// Answers of registers of bodies (登记机关查询结果).
    RegistryAnswers,
    /// Whether name, ID and number belong together, and empty numbers (三要素核验、空号检测).
    PhoneIdentities,
    /// Until when the server of a service is paid.
    Hosting,
    /// Hosts that were asked for at the provider's own front ends on a day.
    FrontEndHosts,
    /// Registrars that are approved, or not.
    Registrars,
    /// Materials on the provider's shelves.
    Custody,
}

impl ReportKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::RegistryAnswers,
        Self::PhoneIdentities,
        Self::Hosting,
        Self::FrontEndHosts,
        Self::Registrars,
        Self::Custody,
    ];

    /// Columns that every row of such a file needs.
    pub fn needed(self) -> &'static [ReportColumn] {
        match self {
            Self::RegistryAnswers => &[
                ReportColumn::CertificateNumber,
                ReportColumn::Source,
                ReportColumn::AsOf,
            ],
            Self::PhoneIdentities => &[
                ReportColumn::Number,
                ReportColumn::Mobile,
                ReportColumn::Result,
                ReportColumn::AsOf,
            ],
            Self::Hosting => &[ReportColumn::ServerUntil],
            Self::FrontEndHosts => &[ReportColumn::Host, ReportColumn::SeenOn],
            Self::Registrars => &[ReportColumn::Registrar, ReportColumn::Approved],
            Self::Custody => &[
                ReportColumn::Number,
                ReportColumn::MaterialKind,
                ReportColumn::ShelfMark,
                ReportColumn::SeenOn,
            ],
        }
    }

    /// Its name in the API.
    pub fn name(self) -> String {
        code(&self)
    }
}

/// A row of a file of reports.
#[derive(Debug, Clone, PartialEq)]
pub enum ReportRow {
    /// What a register answers; of the filing that holds the certificate, or of the number where it stands.
    RegistryAnswer {
        /// 主体备案号, where the file has it.
        number: Option<IcpNumber>,
        /// The answer.
        report: RegistryReport,
    },
    /// What the carriers say of a number in a filing.
    PhoneIdentity {
        /// 主体备案号.
        number: IcpNumber,
        /// The mobile that was asked for.
        mobile: Mobile,
        /// What they say.
        says: TelephoneSays,
        /// On which day.
        on: Date,
    },
    /// Until when a server is paid.
    Hosting {
        /// Whose.
        service: ServiceNamed,
        /// First instant at which it is no longer paid.
        until: Timestamp,
    },
    /// A host that was asked for at the provider's front ends.
    FrontEndHost {
        /// The host.
        host: DomainName,
        /// The day.
        seen_on: Date,
    },
    /// A registrar.
    Registrar {
        /// Its name as registries write it.
        name: String,
        /// Whether it is approved.
        standing: RegistrarStanding,
    },
    /// A material on the shelves.
    Custody {
        /// 主体备案号.
        number: IcpNumber,
        /// Which material.
        kind: MaterialKind,
        /// Where, and when it was seen.
        paper: PaperSeen,
    },
}

/// How a row names a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceNamed {
    /// By its number (网站备案号).
    Number(IcpNumber),
    /// By a name under one of its domains.
    Domain(DomainName),
}

/// Reads a row of a kind on a day, or names every bad column.
pub fn read(
    kind: ReportKind,
    record: &Record<ReportColumn>,
    today: Date,
) -> Result<ReportRow, Vec<BadCell<ReportColumn>>> {
    let mut reading = Reading::of(record, today);
    for column in kind.needed() {
        if reading.cell(*column).is_empty() {
            reading.bad(*column, "field-missing", "须填写", "it is needed");
        }
    }
    let row = match kind {
        ReportKind::RegistryAnswers => reading.registry_answer(),
        ReportKind::PhoneIdentities => reading.phone_identity(),
        ReportKind::Hosting => reading.hosting(),
        ReportKind::FrontEndHosts => reading.front_end_host(),
        ReportKind::Registrars => reading.registrar(),
        ReportKind::Custody => reading.custody(),
    };
    match row {
        Some(row) if reading.bad.is_empty() => Ok(row),
        Some(_) | None => Err(reading.bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::{BodyState, RegistryFound};

    fn said(kind: ReportKind, cells: &[(ReportColumn, &str)]) -> Result<ReportRow, String> {
        let record = cells
            .iter()
            .map(|(column, text)| (*column, (*text).to_owned()));
        let today = "2026-03-02".parse().unwrap();
        read(kind, &record.collect(), today).map_err(|bad| {
            let bad = bad.iter().map(|bad| {
                let column = bad.column.map_or("", ReportColumn::name);
                format!("{column}: {}", bad.rule)
            });
            bad.collect::<Vec<_>>().join("; ")
        })
    }

    #[test]
    fn an_answer_of_a_register_is_read_whole_or_told_column_by_column() {
        let answer = [
            (ReportColumn::CertificateNumber, "91110108551385082q"),
            (ReportColumn::Source, "公示系统"),
            (ReportColumn::AsOf, "2026/3/1"),
        ];
        let with = |more: &[(ReportColumn, &str)]| {
            said(ReportKind::RegistryAnswers, &[&answer[..], more].concat())
        };
        let Ok(ReportRow::RegistryAnswer {
            number: None,
            report,
        }) = with(&[])
        else {
            panic!("a register may have nothing");
        };
        assert_eq!(report.found, RegistryFound::Nothing);
        assert_eq!(report.number.reveal(), "91110108551385082Q");
        let body = [
            (ReportColumn::RegisteredName, "示例公司"),
            (ReportColumn::FormerNames, "旧名公司；更旧公司"),
            (ReportColumn::State, "吊销，未注销"),
        ];
        let Ok(ReportRow::RegistryAnswer { report, .. }) = with(&body) else {
            panic!("a body is read");
        };
        let RegistryFound::Body(found) = report.found else {
            panic!("it is a body");
        };
        assert_eq!(found.state, BodyState::Revoked);
        assert_eq!(found.former_names, ["旧名公司", "更旧公司"]);
        for (more, expected) in [
            (&body[1..], "registeredName: field-missing"),
            (&body[..2], "state: field-missing"),
            (
                &[
                    (ReportColumn::RegisteredName, "示例公司"),
                    (ReportColumn::State, "活着"),
                ],
                "state: not-in-list",
            ),
            (&[(ReportColumn::AsOf, "2026-03-03")], "asOf: day-to-come"),
            (&[(ReportColumn::Source, " ")], "source: field-missing"),
        ] {
            assert_eq!(with(more).unwrap_err(), expected);
        }
    }

    #[test]
    fn the_other_kinds_are_read_and_told_alike() {
        use ReportColumn as C;
        use ReportKind as K;
        let number = (C::Number, "京ICP备2026000001号-1");
        let good: [(K, &[(C, &str)]); 6] = [
            (
                K::PhoneIdentities,
                &[
                    number,
                    (C::Mobile, "13800000001"),
                    (C::Result, "空号"),
                    (C::AsOf, "2026-03-02"),
                ],
            ),
            (K::Hosting, &[number, (C::ServerUntil, "2026-12-31")]),
            (
                K::Hosting,
                &[
                    (C::Domain, "www.example.cn"),
                    (C::ServerUntil, "2026-12-31"),
                ],
            ),
            (
                K::FrontEndHosts,
                &[(C::Host, "www.example.cn"), (C::SeenOn, "20260301")],
            ),
            (K::Registrars, &[(C::Registrar, "A"), (C::Approved, "是")]),
            (
                K::Custody,
                &[
                    number,
                    (C::MaterialKind, "verification-form"),
                    (C::ShelfMark, "B-2"),
                    (C::SeenOn, "2026-03-01"),
                ],
            ),
        ];
        for (kind, cells) in good {
            assert!(
                said(kind, cells).is_ok(),
                "{kind:?}: {:?}",
                said(kind, cells)
            );
            // Of the whole, each needed cell is missed by its name.
            for needed in kind.needed() {
                let rest = cells.iter().filter(|(column, _)| column != needed);
                let rest: Vec<_> = rest.copied().collect();
                let told = said(kind, &rest).unwrap_err();
                assert!(
                    told.contains(&format!("{}: field-missing", needed.name())),
                    "{told}"
                );
            }
        }
        let paid = said(K::Hosting, good[1].1).unwrap();
        let ReportRow::Hosting { until, .. } = paid else {
            panic!("it is hosting");
        };
        assert_eq!(
            until.to_string(),
            "2026-12-31T16:00:00Z",
            "the day is paid whole"
        );
        let told = [
            (
                K::Hosting,
                vec![
                    (C::Number, "京ICP备2026000001号"),
                    (C::ServerUntil, "2026-12-31"),
                ],
            ),
            (
                K::FrontEndHosts,
                vec![(C::Host, "x"), (C::SeenOn, "2026-03-03")],
            ),
            (
                K::Registrars,
                vec![(C::Registrar, "A"), (C::Approved, "也许")],
            ),
        ];
        let told = told.map(|(kind, cells)| said(kind, &cells).unwrap_err());
        assert_eq!(told[0], "domain: service-unnamed");
        assert!(told[1].starts_with("host: ") && told[1].ends_with("seenOn: day-to-come"));
        assert_eq!(told[2], "approved: not-a-flag");
    }
}
