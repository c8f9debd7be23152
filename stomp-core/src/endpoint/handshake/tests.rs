use std::sync::{Arc, Mutex};

use http::{
    HeaderValue, Request, StatusCode,
    header::{CONTENT_LENGTH, LOCATION, SET_COOKIE, TRANSFER_ENCODING},
    request::Parts,
};

use super::*;
use crate::{message::Principal, session::SessionAttributes};

type Log = Arc<Mutex<Vec<String>>>;

/// Writes down its phases, and does with the first what its name says.
struct Logging(&'static str, Log);

impl Logging {
    fn log(&self, line: impl std::fmt::Display) {
        let line = format!("{} {line}", self.0);
        self.1.lock().unwrap().push(line);
    }
}

impl HandshakeInterceptor for Logging {
    async fn before_handshake(&self, handshake: &mut Handshake) -> Result<(), HandshakeRefused> {
        tokio::task::yield_now().await;
        self.log("before");
        handshake
            .response_headers_mut()
            .append("before", HeaderValue::from_static(self.0));
        match self.0 {
            "refuses" => Err(StatusCode::PAYMENT_REQUIRED.into()),
            "panics" => panic!("on purpose"),
            _ => Ok(()),
        }
    }

    fn after_handshake(&self, handshake: &mut Handshake, status: StatusCode) {
        self.log(format_args!("after {}", status.as_u16()));
        handshake
            .response_headers_mut()
            .append("after", HeaderValue::from_static(self.0));
        assert_ne!(self.0, "panics later");
    }
}

fn logging(names: &[&'static str]) -> (HandshakeOptions, Log) {
    let mut options = HandshakeOptions::default();
    let log = Log::default();
    for name in names {
        options.add_interceptor(Logging(name, Arc::clone(&log)));
    }
    (options, log)
}

fn request() -> Parts {
    Request::get("/ws").body(()).unwrap().into_parts().0
}

fn values(headers: &http::HeaderMap, name: &str) -> Vec<String> {
    let values = headers.get_all(name).iter();
    values
        .map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

/// T-026, T-028.
#[tokio::test]
async fn hs_30_interceptors_in_order_and_then_in_reverse() {
    let (options, log) = logging(&["1", "2", "3"]);
    let handshake = options.begin(request()).await.unwrap();
    assert_eq!(*log.lock().unwrap(), ["1 before", "2 before", "3 before"]);
    log.lock().unwrap().clear();

    let opening = options.finish(handshake, StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(
        *log.lock().unwrap(),
        ["3 after 101", "2 after 101", "1 after 101"]
    );
    let headers = &opening.response_headers;
    assert_eq!(values(headers, "before"), ["1", "2", "3"]);
    assert_eq!(values(headers, "after"), ["3", "2", "1"]);
}

/// T-026, T-027.
#[tokio::test]
async fn hs_31_a_refusal_is_told_to_those_before() {
    let (options, log) = logging(&["1", "2", "refuses", "4"]);
    let refused = options.begin(request()).await.unwrap_err();
    assert_eq!(
        *log.lock().unwrap(),
        [
            "1 before",
            "2 before",
            "refuses before",
            "2 after 402",
            "1 after 402"
        ]
    );
    assert_eq!(refused.status(), StatusCode::PAYMENT_REQUIRED);
    assert_eq!(refused.body(), "");
    assert_eq!(values(refused.headers(), "before"), ["1", "2", "refuses"]);
    assert_eq!(values(refused.headers(), "after"), ["2", "1"]);
}

#[tokio::test]
async fn hs_32_a_panic_refuses_the_handshake() {
    let (options, log) = logging(&["1", "panics", "3"]);
    let refused = options.begin(request()).await.unwrap_err();
    assert_eq!(refused.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(
        *log.lock().unwrap(),
        ["1 before", "panics before", "1 after 500"]
    );

    let mut options = HandshakeOptions::default();
    options.set_user(|_| panic!("on purpose"));
    let refused = options.begin(request()).await.unwrap_err();
    assert_eq!(refused.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(refused.body(), "");
}

#[tokio::test]
async fn hs_32_a_panic_of_the_second_phase_changes_nothing() {
    let (options, log) = logging(&["1", "panics later"]);
    let handshake = options.begin(request()).await.unwrap();
    let opening = options.finish(handshake, StatusCode::OK);
    assert_eq!(log.lock().unwrap().last().unwrap(), "1 after 200");
    assert_eq!(
        values(&opening.response_headers, "after"),
        ["panics later", "1"]
    );
}

#[tokio::test]
async fn hs_20_the_principal_of_the_request_is_the_user() {
    let mut request = request();
    request.extensions.insert(Principal::new("joe"));
    let mut options = HandshakeOptions::default();
    options.require_user();
    let handshake = options.begin(request.clone()).await.unwrap();
    assert_eq!(handshake.principal().unwrap().name(), "joe");

    options.set_user(|request| Some(Principal::new(request.uri.path())));
    let handshake = options.begin(request).await.unwrap();
    assert_eq!(handshake.principal().unwrap().name(), "/ws");
}

#[tokio::test]
async fn hs_20_an_interceptor_may_name_those_who_have_no_name() {
    let mut options = HandshakeOptions::default();
    options.require_user();
    let refused = options.begin(request()).await.unwrap_err();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        refused.to_string(),
        "the handshake is refused with 403 Forbidden: Only users who have logged in may connect."
    );

    options.add_interceptor(|handshake: &mut Handshake| {
        if handshake.principal().is_none() {
            handshake.set_principal(Some(Principal::new("guest-1")));
        }
        Ok(())
    });
    let handshake = options.begin(request()).await.unwrap();
    let opening = options.finish(handshake, StatusCode::OK);
    assert_eq!(opening.principal.unwrap().name(), "guest-1");

    let mut joe = request();
    joe.extensions.insert(Principal::new("joe"));
    let handshake = options.begin(joe).await.unwrap();
    assert_eq!(handshake.principal().unwrap().name(), "joe");

    // One that takes the user away is asked before it is looked whether there is one.
    options.add_interceptor(|handshake: &mut Handshake| {
        handshake.set_principal(None);
        Ok(())
    });
    let refused = options.begin(request()).await.unwrap_err();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn hs_30_attributes_are_shared_by_all() {
    #[derive(Clone, Debug, PartialEq)]
    struct Path(String);
    #[derive(Clone, Debug, PartialEq)]
    struct Length(usize);

    let mut options = HandshakeOptions::default();
    options.set_session_attributes(|request: &Parts, attributes: &SessionAttributes| {
        attributes.insert(Path(request.uri.path().to_owned()));
    });
    options.add_interceptor(|handshake: &mut Handshake| {
        let path: Path = handshake.attributes().get().unwrap();
        handshake.attributes().insert(Length(path.0.len()));
        Ok(())
    });
    let handshake = options.begin(request()).await.unwrap();
    let attributes = options.finish(handshake, StatusCode::OK).attributes;
    assert_eq!(attributes.get(), Some(Path("/ws".to_owned())));
    assert_eq!(attributes.get(), Some(Length(3)));
}

/// What an interceptor takes for a session is let go of, whatever becomes of the handshake.
#[tokio::test]
async fn hs_31_a_handshake_that_becomes_nothing_keeps_nothing() {
    let guard = Arc::new(());
    let mut options = HandshakeOptions::default();
    let held = Arc::clone(&guard);
    options.add_interceptor(move |handshake: &mut Handshake| {
        handshake.attributes().insert(Arc::clone(&held));
        Ok(())
    });
    let handshake = options.begin(request()).await.unwrap();
    assert_eq!(Arc::strong_count(&guard), 3);
    drop(handshake);
    assert_eq!(Arc::strong_count(&guard), 2);

    let mut refusing = options.clone();
    refusing.add_interceptor(|_: &mut Handshake| Err(StatusCode::GONE.into()));
    refusing.begin(request()).await.unwrap_err();
    assert_eq!(Arc::strong_count(&guard), 2);

    // The client goes while somebody behind waits.
    struct Never;
    impl HandshakeInterceptor for Never {
        async fn before_handshake(&self, _: &mut Handshake) -> Result<(), HandshakeRefused> {
            std::future::pending().await
        }
    }
    options.add_interceptor(Never);
    let mut waiting = Box::pin(options.begin(request()));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    assert_eq!(Arc::strong_count(&guard), 3);
    drop(waiting);
    assert_eq!(Arc::strong_count(&guard), 2);
}

#[tokio::test]
async fn hs_31_a_refusal_is_never_a_success() {
    for (status, sent) in [(100, 403), (101, 403), (200, 403), (204, 403), (302, 302)] {
        let status = StatusCode::from_u16(status).unwrap();
        assert_eq!(HandshakeRefused::from(status).status().as_u16(), sent);
    }
    let text = HandshakeRefused::from((StatusCode::GONE, "no more"));
    assert_eq!((text.status().as_u16(), text.body()), (410, "no more"));
    assert_eq!(
        HandshakeRefused::from(StatusCode::GONE).to_string(),
        "the handshake is refused with 410 Gone"
    );
}

/// T-16.
#[tokio::test]
async fn t_16_no_header_of_an_interceptor_says_how_long_the_body_is() {
    let lies = |handshake: &mut Handshake| {
        let headers = handshake.response_headers_mut();
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("5"));
        headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        headers.append(SET_COOKIE, HeaderValue::from_static("a=1"));
        headers.append(SET_COOKIE, HeaderValue::from_static("b=2"));
        headers.insert(LOCATION, HeaderValue::from_static("/elsewhere"));
        Ok(())
    };
    let mut options = HandshakeOptions::default();
    options.add_interceptor(lies);
    let handshake = options.begin(request()).await.unwrap();
    let headers = options.finish(handshake, StatusCode::OK).response_headers;
    assert_eq!(headers.len(), 3);
    assert_eq!(values(&headers, "set-cookie"), ["a=1", "b=2"]);

    options.add_interceptor(|_: &mut Handshake| {
        Err(HandshakeRefused::new(StatusCode::SEE_OTHER, "")
            .header(LOCATION, HeaderValue::from_static("/login"))
            .header(CONTENT_LENGTH, HeaderValue::from_static("7")))
    });
    let refused = options.begin(request()).await.unwrap_err();
    // What stands in the refusal itself counts more.
    assert_eq!(values(refused.headers(), "location"), ["/login"]);
    assert_eq!(values(refused.headers(), "set-cookie"), ["a=1", "b=2"]);
    assert_eq!(refused.headers().len(), 3);
}
