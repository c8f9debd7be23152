//! Streams that can't be sent.

use std::rc::Rc;

use futures_util::{Stream, stream};
use stomp_axum::prelude::*;

struct Opaque;

#[subscribe_mapping("/values")]
async fn values() -> impl Stream<Item = Opaque> {
    stream::iter([Opaque])
}

#[subscribe_mapping("/results")]
async fn results() -> impl Stream<Item = Result<Opaque, std::io::Error>> {
    stream::iter([Ok(Opaque)])
}

#[subscribe_mapping("/errors")]
async fn errors() -> impl Stream<Item = Result<u32, Opaque>> {
    stream::iter([Ok(1)])
}

#[subscribe_mapping("/streams")]
async fn streams() -> impl Stream<Item = stream::Empty<u32>> {
    stream::iter([stream::empty()])
}

#[subscribe_mapping("/not_send")]
async fn not_send() -> stream::Once<std::future::Ready<Rc<u32>>> {
    stream::once(std::future::ready(Rc::new(1)))
}

#[subscribe_mapping("/optional")]
async fn optional() -> Option<stream::Empty<u32>> {
    None
}

#[message_exception_handler]
async fn borrows_the_error(_error: &std::io::Error) -> impl Stream<Item = u32> {
    stream::iter([1])
}

struct Controller;

#[message_mapping]
impl Controller {
    #[subscribe_mapping("/borrows")]
    async fn borrows(&self) -> impl Stream<Item = u32> {
        stream::iter([1])
    }
}

fn main() {}
