//! The bureaus' rules, province by province: dated data, never code.
//!
//! **Invariant:** every one of the 31 provinces has a row, and what a row does not say is unknown.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{self, RulebookFault};
use super::known::Known;
use super::source::{Keyed, Source, Sourced, Sources};
use crate::Text;
use crate::identifiers::PREFIXES;

pub mod demands;

pub use demands::Demands;

use demands::WrittenDemands;

/// The file's name.
pub(crate) const FILE: &str = "provinces.json";

/// Fields of a filing that a bureau's rule names together.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum FieldGroup {
    /// The subject's certificate number (证件号码): a certificate replaced by the merged one.
    CertificateNumber,
    /// The subject's name (主办单位名称).
    UnitName,
    /// The subject's nature (主办单位性质).
    Nature,
    /// The investor or superior unit (投资人或主管单位).
    SuperiorUnit,
    /// The address on the certificate (证件住所).
    CertificateAddress,
    /// The postal address (通信地址).
    PostalAddress,
    /// The subject's principal, with telephone and ID (主体负责人).
    SubjectPrincipal,
    /// Anything else of the subject.
    SubjectOther,
    /// The service's principal, with telephone and ID (网站负责人).
    ServicePrincipal,
    /// Name, content and addresses of the service (网站名称、内容).
    ServiceDetails,
}

impl FieldGroup {
    /// Every group.
    pub const ALL: [Self; 10] = [
        Self::CertificateNumber,
        Self::UnitName,
        Self::Nature,
        Self::SuperiorUnit,
        Self::CertificateAddress,
        Self::PostalAddress,
        Self::SubjectPrincipal,
        Self::SubjectOther,
        Self::ServicePrincipal,
        Self::ServiceDetails,
    ];

    /// Whether the group belongs to the subject, so that any provider of the subject can change it.
    pub fn is_of_subject(self) -> bool {
        match self {
            Self::CertificateNumber
            | Self::UnitName
            | Self::Nature
            | Self::SuperiorUnit
            | Self::CertificateAddress
            | Self::PostalAddress
            | Self::SubjectPrincipal
            | Self::SubjectOther => true,
            Self::ServicePrincipal | Self::ServiceDetails => false,
        }
    }

    /// The group's name, for people.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::CertificateNumber => ("证件号码", "certificate number"),
            Self::UnitName => ("主办单位名称", "name of the subject"),
            Self::Nature => ("主办单位性质", "nature of the subject"),
            Self::SuperiorUnit => ("投资人或主管单位", "investor or superior unit"),
            Self::CertificateAddress => ("证件住所", "address on the certificate"),
            Self::PostalAddress => ("通信地址", "postal address"),
            Self::SubjectPrincipal => ("主体负责人", "subject principal"),
            Self::SubjectOther => ("其他主体信息", "other data of the subject"),
            Self::ServicePrincipal => ("网站负责人", "service principal"),
            Self::ServiceDetails => ("网站信息", "data of the service"),
        };
        Text::new(zh, en)
    }
}

/// Whether access may be filed first and the data changed afterwards (先接入后变更).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessFirst {
    /// It may.
    Allowed {
        /// How the order is then filled in.
        how: Option<Text>,
    },
    /// It may under conditions.
    Conditional {
        /// What must hold.
        conditions: Text,
    },
    /// It may not: the data is changed first, where it is held.
    Forbidden,
    /// The bureau's pages do not name this group: unknown.
    Silent,
}

/// What a bureau says of some field groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Which groups.
    pub groups: BTreeSet<FieldGroup>,
    /// What it says.
    pub rule: AccessFirst,
    /// Where.
    pub source: Source,
}

/// One province's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Province {
    /// Its code of GB/T 2260, two digits.
    pub code: String,
    /// Its abbreviation in filing numbers.
    pub prefix: char,
    /// Its name.
    pub name: Text,
    /// What its bureau says on access before change.
    pub clauses: Vec<Clause>,
    /// Where its sources are in doubt, and about what.
    pub doubt: Option<Text>,
    /// Whether a shell subject may add a service directly.
    pub shell_may_add: Sourced<Known>,
    /// Working days within which a change must follow an access filing, where one is stated.
    pub change_within_working_days: Option<Sourced<u32>>,
    /// What it demands beside that.
    pub demands: Demands,
}

/// What [`Province::access_first`] answers where no clause names a group.
static SILENT: AccessFirst = AccessFirst::Silent;

