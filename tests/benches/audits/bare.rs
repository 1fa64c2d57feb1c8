//! What looks are measured beside: the same look-ups with the same libraries, and the calls to queues and table that an
//! audit comes to, made with the SDK alone.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use bytes::Bytes;
use futures::StreamExt;
use hickory_resolver::Resolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RecordType;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use icp_local::stage::{Ask, Stage};
use tokio::net::TcpStream;

use super::{Begun, IN_FLIGHT, PAGE, Took};

/// The look-ups of as many looks, made bare: the names' addresses in both families, and the page; with `rows` also the
/// calls to queues and table that an audit of a site comes to.
pub(crate) async fn bare(stage: &Stage, sites: u32, rows: Option<&Arc<Rows>>) -> Took {
    let (server, port) = (stage.sites.resolver, stage.sites.http_port);
    let begun = Begun::now();
    let looks = (1..=sites).map(|n| {
        let rows = rows.cloned();
        tokio::spawn(async move {
            look_up(server, port, n).await;
            if let Some(rows) = rows {
                rows.calls(n).await;
            }
        })
    });
    // As many in flight as ours.
    let mut looks = futures::stream::iter(looks.map(|look| async { look.await.unwrap() }))
        .buffer_unordered(IN_FLIGHT);
    while looks.next().await.is_some() {}
    begun.took()
}

/// A filing's rows, and what is read and written of them with the SDK alone.
pub(crate) struct Rows {
    table: aws_sdk_dynamodb::Client,
    queues: aws_sdk_sqs::Client,
    name: String,
    queue: String,
    keys: Vec<HashMap<String, AttributeValue>>,
    clock: HashMap<String, AttributeValue>,
    message: String,
}

impl Rows {
    pub(crate) async fn of(stage: &Stage) -> Self {
        let aws = stage.deployment.sdk_config("local");
        let table = aws_sdk_dynamodb::Client::new(&aws);
        let environment = stage.deployment.environment("judge-evidence").unwrap();
        let name = environment["ICP_TABLE"].clone();
        let ask = Ask {
            role: Some("filer"),
            account: "base-1",
            route: "GET /filings",
            ..Ask::default()
        };
        let filings = stage.ask(ask).await.unwrap().body;
        let subject = format!("SUBJECT#{}", filings["items"][0]["id"].as_str().unwrap());
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let key = |sk: &str| {
            HashMap::from([
                ("pk".to_owned(), text(&subject)),
                ("sk".to_owned(), text(sk)),
            ])
        };
        let rows = [
            "CLOCK#S",
            "CLOCK#1",
            "HEAD",
            "SERVICE#1",
            "LINK#1",
            "REPORTED#1",
        ];
        let read = table
            .get_item()
            .table_name(&name)
            .set_key(Some(key("CLOCK#1")));
        let clock = read.send().await.unwrap().item.unwrap();
        // A queue that nobody reads, so that what is sent costs its sending and no more.
        let looks = stage.deployment.environment("run-operations").unwrap();
        Self {
            queues: aws_sdk_sqs::Client::new(&aws),
            table,
            queue: looks["ICP_EXPORTS_DEAD_LETTERS"].clone(),
            keys: rows.map(key).to_vec(),
            clock,
            name,
            message: "x".repeat(2000),
        }
    }

    /// What is called for a site: of ten looks one send, and one of their evidence; of a page of 25 one batch; its rows read
    /// and its clock written.
    async fn calls(&self, n: u32) {
        if n.is_multiple_of(10) {
            self.send(10).await;
            self.send(10).await;
        }
        if n.is_multiple_of(25) {
            self.read(self.keys.len()).await;
        }
        self.read(self.keys.len()).await;
        let put = self.table.put_item().table_name(&self.name);
        let put = put.set_item(Some(self.clock.clone()));
        put.send().await.unwrap();
    }

    async fn send(&self, messages: usize) {
        let entries = (0..messages).map(|at| {
            let entry = SendMessageBatchRequestEntry::builder().id(at.to_string());
            entry.message_body(&self.message).build().unwrap()
        });
        let send = self.queues.send_message_batch().queue_url(&self.queue);
        send.set_entries(Some(entries.collect()))
            .send()
            .await
            .unwrap();
    }

    async fn read(&self, rows: usize) {
        let keys = self.keys.iter().take(rows).cloned().collect();
        let asked = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true);
        let read = self.table.batch_get_item();
        let read = read.request_items(&self.name, asked.build().unwrap());
        read.send().await.unwrap();
    }
}

async fn look_up(server: SocketAddr, port: u16, n: u32) {
    let resolver = resolver(server);
    let (apex, www) = (format!("site-{n}.cn."), format!("www.site-{n}.cn."));
    let name = async |name: &str| {
        let both = futures::future::join(
            resolver.lookup(name, RecordType::A),
            resolver.lookup(name, RecordType::AAAA),
        );
        let (v4, _none) = both.await;
        let address = v4
            .unwrap()
            .answers()
            .first()
            .and_then(|record| record.data.ip_addr());
        address.unwrap()
    };
    let page = async {
        let address = name(&www).await;
        let stream = TcpStream::connect((address, port)).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake::<_, Empty<Bytes>>(TokioIo::new(stream))
                .await
                .unwrap();
        let driver = tokio::spawn(connection);
        let request = http::Request::get("/").header("host", format!("www.site-{n}.cn"));
        let request = request.body(Empty::new()).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(PAGE / 2 < body.len());
        driver.abort();
    };
    futures::future::join3(name(&apex), name(&www), page).await;
}

fn resolver(server: SocketAddr) -> Resolver<TokioRuntimeProvider> {
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = server.port();
    }
    let server = NameServerConfig::new(server.ip(), true, connections);
    let config = ResolverConfig::from_parts(None, vec![], vec![server]);
    let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
    let mut options = ResolverOpts::default();
    options.use_hosts_file = ResolveHosts::Never;
    options.preserve_intermediates = true;
    *builder.options_mut() = options;
    builder.build().unwrap()
}
