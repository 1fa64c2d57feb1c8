//! An audit report line by line, as JSON and as rows of a table.

use icp_domain::Text;
use icp_domain::audit_report::{AuditReport, CampaignReport, Checks, Members};
use icp_domain::campaign::Campaign;
use icp_domain::rulebook::provinces::Provinces;
use icp_domain::rules::{Category, Rule};
use icp_tables::{BYTE_ORDER_MARK, Unwritten, csv_line};
use serde::Serialize;
use utoipa::ToSchema;

/// The code of what is counted of subjects whose province is not known.
const UNKNOWN: &str = "unknown";

/// What checks came to. A check is one look at one unit by one rule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReportLine {
    /// What is counted: the code of a rule, category or province (`unknown` where none is known), or a day.
    pub(super) code: String,
    /// Its name, in both languages.
    pub(super) name: Text,
    /// Checks that were planned.
    pub(super) checks: u64,
    /// Findings that were new and confirmed.
    pub(super) findings: u64,
    /// Looks at which a rule could not decide.
    pub(super) undecided: u64,
    /// Checks that brought nothing new.
    pub(super) rest: u64,
    /// Findings in hundredths of a percent of the checks, rounded down; null without checks.
    pub(super) findings_basis_points: Option<u64>,
}

impl ReportLine {
    fn new(code: &str, name: Text, checks: Checks) -> Self {
        Self {
            code: code.to_owned(),
            name,
            checks: checks.planned,
            findings: checks.findings,
            undecided: checks.undecided,
            rest: checks.rest(),
            findings_basis_points: checks.findings_basis_points(),
        }
    }

    /// Its figures, as people read them.
    pub(super) fn figures(&self) -> Vec<String> {
        let counts = [self.checks, self.findings, self.undecided, self.rest];
        let counts = counts.into_iter().map(|count| count.to_string());
        counts
            .chain([percent(self.findings_basis_points)])
            .collect()
    }
}

/// Hundredths of a percent as a percentage; a dash where there is none.
pub(super) fn percent(basis_points: Option<u64>) -> String {
    match basis_points {
        Some(points) => format!("{}.{:02}%", points / 100, points % 100),
        None => "–".to_owned(),
    }
}

/// What the audits of a period came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReportView {
    /// The first day.
    pub(super) from: String,
    /// The last day.
    pub(super) until: String,
    /// What `times` has a line for: `day`, `week` (from Monday) or `month`.
    pub(super) step: &'static str,
    /// All checks.
    pub(super) all: ReportLine,
    /// By time: the first day of each step.
    pub(super) times: Vec<ReportLine>,
    /// By category.
    pub(super) categories: Vec<ReportLine>,
    /// By rule.
    pub(super) rules: Vec<ReportLine>,
    /// By province, those that anything was counted of.
    pub(super) provinces: Vec<ReportLine>,
}

impl ReportView {
    pub(super) fn new(report: &AuditReport, provinces: &Provinces) -> Self {
        let period = report.period;
        let times = report.times.iter().map(|(day, checks)| {
            let day = day.to_string();
            ReportLine::new(&day, Text::new(&*day, &*day), *checks)
        });
        let of_category = |(category, checks): &(Category, Checks)| {
            ReportLine::new(category.name(), category.text(), *checks)
        };
        let of_rule = |(rule, checks): &(&'static Rule, Checks)| {
            ReportLine::new(rule.code, (rule.fault)(), *checks)
        };
        let of_province = report.provinces.iter();
        let of_province = of_province
            .map(|(code, checks)| ReportLine::new(code, province(code, provinces), *checks));
        let unknown = report.of_no_province();
        let unknown = (unknown != Checks::default())
            .then(|| ReportLine::new(UNKNOWN, province(UNKNOWN, provinces), unknown));
        Self {
            from: period.from().to_string(),
            until: period.until().to_string(),
            step: period.step().name(),
            all: ReportLine::new("all", all(), report.all),
            times: times.collect(),
            categories: report.categories.iter().map(of_category).collect(),
            rules: report.rules.iter().map(of_rule).collect(),
            provinces: of_province.chain(unknown).collect(),
        }
    }

    /// Its rows, the header first.
    pub(super) fn rows(&self) -> Vec<Vec<String>> {
        let header = [
            "部分 part",
            "代码 code",
            "名称",
            "name",
            "检查项次 checks",
            "不合格 findings",
            "无法判定 undecided",
            "其余 rest",
            "不合格比例 findings share",
        ];
        let parts = [
            ("all", std::slice::from_ref(&self.all)),
            (self.step, &self.times),
            ("category", &self.categories),
            ("rule", &self.rules),
            ("province", &self.provinces),
        ];
        let rows = parts.into_iter().flat_map(|(part, lines)| {
            let row = move |line: &ReportLine| row(part, &line.code, &line.name, line.figures());
            lines.iter().map(row)
        });
        let header = header.map(str::to_owned).to_vec();
        std::iter::once(header).chain(rows).collect()
    }
}

/// What members of a campaign came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CampaignReportLine {
    /// `all`, or the province's code; `unknown` where none is known.
    pub(super) code: String,
    /// Its name, in both languages.
    pub(super) name: Text,
    /// Members that have their outcome.
    pub(super) done: u64,
    /// Members as they must be.
    pub(super) kept: u64,
    /// Members not as they must be.
    pub(super) broken: u64,
    /// Members that could not be decided.
    pub(super) undecided: u64,
    /// Members that lost their access meanwhile.
    pub(super) gone: u64,
    /// Members that were told.
    pub(super) told: u64,
    /// Members whose faults were put right before they were told.
    pub(super) put_right: u64,
    /// Broken ones in hundredths of a percent of those that are done, rounded down; null where none is.
    pub(super) broken_basis_points: Option<u64>,
}

