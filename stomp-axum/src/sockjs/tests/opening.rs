use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::{HeaderValue, Method, StatusCode};
use parking_lot::Mutex;
use stomp_core::{
    endpoint::{
        Handshake, HandshakeInterceptor, HandshakeOptions, HandshakeRefused, SockJsOptions,
    },
    message::Principal,
};

use super::{
    applications::{Behavior, TestApplication},
    client::{Client, all, echo, until},
};

fn open_to_all() -> HandshakeOptions {
    let mut handshake = HandshakeOptions::default();
    handshake.allow_origins(["*"]);
    handshake
}

/// Counts handshakes, and adds headers to their responses.
#[derive(Clone, Default)]
struct Counting {
    before: Arc<AtomicUsize>,
    after: Arc<AtomicUsize>,
}

impl HandshakeInterceptor for Counting {
    async fn before_handshake(&self, handshake: &mut Handshake) -> Result<(), HandshakeRefused> {
        self.before.fetch_add(1, Ordering::SeqCst);
        let headers = handshake.response_headers_mut();
        headers.insert("x-from-interceptor", HeaderValue::from_static("a"));
        headers.insert("set-cookie", HeaderValue::from_static("login=1"));
        headers.insert("content-type", HeaderValue::from_static("text/html"));
        headers.insert("cache-control", HeaderValue::from_static("public"));
        Ok(())
    }

