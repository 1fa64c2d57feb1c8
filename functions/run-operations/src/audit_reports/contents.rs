//! What a report's page says.

use icp_domain::rulebook::calendar::local_date;
use icp_domain::{Rulebook, Text};
use jiff::Timestamp;

use super::lines::{
    BrokenLine, CampaignReportLine, CampaignReportView, ReportLine, ReportView, percent,
};
use crate::page::{Bar, Chart, Column, Page, Part, Table};

/// Most bars of a chart; the table beneath has every line.
const MOST_BARS: usize = 10;

/// The page of a period.
pub(super) fn of_period(view: &ReportView, rulebook: &Rulebook, now: Timestamp) -> Page {
    let ReportView { from, until, .. } = view;
    let all = &view.all;
    let name = &rulebook.provider.name;
    let today = local_date(now);
    Page {
        title: Text::new("备案核查报表", "Audit report"),
        about: Text::new(
            format!("{} · {from} 至 {until} · 制表日期 {today}", name.zh),
            format!("{} · {from} to {until} · made on {today}", name.en),
        ),
        figures: vec![
            (Text::new("检查项次", "Checks"), all.checks.to_string()),
            (Text::new("不合格", "Findings"), all.findings.to_string()),
            (
                Text::new("不合格比例", "Findings of checks"),
                percent(all.findings_basis_points),
            ),
            (
                Text::new("无法判定", "Undecided"),
                all.undecided.to_string(),
            ),
        ],
        parts: vec![
            over_time(view),
            divided(
                Text::new("按类别", "By category"),
                Text::new("各类别的不合格项数", "Findings by category"),
                Text::new("类别", "Category"),
                &view.categories.iter().collect::<Vec<_>>(),
                |line| line.name.clone(),
            ),
            divided(
                Text::new("按省份", "By province"),
                Text::new("各省份的不合格项数", "Findings by province"),
                Text::new("省份", "Province"),
                &view.provinces.iter().collect::<Vec<_>>(),
                |line| line.name.clone(),
            ),
            divided(
                Text::new("按规则", "By rule"),
                Text::new("各规则的不合格项数", "Findings by rule"),
                Text::new("规则", "Rule"),
                &spoken(&view.rules),
                |line| coded(&line.code, &line.name),
            ),
        ],
        notes: vec![
            Text::new(
                "检查项次：一个备案主体或服务按一条规则核查一次，计一项次。",
                "A check is one look at one subject or service by one rule.",
            ),
            Text::new(
                "不合格：首次确认的不合格项；已知未整改的不重复计算。无法判定：该次核查无法得出结论，不视为不合格。",
                "Findings are new and confirmed; those that were known are not counted again. Undecided looks told nothing, \
                 and count against nobody.",
            ),
            Text::new(
                "按规则一栏仅列有不合格或无法判定的规则；全部规则见CSV或JSON报表。日期均为北京时间。",
                "By rule, only rules with findings or undecided looks are listed; CSV and JSON have all. Days are those of \
                 Asia/Shanghai.",
            ),
        ],
    }
}

fn over_time(view: &ReportView) -> Part {
    let title = match view.step {
        "day" => Text::new("按日", "By day"),
        "week" => Text::new("按周", "By week"),
        _ => Text::new("按月", "By month"),
    };
    let column = |line: &ReportLine| Column {
        // The year stands at the top of the page.
        name: line.code.get(5..).unwrap_or(&line.code).to_owned(),
        findings: line.findings,
        undecided: line.undecided,
    };
    let ReportLine {
        findings,
        undecided,
        ..
    } = &view.all;
    Part {
        title,
        chart: Chart::Columns {
            about: Text::new(
                format!("各时段的不合格（共{findings}）与无法判定（共{undecided}）数，数据见下表"),
                format!(
                    "Findings ({findings} in all) and undecided looks ({undecided}) over time; the table has the figures"
                ),
            ),
            columns: view.times.iter().map(column).collect(),
        },
        table: Table {
            of: Text::new("起始日", "From"),
            figures: figures(),
            rows: view
                .times
                .iter()
                .map(|line| (line.name.clone(), line.figures()))
                .collect(),
            long: true,
        },
    }
}

/// A part whose chart has the lines with the most findings, and whose table has all.
fn divided(
    title: Text,
    about: Text,
    of: Text,
    lines: &[&ReportLine],
    name: fn(&ReportLine) -> Text,
) -> Part {
    let counted = lines.iter().map(|line| (name(line), line.findings));
    Part {
        title,
        chart: Chart::Bars {
            about,
            bars: longest(counted),
        },
        table: Table {
            of,
            figures: figures(),
            rows: lines
                .iter()
                .map(|line| (name(line), line.figures()))
                .collect(),
            long: false,
        },
    }
}

