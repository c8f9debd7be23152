//! What the compiler checks about the messages that the methods of an endpoint take (JSR-13).

use std::marker::PhantomData;

use super::payload::{
    BinaryPayload, MessageKind, NoPayload, NotPayload, OfNoKind, Plain, PongPayload, TextPayload,
};

/// Of two arguments, the payload.
#[diagnostic::on_unimplemented(
    message = "an `#[on_message]` takes one message",
    label = "this would be a second one",
    note = "what the session has may stand beside the message: `Session`, `Principal`, `State<..>`, `#[path_param]`"
)]
pub trait OnePayload<Next> {
    /// The payload of both.
    type Payload;

    /// The payload of both.
    fn with(self, next: Next) -> Self::Payload;
}

impl OnePayload<NotPayload> for NoPayload {
    type Payload = Self;

    fn with(self, _: NotPayload) -> Self {
        self
    }
}

macro_rules! payloads {
    ($($ty:ty),*) => {$(
        impl OnePayload<OfNoKind> for $ty {
            type Payload = Self;

            fn with(self, next: OfNoKind) -> Self {
                match next {}
            }
        }

        impl OnePayload<$ty> for NoPayload {
            type Payload = $ty;

            fn with(self, next: $ty) -> $ty {
                next
            }
        }

        impl OnePayload<NotPayload> for $ty {
            type Payload = Self;

            fn with(self, _: NotPayload) -> Self {
                self
            }
        }
    )*};
}

payloads!(
    TextPayload,
    BinaryPayload,
    PongPayload,
    Plain<TextPayload>,
    Plain<BinaryPayload>
);

/// Counts the payloads among arguments.
pub fn one_payload<P: OnePayload<N>, N>(payload: P, next: N) -> P::Payload {
    payload.with(next)
}

/// The messages that a payload comes in.
pub trait Payload {
    /// Their kind; `None` if there is no payload.
    const KIND: Option<MessageKind>;
}

/// A payload that there is.
#[diagnostic::on_unimplemented(
    message = "an `#[on_message]` takes a message",
    label = "none of its arguments is one",
    note = "take a `String` for texts, `Bytes` for binary messages, `PongMessage` for pongs, or a type that implements \
            `serde::Deserialize` for JSON"
)]
pub trait SomePayload {
    /// What counts of it.
    type Kind;

    /// What counts of it.
    fn kind(self) -> Self::Kind;
}

/// A payload of which there may be parts.
#[diagnostic::on_unimplemented(
    message = "the message of this method does not come in parts",
    label = "`last` says which part of a message it is",
    note = "a part is a `String` or `TextMessage`, or `Bytes`, `Vec<u8>` or `BinaryMessage`: what is decoded has to be complete",
    note = "give the argument another name if it is something else"
)]
pub trait PartialPayload {
    /// What counts of it.
    type Kind;

    /// What counts of it.
    fn kind(self) -> Self::Kind;
}

macro_rules! kinds {
    ($($ty:ident: $kind:ident),*) => {$(
        impl Payload for $ty {
            const KIND: Option<MessageKind> = Some(MessageKind::$kind);
        }

        impl SomePayload for $ty {
            type Kind = Self;

            fn kind(self) -> Self {
                self
            }
        }
    )*};
}

kinds!(TextPayload: Text, BinaryPayload: Binary, PongPayload: Pong);

impl<K: Payload> Payload for Plain<K> {
    const KIND: Option<MessageKind> = K::KIND;
}

impl<K> SomePayload for Plain<K> {
    type Kind = K;

    fn kind(self) -> K {
        self.0
    }
}

impl<K> PartialPayload for Plain<K> {
    type Kind = K;

    fn kind(self) -> K {
        self.0
    }
}

impl Payload for NoPayload {
    const KIND: Option<MessageKind> = None;
}

/// Has the compiler check that there is a payload.
pub fn whole<P: SomePayload>(payload: P) -> P::Kind {
    payload.kind()
}

/// Has the compiler check that there may be parts of it.
pub fn partial<P: PartialPayload>(payload: P) -> P::Kind {
    payload.kind()
}

/// Which kinds of messages the methods so far take.
#[derive(Debug)]
pub struct Kinds<T, B, P>(PhantomData<(T, B, P)>);

/// No method takes that kind.
#[derive(Debug)]
pub enum Free {}

/// A method takes that kind.
#[derive(Debug)]
pub enum Taken {}

impl Kinds<Free, Free, Free> {
    /// None.
    pub const NONE: Self = Self(PhantomData);
}

macro_rules! first {
    ($trait:ident, $kind:literal) => {
        /// The first method of the kind.
        #[diagnostic::on_unimplemented(
                                    message = $kind,
                                    label = "a method before this one takes them, too",
                                    note = "decide by what is in the message what to do with it"
                                )]
        pub trait $trait {}

        impl $trait for Free {}
    };
}

first!(FirstOfTexts, "two methods take text messages");
first!(FirstOfBytes, "two methods take binary messages");
first!(FirstOfPongs, "two methods take pongs");

/// Those of the methods so far, and of one more.
#[expect(
    clippy::unused_self,
    reason = "the type of `self` says all; a method is found by it"
)]
mod adding {
    use super::*;

    impl TextPayload {
        /// Adds it.
        pub fn add<T: FirstOfTexts, B, P>(self, _: Kinds<T, B, P>) -> Kinds<Taken, B, P> {
            Kinds(PhantomData)
        }
    }

    impl BinaryPayload {
        /// Adds it.
        pub fn add<T, B: FirstOfBytes, P>(self, _: Kinds<T, B, P>) -> Kinds<T, Taken, P> {
            Kinds(PhantomData)
        }
    }

    impl PongPayload {
        /// Adds it.
        pub fn add<T, B, P: FirstOfPongs>(self, _: Kinds<T, B, P>) -> Kinds<T, B, Taken> {
            Kinds(PhantomData)
        }
    }
}

/// Text or binary messages are taken.
#[diagnostic::on_unimplemented(
    message = "the endpoint takes no messages but pongs",
    label = "it needs an `#[on_message]` for texts or bytes, or an `#[on_open]`"
)]
pub trait TakesData {}

impl<B, P> TakesData for Kinds<Taken, B, P> {}
impl<P> TakesData for Kinds<Free, Taken, P> {}

/// Has the compiler check that text or binary messages are taken.
pub fn takes_data<K: TakesData>(_: K) {}