    fn after_handshake(&self, _handshake: &mut Handshake, status: StatusCode) {
        assert_eq!(status, StatusCode::OK);
        self.after.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn sj_spr_03_interceptors_see_the_request_that_opens_a_session_and_no_other() {
    let counting = Counting::default();
    let mut handshake = open_to_all();
    handshake.add_interceptor(counting.clone());
    let application = TestApplication::new(Behavior::Echo).handshake(handshake);
    let client = Client::of(&application, &SockJsOptions::default().jsession_id_cookie());

    let opened = client.post("/echo/0/a/xhr", "").await;
    assert_eq!(opened.body, "o\n");
    assert_eq!(all(&opened.headers, "x-from-interceptor"), "a");
    assert_eq!(
        all(&opened.headers, "set-cookie"),
        "login=1 | JSESSIONID=dummy; path=/"
    );
    // What the protocol demands stays.
    assert_eq!(
        all(&opened.headers, "content-type"),
        "application/javascript; charset=UTF-8"
    );
    assert!(all(&opened.headers, "cache-control").starts_with("no-store"));
    client.post("/echo/0/a/xhr_send", "[\"x\"]").await;
    let polled = client.post("/echo/0/a/xhr", "").await;
    assert_eq!(
        (&*polled.body, &*all(&polled.headers, "x-from-interceptor")),
        ("a[\"x\"]\n", "")
    );
    client.options("/echo/0/a/xhr").await;
    client.get("/echo/info").await;
    assert_eq!(counting.before.load(Ordering::SeqCst), 1);
    assert_eq!(counting.after.load(Ordering::SeqCst), 1);
}

struct Refusing;

impl HandshakeInterceptor for Refusing {
    async fn before_handshake(&self, handshake: &mut Handshake) -> Result<(), HandshakeRefused> {
        let headers = handshake.response_headers_mut();
        headers.insert("x-why", HeaderValue::from_static("closed"));
        Err(HandshakeRefused::new(
            StatusCode::PAYMENT_REQUIRED,
            "pay first",
        ))
    }
}

#[tokio::test]
async fn sj_spr_04_what_an_interceptor_refuses_is_no_session() {
    let mut handshake = open_to_all();
    handshake.add_interceptor(Refusing);
    let application = TestApplication::new(Behavior::Echo).handshake(handshake);
    let client =
        Client::of(&application, &SockJsOptions::default()).with("origin", "http://a.example");
    for (method, name) in [
        (Method::POST, "xhr"),
        (Method::POST, "xhr_streaming"),
        (Method::GET, "eventsource"),
        (Method::GET, "htmlfile?c=a"),
        (Method::GET, "jsonp?c=a"),
    ] {
        let answer = client
            .request(method, &format!("/echo/0/a/{name}"), "")
            .await;
        assert_eq!(answer.status, 402, "{name}");
        assert_eq!(all(&answer.headers, "x-why"), "closed", "{name}");
        assert!(
            all(&answer.headers, "cache-control").starts_with("no-store"),
            "{name}"
        );
    }
    assert_eq!(client.post("/echo/0/a/xhr_send", "[]").await.status, 404);
    assert_eq!(application.serving(), 0);
}

#[tokio::test]
async fn a_user_may_be_required() {
    let mut handshake = open_to_all();
    handshake.require_user();
    let application = TestApplication::new(Behavior::Echo).handshake(handshake);
    let client = Client::of(&application, &SockJsOptions::default());
    assert_eq!(client.post("/echo/0/a/xhr", "").await.status, 403);
    assert_eq!(
        client.user("ann").post("/echo/0/a/xhr", "").await.body,
        "o\n"
    );
    assert_eq!(*application.opened.lock(), [Some("ann".to_owned())]);
}

#[tokio::test]
async fn a_user_found_by_an_interceptor_is_the_session_s_and_later_requests_need_not_say_it() {
    struct Login;

    impl HandshakeInterceptor for Login {
        async fn before_handshake(
            &self,
            handshake: &mut Handshake,
        ) -> Result<(), HandshakeRefused> {
            handshake.set_principal(Some(Principal::new("ann")));
            Ok(())
        }
    }

    let mut handshake = open_to_all();
    handshake.add_interceptor(Login);
    let application = TestApplication::new(Behavior::Echo).handshake(handshake);
    let client = Client::of(&application, &SockJsOptions::default());
    client.post("/echo/0/a/xhr", "").await;
    assert_eq!(*application.opened.lock(), [Some("ann".to_owned())]);
    assert_eq!(client.post("/echo/0/a/xhr_send", "[]").await.status, 204);
    assert_eq!(
        client
            .at(Some("192.0.2.9"))
            .post("/echo/0/a/xhr_send", "[]")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn nothing_is_opened_any_more_when_the_server_stops() {
    let application = TestApplication::new(Behavior::Echo);
    let client = Client::of(&application, &SockJsOptions::default());
    client.post("/echo/0/a/xhr", "").await;
    application.shutting_down.store(true, Ordering::SeqCst);
    assert_eq!(client.post("/echo/0/b/xhr", "").await.status, 503);
    // Those that are there must be able to end.
    assert_eq!(
        client.post("/echo/0/a/xhr_send", "[\"x\"]").await.status,
        204
    );
    assert_eq!(client.post("/echo/0/a/xhr", "").await.body, "a[\"x\"]\n");
}

#[tokio::test]
async fn t_14_sessions_are_bounded_in_all_and_for_each_address() {
    let options = SockJsOptions::default()
        .sessions(3)
        .unattached_sessions_per_address(2);
    let application = TestApplication::new(Behavior::Echo);
    let client = Client::of(&application, &options);
    for (id, address, status) in [
        ("a", "192.0.2.1", 200),
        ("b", "192.0.2.1", 200),
        ("c", "192.0.2.1", 503),
        ("d", "192.0.2.2", 200),
        ("e", "192.0.2.3", 503),
    ] {
        let client = client.at(Some(address));
        let answer = client.post(&format!("/echo/0/{id}/xhr"), "").await;
        assert_eq!(answer.status, status, "{id}");
    }
    assert_eq!(application.serving(), 3);
}

/// Lets everybody in, and notes what has become of them.
#[derive(Clone, Default)]
struct Statuses(Arc<Mutex<Vec<u16>>>);

impl HandshakeInterceptor for Statuses {
    async fn before_handshake(&self, _: &mut Handshake) -> Result<(), HandshakeRefused> {
        Ok(())
    }

    fn after_handshake(&self, _: &mut Handshake, status: StatusCode) {
        self.0.lock().push(status.as_u16());
    }
}

#[tokio::test]
async fn hs_32_interceptors_hear_that_there_was_no_room() {
    let statuses = Statuses::default();
    let mut handshake = open_to_all();
    handshake.add_interceptor(statuses.clone());
    let application = TestApplication::new(Behavior::Echo).handshake(handshake);
    let client = Client::of(&application, &SockJsOptions::default().sessions(1));
    for (id, status) in [("a", 200), ("b", 503)] {
        let answer = client.post(&format!("/echo/0/{id}/xhr"), "").await;
        assert_eq!(answer.status, status);
    }
    assert_eq!(*statuses.0.lock(), [200, 503]);
}

#[tokio::test(start_paused = true)]
async fn sj_ses_09_a_session_that_nobody_receives_for_ends() {
    let application = TestApplication::new(Behavior::Echo);
    let client = Client::of(&application, &SockJsOptions::default());
    client.post("/echo/0/a/xhr", "").await;
    tokio::time::sleep(std::time::Duration::from_millis(4_900)).await;
    assert_eq!(client.post("/echo/0/a/xhr_send", "[]").await.status, 204);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(client.post("/echo/0/a/xhr_send", "[]").await.status, 404);
    until(|| application.serving() == 0).await;
}

#[tokio::test]
async fn t_13_a_session_id_is_the_client_s_and_may_be_anything_short() {
    let long = "x".repeat(129);
    assert_eq!(
        echo().post(&format!("/echo/0/{long}/xhr"), "").await.status,
        404
    );
    assert_eq!(
        echo()
            .post(&format!("/echo/0/{}/xhr", &long[..128]), "")
            .await
            .status,
        200
    );
}
