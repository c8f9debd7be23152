//! The arguments of `#[on_message]`, and which messages it takes: the type of its payload says that (JSR-13).
//!
//! An inherent item goes before that of a trait: so a type that is an extractor, a text or bytes is known as such under
//! whatever name it was imported, and everything else is decoded.

use std::{
    any::type_name,
    fmt::Display,
    future::{Ready, ready},
    marker::PhantomData,
    str::FromStr,
};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use stomp_core::message::{PayloadError, from_payload};

use super::{Call, EndpointError, FromSession, argument::extract};
use crate::websocket::{BinaryMessage, PongMessage, TextMessage, WebSocketMessage};

/// Which messages a method takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// Texts.
    Text,
    /// Bytes.
    Binary,
    /// Pongs.
    Pong,
}

/// An argument of an `#[on_message]`; `S` says what a payload is decoded from.
#[derive(Debug)]
pub struct PayloadArgument<T, S>(PhantomData<(T, S)>);

/// A payload is decoded from text.
#[derive(Debug)]
pub enum FromText {}

/// A payload is decoded from bytes.
#[derive(Debug)]
pub enum FromBinary {}

/// The argument is no payload.
#[derive(Clone, Copy, Debug)]
pub struct NotPayload;

/// No payload was found yet.
#[derive(Clone, Copy, Debug)]
pub struct NoPayload;

/// The argument is a text, or decoded from one.
#[derive(Clone, Copy, Debug)]
pub struct TextPayload;

/// The argument is bytes, or decoded from them.
#[derive(Clone, Copy, Debug)]
pub struct BinaryPayload;

/// The argument is a pong.
#[derive(Clone, Copy, Debug)]
pub struct PongPayload;

/// A payload that comes as it is, of which there may be parts.
#[derive(Clone, Copy, Debug)]
pub struct Plain<K>(pub K);

impl<T: FromSession, S> PayloadArgument<T, S> {
    /// What it is.
    pub const KIND: NotPayload = NotPayload;

    /// Takes it.
    pub async fn take(call: &Call<WebSocketMessage>) -> Result<T, EndpointError> {
        extract(&call.session).await
    }
}

macro_rules! plain {
    ($($ty:ty: $kind:ident from $variant:ident($message:ident) => $value:expr;)*) => {$(
        impl<S> PayloadArgument<$ty, S> {
            /// What it is.
            pub const KIND: Plain<$kind> = Plain($kind);

            /// Takes it.
            pub async fn take(call: &Call<WebSocketMessage>) -> Result<$ty, EndpointError> {
                match call.event.clone() {
                    WebSocketMessage::$variant($message) => Ok($value),
                    _ => Err(wrong_kind()),
                }
            }
        }
    )*};
}

plain! {
    TextMessage: TextPayload from Text(message) => message;
    String: TextPayload from Text(message) => message.as_str().to_owned();
    Box<str>: TextPayload from Text(message) => message.as_str().into();
    BinaryMessage: BinaryPayload from Binary(message) => message;
    Bytes: BinaryPayload from Binary(message) => message.into_bytes();
    Vec<u8>: BinaryPayload from Binary(message) => message.as_bytes().to_vec();
}

impl<S> PayloadArgument<PongMessage, S> {
    /// What it is.
    pub const KIND: PongPayload = PongPayload;

    /// Takes it.
    pub async fn take(call: &Call<WebSocketMessage>) -> Result<PongMessage, EndpointError> {
        match call.event.clone() {
            WebSocketMessage::Pong(message) => Ok(message),
            _ => Err(wrong_kind()),
        }
    }
}

/// Numbers and the like are text, and not JSON: `NaN` is a number, and `a` a character (JSR-13).
macro_rules! scalar {
    ($($ty:ty),*) => {$(
        impl<S> PayloadArgument<$ty, S> {
            /// What it is.
            pub const KIND: TextPayload = TextPayload;

            /// Takes it.
            pub async fn take(call: &Call<WebSocketMessage>) -> Result<$ty, EndpointError> {
                match &call.event {
                    WebSocketMessage::Text(message) => parse(message.as_str()),
                    _ => Err(wrong_kind()),
                }
            }
        }
    )*};
}

scalar!(bool, char, f32, f64);
scalar!(i8, i16, i32, i64, i128, isize);
scalar!(u8, u16, u32, u64, u128, usize);

fn parse<T>(text: &str) -> Result<T, EndpointError>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|error: T::Err| {
        EndpointError::decode(PayloadError::Read {
            converter: "text",
            type_name: type_name::<T>(),
            reason: error.to_string().into(),
        })
    })
}

/// No message is of this kind. An `impl` for it beside the only other one has the compiler look for one that fits, and say
/// what is wrong, instead of taking that other one for granted.
#[derive(Debug)]
pub enum OfNoKind {}

/// Not reached: a method gets the messages of its kind.
fn wrong_kind() -> EndpointError {
    EndpointError::argument("the message is of another kind")
}

/// A type that is decoded from JSON.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an argument of `#[on_message]`",
    label = "neither a payload nor an argument that a session has",
    note = "derive `serde::Deserialize` if it is the payload",
    note = "the `Session` of the prelude is that of STOMP: take `stomp_axum::server_endpoint::Session`",
    note = "take it as `State<..>` if the application provides it",
    note = "implement `FromSession` if it is taken from the session in another way"
)]
pub trait DecodedPayload: Sized {
    /// Decodes it.
    ///
    /// # Errors
    ///
    /// If the bytes are not such a value.
    fn decode(payload: &Bytes) -> Result<Self, PayloadError>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + Send + 'static> DecodedPayload for T {
    fn decode(payload: &Bytes) -> Result<Self, PayloadError> {
        from_payload(payload, None)
    }
}

/// An argument that is no extractor, no text, and no bytes.
pub trait DecodedArgument<T> {
    /// What it is decoded from.
    type Kind;

    /// What it is.
    const KIND: Self::Kind;

    /// Takes it.
    fn take(call: &Call<WebSocketMessage>) -> Ready<Result<T, EndpointError>>
    where
        T: DecodedPayload;
}

macro_rules! decoded {
    ($($source:ident: $kind:ident),*) => {$(
        impl<T> DecodedArgument<T> for PayloadArgument<T, $source> {
            type Kind = $kind;
            const KIND: $kind = $kind;

            fn take(call: &Call<WebSocketMessage>) -> Ready<Result<T, EndpointError>>
            where
                T: DecodedPayload,
            {
                ready(decode(&call.event))
            }
        }
    )*};
}

decoded!(FromText: TextPayload, FromBinary: BinaryPayload);

fn decode<T: DecodedPayload>(message: &WebSocketMessage) -> Result<T, EndpointError> {
    let payload = match message.clone() {
        WebSocketMessage::Text(text) => text.into_bytes(),
        WebSocketMessage::Binary(binary) => binary.into_bytes(),
        _ => return Err(wrong_kind()),
    };
    T::decode(&payload).map_err(EndpointError::decode)
}

/// Whether a message is the last part of one.
pub fn is_last(call: &Call<WebSocketMessage>) -> bool {
    call.event.is_last()
}
