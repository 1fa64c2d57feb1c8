//! Every fault, as the real client sees it.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem};
use futures::FutureExt;
use icp_local::{Deployment, Fault, LOCAL_CALLER};

use super::{KEEPER, TABLE, deployment, dynamodb, put};

/// A client that tries once, so that a test sees the fault and not the SDK's second try.
fn once(deployment: &Deployment) -> Client {
    let config = deployment.sdk_config(KEEPER).into_builder();
    Client::new(&config.retry_config(RetryConfig::disabled()).build())
}

async fn is_there(deployment: &Deployment, pk: &str) -> bool {
    let get = dynamodb(deployment, LOCAL_CALLER)
        .get_item()
        .table_name(TABLE);
    let get = get.key("pk", AttributeValue::S(pk.to_owned()));
    get.key("sk", AttributeValue::S("HEAD".to_owned()))
        .send()
        .await
        .unwrap()
        .item()
        .is_some()
}

#[tokio::test]
async fn a_refused_and_a_throttled_call_do_nothing_and_a_lost_reply_hides_what_was_done() {
    let deployment = deployment();
    let client = once(&deployment);
    for (fault, code, done) in [
        (Fault::Refused, "InternalServerError", false),
        (
            Fault::Throttled,
            "ProvisionedThroughputExceededException",
            false,
        ),
        (Fault::Contended, "TransactionConflictException", false),
        (Fault::ReplyLost, "InternalServerError", true),
    ] {
        let name = fault.name();
        deployment.faults().on(1, fault);
        assert_eq!(put(&client, name).await.unwrap_err(), code, "{name}");
        assert_eq!(is_there(&deployment, name).await, done, "{name}");
        let fired = deployment.faults().clear();
        assert_eq!(
            fired.iter().map(|(_, name)| *name).collect::<Vec<_>>(),
            [name]
        );
    }
}

#[tokio::test]
async fn the_sdk_tries_again_where_it_may() {
    let deployment = deployment();
    deployment.faults().on(1, Fault::Refused);
    put(&dynamodb(&deployment, KEEPER), "a").await.unwrap();
    assert_eq!(
        deployment.journal().calls().len(),
        2,
        "the refused call and the second try"
    );
    deployment.faults().from(1, Fault::Throttled);
    assert!(put(&dynamodb(&deployment, KEEPER), "b").await.is_err());
    assert_eq!(
        deployment.faults().clear().len(),
        4,
        "the SDK's own attempts for DynamoDB"
    );
}

#[tokio::test]
async fn another_writer_comes_first_and_its_own_calls_meet_no_fault() {
    let deployment = deployment();
    let other = dynamodb(&deployment, LOCAL_CALLER);
    deployment.faults().from(
        1,
        Fault::Overtaken(Arc::new(move || {
            let other = other.clone();
            async move { put(&other, "NOTE#1").await.unwrap() }.boxed()
        })),
    );
    let write = once(&deployment).put_item().table_name(TABLE);
    let write = write.item("pk", AttributeValue::S("NOTE#1".to_owned()));
    let write = write.item("sk", AttributeValue::S("HEAD".to_owned()));
    let refused = write
        .condition_expression("attribute_not_exists(pk)")
        .send()
        .await
        .unwrap_err();
    assert!(
        refused
            .into_service_error()
            .is_conditional_check_failed_exception()
    );
    assert_eq!(deployment.faults().calls(), 1);
}

#[tokio::test]
async fn a_contended_transaction_names_the_conflict() {
    let deployment = deployment();
    deployment.faults().on(1, Fault::Contended);
    let write = |pk: &str| {
        let item = Put::builder()
            .table_name(TABLE)
            .item("pk", AttributeValue::S(pk.to_owned()))
            .item("sk", AttributeValue::S("HEAD".to_owned()));
        TransactWriteItem::builder()
            .put(item.build().unwrap())
            .build()
    };
    let call = once(&deployment).transact_write_items();
    let call = call.transact_items(write("a")).transact_items(write("b"));
    let error = call.send().await.unwrap_err().into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(cancelled) = error
    else {
        panic!("{error:?}");
    };
    let codes: Vec<_> = cancelled
        .cancellation_reasons()
        .iter()
        .map(|reason| reason.code().unwrap())
        .collect();
    assert_eq!(codes, ["TransactionConflict", "None"]);
    assert!(!is_there(&deployment, "a").await);
}

#[tokio::test]
async fn an_index_is_stale_and_a_batch_comes_back_where_they_can() {
    let deployment = deployment();
    let client = once(&deployment);
    let write = client.put_item().table_name(TABLE);
    let write = write.item("pk", AttributeValue::S("a".to_owned()));
    let write = write.item("sk", AttributeValue::S("HEAD".to_owned()));
    let write = write.item("wake_pk", AttributeValue::S("W".to_owned()));
    write
        .item("wake_sk", AttributeValue::S("1".to_owned()))
        .send()
        .await
        .unwrap();
    let query = || async {
        let query = client.query().table_name(TABLE).index_name("wake");
        let query = query.key_condition_expression("wake_pk = :w");
        let query = query.expression_attribute_values(":w", AttributeValue::S("W".to_owned()));
        query.send().await.unwrap().count()
    };
    deployment.faults().on(1, Fault::Stale);
    assert_eq!((query().await, query().await), (0, 1));
    let key = [("pk", "a"), ("sk", "HEAD")]
        .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())));
    let keys = KeysAndAttributes::builder()
        .keys(key.into())
        .build()
        .unwrap();
    let read = || async {
        let answer = client
            .batch_get_item()
            .request_items(TABLE, keys.clone())
            .send()
            .await
            .unwrap();
        let found = answer
            .responses()
            .and_then(|all| all.get(TABLE))
            .map_or(0, Vec::len);
        (
            found,
            answer
                .unprocessed_keys()
                .map_or(0, std::collections::HashMap::len),
        )
    };
    deployment.faults().clear();
    deployment.faults().on(1, Fault::Partly);
    assert_eq!((read().await, read().await), ((0, 1), (1, 0)));
    // On a call that cannot show it, a fault does nothing and says so.
    deployment.faults().clear();
    deployment.faults().on(1, Fault::Stale);
    put(&client, "b").await.unwrap();
    assert!(deployment.faults().fired().is_empty());
}