impl CampaignReportLine {
    fn new(code: &str, name: Text, members: Members) -> Self {
        Self {
            code: code.to_owned(),
            name,
            done: members.done(),
            kept: members.kept,
            broken: members.broken,
            undecided: members.undecided,
            gone: members.gone,
            told: members.told,
            put_right: members.put_right,
            broken_basis_points: members.broken_basis_points(),
        }
    }
}

/// How often a rule, or the rules of a category, broke in a campaign.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BrokenLine {
    /// The code of a rule or category.
    pub(super) code: String,
    /// Its name, in both languages.
    pub(super) name: Text,
    /// Members at which it broke; of a category, each of its rules at each member.
    pub(super) broken: u64,
}

/// What a campaign came to so far.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CampaignReportView {
    /// The campaign's id.
    pub(super) campaign: String,
    /// Its name.
    pub(super) name: String,
    /// Units chosen.
    pub(super) chosen: u64,
    /// All members.
    pub(super) all: CampaignReportLine,
    /// By category of its rules.
    pub(super) categories: Vec<BrokenLine>,
    /// By rule.
    pub(super) rules: Vec<BrokenLine>,
    /// By province, those that anything was counted of.
    pub(super) provinces: Vec<CampaignReportLine>,
}

impl CampaignReportView {
    pub(super) fn new(campaign: &Campaign, report: &CampaignReport, provinces: &Provinces) -> Self {
        let broken = |code: &str, name: Text, broken: u64| BrokenLine {
            code: code.to_owned(),
            name,
            broken,
        };
        let categories = report.categories.iter();
        let rules = report.rules.iter();
        let of_province = report.provinces.iter();
        let of_province = of_province.map(|(code, members)| {
            CampaignReportLine::new(code, province(code, provinces), *members)
        });
        let unknown = report.of_no_province();
        let unknown = (unknown != Members::default())
            .then(|| CampaignReportLine::new(UNKNOWN, province(UNKNOWN, provinces), unknown));
        Self {
            campaign: campaign.id.to_string(),
            name: campaign.terms.name.clone(),
            chosen: report.chosen,
            all: CampaignReportLine::new("all", all(), report.all),
            categories: categories
                .map(|(category, count)| broken(category.name(), category.text(), *count))
                .collect(),
            rules: rules
                .map(|(rule, count)| broken(rule.code, (rule.fault)(), *count))
                .collect(),
            provinces: of_province.chain(unknown).collect(),
        }
    }

    /// Its rows, the header first.
    pub(super) fn rows(&self) -> Vec<Vec<String>> {
        let header = [
            "部分 part",
            "代码 code",
            "名称",
            "name",
            "已出结果 done",
            "合格 kept",
            "不合格 broken",
            "无法判定 undecided",
            "已终止接入 gone",
            "已通知 told",
            "通知前已整改 put right",
            "不合格比例 broken share",
        ];
        let of_members = |part: &str, line: &CampaignReportLine| {
            let counts = [
                line.done,
                line.kept,
                line.broken,
                line.undecided,
                line.gone,
                line.told,
                line.put_right,
            ];
            let counts = counts.map(|count| count.to_string());
            let share = percent(line.broken_basis_points);
            row(
                part,
                &line.code,
                &line.name,
                counts.into_iter().chain([share]),
            )
        };
        let of_rules = |part: &str, line: &BrokenLine| {
            let nothing = || std::iter::repeat_n(String::new(), 2);
            let after = std::iter::repeat_n(String::new(), 5);
            let figures = nothing().chain([line.broken.to_string()]).chain(after);
            row(part, &line.code, &line.name, figures)
        };
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        rows.push(of_members("all", &self.all));
        rows.extend(
            self.categories
                .iter()
                .map(|line| of_rules("category", line)),
        );
        rows.extend(self.rules.iter().map(|line| of_rules("rule", line)));
        rows.extend(
            self.provinces
                .iter()
                .map(|line| of_members("province", line)),
        );
        rows
    }
}

fn row(
    part: &str,
    code: &str,
    name: &Text,
    figures: impl IntoIterator<Item = String>,
) -> Vec<String> {
    let begin = [part, code, &name.zh, &name.en].map(str::to_owned);
    begin.into_iter().chain(figures).collect()
}

fn all() -> Text {
    Text::new("合计", "all")
}

/// A province's name; its code where the rulebook does not know it.
fn province(code: &str, provinces: &Provinces) -> Text {
    match provinces.by_code(code) {
        Some(province) => province.name.clone(),
        None if code == UNKNOWN => Text::new("省份未知", "province unknown"),
        None => Text::new(code, code),
    }
}

/// Rows as a file of CSV, in UTF-8 with the mark by which spreadsheets know it.
pub(super) fn csv(rows: &[Vec<String>]) -> Result<Vec<u8>, Unwritten> {
    let mut file = BYTE_ORDER_MARK.as_bytes().to_vec();
    for row in rows {
        file.extend(csv_line(row)?);
    }
    Ok(file)
}
