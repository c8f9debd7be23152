//! What handlers take and return.

#![deny(warnings)]

use std::{collections::HashMap, convert::Infallible, fmt, io, sync::Arc};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use stomp_axum::{__private::Registration, handler::Requirements, prelude::*};

#[derive(Deserialize, Serialize)]
struct Order {
    item: String,
}

#[derive(Clone)]
struct Shop;

/// The payload may stand anywhere.
#[message_mapping("/{room}/{user}")]
async fn everything(
    state: State<Arc<Shop>>,
    Json(Order { item }): Json<Order>,
    mut text: String,
    message: Message,
    headers: Headers,
    Destination(destination): Destination,
    variables: DestinationVariables,
    #[destination_variable] room: String,
    #[destination_variable("user")] id: u64,
    #[header] trace: Option<String>,
    #[header("content-length")] length: usize,
    #[header(default = "1")] priority: u8,
    #[header("tags", default = "")] tags: Vec<String>,
    sender: Option<Principal>,
    principal: Principal,
    order: Result<Payload<Order>, stomp_axum::handler::ExtractError>,
    _: SessionId,
    (left, right): (u8, u8),
) -> String {
    text.push('!');
    drop((
        state,
        message,
        headers,
        destination,
        variables,
        room,
        id,
        trace,
        length,
        priority,
        tags,
    ));
    drop((sender, principal, order, left, right, item));
    text
}

struct Pair(Session, SessionAttributes);

impl FromMessage for Pair {
    type Rejection = Infallible;

    async fn from_message(context: &MessageContext) -> Result<Self, Infallible> {
        Ok(Self(
            context.session().clone(),
            context.session().attributes().clone(),
        ))
    }
}

#[message_mapping("/own")]
async fn own_extractor(
    Pair(session, attributes): Pair,
    template: MessagingTemplate,
    users: UserRegistry,
) {
    drop((session, attributes, template, users));
}

#[message_mapping("/attributes")]
async fn conditional_arguments(
    #[cfg(any())] missing: DoesNotExist,
    #[cfg(all())] text: String,
    #[cfg(any())]
    #[header]
    also_missing: DoesNotExist,
    #[allow(unused_variables)] unused: Bytes,
) -> String {
    text
}

type Fallible<T> = Result<T, io::Error>;
type Wrapped = Fallible<Option<Order>>;

/// As `anyhow::Error`: it is no `Error`, but converts into a box.
#[derive(Debug)]
struct Report(Box<dyn std::error::Error + Send + Sync>);

impl From<Report> for Box<dyn std::error::Error + Send + Sync> {
    fn from(report: Report) -> Self {
        report.0
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Report {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

#[derive(Debug)]
struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed")
    }
}

impl std::error::Error for Failed {}

macro_rules! returning {
    ($($name:ident -> $type:ty { $value:expr })*) => {
        $(
            #[message_mapping("/reply")]
            async fn $name() -> $type {
                $value
            }
        )*
    };
}

returning! {
    unit -> () { () }
    number -> u32 { 1 }
    text -> &'static str { "" }
    bytes -> Bytes { Bytes::new() }
    option -> Option<Order> { None }
    message -> Option<Message> { None }
    map -> HashMap<String, Vec<u8>> { HashMap::new() }
    of_io -> io::Result<Order> { Err(io::ErrorKind::Other.into()) }
    alias -> Fallible<()> { Ok(()) }
    alias_of_alias -> Wrapped { Ok(None) }
    report -> Result<Order, Report> { Err(Failed.into()) }
    failed -> Result<Message, Failed> { Err(Failed) }
    string_error -> Result<Order, String> { Err(String::new()) }
    both_serialize -> Result<String, &'static str> { Err("") }
    boxed -> Result<u8, Box<dyn std::error::Error + Send + Sync>> { Ok(1) }
    infallible -> Result<Option<u8>, Infallible> { Ok(None) }
    nested -> Result<Result<u8, String>, Failed> { Ok(Ok(1)) }
}

#[message_mapping("/opaque")]
async fn opaque() -> impl Serialize {
    "opaque"
}

#[message_mapping("/opaque_result")]
async fn opaque_result() -> Result<impl Serialize, Failed> {
    Ok(1)
}

fn main() {
    let Registration::Handler(handler) = &__stomp_handlers_everything.0[0] else {
        panic!("it is a message handler");
    };
    let mut requirements = Requirements::default();
    (handler.requirements)(&mut requirements);
    assert!(
        format!("{requirements:?}").contains("Shop"),
        "{requirements:?}"
    );
    assert_eq!(__stomp_handlers_both_serialize.0.len(), 1);

    // It stays an ordinary function.
    let called = conditional_arguments("text".to_owned(), Bytes::new());
    let mut called = std::pin::pin!(called);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert_eq!(
        called.as_mut().poll(&mut context),
        std::task::Poll::Ready("text".to_owned())
    );
}
