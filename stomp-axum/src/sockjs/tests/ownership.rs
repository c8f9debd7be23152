//! T-14: whose a session is, whoever knows its id.

use http::Method;
use stomp_core::endpoint::SockJsOptions;

use super::{
    applications::{Behavior, TestApplication},
    client::{Client, all, echo},
};

/// All that may be done with a session that is there.
const USES: [(Method, &str, &str); 7] = [
    (Method::POST, "xhr", ""),
    (Method::POST, "xhr_streaming", ""),
    (Method::GET, "eventsource", ""),
    (Method::GET, "htmlfile?c=x", ""),
    (Method::GET, "jsonp?c=x", ""),
    (Method::POST, "xhr_send", "[\"stolen\"]"),
    (Method::POST, "jsonp_send", "[\"stolen\"]"),
];

async fn assert_has_nothing(thief: &Client) {
    for (method, name, body) in USES {
        let answer = thief
            .request(method, &format!("/echo/0/a/{name}"), body)
            .await;
        assert_eq!(answer.status, 404, "{name}");
    }
}

#[tokio::test]
async fn sj_53_the_session_of_a_user_is_nobody_else_s() {
    let anonymous = echo();
    let ann = anonymous.user("ann");
    assert_eq!(ann.post("/echo/0/a/xhr", "").await.body, "o\n");
    assert_has_nothing(&anonymous).await;
    assert_has_nothing(&anonymous.user("bob")).await;
    // From wherever she is.
    assert_eq!(
        ann.at(Some("2001:db8::1"))
            .post("/echo/0/a/xhr_send", "[\"x\"]")
            .await
            .status,
        204
    );
    assert_eq!(ann.post("/echo/0/a/xhr", "").await.body, "a[\"x\"]\n");
}

#[tokio::test]
async fn sj_53_a_session_without_a_user_belongs_to_its_address() {
    let client = echo();
    assert_eq!(client.post("/echo/0/a/xhr", "").await.body, "o\n");
    assert_has_nothing(&client.at(Some("192.0.2.2"))).await;
    assert_has_nothing(&client.user("ann")).await;
    // The same address, as a listener for IPv6 sees it.
    let mapped = client.at(Some("::ffff:192.0.2.1"));
    assert_eq!(mapped.post("/echo/0/a/xhr_send", "[]").await.status, 204);
}

#[tokio::test]
async fn sj_ses_15_clients_may_change_addresses_where_that_is_allowed() {
    let options = SockJsOptions::default().bind_to_address(false);
    let client = Client::of(&TestApplication::new(Behavior::Echo), &options);
    client.post("/echo/0/a/xhr", "").await;
    let elsewhere = client.at(Some("192.0.2.2"));
    assert_eq!(elsewhere.post("/echo/0/a/xhr_send", "[]").await.status, 204);
    assert_has_nothing(&client.user("ann")).await;
}

#[tokio::test]
async fn without_addresses_everything_works_and_nothing_is_bound() {
    let client = echo().at(None);
    client.post("/echo/0/a/xhr", "").await;
    assert_eq!(
        client.post("/echo/0/a/xhr_send", "[\"x\"]").await.status,
        204
    );
    for _ in 0..100 {
        assert_eq!(client.post("/echo/0/b/xhr_send", "[]").await.status, 404);
    }
    assert_eq!(client.post("/echo/0/a/xhr", "").await.body, "a[\"x\"]\n");
    assert_has_nothing(&client.user("ann")).await;
}

#[tokio::test]
async fn a_proxy_may_say_where_clients_are() {
    let options = SockJsOptions::default().client_address(|request| {
        request
            .headers
            .get("x-real-ip")?
            .to_str()
            .ok()?
            .parse()
            .ok()
    });
    let client = Client::of(&TestApplication::new(Behavior::Echo), &options);
    let first = client.with("x-real-ip", "198.51.100.1");
    first.post("/echo/0/a/xhr", "").await;
    assert_has_nothing(&client.with("x-real-ip", "198.51.100.2")).await;
    // Whoever hides where he is, is not there.
    assert_has_nothing(&client).await;
    assert_has_nothing(&client.with("x-real-ip", "nowhere")).await;
    assert_eq!(
        first
            .at(Some("192.0.2.7"))
            .post("/echo/0/a/xhr_send", "[]")
            .await
            .status,
        204
    );
}

#[tokio::test(start_paused = true)]
async fn t_14_who_guesses_is_soon_not_even_looked_up() {
    let options = SockJsOptions::default().misses_per_minute(5);
    let client = Client::of(&TestApplication::new(Behavior::Echo), &options);
    let (victim, guesser) = (client.at(Some("192.0.2.9")), client);
    victim.post("/echo/0/a/xhr", "").await;
    // Somebody else's is a miss as any other.
    assert_eq!(guesser.post("/echo/0/a/xhr_send", "[]").await.status, 404);
    assert_eq!(guesser.post("/echo/0/a/xhr", "").await.status, 404);
    for number in 0..3 {
        let path = format!("/echo/0/guess{number}/xhr_send");
        assert_eq!(guesser.post(&path, "[]").await.status, 404);
    }
    for (method, name, body) in USES {
        for id in ["a", "unknown"] {
            let path = format!("/echo/0/{id}/{name}");
            let answer = guesser.request(method.clone(), &path, body).await;
            assert_eq!(answer.status, 429, "{path}");
            assert_eq!(all(&answer.headers, "retry-after"), "60");
        }
    }
    // Nobody else is affected, and what has nothing to do with a session neither.
    assert_eq!(
        victim.post("/echo/0/a/xhr_send", "[\"x\"]").await.status,
        204
    );
    assert_eq!(guesser.get("/echo/info").await.status, 200);
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert_eq!(guesser.post("/echo/0/b/xhr", "").await.body, "o\n");
}
