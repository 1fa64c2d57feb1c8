//! `template.yaml`'s table, key and queues.

use std::collections::BTreeSet;

use super::template::{resources, tagged, template};

/// The longest that SQS keeps a message: 14 days.
const KEPT_SECONDS: i64 = 14 * 24 * 60 * 60;

#[test]
fn there_is_one_table_and_it_is_neither_lost_nor_deleted_by_mistake() {
    let tables = resources("AWS::DynamoDB::Table");
    assert_eq!(tables.len(), 1);
    let table = &tables[0].1;
    let properties = &table["Properties"];
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        assert_eq!(table[policy].as_str(), Some("Retain"), "{policy}");
    }
    let protected = properties["DeletionProtectionEnabled"].as_bool();
    assert_eq!(protected, Some(true));
    let recovery = &properties["PointInTimeRecoverySpecification"];
    let recovery = recovery["PointInTimeRecoveryEnabled"].as_bool();
    assert_eq!(recovery, Some(true));
    let stream = properties["StreamSpecification"]["StreamViewType"].as_str();
    assert_eq!(stream, Some("NEW_IMAGE"));
    let ends = properties["TimeToLiveSpecification"]["AttributeName"].as_str();
    assert_eq!(ends, Some("ttl"));
}

#[test]
fn the_three_indexes_hold_keys_only_under_their_own_names() {
    let tables = resources("AWS::DynamoDB::Table");
    let indexes = &tables[0].1["Properties"]["GlobalSecondaryIndexes"];
    let mut names = Vec::new();
    for index in indexes.as_sequence().unwrap() {
        let name = index["IndexName"].as_str().unwrap();
        let projected = index["Projection"]["ProjectionType"].as_str();
        assert_eq!(projected, Some("KEYS_ONLY"), "{name}");
        let keys: Vec<&str> = index["KeySchema"]
            .as_sequence()
            .unwrap()
            .iter()
            .map(|key| key["AttributeName"].as_str().unwrap())
            .collect();
        assert_eq!(keys, [format!("{name}_pk"), format!("{name}_sk")]);
        names.push(name);
    }
    assert_eq!(names, ["wake", "owner", "desk"]);
}

#[test]
fn the_key_that_opens_personal_fields_is_kept() {
    let keys = resources("AWS::KMS::Key");
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].1["DeletionPolicy"].as_str(), Some("Retain"));
    assert_eq!(keys[0].1["UpdateReplacePolicy"].as_str(), Some("Retain"));
    let rotated = keys[0].1["Properties"]["EnableKeyRotation"].as_bool();
    assert_eq!(rotated, Some(true));
}

#[test]
fn a_queue_keeps_its_messages_as_long_as_there_is_and_seals_them() {
    for (logical, queue) in resources("AWS::SQS::Queue") {
        let sealed = queue["Properties"]["SqsManagedSseEnabled"].as_bool();
        assert_eq!(sealed, Some(true), "{logical}");
    }
    for queue in template().queues.values() {
        assert_eq!(queue.retention_seconds, KEPT_SECONDS, "{}", queue.logical);
    }
}

#[test]
fn a_queue_gives_up_into_another_or_is_where_things_are_given_up() {
    let template = template();
    let mut ends: BTreeSet<&str> = BTreeSet::new();
    for queue in template.queues.values() {
        ends.extend(queue.dead_letters.as_ref().map(|(name, _)| name.as_str()));
    }
    for function in template.functions.values() {
        let streams = function.streams.iter();
        let left = streams.filter_map(|stream| stream.on_failure_arn.as_ref());
        for arn in left.chain(function.asynchronous.on_failure_arn.as_ref()) {
            ends.insert(&template.queue_by_arn(arn).unwrap().name);
        }
    }
    for queue in template.queues.values() {
        match &queue.dead_letters {
            Some((_, receives)) => assert!(1 < *receives, "{}", queue.logical),
            None => assert!(ends.contains(queue.name.as_str()), "{}", queue.logical),
        }
    }
    assert!(!ends.is_empty());
}

#[test]
fn the_operators_policy_files_reach_every_function() {
    let layers = resources("AWS::Serverless::LayerVersion");
    let folder = layers[0].1["Properties"]["ContentUri"].as_str();
    assert_eq!(folder, Some("config/"));
    for (name, function) in template().functions {
        let folder = function.environment.get("ICP_CONFIG_DIR");
        assert_eq!(folder.map(String::as_str), Some("/opt"), "{name}");
    }
}

#[test]
fn the_topic_is_sealed_under_the_key() {
    for (logical, topic) in resources("AWS::SNS::Topic") {
        let key = tagged(&topic["Properties"]["KmsMasterKeyId"], "GetAtt");
        assert_eq!(key, "Key.Arn", "{logical}");
    }
}
