//! Messaging in an axum application: layer, extractors, state, nesting.

use axum::{
    Router,
    extract::FromRef,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use stomp_axum::{prelude::*, session::SessionRegistry};

use crate::support::{Client, http, messaging, start_app};

#[derive(Serialize, Deserialize)]
struct Quote {
    ticker: String,
}

async fn publish(
    template: MessagingTemplate,
    axum::Json(quote): axum::Json<Quote>,
) -> Result<(), MessagingError> {
    template.convert_and_send("/topic/quotes", &quote).await
}

const POST: &str = "POST /quotes HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\n\
    content-length: 16\r\n\r\n{\"ticker\":\"VMW\"}";

#[tokio::test]
async fn a_post_reaches_subscribers() {
    let messaging = messaging();
    let app = Router::new()
        .route("/quotes", post(publish))
        .merge(messaging.router())
        .layer(messaging.layer());
    let address = start_app(app).await;
    let mut client = Client::connect(address).await;
    client.subscribe("s", "/topic/quotes").await;

    let response = http(address, POST).await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    let message = client.receive_frame().await;
    assert_eq!(message.body, r#"{"ticker":"VMW"}"#);
    assert_eq!(message.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn without_the_layer_the_answer_says_what_to_add() {
    let app = Router::new()
        .route("/quotes", post(publish))
        .merge(messaging().router());
    let response = http(start_app(app).await, POST).await;
    assert!(response.starts_with("HTTP/1.1 500"), "{response}");
    assert!(
        response.ends_with(
            "there is no MessagingTemplate for this handler: add `.layer(messaging.layer())` to the router, behind \
            its routes"
        ),
        "{response}"
    );
}

#[tokio::test]
async fn the_error_of_the_template_is_an_answer_without_internals() {
    async fn nowhere(template: MessagingTemplate) -> Result<(), MessagingError> {
        template.convert_and_send("/nowhere", "lost").await
    }

    let messaging = messaging();
    let app = Router::new()
        .route("/nowhere", get(nowhere))
        .layer(messaging.layer());
    let request = "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let response = http(start_app(app).await, request).await;
    assert!(response.starts_with("HTTP/1.1 500"), "{response}");
    assert!(!response.contains("broker"), "{response}");
}

#[derive(Clone)]
struct AppState {
    template: MessagingTemplate,
    greeting: &'static str,
}

impl FromRef<AppState> for MessagingTemplate {
    fn from_ref(state: &AppState) -> Self {
        state.template.clone()
    }
}

async fn greet(
    axum::extract::State(template): axum::extract::State<MessagingTemplate>,
    axum::extract::State(state): axum::extract::State<AppState>,
) {
    let sent = template.convert_and_send("/topic/quotes", state.greeting);
    sent.await.unwrap();
}

#[tokio::test]
async fn the_template_as_part_of_the_state() {
    let messaging = messaging();
    let state = AppState {
        template: messaging.template().clone(),
        greeting: "hello",
    };
    // The routes of the endpoints merge into a router of any state type.
    let app = Router::new()
        .route("/greet", get(greet))
        .merge(messaging.router())
        .with_state(state);
    let address = start_app(app).await;
    let mut client = Client::connect(address).await;
    client.subscribe("s", "/topic/quotes").await;
    let response = http(address, "GET /greet HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert_eq!(client.receive_frame().await.body, "hello");
}

#[tokio::test]
async fn the_registries_and_a_user_that_a_layer_found() {
    async fn count(users: UserRegistry, sessions: SessionRegistry) -> String {
        format!("{} users, {} sessions", users.user_count(), sessions.len())
    }

    let messaging = messaging();
    let login = axum::middleware::from_fn(
        async |mut request: axum::extract::Request, next: axum::middleware::Next| {
            request.extensions_mut().insert(Principal::new("joe"));
            next.run(request).await
        },
    );
    let app = Router::new()
        .route("/count", get(count))
        .merge(messaging.router())
        .layer(messaging.layer())
        .layer(login);
    let address = start_app(app).await;
    let mut one = Client::open(address).await;
    let connected = one.stomp_connect("1.2").await;
    assert_eq!(connected.header("user-name"), Some("joe"));
    let _another = Client::connect(address).await;
    let response = http(address, "GET /count HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(response.ends_with("1 users, 2 sessions"), "{response}");
}

#[tokio::test]
async fn endpoints_can_be_nested() {
    let messaging = messaging();
    let address = start_app(Router::new().nest("/api", messaging.router())).await;
    let request = |path| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let nested = http(address, &request("/api/ws")).await;
    assert!(nested.contains("Can \"Upgrade\""), "{nested}");
    let response = http(address, &request("/ws")).await;
    assert!(response.starts_with("HTTP/1.1 404"), "{response}");
}

mod annotated {
    use super::*;

    #[derive(Deserialize)]
    struct Hello {
        name: String,
    }

    #[message_mapping("/hello")]
    #[send_to("/topic/greetings")]
    async fn greeting(hello: Hello) -> String {
        format!("Hello, {}!", hello.name)
    }

    /// The same type that `publish` takes.
    #[message_mapping("/publish")]
    async fn publish(
        template: MessagingTemplate,
        Payload(text): Payload<String>,
    ) -> Result<(), MessagingError> {
        template.convert_and_send("/topic/greetings", &text).await
    }

    #[tokio::test]
    async fn handlers_get_what_clients_send() {
        let messaging = messaging();
        let address = start_app(messaging.router()).await;
        let mut client = Client::connect(address).await;
        client.subscribe("s", "/topic/greetings").await;
        client
            .send("SEND\ndestination:/app/hello\n\n{\"name\":\"Joe\"}\0")
            .await;
        assert_eq!(client.receive_frame().await.body, "Hello, Joe!");
        client.send("SEND\ndestination:/app/publish\n\nraw\0").await;
        assert_eq!(client.receive_frame().await.body, "raw");
    }
}
