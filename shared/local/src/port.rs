//! One port for every AWS protocol: it finds the caller, asks the caller's policy, and dispatches.
//!
//! **Invariant:** nothing reaches a service that the caller's policy in the template does not
//! allow. The caller is the access key id: a function's name, or [`LOCAL_CALLER`] with all rights.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use icp_domain::rulebook::Provider;
use serde_json::Value as Json;

use crate::chance::Chance;
use crate::clock::LocalClock;
use crate::deployment::Options;
use crate::dynamo::{self, Dynamo};
use crate::error::LocalError;
use crate::faults::Faults;
use crate::files::Place;
use crate::journal::{Call, Journal, Units};
use crate::kms::Kms;
use crate::policy::{Need, allowed};
use crate::s3::{self, S3};
use crate::sns::Sns;
use crate::sqs::Sqs;
use crate::template::{ACCOUNT, Template};
use crate::tencent::{self, Tencent};
use crate::wire::{Refusal, answer, respond};

/// The caller that may do everything: the deployment itself, tests and tools.
pub const LOCAL_CALLER: &str = "local";

/// All emulated services. Clones are the same port.
#[derive(Clone)]
pub struct Port(pub(crate) Arc<Services>);

pub(crate) struct Services {
    template: Arc<Template>,
    dynamo: Dynamo,
    sqs: Sqs,
    kms: Kms,
    sns: Sns,
    tencent: Tencent,
    clock: LocalClock,
    s3: S3,
    base: String,
    faults: Faults,
    journal: Journal,
    sms_down: AtomicBool,
}

impl std::fmt::Debug for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Port")
    }
}

impl Port {
    /// Opens the services that the template names, as the options say: with their data at its place,
    /// and reached at its base, where links into S3 begin.
    pub fn open(
        template: Arc<Template>,
        options: &Options,
        clock: &LocalClock,
    ) -> Result<Self, LocalError> {
        let place = &options.place;
        let chance = Arc::new(match (options.seed, place) {
            (Some(seed), Place::Memory) => Chance::seeded(seed),
            _ => Chance::system()?,
        });
        let faults = Faults::default();
        let journal = Journal::default();
        let table = place.file("table.sqlite");
        let kept = table.is_some_and(|table| table.exists());
        // The keys first: whatever row there is was sealed under one.
        let kms = Kms::open(place, &template.keys, chance, kept)?;
        Ok(Self(Arc::new(Services {
            dynamo: Dynamo::open(place, &template.tables, faults.clone(), journal.clone())?,
            sqs: Sqs::open(place, &template.queues, clock.clone())?,
            kms,
            sns: Sns::open(place, &template.topics, clock.clone())?,
            tencent: Tencent::default(),
            clock: clock.clone(),
            s3: S3::open(place, &template.buckets)?,
            base: options.base.clone(),
            faults,
            journal,
            sms_down: AtomicBool::new(false),
            template,
        })))
    }

