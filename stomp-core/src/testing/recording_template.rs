use std::sync::Arc;

use super::SentMessages;
use crate::{
    channel::{Completion, MessageHandler, MessagingError, completed},
    message::{Message, MessageConverters},
    template::MessagingTemplate,
};

/// A template without a server, and what is sent by it: to call a function that takes a template (TST-02).
///
/// There is no broker behind it, so that every destination is served. The prefix of users is `/user/`, and payloads are converted as by default.
///
/// ```
/// use stomp_axum::{
///     channel::MessagingError,
///     template::MessagingTemplate,
///     testing::{FrameExt, recording_template},
/// };
///
/// /// The function to test: it may be annotated, too.
/// async fn close_market(template: MessagingTemplate) -> Result<(), MessagingError> {
///     template.convert_and_send("/topic/market", "closed").await
/// }
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), MessagingError> {
///     let (template, sent) = recording_template();
///     close_market(template).await?;
///     assert_eq!(sent.to("/topic/market")[0].text(), "closed");
///     Ok(())
/// }
/// ```
pub fn recording_template() -> (MessagingTemplate, SentMessages) {
    let sent = SentMessages::default();
    let template = MessagingTemplate::unconnected();
    let recording = Arc::new(Recording(sent.clone()));
    template.connect(recording, "/user/", MessageConverters::default());
    (template, sent)
}

struct Recording(SentMessages);

impl MessageHandler for Recording {
    fn handle(&self, message: Message) -> Completion<Result<(), MessagingError>> {
        self.0.push(message);
        completed(Ok(()))
    }

    fn handle_all(&self, messages: Vec<Message>) -> Completion<Result<(), MessagingError>> {
        messages
            .into_iter()
            .for_each(|message| self.0.push(message));
        completed(Ok(()))
    }
}
