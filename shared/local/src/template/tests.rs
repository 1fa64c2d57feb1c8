//! What a template must say, and what is refused in one.

use expect_test::expect;

use super::*;

pub(crate) const SAMPLE: &str = include_str!("../../tests/sample.yaml");

fn parsed(text: &str) -> Result<Template, TemplateError> {
    Template::parse(text, &BTreeMap::new())
}

#[test]
fn a_function_has_its_environment_policy_and_events() {
    let template = parsed(SAMPLE).unwrap();
    let function = &template.functions["keep-notes"];
    expect![[r#"
        {
            "ICP_CONFIG_DIR": "/opt",
            "ICP_KEY": "arn:aws:kms:eu-central-1:000000000000:key/local-Key",
            "ICP_QUEUE": "https://sqs.eu-central-1.amazonaws.com/000000000000/local-WorkQueue",
            "ICP_TABLE": "local-Table",
            "LIMIT": "5",
            "RUST_LOG": "info",
        }
    "#]]
    .assert_debug_eq(&function.environment);
    assert_eq!(function.timeout_seconds, 29);
    assert_eq!(function.memory_megabytes, 256);
    expect![[r#"
        [
            RouteSource {
                method: "ANY",
                path: "$default",
                authorizer: Some(
                    "NONE",
                ),
            },
            RouteSource {
                method: "GET",
                path: "/notes/{note}",
                authorizer: None,
            },
            RouteSource {
                method: "POST",
                path: "/notes",
                authorizer: None,
            },
            RouteSource {
                method: "GET",
                path: "/review/notes",
                authorizer: Some(
                    "Staff",
                ),
            },
        ]
    "#]]
    .assert_debug_eq(&function.routes);
    expect![[r#"
        Statement {
            allows: true,
            actions: [
                "dynamodb:Query",
            ],
            resources: Only(
                [
                    "arn:aws:dynamodb:eu-central-1:000000000000:table/local-Table/index/wake",
                ],
            ),
        }
    "#]]
    .assert_debug_eq(&function.statements[1]);
}

#[test]
fn a_schedule_that_is_switched_off_calls_nobody() {
    let on = "{ScheduleExpression: rate(1 minute)}";
    assert!(SAMPLE.contains(on));
    let off = SAMPLE.replace(on, "{ScheduleExpression: rate(1 minute), State: DISABLED}");
    assert!(
        parsed(&off).unwrap().functions["do-work"]
            .schedules
            .is_empty()
    );
}

#[test]
fn queues_streams_and_schedules_are_read_with_their_settings() {
    let template = parsed(SAMPLE).unwrap();
    let queue = template.queue("WorkQueue").unwrap();
    assert_eq!(queue.visibility_seconds, 180);
    assert_eq!(
        queue.dead_letters,
        Some(("local-WorkDeadLetters".to_owned(), 2))
    );
    let worker = &template.functions["do-work"];
    assert_eq!(worker.queues[0].batch_size, 5);
    assert!(worker.queues[0].reports_failures);
    assert_eq!(worker.schedules[0].every_seconds, 60);
    assert_eq!(worker.asynchronous.retries, 0);
    let stream = &worker.streams[0];
    assert_eq!(
        Some(&stream.stream_arn),
        template.tables["local-Table"].stream_arn.as_ref()
    );
    assert_eq!(stream.retries, Some(3));
    assert!(stream.bisects);
    assert_eq!(
        stream.on_failure_arn.as_deref(),
        Some(&*template.queue("StreamDeadLetters").unwrap().arn)
    );
}

#[test]
fn a_condition_takes_away_what_does_not_hold() {
    assert!(parsed(SAMPLE).unwrap().alarms.is_empty());
    let given = BTreeMap::from([("AlarmTopicArn".to_owned(), "arn:x".to_owned())]);
    assert_eq!(Template::parse(SAMPLE, &given).unwrap().alarms.len(), 1);
}

#[test]
fn what_is_not_understood_is_refused_with_its_path() {
    for (from, to, error) in [
        (
            "!GetAtt Key.Arn",
            "!GetAtt Kee.Arn",
            expect![
                "Resources.KeepNotesFunction.Properties.Environment.Variables.ICP_KEY: nothing is named Kee"
            ],
        ),
        (
            "!GetAtt Key.Arn",
            "!Select [0, a]",
            expect![
                "Resources.KeepNotesFunction.Properties.Environment.Variables.ICP_KEY: !Select in this form is not read; only !Ref, !GetAtt, !Sub and !If are"
            ],
        ),
        (
            "!GetAtt Key.Arn",
            "{Ref: Key}",
            expect![
                "Resources.KeepNotesFunction.Properties.Environment.Variables.ICP_KEY: write Ref as a tag"
            ],
        ),
        (
            "rate(1 minute)",
            "rate(1 minutes)",
            expect![
                "Resources.DoWorkFunction.Properties.Events.Tick: rate(1 minutes) is no rate(n minutes)"
            ],
        ),
        (
            "[ReportBatchItemFailures]",
            "[ReportFailures]",
            expect![
                "Resources.DoWorkFunction.Properties.Events.Work: FunctionResponseTypes knows ReportBatchItemFailures only"
            ],
        ),
        (
            "\"prefix\"",
            "\"suffix-of\"",
            expect![[
                r#"Resources.DoWorkFunction.Properties.Events.Written: a filter's test {"suffix-of":"OUTBOX#"} is not emulated"#
            ]],
        ),
        (
            "Default: https://filers.example",
            "Description: none",
            expect!["Parameters.FilerIssuer: has no Default and was given no value"],
        ),
    ] {
        assert!(SAMPLE.contains(from), "{from}");
        let refused = parsed(&SAMPLE.replace(from, to)).unwrap_err();
        error.assert_eq(&refused.to_string());
    }
}
