//! Login, logout, and what they open and close.

use axum::body::Body;
use http::{
    Method, Request, Response, StatusCode,
    header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE},
};
use stomp_axum::{prelude::*, session::CloseReason, testing::TestConnection};
use tower::ServiceExt;

use super::*;

fn server() -> (Messaging, Router) {
    let messaging = Messaging::builder()
        .simple_broker(["/topic"])
        .endpoint(StompEndpoint::new("/portfolio"))
        .handlers(Handlers::none())
        .build()
        .unwrap();
    let router = router(&messaging);
    (messaging, router)
}

/// Sends a request with a session's cookie; a body is that of a form.
async fn send(
    app: &Router,
    method: Method,
    path: &str,
    session: Option<&str>,
    form: &'static str,
) -> Response<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(session) = session {
        request = request.header(COOKIE, session);
    }
    let request = request.body(Body::from(form)).unwrap();
    app.clone().oneshot(request).await.unwrap()
}

async fn get(app: &Router, path: &str, session: Option<&str>) -> Response<Body> {
    send(app, Method::GET, path, session, "").await
}

async fn log_in(app: &Router, form: &'static str) -> Response<Body> {
    send(app, Method::POST, "/login", None, form).await
}

/// The cookie that the response sets, as the next request sends it.
fn session_of(response: &Response<Body>) -> Option<String> {
    let cookie = response.headers().get(SET_COOKIE)?.to_str().unwrap();
    Some(cookie.split(';').next()?.to_owned())
}

#[track_caller]
fn assert_leads_to(response: &Response<Body>, location: &str) {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[LOCATION], location);
}

#[tokio::test]
async fn without_a_login_there_is_only_the_login_page() {
    let (_, app) = server();
    assert_leads_to(&get(&app, "/", None).await, "/login");
    for for_users in ["/user", "/portfolio"] {
        let response = get(&app, for_users, None).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{for_users}");
    }
    for public in ["/login", "/style.css"] {
        let response = get(&app, public, None).await;
        assert_eq!(response.status(), StatusCode::OK, "{public}");
    }
    let foreign = get(
        &app,
        "/user",
        Some("portfolio-session=AAAAAAAAAAAAAAAAAAAAAA"),
    );
    assert_eq!(foreign.await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_wrong_password_opens_nothing() {
    let (_, app) = server();
    for wrong in [
        "username=fabrice&password=bond",
        "username=nobody&password=fab123",
        "username=fabrice&password=",
        "username=&password=",
    ] {
        let response = log_in(&app, wrong).await;
        assert_leads_to(&response, "/login?wrong");
        assert_eq!(session_of(&response), None);
    }
}

#[tokio::test]
async fn the_right_password_opens_the_page_and_the_handshake() {
    let (_, app) = server();
    let response = log_in(&app, "username=fabrice&password=fab123").await;
    assert_leads_to(&response, "/");
    let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
    let session = session_of(&response);
    for path in ["/", "/user"] {
        let response = get(&app, path, session.as_deref()).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        // Otherwise a browser would show the page after the logout, too.
        assert_eq!(response.headers()[CACHE_CONTROL], "no-cache", "{path}");
    }
    // The handshake is reached: what it misses here is a WebSocket.
    let response = get(&app, "/portfolio", session.as_deref()).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn logging_in_again_ends_the_old_session() {
    let (_, app) = server();
    let first = session_of(&log_in(&app, "username=fabrice&password=fab123").await);
    let form = "username=paulson&password=bond";
    let second = send(&app, Method::POST, "/login", first.as_deref(), form).await;
    let second = session_of(&second);
    assert_ne!(first, second);
    for (session, status) in [(first, StatusCode::FORBIDDEN), (second, StatusCode::OK)] {
        let response = get(&app, "/user", session.as_deref()).await;
        assert_eq!(response.status(), status);
    }
}

#[tokio::test(start_paused = true)]
async fn a_logout_ends_the_session_and_the_connections_of_its_user() {
    let (messaging, app) = server();
    let session = session_of(&log_in(&app, "username=fabrice&password=fab123").await);
    let mut first = TestConnection::connect_as(&messaging, "fabrice").await;
    let mut second = TestConnection::connect_as(&messaging, "fabrice").await;
    let _other = TestConnection::connect_as(&messaging, "paulson").await;

    // By POST only: a link, or an image on another page, logs nobody out.
    let response = get(&app, "/logout", session.as_deref()).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(messaging.users().user_count(), 2);

    let response = send(&app, Method::POST, "/logout", session.as_deref(), "").await;
    assert_leads_to(&response, "/login?logged-out");
    let logged_out = CloseReason::ByApplication("logged out");
    first.expect_closed(logged_out).await;
    second.expect_closed(logged_out).await;
    assert_eq!(messaging.users().user_count(), 1);
    let response = get(&app, "/user", session.as_deref()).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);

    let again = send(&app, Method::POST, "/logout", session.as_deref(), "").await;
    assert_leads_to(&again, "/login?logged-out");
}
