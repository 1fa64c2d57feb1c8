//! `template.yaml` and the functions: folders, names, policies, logs, events.

use std::collections::{BTreeMap, BTreeSet};

use icp_domain::Rulebook;
use icp_local::Template;
use icp_local::template::Function;
use serde_yaml_ng::Value as Yaml;

use super::{function_folders, pascal, text};

/// The gateway waits for 30 s at most, so a function behind it ends before.
const HTTP_SECONDS: u64 = 29;
/// A function that moves due rows ends before its next tick but one finds them: within a minute.
const TABLE_SECONDS: u64 = 60;
/// AWS's own advice: a message stays hidden for six times as long as its reader may take.
const HIDDEN_TIMES: u64 = 6;

#[test]
fn the_template_has_the_functions_that_have_folders() {
    let functions: Vec<String> = template().functions.into_keys().collect();
    assert_eq!(functions, function_folders());
}

#[test]
fn a_function_has_one_name_in_all_its_forms() {
    for (logical, resource) in resources("AWS::Serverless::Function") {
        let properties = &resource["Properties"];
        let folder = properties["CodeUri"].as_str().unwrap();
        let name = folder.strip_prefix("functions/").unwrap();
        assert_eq!(logical, format!("{}Function", pascal(name)));
        assert_eq!(
            tagged(&properties["FunctionName"], "Sub"),
            format!("${{AWS::StackName}}-{name}")
        );
        let method = resource["Metadata"]["BuildMethod"].as_str();
        assert_eq!(method, Some("rust-cargolambda"), "{name}");
        let runtime = properties["Runtime"].as_str();
        assert_eq!(runtime, Some("provided.al2023"), "{name}");
    }
}

#[test]
fn every_function_has_a_policy_of_its_own_that_names_what_it_reaches() {
    for (logical, resource) in resources("AWS::Serverless::Function") {
        // Files of its own layer are all that it reads.
        if logical == "ServePagesFunction" {
            assert!(resource["Properties"].get("Policies").is_none());
            continue;
        }
        let policies = resource["Properties"]["Policies"].as_sequence().unwrap();
        assert_eq!(policies.len(), 1, "{logical}");
        let statements = policies[0]["Statement"].as_sequence().unwrap();
        assert!(!statements.is_empty(), "{logical}");
        for statement in statements {
            let actions = statement["Action"].as_sequence().unwrap();
            let actions = actions.iter().map(|action| action.as_str().unwrap());
            for action in actions {
                assert!(!action.contains('*'), "{logical} may do {action}");
                // A telephone number has no ARN: only this call may be without one.
                let unnamed = statement.get("Resource").is_none();
                assert!(!unnamed || action == "sns:Publish", "{logical}: {action}");
            }
            let resource = statement.get("Resource").and_then(Yaml::as_str);
            assert_ne!(resource, Some("*"), "{logical} may reach everything");
        }
    }
}

#[test]
fn every_function_has_a_log_group_of_its_own_that_ends() {
    let groups: BTreeMap<String, Yaml> = resources("AWS::Logs::LogGroup").into_iter().collect();
    for name in function_folders() {
        let (_, function) = resources("AWS::Serverless::Function")
            .into_iter()
            .find(|(logical, _)| *logical == format!("{}Function", pascal(&name)))
            .unwrap();
        let group = &function["Properties"]["LoggingConfig"]["LogGroup"];
        let group = tagged(group, "Ref");
        assert_eq!(group, format!("{}Logs", pascal(&name)));
        let properties = &groups[&group]["Properties"];
        assert_eq!(
            tagged(&properties["LogGroupName"], "Sub"),
            format!("/aws/lambda/${{AWS::StackName}}-{name}")
        );
    }
    for (logical, group) in groups {
        let kept = tagged(&group["Properties"]["RetentionInDays"], "Ref");
        assert_eq!(kept, "LogRetentionDays", "{logical}");
    }
}

#[test]
fn gather_evidence_reaches_queues_and_nothing_else() {
    let template = template();
    let function = &template.functions["gather-evidence"];
    let boundary = function.boundary.as_ref().unwrap();
    for statement in function.statements.iter().chain(boundary) {
        for action in &statement.actions {
            let service = action.split(':').next().unwrap();
            assert!(matches!(service, "sqs" | "logs"), "it may do {action}");
        }
    }
    for barred in ["ICP_TABLE", "ICP_KEY"] {
        assert!(!function.environment.contains_key(barred), "{barred}");
    }
}

