//! Problems: RFC 9457 documents of a closed set of kinds.
//!
//! **Invariant:** a client's problem has no cause, and a server's has no detail: nothing of the
//! inside leaks, and nothing of the outside is logged as ours.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use icp_domain::identifiers::IdentifierFault;
use icp_domain::{Language, Text, Violation};
use icp_store::{Failure, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $slug:literal, $status:literal, $zh:literal, $en:literal;)+) => {
        /// Kinds of problems. Kinds are added, never renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemKind {
            $($(#[$doc])* $kind,)+
        }

        impl ProblemKind {
            /// Every kind, in the order of the reference.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// The last part of the problem's `type`.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$kind => $slug,)+ }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$kind => $status,)+ }
            }

            /// The title: constant per kind and language.
            pub fn title(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$kind, Language::Chinese) => $zh,
                    (Self::$kind, Language::English) => $en,)+
                }
            }
        }
    };
}

kinds! {
    /// A body, header or query does not parse.
    MalformedRequest = "malformed-request", 400, "请求格式有误", "The request does not parse";
    /// The `Idempotency-Key` is missing or malformed.
    KeyMalformed = "key-malformed", 400, "缺少幂等键或格式有误", "The Idempotency-Key is missing or malformed";
    /// The role may not do this.
    RoleNotAllowed = "role-not-allowed", 403, "当前角色无权操作", "The role may not do this";
    /// Not there, or not the caller's: one answer for both.
    NotFound = "not-found", 404, "未找到", "Not found";
    /// The path is there, the method is not.
    MethodNotAllowed = "method-not-allowed", 405, "不支持该方法", "No such method here";
    /// The step is not open in this state.
    StepRefused = "step-refused", 409, "当前状态不允许该操作", "The step is not open in this state";
    /// The loss must be confirmed first.
    ConfirmationNeeded = "confirmation-needed", 409, "须先确认不可撤销的后果", "What cannot be undone must be confirmed first";
    /// Somebody else works on it.
    ClaimedByOther = "claimed-by-other", 409, "该事项已由他人受理", "Somebody else works on it";
    /// A second person has to decide the same.
    SecondPersonNeeded = "second-person-needed", 409, "须由另一人员复核", "A second person has to decide the same";
    /// Somebody else wrote first.
    ChangedMeanwhile = "changed-meanwhile", 412, "内容已被更改，请刷新后重试", "Somebody else changed it meanwhile";
    /// The body is too large.
    TooLarge = "too-large", 413, "请求体过大", "The body is too large";
    /// The body's media type is not JSON.
    MediaType = "media-type", 415, "请求体须为JSON", "The body must be JSON";
    /// The code is wrong, late, used or superseded: one answer for all.
    CodeNotAccepted = "code-not-accepted", 422, "验证码无效", "The code is not accepted";
    /// The draft breaks rules.
    DraftRefused = "draft-refused", 422, "订单内容不符合要求", "The draft breaks rules";
    /// The `Idempotency-Key` was used for another body.
    KeyReused = "key-reused", 422, "幂等键已用于其他请求", "The Idempotency-Key was used for another body";
    /// `If-Match` is missing.
    PreconditionMissing = "precondition-missing", 428, "缺少If-Match", "If-Match is missing";
    /// Too soon, or too often.
    SlowDown = "slow-down", 429, "操作过于频繁", "Too soon or too often";
    /// A bug, or a stored row that does not read.
    Internal = "internal", 500, "服务内部错误", "An internal fault";
    /// The store or a look-up is out of reach.
    TryAgain = "try-again", 503, "服务暂不可用，请稍后重试", "Out of reach for the moment";
}

impl ProblemKind {
    /// The problem's `type`.
    pub fn urn(self) -> String {
        format!("urn:icp-audit:problem:{}", self.slug())
    }

    /// The reference of all kinds, as `docs/PROBLEMS.md` holds it.
    pub fn reference() -> String {
        let mut page = String::from(
            "# Problems\n\nGenerated from `shared/http/src/problem.rs`; a test holds both together. \
             Each answer of 4xx or 5xx that a function gives is `application/problem+json` of one of \
             these kinds.\n\n| type | status | title (zh) | title (en) |\n|---|---|---|---|\n",
        );
        for kind in Self::ALL {
            let (zh, en) = (kind.title(Language::Chinese), kind.title(Language::English));
            page.push_str(&format!(
                "| `{}` | {} | {zh} | {en} |\n",
                kind.urn(),
                kind.status()
            ));
        }
        page
    }
}

/// A problem, before it is rendered in the caller's language.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: ProblemKind,
    detail: Option<Text>,
    violations: Vec<Violation>,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// How long a caller waits after [`ProblemKind::TryAgain`]: the store's own retries are over by then.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

impl Problem {
    /// The caller's problem: it says what about this occurrence, and has no cause of ours.
    pub fn client(kind: ProblemKind, detail: Text) -> Self {
        Self {
            kind,
            detail: Some(detail),
            violations: Vec::new(),
            retry_after: None,
            source: None,
        }
    }

    /// Our problem: it is logged with its causes, and says nothing of them.
    pub fn server(kind: ProblemKind, source: impl Error + Send + Sync + 'static) -> Self {
        let source: Option<Arc<dyn Error + Send + Sync>> = Some(Arc::new(source));
        Self {
            kind,
            detail: None,
            violations: Vec::new(),
            retry_after: None,
            source,
        }
    }

