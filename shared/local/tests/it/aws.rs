//! The real clients by the connector and over loopback.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName};
use icp_local::{LOCAL_CALLER, Listener};
use jiff::SignedDuration;

use super::{KEEPER, TABLE, deployment, dynamodb, put};

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

#[tokio::test]
async fn a_call_tells_the_journal_its_units_and_the_client_none() {
    let deployment = deployment();
    let client = dynamodb(&deployment, KEEPER);
    let answer = client
        .put_item()
        .table_name(TABLE)
        .item("pk", s("NOTE#1"))
        .item("sk", s("HEAD"))
        .item("wake_pk", s("W"))
        .item("wake_sk", s("1"))
        .send()
        .await
        .unwrap();
    assert!(answer.consumed_capacity().is_none());
    client
        .transact_write_items()
        .transact_items(
            TransactWriteItem::builder()
                .put(
                    Put::builder()
                        .table_name(TABLE)
                        .item("pk", s("NOTE#2"))
                        .item("sk", s("A"))
                        .build()
                        .unwrap(),
                )
                .build(),
        )
        .send()
        .await
        .unwrap();
    let found = client
        .query()
        .table_name(TABLE)
        .index_name("wake")
        .key_condition_expression("wake_pk = :w")
        .expression_attribute_values(":w", s("W"))
        .send()
        .await
        .unwrap();
    assert_eq!(found.count(), 1);
    let calls = deployment.journal().take();
    let told: Vec<String> = calls
        .iter()
        .map(|call| {
            format!(
                "{} {} {}: read {} + {}, written {} + {}, {}",
                call.caller,
                call.operation,
                call.resource,
                call.read.table,
                call.read.index_total(),
                call.written.table,
                call.written.index_total(),
                call.outcome,
            )
        })
        .collect();
    expect_test::expect![[r#"
        keep-notes PutItem local-Table: read 0 + 0, written 1 + 1, ok
        keep-notes TransactWriteItems local-Table: read 0 + 0, written 2 + 0, ok
        keep-notes Query local-Table/wake: read 0 + 0.5, written 0 + 0, ok"#]]
    .assert_eq(&told.join("\n"));
    assert!(deployment.journal().calls().is_empty());
}

#[tokio::test]
async fn a_failed_condition_brings_the_row_that_stood_there() {
    let deployment = deployment();
    let client = dynamodb(&deployment, KEEPER);
    put(&client, "NOTE#1").await.unwrap();
    let error = client
        .put_item()
        .table_name(TABLE)
        .item("pk", s("NOTE#1"))
        .item("sk", s("HEAD"))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(
        failed,
    ) = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(failed.item().unwrap()["pk"], s("NOTE#1"));
    assert_eq!(
        deployment.journal().calls()[1].outcome,
        "ConditionalCheckFailedException"
    );
}

#[tokio::test]
async fn a_call_outside_the_policy_is_refused_and_does_nothing() {
    let deployment = deployment();
    let client = dynamodb(&deployment, KEEPER);
    let deleted = client
        .delete_item()
        .table_name(TABLE)
        .key("pk", s("a"))
        .key("sk", s("b"));
    let error = deleted.send().await.unwrap_err().into_service_error();
    assert_eq!(error.meta().code(), Some("AccessDeniedException"));
    let text = error.meta().message().unwrap().to_owned();
    assert!(
        text.contains("keep-notes is not authorized to perform: dynamodb:DeleteItem"),
        "{text}"
    );
    // The index is granted, the table itself is not.
    let query = client
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :p")
        .expression_attribute_values(":p", s("a"));
    let error = query.send().await.unwrap_err().into_service_error();
    assert_eq!(error.meta().code(), Some("AccessDeniedException"));
    // A function without any policy, and one that is none.
    assert_eq!(
        put(&dynamodb(&deployment, "do-work"), "x")
            .await
            .unwrap_err(),
        "AccessDeniedException"
    );
    assert_eq!(
        put(&dynamodb(&deployment, "nobody"), "x")
            .await
            .unwrap_err(),
        "UnrecognizedClientException"
    );
    let rows = dynamodb(&deployment, LOCAL_CALLER)
        .get_item()
        .table_name(TABLE);
    assert!(
        rows.key("pk", s("x"))
            .key("sk", s("HEAD"))
            .send()
            .await
            .unwrap()
            .item()
            .is_none()
    );
}

#[tokio::test]
async fn a_transaction_is_authorised_by_the_actions_of_its_items() {
    let deployment = deployment();
    let client = dynamodb(&deployment, KEEPER);
    let key = HashMap::from([("pk".to_owned(), s("a")), ("sk".to_owned(), s("b"))]);
    let delete = aws_sdk_dynamodb::types::Delete::builder()
        .table_name(TABLE)
        .set_key(Some(key));
    let error = client
        .transact_write_items()
        .transact_items(
            TransactWriteItem::builder()
                .delete(delete.build().unwrap())
                .build(),
        )
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(error.meta().code(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn a_message_is_hidden_until_its_time_out_and_dies_after_its_receives() {
    let deployment = deployment();
    let client = aws_sdk_sqs::Client::new(&deployment.sdk_config(LOCAL_CALLER));
    let url = client
        .get_queue_url()
        .queue_name("local-WorkQueue")
        .send()
        .await
        .unwrap();
    let url = url.queue_url().unwrap();
    let attribute = MessageAttributeValue::builder()
        .data_type("String")
        .string_value("v")
        .build();
    let sent = client
        .send_message()
        .queue_url(url)
        .message_body("hello")
        .message_attributes("name", attribute.unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        sent.md5_of_message_body(),
        Some("5d41402abc4b2a76b9719d911017c592")
    );
    let receive = || async {
        let received = client
            .receive_message()
            .queue_url(url)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        received.send().await.unwrap().messages().to_vec()
    };
    let first = receive().await;
    assert_eq!(first[0].body(), Some("hello"));
    assert_eq!(
        first[0].message_attributes().unwrap()["name"].string_value(),
        Some("v")
    );
    assert!(receive().await.is_empty(), "hidden");
    deployment.clock().advance(SignedDuration::from_secs(179));
    assert!(receive().await.is_empty(), "still hidden one second before");
    deployment.clock().advance(SignedDuration::from_secs(1));
    let second = receive().await;
    let count = MessageSystemAttributeName::ApproximateReceiveCount;
    assert_eq!(second[0].attributes().unwrap()[&count], "2");
    // The first handle deletes nothing any more.
    let stale = first[0].receipt_handle().unwrap();
    client
        .delete_message()
        .queue_url(url)
        .receipt_handle(stale)
        .send()
        .await
        .unwrap();
    deployment.clock().advance(SignedDuration::from_secs(180));
    assert!(
        receive().await.is_empty(),
        "received twice: it goes to the dead letters"
    );
    assert_eq!(deployment.queued("WorkDeadLetters").unwrap(), ["hello"]);
    let depth = client
        .get_queue_attributes()
        .queue_url(url.replace("WorkQueue", "WorkDeadLetters"))
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
        .send()
        .await
        .unwrap();
    assert_eq!(
        depth.attributes().unwrap().values().collect::<Vec<_>>(),
        ["1"]
    );
}

#[tokio::test]
async fn a_queue_that_is_not_there_and_an_entry_too_long_are_told_apart() {
    let deployment = deployment();
    let client = aws_sdk_sqs::Client::new(&deployment.sdk_config(LOCAL_CALLER));
    let lost = client
        .send_message()
        .queue_url("https://sqs/0/none")
        .message_body("x");
    assert!(
        lost.send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_queue_does_not_exist()
    );
    let entry = |id: &str, body: String| {
        aws_sdk_sqs::types::SendMessageBatchRequestEntry::builder()
            .id(id)
            .message_body(body)
            .build()
            .unwrap()
    };
    let url = &deployment.template().queue("WorkQueue").unwrap().url;
    let sent = client
        .send_message_batch()
        .queue_url(url)
        .entries(entry("a", "fits".to_owned()))
        .entries(entry("b", "x".repeat(1_048_577)))
        .send()
        .await
        .unwrap();
    assert_eq!(sent.successful()[0].id(), "a");
    assert_eq!(sent.failed()[0].id(), "b");
    assert!(sent.failed()[0].sender_fault());
}

#[tokio::test]
async fn a_data_key_is_unwrapped_in_its_own_context_only() {
    let deployment = deployment();
    let client = aws_sdk_kms::Client::new(&deployment.sdk_config(KEEPER));
    let arn = "arn:aws:kms:eu-central-1:000000000000:key/local-Key";
    let made = client
        .generate_data_key()
        .key_id(arn)
        .key_spec(DataKeySpec::Aes256)
        .encryption_context("purpose", "subject")
        .send()
        .await
        .unwrap();
    assert_eq!(made.plaintext().unwrap().as_ref().len(), 32);
    let blob = made.ciphertext_blob().unwrap().clone();
    let decrypt = |blob: Blob, purpose: &str| {
        client
            .decrypt()
            .ciphertext_blob(blob)
            .encryption_context("purpose", purpose)
            .send()
    };
    let opened = decrypt(blob.clone(), "subject").await.unwrap();
    assert_eq!(opened.plaintext(), made.plaintext());
    assert_eq!(opened.key_id(), Some(arn));
    let error = decrypt(blob.clone(), "person")
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_invalid_ciphertext_exception());
    let mut broken = blob.into_inner();
    *broken.last_mut().unwrap() ^= 1;
    let error = decrypt(Blob::new(broken), "subject")
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_invalid_ciphertext_exception());
    let denied = client
        .encrypt()
        .key_id(arn)
        .plaintext(Blob::new("x"))
        .send()
        .await;
    let denied = denied.unwrap_err().into_service_error();
    assert_eq!(denied.meta().code(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn what_is_sent_by_sms_and_to_topics_is_kept_for_reading() {
    let deployment = deployment();
    let keeper = aws_sdk_sns::Client::new(&deployment.sdk_config(KEEPER));
    let sent = keeper
        .publish()
        .phone_number("+8613800000000")
        .message("您好 & code <1>");
    assert!(sent.send().await.unwrap().message_id().is_some());
    let sms = deployment.sms();
    assert_eq!(sms[0].text, "您好 & code <1>");
    assert_eq!(sms[0].at, deployment.clock().now());
    let topic = deployment.template().topics["Topic"].clone();
    let denied = keeper
        .publish()
        .topic_arn(&topic)
        .message("x")
        .send()
        .await
        .unwrap_err();
    assert!(
        denied
            .into_service_error()
            .is_authorization_error_exception()
    );
    let local = aws_sdk_sns::Client::new(&deployment.sdk_config(LOCAL_CALLER));
    local
        .publish()
        .topic_arn(&topic)
        .message("changed")
        .send()
        .await
        .unwrap();
    assert_eq!(deployment.topic_messages()[0].message, "changed");
    let unknown = local
        .publish()
        .topic_arn(format!("{topic}x"))
        .message("x")
        .send()
        .await;
    assert!(
        unknown
            .unwrap_err()
            .into_service_error()
            .is_not_found_exception()
    );
    let bad = local
        .publish()
        .phone_number("13800000000")
        .message("x")
        .send()
        .await;
    assert!(
        bad.unwrap_err()
            .into_service_error()
            .is_invalid_parameter_exception()
    );
    assert_eq!(deployment.sms().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_port_answers_the_same_over_loopback() {
    let deployment = deployment();
    let listener = Listener::bind(0, "--aws-port").await.unwrap();
    let endpoint = format!("http://{}", listener.address());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(listener.serve(deployment.port_service(), async {
        stopped.await.unwrap();
    }));
    let config = deployment
        .sdk_config(KEEPER)
        .into_builder()
        .endpoint_url(&endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let client = aws_sdk_dynamodb::Client::new(&config);
    put(&client, "NOTE#1").await.unwrap();
    let found = dynamodb(&deployment, KEEPER).get_item().table_name(TABLE);
    let found = found
        .key("pk", s("NOTE#1"))
        .key("sk", s("HEAD"))
        .send()
        .await
        .unwrap();
    assert!(found.item().is_some());
    let url = &deployment.template().queue("WorkQueue").unwrap().url;
    let sqs = aws_sdk_sqs::Client::new(&config);
    sqs.send_message()
        .queue_url(url)
        .message_body("over the wire")
        .send()
        .await
        .unwrap();
    assert_eq!(deployment.queued("WorkQueue").unwrap(), ["over the wire"]);
    stop.send(()).unwrap();
    serving.await.unwrap();
}

#[tokio::test]
async fn a_port_in_use_is_told_with_the_option_that_changes_it() {
    let first = Listener::bind(0, "--port").await.unwrap();
    let error = Listener::bind(first.address().port(), "--port")
        .await
        .unwrap_err()
        .to_string();
    let text = format!(
        "port {} on 127.0.0.1 is in use; stop what listens there, or give another --port",
        first.address().port()
    );
    assert_eq!(error, text);
}
