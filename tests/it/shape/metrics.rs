//! Alarms: what is measured, and what can be left undone, tells somebody.

use std::collections::BTreeSet;

use icp_runtime::metrics::{Metric, NAMESPACE};
use serde_yaml_ng::Value as Yaml;

use super::template::{resources, tagged, template};

#[test]
fn every_metric_has_an_alarm_and_no_alarm_waits_for_a_metric_that_nobody_measures() {
    let measured: BTreeSet<&str> = Metric::ALL.into_iter().map(Metric::name).collect();
    let template = template();
    let ours = |namespace: &Option<String>| namespace.as_deref() == Some(NAMESPACE);
    let watched: BTreeSet<&str> = template
        .alarms
        .values()
        .filter(|alarm| ours(&alarm.namespace))
        .map(|alarm| alarm.metric_name.as_deref().unwrap())
        .collect();
    assert_eq!(watched, measured);
    for (logical, alarm) in &template.alarms {
        // The metrics are written without dimensions; an alarm with one would wait for ever.
        let bare = !ours(&alarm.namespace) || alarm.dimensions.is_empty();
        assert!(bare, "{logical}");
        let known = [NAMESPACE, "AWS/SQS", "AWS/Lambda"];
        let namespace = alarm.namespace.as_deref().unwrap();
        assert!(known.contains(&namespace), "{logical} watches {namespace}");
    }
}

#[test]
fn every_queue_of_dead_letters_has_an_alarm() {
    let template = template();
    let watched = watched("AWS/SQS", "ApproximateNumberOfMessagesVisible", |value| {
        let attribute = tagged(value, "GetAtt");
        attribute.strip_suffix(".QueueName").unwrap().to_owned()
    });
    let mut dead: BTreeSet<String> = BTreeSet::new();
    for queue in template.queues.values() {
        if let Some((target, _)) = &queue.dead_letters {
            dead.insert(template.queues[target].logical.clone());
        }
        if queue.dead_letters.is_none() {
            dead.insert(queue.logical.clone());
        }
    }
    assert_eq!(watched, dead);
}

#[test]
fn every_function_has_an_alarm_on_its_errors() {
    let watched = watched("AWS/Lambda", "Errors", |value| tagged(value, "Ref"));
    let functions: BTreeSet<String> = resources("AWS::Serverless::Function")
        .into_iter()
        .map(|(logical, _)| logical)
        .collect();
    assert_eq!(watched, functions);
}

#[test]
fn every_alarm_says_what_it_means_and_goes_where_the_operator_says() {
    for (logical, alarm) in resources("AWS::CloudWatch::Alarm") {
        let properties = &alarm["Properties"];
        let said = properties["AlarmDescription"].as_str().unwrap_or_default();
        assert!(said.ends_with('.'), "{logical}");
        assert!(properties.get("AlarmActions").is_some(), "{logical}");
        let missing = properties["TreatMissingData"].as_str().unwrap();
        let silent = missing == "breaching";
        // Only a metric that comes with every tick tells something by its absence.
        assert_eq!(silent, logical == "OverdueDeadlinesAlarm", "{logical}");
    }
}

/// The resources that the alarms on a metric of AWS's own watch.
fn watched(namespace: &str, metric: &str, name: impl Fn(&Yaml) -> String) -> BTreeSet<String> {
    resources("AWS::CloudWatch::Alarm")
        .into_iter()
        .map(|(_, alarm)| alarm["Properties"].clone())
        .filter(|properties| properties["Namespace"].as_str() == Some(namespace))
        .map(|properties| {
            assert_eq!(properties["MetricName"].as_str(), Some(metric));
            name(&properties["Dimensions"][0]["Value"])
        })
        .collect()
}
