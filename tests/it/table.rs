//! The table behind a stage, for what only damaged or ancient rows show.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use icp_local::stage::Stage;
use icp_store::Store;

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

    /// An attribute of a row.
    pub(crate) async fn read(&self, pk: &str, sk: &str, attribute: &str) -> Option<AttributeValue> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let found = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("pk", text(pk))
            .key("sk", text(sk))
            .send()
            .await
            .unwrap();
        found.item?.remove(attribute)
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
