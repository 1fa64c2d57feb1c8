//! What a restart keeps, and what stops a start.

use std::path::Path;

use icp_local::{Deployment, LOCAL_CALLER, LocalError, Options, Place};

use super::{KEEPER, TABLE, dynamodb, put, recording, sample};

fn opened(directory: &Path) -> Result<Deployment, LocalError> {
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let place = Place::Directory(directory.to_owned());
    Deployment::start(&Options {
        place,
        ..Options::for_tests(sample(), now)
    })
}

#[tokio::test]
async fn a_restart_keeps_rows_messages_keys_sms_tokens_and_the_place_in_the_stream() {
    let directory = tempfile::tempdir().unwrap();
    let arn = "arn:aws:kms:eu-central-1:000000000000:key/local-Key";
    let (token, wrapped, plain);
    {
        let deployment = opened(directory.path()).unwrap();
        let (handler, _) = recording(|_| Ok(serde_json::Value::Null));
        deployment.register("do-work", handler).unwrap();
        put(&dynamodb(&deployment, KEEPER), "OUTBOX#1")
            .await
            .unwrap();
        assert_eq!(deployment.settle().await.unwrap(), 1);
        put(&dynamodb(&deployment, KEEPER), "OUTBOX#2")
            .await
            .unwrap();
        let config = deployment.sdk_config(LOCAL_CALLER);
        let url = deployment.environment(KEEPER).unwrap()["ICP_QUEUE"].clone();
        let sqs = aws_sdk_sqs::Client::new(&config);
        for body in ["stays", "goes"] {
            sqs.send_message()
                .queue_url(&url)
                .message_body(body)
                .send()
                .await
                .unwrap();
        }
        let received = sqs
            .receive_message()
            .queue_url(&url)
            .max_number_of_messages(2)
            .send()
            .await;
        let handle = received.unwrap().messages()[1]
            .receipt_handle()
            .unwrap()
            .to_owned();
        sqs.delete_message()
            .queue_url(&url)
            .receipt_handle(handle)
            .send()
            .await
            .unwrap();
        let sns = aws_sdk_sns::Client::new(&config);
        sns.publish()
            .phone_number("+8613800000000")
            .message("hello")
            .send()
            .await
            .unwrap();
        let made = aws_sdk_kms::Client::new(&config)
            .generate_data_key()
            .key_id(arn)
            .number_of_bytes(32)
            .send()
            .await
            .unwrap();
        wrapped = made.ciphertext_blob().unwrap().clone();
        plain = made.plaintext().unwrap().clone();
        token = deployment.token("filer", "acme", "li").unwrap();
    }
    let deployment = opened(directory.path()).unwrap();
    let (handler, seen) = recording(|_| Ok(serde_json::Value::Null));
    deployment.register("do-work", handler).unwrap();
    assert_eq!(deployment.queued("WorkQueue").unwrap(), ["stays"]);
    assert_eq!(
        deployment.settle().await.unwrap(),
        1,
        "the stream's second row; the message is hidden"
    );
    let pk = seen.lock().unwrap()[0]["Records"][0]["dynamodb"]["Keys"]["pk"]["S"].clone();
    assert_eq!(pk, "OUTBOX#2");
    let table = dynamodb(&deployment, LOCAL_CALLER)
        .describe_table()
        .table_name(TABLE);
    assert_eq!(
        table.send().await.unwrap().table().unwrap().item_count(),
        Some(2)
    );
    assert_eq!(deployment.sms()[0].text, "hello");
    let kms = aws_sdk_kms::Client::new(&deployment.sdk_config(LOCAL_CALLER));
    let opened = kms.decrypt().ciphertext_blob(wrapped).send().await.unwrap();
    assert_eq!(opened.plaintext(), Some(&plain));
    assert!(deployment.issuers().verified("Filers", &token).is_some());
}

#[test]
fn a_damaged_file_stops_the_start_and_says_which_and_what_to_do() {
    for (file, text) in [
        ("table.sqlite", "x".repeat(4_096)),
        ("queues.jsonl", "{\n".to_owned()),
        ("published.jsonl", "{\n".to_owned()),
        ("keys.json", "{\"local-Key\":\"zz\"}".to_owned()),
        ("issuers.json", "[".to_owned()),
        ("stream.json", "[".to_owned()),
    ] {
        let directory = tempfile::tempdir().unwrap();
        drop(opened(directory.path()).unwrap());
        std::fs::write(directory.path().join(file), text).unwrap();
        let error = opened(directory.path())
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(error.contains(&format!("{file} is damaged (")), "{error}");
        assert!(error.contains("delete the directory"), "{error}");
    }
}

#[test]
fn keys_that_are_gone_stop_the_start_where_rows_were_sealed_under_them() {
    let directory = tempfile::tempdir().unwrap();
    drop(opened(directory.path()).unwrap());
    std::fs::remove_file(directory.path().join("keys.json")).unwrap();
    let error = opened(directory.path())
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("keys.json is damaged (it is gone"),
        "{error}"
    );
}

#[test]
fn a_directory_serves_one_deployment() {
    let directory = tempfile::tempdir().unwrap();
    let _first = opened(directory.path()).unwrap();
    let error = opened(directory.path())
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("is in use by another `cargo local`"),
        "{error}"
    );
}

#[test]
fn the_template_of_this_project_starts() {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let deployment = Deployment::start(&Options::for_tests(template, now)).unwrap();
    assert_eq!(
        deployment.without_code().len(),
        deployment.template().functions.len()
    );
    assert!(
        deployment
            .template()
            .functions
            .contains_key("rectify-filing")
    );
}

#[test]
fn a_stored_table_without_the_templates_indexes_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let template = directory.path().join("template.yaml");
    let text = std::fs::read_to_string(sample()).unwrap();
    std::fs::write(
        &template,
        text.replace("IndexName: wake", "IndexName: other"),
    )
    .unwrap();
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let place = Place::Directory(directory.path().join("data"));
    let options = Options {
        place,
        ..Options::for_tests(template, now)
    };
    drop(Deployment::start(&options).unwrap());
    let error = Deployment::start(&Options {
        template: sample(),
        ..options
    })
    .map(|_| ());
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("has other indexes than the template says"),
        "{error}"
    );
}