#[test]
fn registries_are_asked_by_as_many_at_once_as_the_policy_says() {
    let functions = resources("AWS::Serverless::Function");
    let gather = functions
        .iter()
        .find(|(logical, _)| logical == "GatherEvidenceFunction");
    let (_, gather) = gather.unwrap();
    let source = &gather["Properties"]["Events"]["HolderLooks"]["Properties"];
    let at_once = source["ScalingConfig"]["MaximumConcurrency"].as_u64();
    let policy = Rulebook::shipped().unwrap().policy.audits;
    assert_eq!(at_once, Some(u64::from(policy.holder_looks_at_once)));
}

#[test]
fn a_batch_of_looks_is_begun_in_time_even_when_every_site_is_silent() {
    let gather = &template().functions["gather-evidence"];
    for source in &gather.queues {
        // Two looks one after the other: more would not all begin, and go alone next time.
        let most = 2 * gather_evidence::AT_ONCE;
        assert!(source.batch_size <= most, "{}", source.queue_arn);
        assert!(gather_evidence::LOOK < icp_runtime::BEGIN_WITHIN);
    }
}

#[test]
fn a_function_ends_before_whoever_waits_for_it_gives_up() {
    for (name, function) in template().functions {
        let most = if function.routes.is_empty() {
            TABLE_SECONDS
        } else {
            HTTP_SECONDS
        };
        let seconds = function.timeout_seconds;
        let writes = function.environment.contains_key("ICP_TABLE");
        assert!(!writes || seconds <= most, "{name} takes {seconds} s");
    }
}

#[test]
fn a_message_stays_hidden_for_six_times_as_long_as_its_reader_may_take() {
    let template = template();
    let mut read = 0;
    for (name, function) in &template.functions {
        for source in &function.queues {
            let queue = template.queue_by_arn(&source.queue_arn).unwrap();
            let hidden = u64::try_from(queue.visibility_seconds).unwrap();
            // A queue that takes dead letters is read the same way, if by a function of ours.
            let least = HIDDEN_TIMES * function.timeout_seconds;
            assert!(least <= hidden, "{} for {name}: {hidden} s", queue.logical);
            read += 1;
        }
    }
    assert!(0 < read, "no function reads a queue");
}

#[test]
fn a_function_names_the_messages_of_a_batch_that_failed() {
    for (name, function) in template().functions {
        for source in &function.queues {
            assert!(source.reports_failures, "{name}: {}", source.queue_arn);
        }
    }
}

#[test]
fn whatever_calls_without_waiting_has_somewhere_to_leave_what_failed() {
    let template = template();
    let queue = |arn: Option<&String>| arn.and_then(|arn| template.queue_by_arn(arn));
    for (name, function) in &template.functions {
        for stream in &function.streams {
            assert!(queue(stream.on_failure_arn.as_ref()).is_some(), "{name}");
            assert!(stream.retries.is_some(), "{name} tries a batch for ever");
            assert!(stream.maximum_age_seconds.is_some(), "{name}");
            assert!(stream.bisects, "{name} gives a whole batch up");
            assert!(!stream.filters.is_empty(), "{name} is called for every row");
        }
        if !function.schedules.is_empty() {
            let left = queue(function.asynchronous.on_failure_arn.as_ref());
            assert!(left.is_some(), "{name}");
            let retries = function.asynchronous.retries;
            assert_eq!(retries, 0, "{name}: the next tick does a lost one's work");
        }
    }
}

#[test]
fn every_schedule_is_a_rate_as_the_scheduler_reads_it_and_may_leave_a_lost_tick() {
    let mut rates = BTreeSet::new();
    for (name, event) in events("Schedule") {
        let rate = event["Schedule"].as_str().unwrap().to_owned();
        let inner = rate
            .strip_prefix("rate(")
            .and_then(|rest| rest.strip_suffix(')'));
        let (count, unit) = inner.and_then(|inner| inner.split_once(' ')).unwrap();
        let count: u32 = count.parse().unwrap();
        // EventBridge refuses `rate(1 minutes)` and `rate(5 minute)`.
        let units: &[&str] = match count {
            0 => panic!("{name}: {rate}"),
            1 => &["minute", "hour", "day"],
            2.. => &["minutes", "hours", "days"],
        };
        assert!(units.contains(&unit), "{name}: {rate}");
        let left = &event["DeadLetterConfig"]["Arn"];
        assert_eq!(tagged(left, "GetAtt"), "TickDeadLetters.Arn", "{name}");
        rates.insert(rate);
    }
    assert!(!rates.is_empty(), "there are no schedules");
}