    /// Answers one request of an AWS client.
    pub async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        if request.method() == Method::OPTIONS && self.0.s3.holds(request.uri().path()) {
            return s3::preflight();
        }
        let Some((caller, service)) = signer(&request) else {
            let text = "the request is not signed, or for a service that is not emulated";
            return respond(StatusCode::BAD_REQUEST, "text/plain", text);
        };
        match service {
            Service::Sns => self.sns_call(&caller, request.body()),
            Service::Tencent => self.tencent_call(&request),
            Service::S3 => self.s3_call(&caller, request).await,
            Service::DynamoDb | Service::Sqs | Service::Kms => {
                match self.json_call(&caller, service, &request).await {
                    Ok(response) => response,
                    Err(refusal) => refusal.response(service.content_type()),
                }
            }
        }
    }

    /// Where it is reached.
    pub(crate) fn base(&self) -> &str {
        &self.0.base
    }

    /// The faults of DynamoDB calls.
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// What was called.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    pub(crate) fn sqs(&self) -> &Sqs {
        &self.0.sqs
    }

    pub(crate) fn sns(&self) -> &Sns {
        &self.0.sns
    }

    pub(crate) fn take_out_of_service(&self, mobile: &str) {
        self.0.tencent.take_out_of_service(mobile);
    }

    /// Registers a provider's templates at the SMS gateway.
    pub(crate) fn register_templates(&self, provider: &Provider) {
        self.0.tencent.register(provider);
    }

    pub(crate) fn dynamo(&self) -> &Dynamo {
        &self.0.dynamo
    }

    async fn json_call(
        &self,
        caller: &str,
        service: Service,
        request: &Request<Bytes>,
    ) -> Result<Response<Bytes>, Refusal> {
        let target = request
            .headers()
            .get("x-amz-target")
            .and_then(|value| value.to_str().ok());
        let operation = target
            .and_then(|target| target.split_once('.'))
            .map(|(_, operation)| operation)
            .ok_or_else(|| {
                Refusal::client(
                    "com.amazon.coral.service#UnknownOperationException",
                    "no operation",
                )
            })?;
        let body: Json = serde_json::from_slice(request.body()).map_err(|error| {
            Refusal::client(
                "com.amazon.coral.service#SerializationException",
                error.to_string(),
            )
        })?;
        let needs = match service {
            Service::DynamoDb => dynamo::needs(operation, &body)?,
            Service::Sqs => self.0.sqs.needs(operation, &body)?,
            Service::Kms => self.0.kms.needs(operation, &body)?,
            Service::Sns | Service::S3 | Service::Tencent => Vec::new(),
        };
        if let Err(refusal) = self.authorise(caller, &needs) {
            self.note(caller, service, operation, &needs, refusal.short_code());
            return Err(refusal);
        }
        if service == Service::DynamoDb {
            return Ok(self.0.dynamo.call(caller, operation, body).await);
        }
        let result = match service {
            Service::Sqs => self.0.sqs.call(operation, &body),
            Service::Kms => self.0.kms.call(operation, &body),
            Service::DynamoDb | Service::Sns | Service::S3 | Service::Tencent => Ok(Json::Null),
        };
        let outcome = result.as_ref().map_or_else(Refusal::short_code, |_| "ok");
        self.note(caller, service, operation, &needs, outcome);
        result.map(|body| answer(service.content_type(), &body))
    }

    async fn s3_call(&self, caller: &str, request: Request<Bytes>) -> Response<Bytes> {
        let needs = S3::needs(&request);
        let operation = needs.first().map(|need| need.action.clone());
        let operation = operation
            .as_deref()
            .and_then(|action| action.strip_prefix("s3:"));
        let operation = operation.unwrap_or_default().to_owned();
        if let Err(refusal) = self.authorise(caller, &needs) {
            self.note(
                caller,
                Service::S3,
                &operation,
                &needs,
                refusal.short_code(),
            );
            let denied = format!(
                "<Error><Code>AccessDenied</Code><Message>{}</Message></Error>",
                refusal.message
            );
            return respond(StatusCode::FORBIDDEN, "application/xml", denied);
        }
        let response = self.0.s3.call(request).await;
        let status = response.status();
        let outcome = if status.is_success() {
            "ok"
        } else {
            status.as_str()
        };
        self.note(caller, Service::S3, &operation, &needs, outcome);
        response
    }

    fn sns_call(&self, caller: &str, body: &[u8]) -> Response<Bytes> {
        let form: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
        let operation = crate::sns::field(&form, "Action")
            .unwrap_or_default()
            .to_owned();
        let needs = crate::sns::needs(&form);
        let result = match self.authorise(caller, &needs) {
            Err(refusal) if refusal.short_code() == "AccessDeniedException" => Err(Refusal {
                status: StatusCode::FORBIDDEN,
                code: "AuthorizationError".to_owned(),
                message: refusal.message,
            }),
            Err(refusal) => Err(Refusal {
                status: StatusCode::FORBIDDEN,
                code: "InvalidClientTokenId".to_owned(),
                message: refusal.message,
            }),
            Ok(()) if self.0.sms_down.load(Ordering::Acquire) && form.iter().any(is_number) => {
                Err(Refusal::server("InternalError", "out of order"))
            }
            Ok(()) => self.0.sns.call(&operation, &form),
        };
        let outcome = result.as_ref().map_or_else(Refusal::short_code, |_| "ok");
        self.note(caller, Service::Sns, &operation, &needs, outcome);
        crate::sns::response(&operation, result)
    }

    /// Has the senders of SMS fail, or work again.
    pub(crate) fn take_sms_down(&self, down: bool) {
        self.0.sms_down.store(down, Ordering::Release);
    }

    fn tencent_call(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let sns = &self.0.sns;
        let answered = self.0.tencent.call(
            (request.headers(), request.body()),
            self.0.clock.now(),
            |sms| sns.keep(sms),
            |number| sns.sms_to(number),
        );
        let outcome = answered.as_ref().map_or_else(|code| *code, |_| "ok");
        let action = request.headers().get("x-tc-action");
        let action = action.and_then(|action| action.to_str().ok());
        let action = action.unwrap_or_default();
        self.note("deliver-notices", Service::Tencent, action, &[], outcome);
        tencent::response(answered)
    }

    fn authorise(&self, caller: &str, needs: &[Need]) -> Result<(), Refusal> {
        if caller == LOCAL_CALLER {
            return Ok(());
        }
        let function = self.0.template.functions.get(caller).ok_or_else(|| {
            Refusal::client(
                "com.amazon.coral.service#UnrecognizedClientException",
                format!("the access key id {caller} is no function of the template"),
            )
        })?;
        for need in needs {
            let within = function
                .boundary
                .as_ref()
                .is_none_or(|most| allowed(most, need));
            if !within || !allowed(&function.statements, need) {
                return Err(Refusal::client(
                    "com.amazon.coral.service#AccessDeniedException",
                    format!(
                        "User: arn:aws:sts::{ACCOUNT}:assumed-role/{caller} is not authorized to \
                         perform: {} on resource: {}",
                        need.action, need.resource
                    ),
                ));
            }
        }
        Ok(())
    }

    fn note(&self, caller: &str, service: Service, operation: &str, needs: &[Need], outcome: &str) {
        // Journals are printed; a telephone number is no resource's name.
        let resource = needs
            .iter()
            .map(|need| need.resource.as_str())
            .find(|resource| resource.starts_with("arn:"))
            .map_or("", |arn| arn.splitn(6, ':').last().unwrap_or_default());
        self.0.journal.add(Call {
            caller: caller.to_owned(),
            service: service.name(),
            operation: operation.to_owned(),
            resource: resource.to_owned(),
            read: Units::default(),
            written: Units::default(),
            outcome: outcome.to_owned(),
            fault: None,
        });
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    DynamoDb,
    Sqs,
    Kms,
    Sns,
    S3,
    /// The SMS gateway of another cloud.
    Tencent,
}

