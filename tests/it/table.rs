//! The table behind a stage, for what only damaged or ancient rows show.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use icp_local::stage::Stage;
use icp_store::Store;
use serde_json::Value as Json;

/// The table, reached by the SDK itself.
pub(crate) struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub(crate) fn of(stage: &Stage) -> Self {
        let environment = stage.deployment.environment("judge-evidence").unwrap();
        Self {
            client: Client::new(&stage.deployment.sdk_config("local")),
            name: environment["ICP_TABLE"].clone(),
        }
    }

    /// The same table as the functions reach it.
    pub(crate) fn store(stage: &Stage) -> Store {
        let environment = stage.deployment.environment("judge-evidence").unwrap();
        let aws = stage.deployment.sdk_config("local");
        Store::open(&aws, &environment["ICP_TABLE"], &environment["ICP_KEY"])
    }

    /// The bucket as the functions reach it.
    pub(crate) fn files(stage: &Stage) -> icp_store::files::Files {
        let environment = stage.deployment.environment("submit-filing").unwrap();
        let aws = stage.deployment.sdk_config("local");
        icp_store::files::Files::open(&aws, &environment["ICP_FILES"])
    }

    /// Sets an attribute of a row.
    pub(crate) async fn set(&self, pk: &str, sk: &str, attribute: &str, value: AttributeValue) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        self.client
            .update_item()
            .table_name(&self.name)
            .key("pk", text(pk))
            .key("sk", text(sk))
            .update_expression("SET #attribute = :value")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":value", value)
            .send()
            .await
            .unwrap();
    }

    /// Takes a row away, as only somebody past the service can.
    pub(crate) async fn remove(&self, pk: &str, sk: &str) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let removed = self
            .client
            .delete_item()
            .table_name(&self.name)
            .key("pk", text(pk))
            .key("sk", text(sk))
            .send();
        removed.await.unwrap();
    }

    /// Counts a row's version up, as any writer does; a row that is not there stays so.
    pub(crate) async fn touch(&self, pk: &str, sk: &str) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let touched = self
            .client
            .update_item()
            .table_name(&self.name)
            .key("pk", text(pk))
            .key("sk", text(sk))
            .update_expression("ADD version :one")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .send()
            .await;
        let _not_there = touched.is_err();
    }

    /// A row as JSON, without what only DynamoDB has.
    pub(crate) async fn row(&self, pk: &str, sk: &str) -> Json {
        let row = self.item(pk, sk).await.unwrap_or_default().into_iter();
        row.map(|(name, value)| (name, json_of(&value))).collect()
    }

    /// An attribute of a row.
    pub(crate) async fn read(&self, pk: &str, sk: &str, attribute: &str) -> Option<AttributeValue> {
        self.item(pk, sk).await?.remove(attribute)
    }

    async fn item(&self, pk: &str, sk: &str) -> Option<HashMap<String, AttributeValue>> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let found = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("pk", text(pk))
            .key("sk", text(sk))
            .send()
            .await;
        found.unwrap().item
    }

    /// Keys of all rows of a partition.
    pub(crate) async fn rows(&self, pk: &str) -> Vec<String> {
        let found = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .send()
            .await
            .unwrap();
        let rows = found.items.unwrap_or_default().into_iter();
        rows.map(|row| row["sk"].as_s().unwrap().clone()).collect()
    }
}

fn json_of(value: &AttributeValue) -> Json {
    if let Ok(text) = value.as_s() {
        Json::from(text.clone())
    } else if let Ok(number) = value.as_n() {
        number.parse::<i64>().map_or(Json::Null, Json::from)
    } else if let Ok(items) = value.as_l() {
        items.iter().map(json_of).collect()
    } else if let Ok(fields) = value.as_m() {
        let fields = fields.iter();
        fields
            .map(|(name, value)| (name.clone(), json_of(value)))
            .collect()
    } else {
        value
            .as_bool()
            .map_or(Json::Null, |value| Json::from(*value))
    }
}
