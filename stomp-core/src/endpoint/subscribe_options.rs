//! What the headers of SUBSCRIBE say besides destination and id.

use super::refusal::Refusal;
use crate::{
    broker::{AckMode, HistoryRequest, SubscribeOptions},
    codec::Headers,
    selector::Selector,
};

impl SubscribeOptions {
    /// Reads the headers. They are read when the frame has passed interceptors and layers, which may change them.
    ///
    /// A selector is refused if they are off: to ignore it would deliver what the client does not want.
    pub(super) fn read(headers: &Headers, allows_selectors: bool) -> Result<Self, Refusal> {
        let ack = AckMode::parse(headers.get("ack")).ok_or_else(|| {
            let text = "ack must be auto, client or client-individual";
            Refusal::new("invalid-ack-mode", text)
        })?;
        let prefetch = number(headers, "prefetch-count")?;
        let selector = match headers.get("selector") {
            Some(_) if !allows_selectors => {
                let text = "this server takes no selectors";
                return Err(Refusal::new("unsupported", text));
            }
            selector => selector.map(Selector::parse).transpose()?,
        };
        Ok(Self {
            ack,
            selector,
            // 0 is no limit of its own, as in RabbitMQ.
            prefetch: prefetch.filter(|prefetch| *prefetch != 0),
            history: history(headers)?,
        })
    }
}

/// Whoever recovers gets what was missed, however much that is: `history` says nothing more then.
fn history(headers: &Headers) -> Result<Option<HistoryRequest>, Refusal> {
    let last = number(headers, "history")?;
    match (headers.get("recover-epoch"), headers.get("recover-offset")) {
        (Some(epoch), Some(offset)) => {
            let offset = parse(offset).ok_or_else(|| not_a_number("recover-offset"))?;
            let epoch = epoch.to_owned();
            Ok(Some(HistoryRequest::Behind { epoch, offset }))
        }
        (None, None) => Ok(last.map(HistoryRequest::Last)),
        _ => Err(Refusal::new(
            "invalid-header",
            "recover-epoch and recover-offset need each other",
        )),
    }
}

fn number(headers: &Headers, name: &str) -> Result<Option<usize>, Refusal> {
    headers
        .get(name)
        .map(|text| {
            let number = parse(text).ok_or_else(|| not_a_number(name))?;
            Ok(usize::try_from(number).unwrap_or(usize::MAX))
        })
        .transpose()
}

fn parse(text: &str) -> Option<u64> {
    let digits = text.trim();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

fn not_a_number(name: &str) -> Refusal {
    Refusal::new("invalid-header", format!("{name} must be a whole number"))
}
