use stomp_axum::websocket::{
    BoxError, CloseStatus, TextMessage, WebSocketHandler, WebSocketSession,
};

/// Sends each text back; `close 4000 Enough for today` closes the session with that code and reason.
///
/// It knows nothing of transports: a session over HTTP is one like any other.
pub(crate) struct Echo;

impl WebSocketHandler for Echo {
    async fn handle_text_message(
        &self,
        session: &WebSocketSession,
        message: TextMessage,
    ) -> Result<(), BoxError> {
        match close_status(message.as_str()) {
            Some(status) => session.close_with(status),
            None => session.send(message).await?,
        }
        Ok(())
    }
}

/// What a text asks to close the session with.
fn close_status(text: &str) -> Option<CloseStatus> {
    let arguments = text.strip_prefix("close ")?;
    let (code, reason) = arguments.split_once(' ').unwrap_or((arguments, ""));
    match code.parse().ok()? {
        // The others of the protocol are not for applications.
        code @ (1000 | 3000..=4999) => Some(CloseStatus::new(code).with_reason(reason.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_may_ask_to_be_closed_with_a_code_of_applications() {
        let status = close_status("close 4000 Enough for today").unwrap();
        assert_eq!(status.code(), 4000);
        assert_eq!(status.reason(), Some("Enough for today"));
        assert_eq!(close_status("close 1000"), Some(CloseStatus::NORMAL));
        assert_eq!(close_status("close 3000 "), Some(CloseStatus::new(3000)));
    }

    #[test]
    fn everything_else_is_echoed() {
        for text in [
            "",
            "close",
            "close ",
            "close the door",
            "close 1006",
            "close 5000",
            "close -1",
            "close 99999 x",
            "Close 4000",
            " close 4000",
        ] {
            assert_eq!(close_status(text), None, "{text:?}");
        }
    }
}