    /// Not there, or not the caller's.
    pub fn not_found() -> Self {
        Self::client(
            ProblemKind::NotFound,
            Text::new("不存在或不属于您", "it is not there, or not yours"),
        )
    }

    /// What a use case came to, where it is no answer.
    pub fn of<R>(failure: Failure<R>, refused: impl FnOnce(R) -> Self) -> Self {
        match failure {
            Failure::Refused(refusal) => refused(refusal),
            Failure::NotFound => Self::not_found(),
            Failure::KeyReused => Self::client(
                ProblemKind::KeyReused,
                Text::new(
                    "请为新的请求使用新的幂等键",
                    "use a new key for a new request",
                ),
            ),
            Failure::ChangedMeanwhile => Self::client(
                ProblemKind::ChangedMeanwhile,
                Text::new("请重新读取后再提交", "read it again, then decide"),
            ),
            Failure::Fault(fault) => Self::fault(fault),
        }
    }

    /// What does not parse as an identifier, at a field of the body.
    pub fn unread(field: &str, fault: &IdentifierFault) -> Self {
        Self::unread_fields([(field, fault)])
    }

    /// What does not parse as identifiers, at fields of the body.
    pub fn unread_fields<'a>(
        faults: impl IntoIterator<Item = (&'a str, &'a IdentifierFault)>,
    ) -> Self {
        let violations = faults.into_iter().map(|(field, fault)| Violation {
            field: field.to_owned(),
            rule: fault.code().to_owned(),
            text: fault.text(),
            source: fault.basis().to_owned(),
            as_of: None,
        });
        let violations = violations.collect();
        let detail = Text::new("请求体无法解析", "the body does not parse");
        Self::client(ProblemKind::MalformedRequest, detail).violations(violations)
    }

    /// A field that parses and holds what it may not.
    pub fn of_field(field: &str, text: Text) -> Self {
        let violation = Violation {
            field: field.to_owned(),
            rule: "not-allowed".to_owned(),
            text: text.clone(),
            source: "docs/API/openapi.json".to_owned(),
            as_of: None,
        };
        Self::client(ProblemKind::MalformedRequest, text).violations(vec![violation])
    }

    /// Fields that stand for one another, of which the body has too many or too few: each is named.
    pub fn one_of(fields: &[&str], detail: Text) -> Self {
        let violations = fields.iter().map(|field| Violation {
            field: (*field).to_owned(),
            rule: "one-of-fields".to_owned(),
            text: detail.clone(),
            source: "docs/API/openapi.json".to_owned(),
            as_of: None,
        });
        let violations = violations.collect();
        Self::client(ProblemKind::MalformedRequest, detail).violations(violations)
    }

    /// A fault of the store.
    pub fn fault(fault: StoreError) -> Self {
        match &fault {
            StoreError::ForeignCursor => Self::of_field("cursor", crate::paging::foreign_cursor()),
            StoreError::Malformed { .. }
            | StoreError::Unwritable { .. }
            | StoreError::Sealed { .. } => Self::server(ProblemKind::Internal, fault),
            StoreError::Unavailable(_) => {
                Self::server(ProblemKind::TryAgain, fault).retry_after(TRY_AGAIN_AFTER)
            }
        }
    }

    /// With the fields that break rules.
    #[must_use]
    pub fn violations(self, violations: Vec<Violation>) -> Self {
        Self { violations, ..self }
    }

    /// With what another found wrong in the same request.
    #[must_use]
    pub fn and(mut self, also: Self) -> Self {
        self.violations.extend(also.violations);
        self
    }

    /// With the time after which it is worth trying again: whole seconds, at least one. A part of a
    /// second is dropped, so a caller that counts in parts rounds up first.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..self
        }
    }

    /// Its kind.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The cause, where it is ours.
    pub(crate) fn cause(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.source.as_deref()
    }

    /// The document in the caller's language.
    pub(crate) fn render(&self, language: Language) -> Response {
        let retry_after = self.retry_after.map(|wait| wait.as_secs().max(1));
        let body = ProblemBody {
            r#type: self.kind.urn(),
            title: self.kind.title(language).to_owned(),
            status: self.kind.status(),
            detail: self
                .detail
                .as_ref()
                .map(|text| text.in_language(language).to_owned()),
            violations: self
                .violations
                .iter()
                .map(|found| ViolationBody::of(found, language))
                .collect(),
            retry_after,
        };
        let status =
            StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        let language = match language {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        };
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for Problem {
    /// Leaves the problem to [`crate::HttpFunction`], which knows the caller's language.
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemBody {
    /// `urn:icp-audit:problem:` and the kind.
    pub r#type: String,
    /// Constant per kind and language.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// About this occurrence; never with a 5xx.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Fields that break rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<ViolationBody>,
    /// Seconds after which it is worth trying again.
    #[serde(skip_serializing_if = "Option::is_none", rename = "retryAfter")]
    pub retry_after: Option<u64>,
}

/// One broken demand on one field, in the caller's language.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ViolationBody {
    /// JSON pointer into the body.
    pub field: String,
    /// Stable code of the demand.
    pub rule: String,
    /// What is demanded.
    pub text: String,
    /// Where the demand comes from.
    pub source: String,
    /// The day on which the source said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
}

impl ViolationBody {
    fn of(found: &Violation, language: Language) -> Self {
        Self {
            field: found.field.clone(),
            rule: found.rule.clone(),
            text: found.text.in_language(language).to_owned(),
            source: found.source.clone(),
            as_of: found.as_of.map(|day| day.to_string()),
        }
    }
}