impl Province {
    /// The clause that names a group.
    pub fn clause(&self, group: FieldGroup) -> Option<&Clause> {
        self.clauses
            .iter()
            .find(|clause| clause.groups.contains(&group))
    }

    /// Whether access may be filed before a group is changed.
    pub fn access_first(&self, group: FieldGroup) -> &AccessFirst {
        self.clause(group).map_or(&SILENT, |clause| &clause.rule)
    }
}

/// The 31 provinces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provinces {
    all: Vec<Province>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    #[serde(rename = "note")]
    _note: Option<String>,
    sources: BTreeMap<String, Source>,
    provinces: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Row {
    code: String,
    prefix: char,
    name: Text,
    access_first: Vec<ClauseRow>,
    doubt: Option<Text>,
    shell_may_add: Keyed<Known>,
    change_within_working_days: Option<Keyed<u32>>,
    demands: WrittenDemands,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClauseRow {
    groups: BTreeSet<FieldGroup>,
    is: Stance,
    source: String,
    conditions: Option<Text>,
    how: Option<Text>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Stance {
    Allowed,
    Conditional,
    Forbidden,
}

/// Working days that a bureau may state for the change; more is a mistake of the file.
const CHANGE_WORKING_DAYS: std::ops::RangeInclusive<u32> = 1..=90;

impl Provinces {
    /// Reads the file's text.
    pub(crate) fn read(text: &str) -> Result<Self, RulebookFault> {
        let file: File = fault::read(FILE, text)?;
        let sources = Sources {
            file: FILE,
            by_key: &file.sources,
        };
        let mut all: Vec<Province> = Vec::new();
        for (at, row) in file.provinces.into_iter().enumerate() {
            let path = format!("/provinces/{at}");
            let province = province(row, &sources, &path)?;
            if all
                .iter()
                .any(|other| other.prefix == province.prefix || other.code == province.code)
            {
                let allowed = "each prefix and code once";
                return Err(RulebookFault::at(FILE, path, province.prefix, allowed));
            }
            all.push(province);
        }
        let missing = PREFIXES
            .chars()
            .find(|prefix| all.iter().all(|row| row.prefix != *prefix));
        if let Some(prefix) = missing {
            return Err(RulebookFault::at(
                FILE,
                "/provinces",
                format!("without {prefix}"),
                "all 31 provinces",
            ));
        }
        Ok(Self { all })
    }

    /// Every province, in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = &Province> {
        self.all.iter()
    }

    /// The province of a filing number's prefix.
    pub fn by_prefix(&self, prefix: char) -> Option<&Province> {
        self.all.iter().find(|province| province.prefix == prefix)
    }

    /// The province of a code of two digits.
    pub fn by_code(&self, code: &str) -> Option<&Province> {
        self.all.iter().find(|province| province.code == code)
    }
}

fn province(row: Row, sources: &Sources<'_>, path: &str) -> Result<Province, RulebookFault> {
    let refused = |field: &str, value: String, allowed: &str| {
        RulebookFault::at(FILE, format!("{path}/{field}"), value, allowed)
    };
    if !PREFIXES.contains(row.prefix) {
        return Err(refused(
            "prefix",
            row.prefix.to_string(),
            "an abbreviation of one of the 31 provinces",
        ));
    }
    if row.code.len() != 2 || !row.code.chars().all(|c| c.is_ascii_digit()) {
        return Err(refused(
            "code",
            format!("{:?}", row.code),
            "two digits of GB/T 2260",
        ));
    }
    let mut clauses: Vec<Clause> = Vec::new();
    for (at, row) in row.access_first.into_iter().enumerate() {
        let field = format!("accessFirst/{at}");
        let source = sources.named(&row.source, &format!("{path}/{field}"))?;
        let rule = match (row.is, row.conditions, row.how) {
            (Stance::Allowed, None, how) => AccessFirst::Allowed { how },
            (Stance::Conditional, Some(conditions), None) => {
                AccessFirst::Conditional { conditions }
            }
            (Stance::Forbidden, None, None) => AccessFirst::Forbidden,
            (Stance::Allowed | Stance::Conditional | Stance::Forbidden, _, _) => {
                let allowed = "\"conditions\" with conditional only, \"how\" with allowed only";
                return Err(refused(&field, "of the clause".to_owned(), allowed));
            }
        };
        if let Some(group) = row
            .groups
            .iter()
            .find(|group| clauses.iter().any(|other| other.groups.contains(group)))
        {
            return Err(refused(
                &format!("{field}/groups"),
                format!("{group:?}"),
                "each group once in a province",
            ));
        }
        clauses.push(Clause {
            groups: row.groups,
            rule,
            source,
        });
    }
    let change = row
        .change_within_working_days
        .map(|days| days.resolved(sources, &format!("{path}/changeWithinWorkingDays")))
        .transpose()?;
    if let Some(days) = change
        .as_ref()
        .filter(|days| !CHANGE_WORKING_DAYS.contains(&days.is))
    {
        return Err(refused(
            "changeWithinWorkingDays/is",
            days.is.to_string(),
            "1 to 90",
        ));
    }
    Ok(Province {
        code: row.code,
        prefix: row.prefix,
        name: row.name,
        clauses,
        doubt: row.doubt,
        shell_may_add: row
            .shell_may_add
            .resolved(sources, &format!("{path}/shellMayAdd"))?,
        change_within_working_days: change,
        demands: row.demands.resolved(sources, &format!("{path}/demands"))?,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::Rulebook;

    fn provinces() -> Provinces {
        Rulebook::shipped().unwrap().provinces
    }

    #[test]
    fn what_each_province_says_per_field_group() {
        let rows: Vec<String> = provinces()
            .iter()
            .map(|province| {
                let groups: String = FieldGroup::ALL
                    .iter()
                    .map(|group| match province.access_first(*group) {
                        AccessFirst::Allowed { .. } => 'a',
                        AccessFirst::Conditional { .. } => 'c',
                        AccessFirst::Forbidden => 'f',
                        AccessFirst::Silent => '.',
                    })
                    .collect();
                let days = province
                    .change_within_working_days
                    .as_ref()
                    .map(|days| days.is);
                format!(
                    "{} {} {groups} {:?} {days:?}",
                    province.prefix, province.code, province.shell_may_add.is
                )
            })
            .collect();
        expect![[r#"
            京 11 cccccccc.. Yes Some(10)
            津 12 a......... Yes None
            冀 13 ffffffffff No None
            晋 14 a......... Yes None
            蒙 15 f......... No None
            辽 21 ffffffffff Yes None
            吉 22 a......... No None
            黑 23 a......... No None
            沪 31 a.....a... Yes None
            苏 32 a.....a... Yes Some(10)
            浙 33 a......... Yes None
            皖 34 a......... No None
            闽 35 a......... No None
            赣 36 f......... No None
            鲁 37 a......... No None
            豫 41 f......... No None
            鄂 42 a......... No None
            湘 43 ffffffffff No None
            粤 44 a......... No None
            桂 45 a......... Yes None
            琼 46 a......... No None
            渝 50 ffffffffff No None
            蜀 51 cfffffff.. Yes None
            黔 52 a......... Yes None
            滇 53 a......... Yes None
            藏 54 cf..ccc... No None
            陕 61 aaaaaaaa.. No None
            陇 62 .......... No None
            青 63 f......... No None
            宁 64 f......... No None
            新 65 f......... No None
        "#]]
        .assert_eq(&(rows.join("\n") + "\n"));
    }

    #[test]
    fn a_province_is_found_by_prefix_and_by_code() {
        let provinces = provinces();
        assert_eq!(provinces.by_prefix('粤').unwrap().code, "44");
        assert_eq!(provinces.by_code("51").unwrap().prefix, '蜀');
        assert_eq!(provinces.by_prefix('川'), None);
    }

    #[test]
    fn a_bad_row_is_refused_with_its_path() {
        let shipped = include_str!("../../../../config/provinces.json");
        let fault = |from: &str, to: &str| {
            assert!(shipped.contains(from), "{from}");
            Provinces::read(&shipped.replacen(from, to, 1)).unwrap_err()
        };
        let number = fault(r#"{"is": 10,"#, r#"{"is": 1000,"#);
        assert_eq!(number.path, "/provinces/0/changeWithinWorkingDays/is");
        assert_eq!(
            fault(r#""prefix": "津""#, r#""prefix": "京""#).path,
            "/provinces/1"
        );
        assert_eq!(
            fault(r#""prefix": "津""#, r#""prefix": "川""#).path,
            "/provinces/1/prefix"
        );
        assert_eq!(
            fault(r#""shellMayAdd""#, r#""shellMay""#).path,
            "/provinces/0/shellMay"
        );
        assert_eq!(
            fault(r#""certificate-number""#, r#""certificate""#).path,
            "/provinces/0/accessFirst/0/groups/0"
        );
        assert_eq!(
            fault(r#""is": "conditional""#, r#""is": "forbidden""#).path,
            "/provinces/0/accessFirst/0"
        );
    }
}
