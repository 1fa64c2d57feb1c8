//! Charts as SVG, drawn as wide as a phone: a wider screen enlarges them.

use icp_domain::{Language, Text};
use plotters::chart::ChartBuilder;
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{EmptyElement, Rectangle, Text as Label};
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBColor, TRANSPARENT};

/// A step of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Findings.
    pub(crate) findings: u64,
    /// Undecided looks.
    pub(crate) undecided: u64,
}

/// A line of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bar {
    /// What is counted.
    pub(crate) name: Text,
    /// How often.
    pub(crate) count: u64,
}

/// A chart that could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("a chart was not drawn: {0}")]
pub(crate) struct Undrawn(String);

impl<E: std::error::Error + Send + Sync> From<DrawingAreaErrorKind<E>> for Undrawn {
    fn from(error: DrawingAreaErrorKind<E>) -> Self {
        Self(error.to_string())
    }
}

/// Width of every chart; a phone shows it a little smaller, and its letters stay legible.
const WIDTH: u32 = 360;
/// Height of a chart over time.
const HEIGHT: u32 = 220;
/// Letters of a chart.
const LETTERS: u32 = 16;
/// Height of a line of a chart of bars: its name, and the bar beneath it.
const LINE: i32 = 42;
/// Where the bar begins beneath its name.
const BENEATH: i32 = 18;
/// Height of a bar.
const THICK: i32 = 14;
/// Room for the figure behind the longest bar.
const FIGURE: i32 = 70;
/// Most names under a chart over time, so that none touches its neighbour.
const MOST_NAMES: usize = 5;
/// Width of a step of time: two columns, and a gap on each side.
const STEP: u32 = 10;

// The colours stand in page.css as well, where their contrast is told.
const INK: RGBColor = RGBColor(0x34, 0x40, 0x54);
const GRID: RGBColor = RGBColor(0xe4, 0xe7, 0xec);
const FINDINGS: RGBColor = RGBColor(0xb4, 0x23, 0x18);
const UNDECIDED: RGBColor = RGBColor(0x66, 0x70, 0x85);

/// Draws columns over time.
pub(crate) fn columns(columns: &[Column]) -> Result<String, Undrawn> {
    let steps = u32::try_from(columns.len())
        .unwrap_or(u32::MAX / STEP)
        .max(1);
    let highest = columns.iter().map(|step| step.findings.max(step.undecided));
    // Some air above, and whole numbers on the axis also where little is counted.
    let highest = highest.max().unwrap_or_default();
    let top = highest.saturating_add(highest / 10).max(4);
    let letters = ("sans-serif", LETTERS).into_font().color(&INK);
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
        let mut chart = ChartBuilder::on(&root)
            .margin(8)
            .x_label_area_size(24)
            .y_label_area_size(52)
            .build_cartesian_2d(0..steps.saturating_mul(STEP), 0..top)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .disable_x_axis()
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .axis_style(GRID)
            .y_labels(5)
            .y_label_style(letters.clone())
            .draw()?;
        let under = letters.pos(Pos::new(HPos::Center, VPos::Top));
        let every = columns.len().div_ceil(MOST_NAMES).max(1);
        for (at, (begin, step)) in (0..).step_by(STEP as usize).zip(columns).enumerate() {
            let begin: u32 = begin;
            let bar = |from: u32, to: u32, count: u64, colour: RGBColor| {
                Rectangle::new([(begin + from, 0), (begin + to, count)], colour.filled())
            };
            chart.draw_series([
                bar(1, 5, step.findings, FINDINGS),
                bar(5, 9, step.undecided, UNDECIDED),
            ])?;
            if at % every == 0 {
                let name = Label::new(step.name.clone(), (0, 6), under.clone());
                let centre = (begin + STEP / 2, 0);
                chart.draw_series([EmptyElement::at(centre) + name])?;
            }
        }
        root.present()?;
    }
    Ok(svg)
}

/// Draws bars, a line each.
pub(crate) fn bars(bars: &[Bar], language: Language) -> Result<String, Undrawn> {
    let longest = bars
        .iter()
        .map(|bar| bar.count)
        .max()
        .unwrap_or_default()
        .max(1);
    let lines = u32::try_from(bars.len()).unwrap_or_default();
    let letters = ("sans-serif", LETTERS).into_font().color(&INK);
    let full = u64::from(WIDTH).saturating_sub(FIGURE.unsigned_abs().into());
    let mut svg = String::new();
    {
        let height = lines.saturating_mul(LINE.unsigned_abs());
        let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        for (top, bar) in (0..).step_by(LINE.unsigned_abs() as usize).zip(bars) {
            let top: i32 = top;
            let length = u128::from(bar.count) * u128::from(full) / u128::from(longest);
            // One that is counted at all is seen.
            let end = i32::try_from(length).unwrap_or_default().max(2);
            let (upper, lower) = (top + BENEATH, top + BENEATH + THICK);
            root.draw(&Label::new(
                bar.name.in_language(language).to_owned(),
                (0, top + 1),
                letters.clone(),
            ))?;
            root.draw(&Rectangle::new(
                [(0, upper), (end, lower)],
                FINDINGS.filled(),
            ))?;
            let figure = bar.count.to_string();
            root.draw(&Label::new(figure, (end + 6, upper - 1), letters.clone()))?;
        }
        root.present()?;
    }
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_and_line_is_drawn_as_far_as_it_was_counted() {
        let step = |findings, undecided| Column {
            name: "03-02".to_owned(),
            findings,
            undecided,
        };
        let drawn = columns(&[step(0, 1), step(u64::MAX, 0), step(3, 2)]).unwrap();
        assert_eq!(drawn.matches("#B42318").count(), 3, "{drawn}");
        assert_eq!(drawn.matches("#667085").count(), 3);
        assert_eq!(drawn.matches("03-02").count(), 3);
        let year = columns(&vec![step(1, 1); 366]).unwrap();
        assert!(year.matches("03-02").count() <= MOST_NAMES);
        assert!(columns(&[]).unwrap().starts_with("<svg "));

        let line = |count| Bar {
            name: Text::new("接入", "access & more"),
            count,
        };
        let drawn = bars(&[line(10), line(5), line(0)], Language::English).unwrap();
        for width in ["width=\"290\"", "width=\"145\"", "width=\"2\""] {
            assert!(drawn.contains(width), "{width}: {drawn}");
        }
        assert!(drawn.contains("access &amp; more"), "{drawn}");
        assert!(!drawn.contains("style="), "the page's policy forbids it");
    }
}
