//! Everything that is a stream, or looks like one.

use std::pin::Pin;

use futures_util::{Stream, StreamExt, stream, stream::BoxStream};
use serde::Serialize;
use stomp_axum::{handler::Handlers, prelude::*};

/// An error that is `Serialize`, so that a `Result` with it is, too.
#[derive(Debug, thiserror::Error, Serialize)]
#[error("no quote")]
struct NoQuote;

#[derive(Serialize)]
struct Quote;

type Quotes = Result<Quote, NoQuote>;

#[subscribe_mapping("/opaque")]
async fn opaque() -> impl Stream<Item = Quote> {
    stream::iter([Quote])
}

#[subscribe_mapping("/boxed")]
async fn boxed() -> BoxStream<'static, Quote> {
    stream::iter([Quote]).boxed()
}

#[subscribe_mapping("/pinned")]
async fn pinned() -> Pin<Box<dyn Stream<Item = Option<Quote>> + Send>> {
    Box::pin(stream::empty())
}

#[subscribe_mapping("/results")]
async fn results() -> impl Stream<Item = Quotes> {
    stream::iter([Ok(Quote), Err(NoQuote)])
}

#[subscribe_mapping("/result")]
async fn result() -> Result<impl Stream<Item = Quotes>, NoQuote> {
    Ok(stream::iter([Ok(Quote), Err(NoQuote)]))
}

#[subscribe_mapping("/messages")]
async fn messages() -> impl Stream<Item = Result<Message, std::io::Error>> {
    stream::empty()
}

#[message_mapping("/serialize")]
async fn serialize() -> impl Serialize {
    Quote
}

#[message_mapping("/result-of-serialize")]
async fn result_of_serialize() -> Quotes {
    Ok(Quote)
}

#[message_mapping("/nothing", parallel = 2)]
async fn nothing() {}

#[message_exception_handler]
async fn to_stream(error: NoQuote) -> impl Stream<Item = String> {
    stream::iter([error.to_string()])
}

struct Controller;

#[message_mapping]
impl Controller {
    #[subscribe_mapping("/method")]
    async fn method(&self) -> impl Stream<Item = Quotes> + use<> {
        stream::iter([Err(NoQuote)])
    }
}

fn main() {
    let messaging = Messaging::builder()
        .handlers(Handlers::all())
        .controller(Controller)
        .build();
    assert!(messaging.is_ok(), "{messaging:?}");
}
