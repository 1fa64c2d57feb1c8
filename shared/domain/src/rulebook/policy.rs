//! Every number of the service's behaviour: its default beside its source, its bounds, its unit.
//!
//! **Invariant:** a `Policy` that was read holds no value outside its bounds, and code has no other
//! place to take such a number from. Units are in the names; helpers give durations.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::fault::{self, RulebookFault};
use super::levels::{BrakeMode, Level};

mod audits;
mod brake;
mod campaigns;
mod cases;
mod codes;
mod orders;
mod plumbing;

pub use audits::*;
pub use brake::*;
pub use campaigns::*;
pub use cases::*;
pub use codes::*;
pub use orders::*;
pub use plumbing::*;

/// The file's name.
pub(crate) const FILE: &str = "policy.json";

/// Every number of the service's behaviour. A value that a file leaves out has its default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Policy {
    /// Contact verification by SMS code.
    pub codes: Codes,
    /// Audits and looks.
    pub audits: Audits,
    /// Cases, notices, deadlines.
    pub cases: Cases,
    /// The brake on stops.
    pub brake: Brake,
    /// Campaigns.
    pub campaigns: Campaigns,
    /// Orders.
    pub orders: Orders,
    /// Materials as files.
    pub materials: Materials,
    /// Imports and exports.
    pub imports: Imports,
    /// Repeats over HTTP.
    pub repeats: Repeats,
    /// Delivery of notices and access changes.
    pub delivery: Delivery,
    /// HTTP.
    pub http: Http,
    /// Sweeps over what is due.
    pub sweeps: Sweeps,
    /// First values of what staff set while the service runs.
    pub first_settings: FirstSettings,
}

/// First values of levels and brake. Once their rows are written, the rows hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FirstSettings {
    /// The brake's mode.
    pub brake_mode: BrakeMode,
    /// Level of units whose order was approved through the product.
    pub level_of_orders: Level,
    /// Level of units that were imported.
    pub level_of_imports: Level,
    /// Levels of single rules by code, the lower of both holds.
    pub levels_of_rules: BTreeMap<String, Level>,
}

/// Source: behaviour, part 4, the brake.
pub const BRAKE_MODE: BrakeMode = BrakeMode::Manual;
/// Source: behaviour, part 3, levels: units that came through an order.
pub const LEVEL_OF_ORDERS: Level = Level::Enforce;
/// Source: behaviour, part 3, levels: imported units.
pub const LEVEL_OF_IMPORTS: Level = Level::Observe;

impl Default for FirstSettings {
    fn default() -> Self {
        Self {
            brake_mode: BRAKE_MODE,
            level_of_orders: LEVEL_OF_ORDERS,
            level_of_imports: LEVEL_OF_IMPORTS,
            levels_of_rules: BTreeMap::new(),
        }
    }
}

impl Policy {
    /// Reads the file's text.
    pub(crate) fn read(text: &str) -> Result<Self, RulebookFault> {
        let policy: Self = fault::read(FILE, text)?;
        policy.codes.check("codes")?;
        policy.codes.check_across()?;
        policy.audits.check("audits")?;
        policy.audits.check_across()?;
        policy.cases.check("cases")?;
        policy.cases.check_across()?;
        policy.brake.check("brake")?;
        policy.brake.check_across()?;
        policy.campaigns.check("campaigns")?;
        policy.campaigns.check_across()?;
        policy.orders.check("orders")?;
        policy.orders.check_across()?;
        policy.materials.check("materials")?;
        policy.imports.check("imports")?;
        policy.repeats.check("repeats")?;
        policy.delivery.check("delivery")?;
        policy.delivery.check_across()?;
        policy.http.check("http")?;
        policy.sweeps.check("sweeps")?;
        Ok(policy)
    }
}