#[test]
fn only_what_needs_no_account_and_the_route_of_last_resort_are_open() {
    let open: Vec<(String, Yaml)> = events("HttpApi")
        .into_iter()
        .filter(|(_, event)| event.get("Auth").is_none())
        .collect();
    let names: Vec<&str> = open.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "ServePagesFunction.ShowFront",
            "ServePagesFunction.ShowPage",
            "VerifyContactFunction.CheckContactProvider",
            "VerifyContactFunction.CheckContactSend",
            "VerifyContactFunction.CheckContactTell",
            "VerifyContactFunction.CheckContactSay",
            "RectifyFilingFunction.AdviseWayBack",
            "RectifyFilingFunction.AskPublicCheck",
            "RectifyFilingFunction.ReadPublicCheck",
            "RectifyFilingFunction.ProvePublicCheck",
            "RectifyFilingFunction.UnknownRoute",
        ]
    );
    // The last resort has neither path nor method; the others, but the pages, are what the table of rights says.
    let (_, event) = &open[10];
    assert!(event.get("Path").is_none() && event.get("Method").is_none());
    for (_, event) in &open[2..10] {
        let path = event["Path"].as_str().unwrap();
        let line = format!("{} {path}", event["Method"].as_str().unwrap());
        let right = icp_http::RIGHTS.iter().find(|(route, _)| *route == line);
        assert_eq!(right.unwrap().1, icp_http::Callers::Anybody, "{line}");
    }
    let template = template();
    let served = |function: &Function| function.routes.iter().any(|r| r.path == "$default");
    let serving: Vec<&String> = template
        .functions
        .iter()
        .filter(|(_, function)| served(function))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(serving, ["rectify-filing"]);
}

#[test]
fn every_event_is_of_a_kind_that_these_tests_know() {
    let known = ["HttpApi", "Schedule", "SQS", "DynamoDB"];
    for (logical, function) in resources("AWS::Serverless::Function") {
        for (event, is) in function["Properties"]["Events"].as_mapping().unwrap() {
            let kind = is["Type"].as_str().unwrap();
            let event = event.as_str().unwrap();
            assert!(known.contains(&kind), "{logical}.{event} is a {kind}");
        }
    }
}

#[test]
fn nothing_names_the_partition_of_one_profile_only() {
    let fixed: Vec<String> = text("template.yaml")
        .lines()
        .filter(|line| line.contains("arn:aws:") || line.contains("arn:aws-cn:"))
        .map(ToOwned::to_owned)
        .collect();
    assert!(fixed.is_empty(), "{fixed:#?}");
}

/// The template as the local deployment reads it.
pub(super) fn template() -> Template {
    let given = [
        ("FilerIssuer", "https://filers.example/"),
        ("FilerAudience", "filers"),
        ("StaffIssuer", "https://staff.example/"),
        ("StaffAudience", "staff"),
        ("ContactUrl", "https://contact.example/"),
    ];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Template::parse(&text("template.yaml"), &BTreeMap::from(given)).unwrap()
}

/// The resources of a type as they are written, by logical id.
pub(super) fn resources(kind: &str) -> Vec<(String, Yaml)> {
    let yaml: Yaml = serde_yaml_ng::from_str(&text("template.yaml")).unwrap();
    let found: Vec<(String, Yaml)> = yaml["Resources"]
        .as_mapping()
        .unwrap()
        .iter()
        .filter(|(_, resource)| resource["Type"].as_str() == Some(kind))
        .map(|(logical, resource)| (logical.as_str().unwrap().to_owned(), resource.clone()))
        .collect();
    assert!(!found.is_empty(), "the template has no {kind}");
    found
}

/// What stands behind a tag: `Table` of `!Ref Table`.
pub(super) fn tagged(value: &Yaml, tag: &str) -> String {
    let Yaml::Tagged(tagged) = value else {
        panic!("{value:?} is no !{tag}");
    };
    assert_eq!(tagged.tag, *tag, "{value:?}");
    tagged.value.as_str().unwrap().to_owned()
}

/// The properties of every event of a kind, by function and event.
fn events(kind: &str) -> Vec<(String, Yaml)> {
    let mut found = Vec::new();
    for (logical, function) in resources("AWS::Serverless::Function") {
        for (event, is) in function["Properties"]["Events"].as_mapping().unwrap() {
            if is["Type"].as_str() == Some(kind) {
                let name = format!("{logical}.{}", event.as_str().unwrap());
                found.push((name, is["Properties"].clone()));
            }
        }
    }
    found
}
