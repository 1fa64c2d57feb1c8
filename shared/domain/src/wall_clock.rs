//! Instants as people in Shanghai say them.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};

use crate::Text;
use crate::rulebook::calendar::{local_date, local_time};

/// A deadline as people in Shanghai say it, with its weekday. Midnight is 24:00 of the day that it
/// ends; seconds are left out, which never says a later instant than the deadline.
pub fn deadline(due_at: Timestamp) -> [String; 5] {
    let (day, time) = day_and_time(due_at);
    let weekday = match day.weekday() {
        Weekday::Monday => "一",
        Weekday::Tuesday => "二",
        Weekday::Wednesday => "三",
        Weekday::Thursday => "四",
        Weekday::Friday => "五",
        Weekday::Saturday => "六",
        Weekday::Sunday => "日",
    };
    [
        day.year().to_string(),
        day.month().to_string(),
        day.day().to_string(),
        weekday.to_owned(),
        time,
    ]
}

/// An instant in both languages, with its weekday; midnight as [`deadline`] says it.
pub fn in_words(due_at: Timestamp) -> Text {
    let [year, month, day, weekday, time] = deadline(due_at);
    let (date, _) = day_and_time(due_at);
    Text::new(
        format!("{year}年{month}月{day}日（周{weekday}）{time}"),
        format!(
            "{time} on {} (China Standard Time)",
            date.strftime("%A, %-d %B %Y")
        ),
    )
}

fn day_and_time(due_at: Timestamp) -> (Date, String) {
    let (day, time) = (local_date(due_at), local_time(due_at));
    if time == Time::midnight() {
        (day.yesterday().unwrap_or(day), "24:00".to_owned())
    } else {
        (day, format!("{:02}:{:02}", time.hour(), time.minute()))
    }
}
