//! Reading the cells of a row of reports: every bad one is told, each once.

use jiff::civil::Date;

use super::words::{PHONES, phone_name, state_of};
use super::{ReportColumn, ReportRow, ServiceNamed};
use crate::Text;
use crate::filing::MaterialKind;
use crate::identifiers::{DomainName, IcpNumber, Mobile};
use crate::import::words::{code, day, flag, named};
use crate::import::{BadCell, Record, bad_cell};
use crate::personal::Personal;
use crate::reports::{
    BodyState, PaperSeen, RegisteredBody, RegistrarStanding, RegistryFound, RegistryReport,
};
use crate::rulebook::calendar::end_of;

/// Longest text of a cell in characters.
///
/// Source: chosen here: longer than any name or address of a body, and six of them stay far under an item
/// of DynamoDB (400 KB).
const LONGEST_TEXT: usize = 500;

/// Most former names of a body.
///
/// Source: chosen here, for the same reason.
const MOST_NAMES: usize = 50;

type Bad = Vec<BadCell<ReportColumn>>;

pub(super) struct Reading<'a> {
    record: &'a Record<ReportColumn>,
    today: Date,
    pub(super) bad: Bad,
}

impl<'a> Reading<'a> {
    pub(super) fn of(record: &'a Record<ReportColumn>, today: Date) -> Self {
        Self {
            record,
            today,
            bad: Vec::new(),
        }
    }

