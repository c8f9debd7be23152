//! The opening handshake: what a request must look like, who may connect, and which sub-protocol is agreed on.

mod refusal;
mod sub_protocol;
mod websocket;

pub(crate) use self::{
    refusal::Refusal,
    sub_protocol::{choose_sub_protocol, first_offered},
    websocket::WebSocketHandshake,
};

use http::{HeaderMap, HeaderName};

/// The tokens of a header that is a comma-separated list, in as many lines as it comes in.
fn tokens<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
}