/// What the figures of a [`ReportLine`] are.
fn figures() -> Vec<Text> {
    vec![
        Text::new("项次", "Checks"),
        Text::new("不合格", "Findings"),
        Text::new("无法判定", "Undecided"),
        Text::new("其余", "Rest"),
        Text::new("比例", "Share"),
    ]
}

/// The rules that have anything to say.
fn spoken(rules: &[ReportLine]) -> Vec<&ReportLine> {
    let speaks = |line: &&ReportLine| 0 < line.findings || 0 < line.undecided;
    rules.iter().filter(speaks).collect()
}

/// The lines with the most, that have any.
fn longest(lines: impl Iterator<Item = (Text, u64)>) -> Vec<Bar> {
    let counted = lines.filter(|(_, count)| 0 < *count);
    let mut bars: Vec<Bar> = counted.map(|(name, count)| Bar { name, count }).collect();
    bars.sort_by_key(|bar| std::cmp::Reverse(bar.count));
    bars.truncate(MOST_BARS);
    bars
}

fn coded(code: &str, name: &Text) -> Text {
    Text::new(format!("{code} {}", name.zh), format!("{code} {}", name.en))
}

/// The page of a campaign.
pub(super) fn of_campaign(view: &CampaignReportView, rulebook: &Rulebook, now: Timestamp) -> Page {
    let (all, called) = (&view.all, &view.name);
    let provider = &rulebook.provider.name;
    let today = local_date(now);
    let figure = |zh: &str, en: &str, count: u64| (Text::new(zh, en), count.to_string());
    Page {
        title: Text::new("专项核查报表", "Campaign report"),
        about: Text::new(
            format!("{} · {called} · 制表日期 {today}", provider.zh),
            format!("{} · {called} · made on {today}", provider.en),
        ),
        figures: vec![
            figure("核查对象", "Chosen", view.chosen),
            figure("已出结果", "Done", all.done),
            figure("不合格", "Broken", all.broken),
            (
                Text::new("不合格比例", "Broken of done"),
                percent(all.broken_basis_points),
            ),
            figure("无法判定", "Undecided", all.undecided),
            figure("已终止接入", "Gone", all.gone),
            figure("已通知", "Told", all.told),
            figure("通知前已整改", "Put right before", all.put_right),
        ],
        parts: vec![
            of_provinces(&view.provinces),
            broken(
                Text::new("按类别", "By category"),
                Text::new("各类别的不合格数", "Broken by category"),
                Text::new("类别", "Category"),
                &view.categories,
                |line| line.name.clone(),
            ),
            broken(
                Text::new("按规则", "By rule"),
                Text::new("各规则不合格的对象数", "Members at which each rule broke"),
                Text::new("规则", "Rule"),
                &view.rules,
                |line| coded(&line.code, &line.name),
            ),
        ],
        notes: vec![
            Text::new(
                "一个对象可同时违反多条规则；按类别计时，每条规则、每个对象计一次。",
                "Several rules may break at one member; a category counts each of its rules at each member.",
            ),
            Text::new(
                "无法判定：核查无法得出结论，不视为不合格，也不通知。",
                "What could not be decided counts against nobody, and nobody is told of it.",
            ),
        ],
    }
}

fn of_provinces(provinces: &[CampaignReportLine]) -> Part {
    let row = |line: &CampaignReportLine| {
        let counts = [line.done, line.kept, line.broken, line.undecided];
        let counts = counts.into_iter().map(|count| count.to_string());
        let share = percent(line.broken_basis_points);
        (line.name.clone(), counts.chain([share]).collect())
    };
    let counted = provinces
        .iter()
        .map(|line| (line.name.clone(), line.broken));
    Part {
        title: Text::new("按省份", "By province"),
        chart: Chart::Bars {
            about: Text::new("各省份不合格的对象数", "Broken members by province"),
            bars: longest(counted),
        },
        table: Table {
            of: Text::new("省份", "Province"),
            figures: vec![
                Text::new("已核查", "Done"),
                Text::new("合格", "Kept"),
                Text::new("不合格", "Broken"),
                Text::new("无法判定", "Undecided"),
                Text::new("比例", "Share"),
            ],
            rows: provinces.iter().map(row).collect(),
            long: false,
        },
    }
}

fn broken(
    title: Text,
    about: Text,
    of: Text,
    lines: &[BrokenLine],
    name: fn(&BrokenLine) -> Text,
) -> Part {
    let counted = lines.iter().map(|line| (name(line), line.broken));
    Part {
        title,
        chart: Chart::Bars {
            about,
            bars: longest(counted),
        },
        table: Table {
            of,
            figures: vec![Text::new("不合格", "Broken")],
            rows: lines
                .iter()
                .map(|line| (name(line), vec![line.broken.to_string()]))
                .collect(),
            long: false,
        },
    }
}