    pub(super) fn cell(&self, column: ReportColumn) -> &'a str {
        self.record.get(&column).map_or("", |text| text.trim())
    }

    pub(super) fn bad(&mut self, column: ReportColumn, rule: &str, zh: &str, en: &str) {
        let is_told = self.bad.iter().any(|bad| bad.column == Some(column));
        if !is_told {
            self.bad.push(bad_cell(column, rule, Text::new(zh, en)));
        }
    }

    /// A text, where one stands.
    fn text(&mut self, column: ReportColumn) -> Option<&'a str> {
        let text = self.cell(column);
        if LONGEST_TEXT < text.chars().count() {
            let zh = format!("至多{LONGEST_TEXT}字");
            let en = format!("at most {LONGEST_TEXT} characters");
            self.bad(column, "too-long", &zh, &en);
            return None;
        }
        (!text.is_empty()).then_some(text)
    }

    /// A day that is not to come.
    fn past_day(&mut self, column: ReportColumn) -> Option<Date> {
        let day = day(self.cell(column), column, &mut self.bad)?;
        if self.today < day {
            self.bad(column, "day-to-come", "不得晚于今日", "it is not to come");
            return None;
        }
        Some(day)
    }

    fn number(&mut self, column: ReportColumn) -> Option<IcpNumber> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        match IcpNumber::parse(cell) {
            Ok(number) => Some(number),
            Err(fault) => {
                self.bad.push(bad_cell(column, fault.code(), fault.text()));
                None
            }
        }
    }

    fn domain(&mut self, column: ReportColumn) -> Option<DomainName> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        match DomainName::parse(cell) {
            Ok(domain) => Some(domain),
            Err(fault) => {
                self.bad.push(bad_cell(column, fault.code(), fault.text()));
                None
            }
        }
    }

    pub(super) fn registry_answer(&mut self) -> Option<ReportRow> {
        let number = self.number(ReportColumn::Number);
        let certificate = self.text(ReportColumn::CertificateNumber);
        let source = self.text(ReportColumn::Source);
        let as_of = self.past_day(ReportColumn::AsOf);
        let found = self.registry_found();
        Some(ReportRow::RegistryAnswer {
            number: number.map(|number| number.subject()),
            report: RegistryReport {
                source: source?.to_owned(),
                number: Personal::new(certificate?.to_uppercase()),
                as_of: as_of?,
                found: found?,
            },
        })
    }

    /// A register has a body where it says a name, and nothing where it says nothing of any.
    fn registry_found(&mut self) -> Option<RegistryFound> {
        let name = self.text(ReportColumn::RegisteredName);
        let personal = |text: &str| Personal::new(text.to_owned());
        let of_body = [
            ReportColumn::State,
            ReportColumn::FormerNames,
            ReportColumn::LegalRepresentative,
            ReportColumn::RegisteredAddress,
        ];
        let Some(name) = name else {
            let said = of_body
                .into_iter()
                .find(|column| !self.cell(*column).is_empty());
            if said.is_some() {
                let column = ReportColumn::RegisteredName;
                self.bad(
                    column,
                    "field-missing",
                    "有登记信息时须填写登记名称",
                    "a body has a name",
                );
                return None;
            }
            return Some(RegistryFound::Nothing);
        };
        let state = self.state();
        // A name may have blanks and commas in it.
        let former = self.cell(ReportColumn::FormerNames);
        let former = former.split([';', '；', '、', '|']).map(str::trim);
        let former: Vec<String> = former
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        if MOST_NAMES < former.len() {
            let zh = format!("至多{MOST_NAMES}个");
            let en = format!("at most {MOST_NAMES}");
            self.bad(ReportColumn::FormerNames, "too-many", &zh, &en);
        }
        let representative = self.text(ReportColumn::LegalRepresentative).map(personal);
        let address = self.text(ReportColumn::RegisteredAddress).map(personal);
        Some(RegistryFound::Body(RegisteredBody {
            name: personal(name),
            former_names: former,
            state: state?,
            legal_representative: representative,
            address,
        }))
    }

    fn state(&mut self) -> Option<BodyState> {
        let cell = self.cell(ReportColumn::State);
        let found = state_of(cell);
        if found.is_none() {
            let zh = "须为存续、注销、吊销、其他之一";
            let en = "one of: active, deregistered, revoked, other";
            let rule = if cell.is_empty() {
                "field-missing"
            } else {
                "not-in-list"
            };
            self.bad(ReportColumn::State, rule, zh, en);
        }
        found
    }

    pub(super) fn phone_identity(&mut self) -> Option<ReportRow> {
        let number = self.number(ReportColumn::Number);
        let on = self.past_day(ReportColumn::AsOf);
        let column = ReportColumn::Result;
        let says = (!self.cell(column).is_empty())
            .then(|| {
                named(
                    self.cell(column),
                    column,
                    &PHONES,
                    phone_name,
                    &mut self.bad,
                )
            })
            .flatten();
        let cell = self.cell(ReportColumn::Mobile);
        let mobile = match Mobile::parse(cell) {
            Ok(mobile) => Some(mobile),
            Err(_) if cell.is_empty() => None,
            Err(fault) => {
                let column = ReportColumn::Mobile;
                self.bad.push(bad_cell(column, fault.code(), fault.text()));
                None
            }
        };
        Some(ReportRow::PhoneIdentity {
            number: number?.subject(),
            mobile: mobile?,
            says: says?,
            on: on?,
        })
    }

    pub(super) fn hosting(&mut self) -> Option<ReportRow> {
        let number = self.number(ReportColumn::Number);
        let domain = self.domain(ReportColumn::Domain);
        let until = day(
            self.cell(ReportColumn::ServerUntil),
            ReportColumn::ServerUntil,
            &mut self.bad,
        );
        let service = match (number, domain) {
            (Some(number), _) if number.service_suffix().is_some() => {
                Some(ServiceNamed::Number(number))
            }
            (_, Some(domain)) => Some(ServiceNamed::Domain(domain)),
            (Some(_) | None, None) => {
                self.bad(
                    ReportColumn::Domain,
                    "service-unnamed",
                    "须填写网站备案号或域名",
                    "a service's number, or a domain",
                );
                None
            }
        };
        Some(ReportRow::Hosting {
            service: service?,
            until: end_of(until?),
        })
    }

    pub(super) fn front_end_host(&mut self) -> Option<ReportRow> {
        let host = self.domain(ReportColumn::Host);
        let seen_on = self.past_day(ReportColumn::SeenOn);
        Some(ReportRow::FrontEndHost {
            host: host?,
            seen_on: seen_on?,
        })
    }

    pub(super) fn registrar(&mut self) -> Option<ReportRow> {
        let name = self.text(ReportColumn::Registrar);
        let approved = flag(
            self.cell(ReportColumn::Approved),
            ReportColumn::Approved,
            &mut self.bad,
        );
        Some(ReportRow::Registrar {
            name: name?.to_owned(),
            standing: if approved? {
                RegistrarStanding::Approved
            } else {
                RegistrarStanding::NotApproved
            },
        })
    }

    pub(super) fn custody(&mut self) -> Option<ReportRow> {
        let number = self.number(ReportColumn::Number);
        let column = ReportColumn::MaterialKind;
        let names = |kind: MaterialKind| (code(&kind), kind.text().zh);
        let kind = (!self.cell(column).is_empty())
            .then(|| {
                named(
                    self.cell(column),
                    column,
                    &MaterialKind::ALL,
                    names,
                    &mut self.bad,
                )
            })
            .flatten();
        let shelf_mark = self.text(ReportColumn::ShelfMark);
        let seen_on = self.past_day(ReportColumn::SeenOn);
        Some(ReportRow::Custody {
            number: number?.subject(),
            kind: kind?,
            paper: PaperSeen {
                shelf_mark: shelf_mark?.to_owned(),
                seen_on: seen_on?,
            },
        })
    }
}
