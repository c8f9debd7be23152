use super::SentMessages;
use crate::{
    channel::{Channel, ChannelInterceptor},
    message::Message,
    server::MessagingBuilder,
};

/// Records what passes the broker channel: what handlers, the template and clients publish, before user destinations are
/// resolved (TST-01). Clones record the same.
///
/// What an interceptor has stopped, and what no broker serves, is not recorded.
///
/// ```
/// use stomp_axum::{
///     server::Messaging,
///     testing::{BrokerProbe, FrameExt},
/// };
///
/// #[tokio::main(flavor = "current_thread", start_paused = true)]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let probe = BrokerProbe::new();
///     let builder = Messaging::builder().simple_broker(["/topic"]);
///     let messaging = builder.broker_probe(&probe).build()?;
///
///     messaging.template().convert_and_send_to_user("joe", "/queue/hints", "buy").await?;
///     let message = probe.sent().expect_message().await;
///     assert_eq!(message.destination(), Some("/user/joe/queue/hints"));
///     assert_eq!(message.text(), "buy");
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct BrokerProbe(SentMessages);

impl BrokerProbe {
    /// A probe that has recorded nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What has passed.
    pub fn sent(&self) -> &SentMessages {
        &self.0
    }
}

impl ChannelInterceptor for BrokerProbe {
    fn post_send(&self, message: &Message, _: Channel<'_>) {
        self.0.push(message.clone());
    }
}

impl MessagingBuilder {
    /// Lets a probe record what passes the broker channel.
    pub fn broker_probe(self, probe: &BrokerProbe) -> Self {
        self.broker_interceptor(probe.clone())
    }
}
