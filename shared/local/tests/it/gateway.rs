//! The HTTP API.

use http::StatusCode;
use icp_local::{Deployment, Listener};
use serde_json::{Value as Json, json};

use super::{KEEPER, Seen, deployment, recording};

fn with_echo() -> (Deployment, Seen) {
    let deployment = deployment();
    let (handler, seen) = recording(|event| {
        if event["rawPath"] == "/broken" {
            return Err("broken".to_owned());
        }
        Ok(json!({ "statusCode": 200, "headers": {"x-route": event["routeKey"]}, "body": "done" }))
    });
    deployment.register(KEEPER, handler).unwrap();
    (deployment, seen)
}

#[tokio::test]
async fn an_event_is_as_api_gateway_makes_it() {
    let (deployment, seen) = with_echo();
    let token = deployment.token("filer", "acme", "li").unwrap();
    let headers = [
        ("content-type", "application/json"),
        ("If-Match", "\"1\""),
        ("x-a", "1"),
        ("x-a", "2"),
    ];
    let answer = deployment
        .http(
            "GET",
            "/notes/a%20b?q=1&q=2&z=",
            Some(&token),
            &headers,
            "{}",
        )
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["x-route"], "GET /notes/{note}");
    let mut event: Json = seen.lock().unwrap().remove(0);
    event["headers"]["authorization"] = json!("…");
    expect_test::expect![[r#"
        {
          "body": "{}",
          "headers": {
            "authorization": "…",
            "content-type": "application/json",
            "host": "local",
            "if-match": "\"1\"",
            "x-a": "1,2"
          },
          "isBase64Encoded": false,
          "pathParameters": {
            "note": "a b"
          },
          "queryStringParameters": {
            "q": "1,2",
            "z": ""
          },
          "rawPath": "/notes/a%20b",
          "rawQueryString": "q=1&q=2&z=",
          "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "authorizer": {
              "jwt": {
                "claims": {
                  "account": "acme",
                  "aud": "filers",
                  "exp": "1772460000",
                  "iat": "1772416800",
                  "iss": "http://127.0.0.1:8781/_local/issuers/Filers",
                  "role": "filer",
                  "sub": "li"
                },
                "scopes": null
              }
            },
            "domainName": "local",
            "domainPrefix": "local",
            "http": {
              "method": "GET",
              "path": "/notes/a%20b",
              "protocol": "HTTP/1.1",
              "sourceIp": "127.0.0.1",
              "userAgent": ""
            },
            "requestId": "local-000000000001",
            "routeKey": "GET /notes/{note}",
            "stage": "$default",
            "time": "02/Mar/2026:02:00:00 +0000",
            "timeEpoch": 1772416800000
          },
          "routeKey": "GET /notes/{note}",
          "version": "2.0"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&event).unwrap());
}

#[tokio::test]
async fn without_a_token_of_the_routes_own_issuer_the_gateway_answers_401() {
    let (deployment, seen) = with_echo();
    let filer = deployment.token("filer", "acme", "li").unwrap();
    let staff = deployment.token("reviewer", "provider", "wang").unwrap();
    for (path, token, status) in [
        ("/notes/1", None, 401),
        ("/notes/1", Some("rubbish"), 401),
        ("/notes/1", Some(&*staff), 401),
        ("/notes/1", Some(&*filer), 200),
        ("/review/notes", Some(&*filer), 401),
        ("/review/notes", Some(&*staff), 200),
    ] {
        let answer = deployment.http("GET", path, token, &[], "").await;
        assert_eq!(answer.status(), status, "{path}");
        if status == 401 {
            assert_eq!(&answer.body()[..], br#"{"message":"Unauthorized"}"#);
        }
    }
    deployment
        .clock()
        .advance(jiff::SignedDuration::from_hours(12));
    assert_eq!(
        deployment
            .http("GET", "/notes/1", Some(&filer), &[], "")
            .await
            .status(),
        401
    );
    assert_eq!(
        seen.lock().unwrap().len(),
        2,
        "no other request reached the function"
    );
}

#[tokio::test]
async fn an_unknown_route_goes_to_the_default_and_a_failed_function_is_500() {
    let (deployment, seen) = with_echo();
    let answer = deployment.http("DELETE", "/notes/1", None, &[], "").await;
    assert_eq!(answer.headers()["x-route"], "$default");
    let event = seen.lock().unwrap()[0].clone();
    assert!(event["requestContext"].get("authorizer").is_none());
    assert!(event.get("pathParameters").is_none());
    let broken = deployment.http("GET", "/broken", None, &[], "").await;
    assert_eq!(broken.status(), 500);
    assert_eq!(
        &broken.body()[..],
        br#"{"message":"Internal Server Error"}"#
    );
    assert_eq!(deployment.failures()[0].error, "broken");
}

#[tokio::test]
async fn a_body_that_is_no_text_comes_in_base64() {
    let (deployment, seen) = with_echo();
    let headers = [("content-type", "application/octet-stream")];
    deployment
        .http("POST", "/x", None, &headers, vec![0, 159, 146, 150])
        .await;
    let event = seen.lock().unwrap()[0].clone();
    assert_eq!(event["body"], "AJ+Slg==");
    assert_eq!(event["isBase64Encoded"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_endpoints_give_tokens_and_move_the_clock() {
    let (deployment, _) = with_echo();
    let service = deployment.port_service();
    let ask = |method: &str, path: &str, body: Json| {
        let request = http::Request::builder().method(method).uri(path);
        service(request.body(body.to_string().into()).unwrap())
    };
    let grant = json!({"role": "filer", "account": "acme", "sub": "li"});
    let answer = ask("POST", "/_local/tokens", grant).await;
    let token: Json = serde_json::from_slice(answer.body()).unwrap();
    let token = token["token"].as_str().unwrap();
    assert_eq!(
        deployment
            .http("GET", "/notes/1", Some(token), &[], "")
            .await
            .status(),
        200
    );
    let moved = ask("POST", "/_local/clock", json!({"advance": "3d 2h"})).await;
    assert_eq!(&moved.body()[..], br#"{"now":"2026-03-05T04:00:00Z"}"#);
    let set = ask(
        "POST",
        "/_local/clock",
        json!({"set": "2026-01-01T08:00:00+08:00"}),
    )
    .await;
    assert_eq!(&set.body()[..], br#"{"now":"2026-01-01T00:00:00Z"}"#);
    assert_eq!(
        ask("POST", "/_local/clock", json!({"advance": "-1d"}))
            .await
            .status(),
        400
    );
    let keys = ask("GET", "/_local/issuers/Filers/jwks.json", Json::Null).await;
    let keys: Json = serde_json::from_slice(keys.body()).unwrap();
    assert_eq!(keys["keys"][0]["crv"], "P-256");
    assert_eq!(
        ask("GET", "/_local/nothing", Json::Null).await.status(),
        404
    );
    assert_eq!(
        ask("POST", "/_local/run/nobody", Json::Null).await.status(),
        400
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_http_api_is_served_on_loopback() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (deployment, _) = with_echo();
    let listener = Listener::bind(0, "--port").await.unwrap();
    let address = listener.address();
    assert!(address.ip().is_loopback());
    tokio::spawn(listener.serve(deployment.http_service(), std::future::pending()));
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /anything HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.ends_with("done"), "{answer}");
}