impl Service {
    fn name(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::Sqs => "sqs",
            Self::Kms => "kms",
            Self::Sns => "sns",
            Self::S3 => "s3",
            Self::Tencent => "tencent-sms",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::DynamoDb | Self::Sqs => "application/x-amz-json-1.0",
            Self::Tencent => "application/json",
            Self::Kms => "application/x-amz-json-1.1",
            Self::Sns => "text/xml",
            Self::S3 => "application/xml",
        }
    }
}

/// The access key id and the service of the signature's scope. The signature itself is not
/// checked: whoever reaches the loopback may name any function.
fn signer(request: &Request<Bytes>) -> Option<(String, Service)> {
    let scope = if let Some(authorization) = request.headers().get(header::AUTHORIZATION) {
        let (_, scope) = authorization.to_str().ok()?.split_once("Credential=")?;
        scope.split(',').next()?.trim().to_owned()
    } else {
        // A link carries its signature in the query.
        let query = request.uri().query()?;
        let mut fields = url::form_urlencoded::parse(query.as_bytes());
        let (_, scope) = fields.find(|(name, _)| name == "X-Amz-Credential")?;
        scope.into_owned()
    };
    let mut parts = scope.split('/');
    let caller = parts.next()?.to_owned();
    if scope.ends_with("/sms/tc3_request") {
        return Some((caller, Service::Tencent));
    }
    let service = match parts.nth(2)? {
        "dynamodb" => Service::DynamoDb,
        "sqs" => Service::Sqs,
        "kms" => Service::Kms,
        "sns" => Service::Sns,
        "s3" => Service::S3,
        _ => return None,
    };
    Some((caller, service))
}

/// Whether a field of the form is a telephone number that a message goes to.
fn is_number((name, _): &(String, String)) -> bool {
    name == "PhoneNumber"
}
