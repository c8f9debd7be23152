//! Several endpoints of one server: EP-01, EP-10, EP-12, EP-13, EP-14.

use stomp_axum::{prelude::*, server::MessagingBuilder};

use crate::support::{Client, start};

#[message_mapping("/endpoints/whoami")]
#[send_to("/topic/who")]
async fn whoami(user: Option<Principal>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.name().to_owned())
}

fn builder() -> MessagingBuilder {
    Messaging::builder()
        .application_destination_prefixes(["/app"])
        .simple_broker(["/topic"])
        .handlers(handlers![whoami])
}

#[tokio::test]
async fn ep_1_ep_10_all_endpoints_lead_to_the_same_handlers_and_the_same_broker() {
    let messaging = builder()
        .endpoint(StompEndpoint::new("/ws"))
        .endpoint(StompEndpoint::new("/deep/er").user(|_| Some("joe".into())))
        .build()
        .unwrap();
    let address = start(&messaging).await;
    let mut plain = Client::connect(address).await;
    // EP-12: who the user is, each endpoint finds out for itself.
    let mut deeper = Client::try_open_path(address, "/deep/er", &[])
        .await
        .unwrap();
    let connected = deeper.stomp_connect("1.2").await;
    assert_eq!(connected.header("user-name"), Some("joe"));
    for client in [&mut plain, &mut deeper] {
        client.subscribe("s", "/topic/who").await;
    }
    plain
        .send("SEND\ndestination:/app/endpoints/whoami\n\n\0")
        .await;
    for client in [&mut plain, &mut deeper] {
        assert_eq!(client.receive_frame().await.body, "nobody");
    }
    deeper
        .send("SEND\ndestination:/app/endpoints/whoami\n\n\0")
        .await;
    for client in [&mut plain, &mut deeper] {
        assert_eq!(client.receive_frame().await.body, "joe");
    }
    assert_eq!(messaging.sessions().len(), 2);
}

#[tokio::test]
async fn ep_13_each_endpoint_has_its_own_origins() {
    let messaging = builder()
        .endpoint(StompEndpoint::new("/ws").allowed_origins(["https://a.example"]))
        .endpoint(StompEndpoint::new("/b").allowed_origins(["https://b.example"]))
        .build()
        .unwrap();
    let address = start(&messaging).await;
    for (path, origin, is_allowed) in [
        ("/ws", "https://a.example", true),
        ("/ws", "https://b.example", false),
        ("/b", "https://a.example", false),
        ("/b", "https://b.example", true),
    ] {
        let opened = Client::try_open_path(address, path, &[("origin", origin)]).await;
        assert_eq!(opened.is_ok(), is_allowed, "{path} from {origin}");
    }
}

#[test]
fn ep_14_two_endpoints_of_one_path_are_refused() {
    let error = builder()
        .endpoint(StompEndpoint::new("/ws"))
        .endpoint(StompEndpoint::new("/ws"))
        .build()
        .unwrap_err();
    assert!(
        error.to_string().contains("there are two of this path"),
        "{error}"
    );
}

#[test]
fn sj_url_01_paths_that_a_router_would_panic_at_are_mistakes() {
    let endpoint = |path: &str| StompEndpoint::new(path);
    for (endpoints, expected) in [
        (vec![endpoint("/y/:a")], "write `{a}` instead of `:a`"),
        (
            vec![endpoint("/y/{a}/{a}")],
            "two parameters of the path are called `a`",
        ),
        (
            vec![endpoint("/y/{*a}").with_sockjs()],
            "write `{a}` for one segment",
        ),
        (
            vec![endpoint("/y/{a}"), endpoint("/y/{b}")],
            "there are two of this path",
        ),
        (
            vec![endpoint("/y").with_sockjs(), endpoint("/y/websocket")],
            "\"/y/websocket\" is not usable: what is below \"/y\" belongs to SockJS there",
        ),
    ] {
        let builder = Messaging::builder().simple_broker(["/topic"]);
        let builder = endpoints
            .into_iter()
            .fold(builder, MessagingBuilder::endpoint);
        let error = builder.build().unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
