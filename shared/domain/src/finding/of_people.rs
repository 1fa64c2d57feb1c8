//! What people asked for, gave and decided about a finding.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{MaterialId, UserId};

/// A longer period, asked for with a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Extension {
    /// Calendar days on top of the period.
    pub days: u32,
    /// When it was taken.
    #[schema(value_type = String)]
    pub taken_at: Timestamp,
    /// The filer's reason.
    pub reason: String,
}

/// Days on top of a finding's period that staff gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GivenExtension)]
pub struct StaffExtension {
    /// Calendar days.
    pub days: u32,
    /// When they were given.
    #[schema(value_type = String)]
    pub given_at: Timestamp,
    /// By whom; told to staff alone.
    #[schema(required = false)]
    pub by: UserId,
    /// Why.
    pub reason: String,
}

/// What an objection to a stop says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Grounds {
    /// The stop was wrong.
    #[default]
    Wrong,
    /// It was right, and what it was for is put right since (已经整改，申请恢复接入).
    PutRight,
}

/// An objection (异议) to a stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MadeObjection)]
pub struct Objection {
    /// When it was made.
    #[schema(value_type = String)]
    pub objected_at: Timestamp,
    /// What it says.
    #[serde(default)]
    pub grounds: Grounds,
    /// The filer's reason.
    pub reason: String,
    /// The decision, once there is one.
    pub decision: Option<Decision>,
}

/// An appeal against a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Appeal {
    /// When it was made.
    #[schema(value_type = String)]
    pub appealed_at: Timestamp,
    /// The filer's reason.
    pub reason: String,
    /// What is new in it: a material of an order of the filing. A second appeal wants one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub material: Option<MaterialId>,
    /// The decision, once there is one.
    pub decision: Option<Decision>,
}

/// How an appeal or an objection was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReasonedDecision)]
pub struct Decision {
    /// When.
    #[schema(value_type = String)]
    pub decided_at: Timestamp,
    /// By whom; told to staff alone.
    #[schema(required = false)]
    pub by: UserId,
    /// Whether the finding falls; of an objection, whether access is given again.
    pub granted: bool,
    /// Why.
    pub reason: String,
}

/// Staff let a condemned finding be stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// Who; told to staff alone.
    #[schema(required = false)]
    pub by: UserId,
    /// When.
    #[schema(value_type = String)]
    pub released_at: Timestamp,
}