/// A group of numbers: per line a documented `const`, a field with that default, its bounds, and
/// where a duration is wanted a helper with its unit.
macro_rules! policy_group {
    (
        $(#[$meta:meta])* $group:ident
        $($(#[$doc:meta])* $konst:ident: $kty:ty = $value:expr => $field:ident: $fty:ty,
            $range:expr $(, as $helper:ident in $unit:ident)?;)+
    ) => {
        $($(#[$doc])* pub const $konst: $kty = $value;)+

        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields, default)]
        pub struct $group {
            $($(#[$doc])* pub $field: $fty,)+
        }

        impl Default for $group {
            fn default() -> Self {
                Self { $($field: $konst.to_owned(),)+ }
            }
        }

        impl $group {
            pub(super) fn check(
                &self,
                group: &str,
            ) -> Result<(), $crate::rulebook::fault::RulebookFault> {
                $($crate::rulebook::policy::within(group, stringify!($field), &self.$field, &$range)?;)+
                Ok(())
            }

            $($(
                #[doc = concat!("`", stringify!($field), "` as a duration.")]
                pub fn $helper(&self) -> jiff::SignedDuration {
                    $crate::rulebook::policy::$unit(self.$field)
                }
            )?)+
        }
    };
}

use policy_group;

fn within<V: fault::Bounded<u32>>(
    group: &str,
    field: &str,
    value: &V,
    range: &std::ops::RangeInclusive<u32>,
) -> Result<(), RulebookFault> {
    let Some((end, outside)) = value.outside(range) else {
        return Ok(());
    };
    let path = format!("{}{end}", pointer(group, field));
    let allowed = format!("{} to {}", range.start(), range.end());
    Err(RulebookFault::at(FILE, path, outside, allowed))
}

/// A demand between fields: refused with the path of the one that breaks it.
fn across(
    holds: bool,
    group: &str,
    field: &str,
    value: impl std::fmt::Debug,
    allowed: &str,
) -> Result<(), RulebookFault> {
    if holds {
        return Ok(());
    }
    Err(RulebookFault::at(
        FILE,
        pointer(group, field),
        format!("{value:?}"),
        allowed,
    ))
}

fn falls(steps: &[u32]) -> bool {
    steps.is_sorted_by(|earlier, later| earlier > later)
}

fn rises(steps: &[u32]) -> bool {
    steps.is_sorted_by(|earlier, later| earlier < later)
}

fn pointer(group: &str, field: &str) -> String {
    let mut path = format!("/{group}/");
    let mut begins_word = false;
    for c in field.chars() {
        if c == '_' {
            begins_word = true;
            continue;
        }
        path.push(if begins_word {
            c.to_ascii_uppercase()
        } else {
            c
        });
        begins_word = false;
    }
    path
}

fn seconds(count: u32) -> SignedDuration {
    SignedDuration::from_secs(i64::from(count))
}

fn minutes(count: u32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(count))
}

fn hours(count: u32) -> SignedDuration {
    SignedDuration::from_hours(i64::from(count))
}

fn days(count: u32) -> SignedDuration {
    SignedDuration::from_hours(i64::from(count) * 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each group's bounds and demands: the text, the path that is refused, what it may be.
    #[test]
    fn a_bad_value_is_refused_with_its_path_and_what_it_may_be() {
        let check = |text: &str, path: &str, allowed: &str| {
            let fault = Policy::read(text).unwrap_err();
            assert_eq!(
                (fault.path.as_str(), fault.allowed.as_str()),
                (path, allowed),
                "{text}"
            );
        };
        check(
            r#"{ "codes": { "codeLifeMinutes": 0 } }"#,
            "/codes/codeLifeMinutes",
            "10 to 60",
        );
        check(
            r#"{ "codes": { "lapseWarningDays": [60, 400] } }"#,
            "/codes/lapseWarningDays/1",
            "1 to 365",
        );
        check(
            r#"{ "codes": { "lapseWarningDays": [7, 30] } }"#,
            "/codes/lapseWarningDays",
            "each less than the one before",
        );
        check(
            r#"{ "codes": { "sendsPerAccountHour": 6 } }"#,
            "/codes/sendsPerAccountHour",
            "at most sendsPerNumberHour",
        );
        check(
            r#"{ "audits": { "undecidedStaffAfterDays": 0 } }"#,
            "/audits/undecidedStaffAfterDays",
            "1 to 90",
        );
        check(
            r#"{ "audits": { "undecidedBackOffMinutes": [] } }"#,
            "/audits/undecidedBackOffMinutes",
            "at least one step, each more than the one before",
        );
        check(
            r#"{ "cases": { "periodAccessDays": 0 } }"#,
            "/cases/periodAccessDays",
            "1 to 365",
        );
        check(
            r#"{ "cases": { "sendingUntilHour": 9 } }"#,
            "/cases/sendingUntilHour",
            "later than sendingFromHour",
        );
        check(
            r#"{ "cases": { "firstNoticeHour": 22 } }"#,
            "/cases/firstNoticeHour",
            "within the sending window",
        );
        check(
            r#"{ "brake": { "shareBasisPoints": 10001 } }"#,
            "/brake/shareBasisPoints",
            "0 to 10000",
        );
        check(
            r#"{ "brake": { "stopUntilHour": 10 } }"#,
            "/brake/stopUntilHour",
            "later than stopFromHour",
        );
        check(
            r#"{ "orders": { "draftDays": 0 } }"#,
            "/orders/draftDays",
            "1 to 3650",
        );
        check(
            r#"{ "orders": { "reminderDays": [5, 5] } }"#,
            "/orders/reminderDays",
            "each more than the one before",
        );
        check(
            r#"{ "repeats": { "answerHours": 0 } }"#,
            "/repeats/answerHours",
            "1 to 720",
        );
        check(
            r#"{ "delivery": { "retryStepsMinutes": [5, 1] } }"#,
            "/delivery/retryStepsMinutes",
            "at least one step, each more than the one before",
        );
        check(
            r#"{ "http": { "bodyMostKilobytes": 0 } }"#,
            "/http/bodyMostKilobytes",
            "1 to 6000",
        );
        check(
            r#"{ "sweeps": { "reloads": 0 } }"#,
            "/sweeps/reloads",
            "1 to 10",
        );
    }

    #[test]
    fn an_unknown_field_and_a_wrong_type_are_refused_with_their_path() {
        let fault = Policy::read(r#"{ "codes": { "digit": 6 } }"#).unwrap_err();
        assert_eq!(fault.path, "/codes/digit");
        assert!(fault.allowed.contains("codeLifeMinutes"), "{fault}");
        let fault = Policy::read(r#"{ "codes": { "digits": "six" } }"#).unwrap_err();
        assert_eq!(
            (fault.path.as_str(), fault.value.as_str()),
            ("/codes/digits", "\"six\"")
        );
        let fault = Policy::read(r#"{ "firstSettings": { "brakeMode": "loose" } }"#).unwrap_err();
        assert_eq!(fault.path, "/firstSettings/brakeMode");
        assert!(fault.allowed.contains("dry-run"), "{fault}");
    }

    #[test]
    fn durations_have_the_unit_of_their_field() {
        let policy = Policy::default();
        assert_eq!(policy.codes.code_life(), SignedDuration::from_mins(10));
        assert_eq!(policy.codes.resend_after(), SignedDuration::from_secs(60));
        assert_eq!(policy.audits.period(), SignedDuration::from_hours(30 * 24));
        assert_eq!(
            policy.cases.last_look_give_up(),
            SignedDuration::from_hours(72)
        );
    }

    #[test]
    fn the_shipped_file_shows_every_value() {
        let shown: serde_json::Value =
            serde_json::from_str(include_str!("../../../../config/policy.json")).unwrap();
        assert_eq!(shown, serde_json::to_value(Policy::default()).unwrap());
    }
}
