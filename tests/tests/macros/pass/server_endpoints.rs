//! Server endpoints: what their methods may take and return, and what is registered.

#![deny(warnings)]
#![no_implicit_prelude]

use ::std::{
    assert, assert_eq,
    boxed::Box,
    convert::{Infallible, Into as _},
    fmt,
    option::Option::{self, Some},
    result::Result::{self, Ok},
    string::{String, ToString as _},
    sync::Arc,
    vec::Vec,
};

use ::axum::extract::{Extension, RawQuery};
use ::bytes::Bytes;
use ::serde::{Deserialize, Serialize};
use ::stomp_axum::{
    server_endpoint::{
        BinaryMessage, BoxError, CloseStatus, EndpointError, FromSession, HandshakeRefused,
        PongMessage, Principal, ServerEndpoint, Session, SessionAttributes, State, TextMessage,
        WebSocketMessage, server_endpoint,
    },
    websocket::WebSockets,
};

/// Names that generated code must not confuse with those of the standard library.
#[allow(dead_code)]
mod shadows {
    pub(crate) struct Callbacks;
    pub(crate) struct Kinds;
    pub(crate) fn mount() {}
}
#[allow(unused_imports)]
use shadows::*;
#[allow(dead_code)]
mod core {}
#[allow(dead_code)]
mod std {}
#[allow(dead_code)]
mod stomp_axum {}

#[derive(Deserialize)]
struct Line {
    text: String,
}

#[derive(Serialize)]
struct Reply {
    text: String,
}

/// An extractor of the application's own.
struct Locale;

impl FromSession for Locale {
    type Rejection = Infallible;

    async fn from_session(_: &Session) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

struct Chat {
    room: String,
}

const BEFORE: u32 = ::std::line!();
#[server_endpoint(
    "/chat/{room}/{number}",
    sub_protocols = ["chat.v2", "chat.v1"],
    allowed_origins = ["https://shop.example.com"],
    allowed_origin_patterns = ["https://*.example.com"],
    max_text_message_bytes = 4 * 1024,
    max_binary_message_bytes = LIMIT,
    idle_timeout_seconds = 300,
    sockjs,
    crate = ::stomp_axum,
)]
#[allow(dead_code)]
impl Chat {
    const GREETING: &'static str = "hello";

    /// Arguments of the handshake, in any order.
    #[constructor]
    async fn new(
        RawQuery(_query): RawQuery,
        #[path_param] room: String,
        user: Option<Principal>,
        _headers: ::axum::http::HeaderMap,
        State(_names): State<Vec<String>>,
        #[path_param("number")] _n: u32,
        _extension: Option<Extension<u8>>,
        _attributes: SessionAttributes,
        _state: Option<State<u64>>,
    ) -> Result<Self, HandshakeRefused> {
        ::std::mem::drop(user);
        Ok(Self { room })
    }

    #[on_open]
    async fn open(
        &mut self,
        State(names): State<Vec<String>>,
        #[path_param] number: Option<u32>,
        session: Session,
        _: Result<Principal, <Principal as FromSession>::Rejection>,
    ) -> Result<(), BoxError> {
        let text = ::std::format!("{} {names:?} {number:?}", Self::GREETING);
        session.basic_remote().send_text(text).await?;
        Ok(())
    }

    #[on_message]
    async fn line(
        &mut self,
        session: Session,
        line: Line,
        #[path_param] room: String,
        _: Locale,
        user: Option<Principal>,
    ) -> Result<Option<Reply>, fmt::Error> {
        ::std::mem::drop((session, room, user));
        Ok(Some(Reply { text: line.text }))
    }

    #[on_message]
    async fn binary(&mut self, last: bool, data: Bytes) -> Bytes {
        assert!(last);
        data
    }

    #[on_message]
    async fn pong(&self, _: PongMessage) {}

    #[on_error]
    async fn error(&mut self, session: Session, error: EndpointError) {
        ::std::mem::drop((session, error.to_string(), &self.room));
    }

    #[on_close]
    async fn close(&self, status: CloseStatus, attributes: SessionAttributes) {
        ::std::mem::drop((status, attributes));
    }

    #[cfg(any())]
    #[on_close]
    async fn never(&self, missing: DoesNotExist) {}

    /// A method that is called by others only.
    fn other(&self) -> &str {
        &self.room
    }
}

const LIMIT: usize = 8192;

/// All connections have one.
struct Shared;

#[server_endpoint("/shared", shared)]
impl Shared {
    #[on_message]
    async fn number(&self, number: f64, this: Option<State<Arc<Self>>>) -> f64 {
        ::std::mem::drop(this);
        number + 1.0
    }

    #[on_message(binary)]
    async fn decoded_from_bytes(line: Line) -> String {
        line.text
    }
}

/// Raw names, aliases, and nothing but `#[on_open]`.
#[derive(Default)]
struct r#Type;

#[server_endpoint("/")]
impl r#Type {
    #[on_open]
    async fn r#match(&self) {}
}

/// What comes in under another name is still what it is.
type Data = Vec<u8>;
type Failure = EndpointError;

#[derive(Default)]
struct Aliases;

#[server_endpoint("/aliases")]
impl Aliases {
    #[on_message]
    async fn bytes(&mut self, data: Data) -> Data {
        data
    }

    #[on_message]
    async fn text(&mut self, text: TextMessage, _last: bool) -> Option<WebSocketMessage> {
        Some(text.into())
    }

    #[on_error]
    async fn error(&mut self, error: Failure) {
        ::std::mem::drop(error);
    }
}

/// Messages that are returned as such.
#[derive(Default)]
struct Messages;

#[server_endpoint("/messages")]
impl Messages {
    #[on_message]
    async fn text(&mut self, text: Box<str>) -> Option<TextMessage> {
        Some(TextMessage::new(text))
    }

    #[on_message]
    async fn binary(&mut self, message: BinaryMessage) -> Result<BinaryMessage, Infallible> {
        Ok(message)
    }
}

/// One of two methods, by a `cfg`.
#[derive(Default)]
struct Conditional;

#[server_endpoint("/conditional")]
impl Conditional {
    #[cfg(all())]
    #[on_open]
    async fn open(&mut self, #[cfg(any())] missing: DoesNotExist, #[cfg(all())] _: Session) {}

    #[cfg(not(all()))]
    #[on_open]
    async fn other(&mut self) {}

    #[cfg(all())]
    #[on_message]
    async fn text(&mut self, _: String) {}

    #[cfg(not(all()))]
    #[on_message]
    async fn other_text(&mut self, _: String) {}
}

/// A macro that makes an endpoint.
macro_rules! echo {
    ($type:ty, $path:literal, $method:ident: $payload:ty) => {
        #[server_endpoint($path)]
        impl $type {
            #[on_message]
            async fn $method(&mut self, payload: $payload) -> $payload {
                payload
            }
        }
    };
}

#[derive(Default)]
struct Echo;

echo!(Echo, "/echo", echo: String);

/// In a function, beside what it uses.
fn local() {
    #[derive(Default)]
    struct Local;

    #[server_endpoint("/local")]
    impl Local {
        #[on_open]
        async fn open(&self) {}
    }

    assert_eq!(<Local as ServerEndpoint>::DEFINITION.path, "/local");
}

fn main() {
    let chat = <Chat as ServerEndpoint>::DEFINITION;
    assert_eq!((chat.place.name, chat.place.line), ("Chat", BEFORE + 13));
    assert_eq!(chat.path, "/chat/{room}/{number}");
    assert_eq!(chat.sub_protocols, ["chat.v2", "chat.v1"]);
    assert_eq!(chat.allowed_origins, ["https://shop.example.com"]);
    assert_eq!(chat.allowed_origin_patterns, ["https://*.example.com"]);
    assert_eq!(chat.max_text_message_bytes, Some(4096));
    assert_eq!(chat.max_binary_message_bytes, Some(8192));
    assert_eq!(chat.idle_timeout_seconds, Some(300));
    assert!(chat.sockjs && !chat.shared);
    let shared = <Shared as ServerEndpoint>::DEFINITION;
    assert!(shared.shared && !shared.sockjs && shared.max_text_message_bytes.is_none());
    assert_eq!(<r#Type as ServerEndpoint>::DEFINITION.place.name, "Type");
    local();

    // All of them are known by the inventory.
    let all = WebSockets::builder()
        .server_endpoints()
        .server_endpoint_instance(Shared)
        .state(::std::vec![String::new()])
        .build();
    let all = ::std::format!("{:?}", all.map_err(|error| error.to_string()));
    for path in ["/chat/{room}/{number}", "/shared", "/aliases", "/messages", "/conditional", "/echo", "/local"] {
        assert!(all.contains(path), "{all}");
    }

    // The methods can be called as if there were no attributes.
    let _ = Shared::decoded_from_bytes(Line { text: String::new() });
    let _ = Chat { room: String::new() }.other();
}
