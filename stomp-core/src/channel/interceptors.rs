use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{Channel, ChannelInterceptor, MessageRejected, SendOutcome};
use crate::message::Message;

/// The interceptors of one channel, in their order. Cheap to clone.
///
/// Who sends asks [`is_empty`](Self::is_empty) first: without interceptors nothing is cloned or called.
#[derive(Clone, Default)]
pub(crate) struct Interceptors(Arc<[Box<dyn ChannelInterceptor>]>);

impl Interceptors {
    pub(crate) fn new(interceptors: Vec<Box<dyn ChannelInterceptor>>) -> Self {
        Self(interceptors.into())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Calls `pre_send` of each, and `after_completion` if one of them stops the message (CH-10, CH-11).
    pub(crate) fn pre_send(
        &self,
        mut message: Message,
        channel: Channel<'_>,
    ) -> Result<Option<Message>, MessageRejected> {
        for (index, interceptor) in self.0.iter().enumerate() {
            // For those before this one, which get to know the message that they let pass.
            let before = (index > 0).then(|| message.clone());
            let sent = catch_unwind(AssertUnwindSafe(|| interceptor.pre_send(message, channel)));
            let (outcome, stopped) = match sent {
                Ok(Ok(Some(next))) => {
                    message = next;
                    continue;
                }
                Ok(Ok(None)) => (SendOutcome::Swallowed, Ok(None)),
                Ok(Err(rejected)) => (SendOutcome::Failed, Err(rejected)),
                Err(_panic) => {
                    tracing::error!(
                        channel = channel.name(),
                        "an interceptor panicked, and its message is rejected"
                    );
                    let text = "the server failed to process the message";
                    let rejected = MessageRejected::new("internal-error", text);
                    (SendOutcome::Failed, Err(rejected))
                }
            };
            if let Some(before) = before {
                after_completion(&self.0[..index], &before, channel, outcome);
            }
            return stopped;
        }
        Ok(Some(message))
    }

    /// Tells all what became of a message that they let pass.
    pub(crate) fn completed(&self, message: &Message, channel: Channel<'_>, outcome: SendOutcome) {
        if outcome == SendOutcome::Sent {
            for interceptor in &*self.0 {
                guard(channel, || interceptor.post_send(message, channel));
            }
        }
        after_completion(&self.0, message, channel, outcome);
    }
}

fn after_completion(
    interceptors: &[Box<dyn ChannelInterceptor>],
    message: &Message,
    channel: Channel<'_>,
    outcome: SendOutcome,
) {
    for interceptor in interceptors.iter().rev() {
        guard(channel, || {
            interceptor.after_completion(message, channel, outcome);
        });
    }
}

/// What has been sent stays sent: a panic is only logged (CH-12).
fn guard(channel: Channel<'_>, call: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(call)).is_err() {
        tracing::error!(
            channel = channel.name(),
            "an interceptor panicked after its message was sent"
        );
    }
}

impl fmt::Debug for Interceptors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interceptors")
            .field("len", &self.0.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Logs its calls, and stops the message whose body is its name.
    struct Logging {
        name: &'static str,
        log: Arc<Mutex<Vec<String>>>,
    }

    impl Logging {
        fn log(&self, call: &str, message: &Message) {
            let body = String::from_utf8_lossy(message.payload()).into_owned();
            let mut log = self.log.lock().unwrap();
            log.push(format!("{} {call} {body}", self.name));
        }
    }

    impl ChannelInterceptor for Logging {
        fn pre_send(
            &self,
            message: Message,
            _: Channel<'_>,
        ) -> Result<Option<Message>, MessageRejected> {
            self.log("pre", &message);
            match &message.payload()[..] {
                [b'n', name @ ..] if name == self.name.as_bytes() => Ok(None),
                [b'r', name @ ..] if name == self.name.as_bytes() => {
                    Err(MessageRejected::new("no", "no"))
                }
                [b'p', name @ ..] if name == self.name.as_bytes() => panic!("no"),
                _ => Ok(Some(message)),
            }
        }

        fn post_send(&self, message: &Message, _: Channel<'_>) {
            self.log("post", message);
            assert_ne!(&message.payload()[..], b"late", "a panic on purpose");
        }

        fn after_completion(&self, message: &Message, _: Channel<'_>, outcome: SendOutcome) {
            self.log(&format!("after {outcome:?}"), message);
            assert_ne!(&message.payload()[..], b"late", "a panic on purpose");
        }
    }

    /// What two interceptors, 1 and 2, see of a message.
    fn send(body: &'static str) -> (Result<bool, &'static str>, Vec<String>) {
        let log = Arc::new(Mutex::new(Vec::new()));
        let logging = |name| -> Box<dyn ChannelInterceptor> {
            let log = log.clone();
            Box::new(Logging { name, log })
        };
        let interceptors = Interceptors::new(vec![logging("1"), logging("2")]);
        let message = Message::new("/topic/a", body);
        let sent = interceptors.pre_send(message, Channel::Broker);
        if let Ok(Some(message)) = &sent {
            interceptors.completed(message, Channel::Broker, SendOutcome::Sent);
        }
        let sent = sent.map(|message| message.is_some());
        let log = log.lock().unwrap().clone();
        (sent.map_err(|rejected| rejected.code()), log)
    }

    /// EP-32.
    #[test]
    fn ch_10_the_order_of_calls() {
        let (sent, log) = send("a");
        assert_eq!(sent, Ok(true));
        let expected = [
            "1 pre a",
            "2 pre a",
            "1 post a",
            "2 post a",
            "2 after Sent a",
            "1 after Sent a",
        ];
        assert_eq!(log, expected);
    }

    #[test]
    fn ch_11_those_before_the_one_that_stops_a_message_are_told() {
        assert_eq!(send("n1"), (Ok(false), vec!["1 pre n1".to_owned()]));
        let (sent, log) = send("n2");
        assert_eq!(sent, Ok(false));
        assert_eq!(log, ["1 pre n2", "2 pre n2", "1 after Swallowed n2"]);
        let (sent, log) = send("r2");
        assert_eq!(sent, Err("no"));
        assert_eq!(log, ["1 pre r2", "2 pre r2", "1 after Failed r2"]);
    }

    #[test]
    fn ch_12_panics_reject_before_and_change_nothing_afterwards() {
        let (sent, log) = send("p2");
        assert_eq!(sent, Err("internal-error"));
        assert_eq!(log, ["1 pre p2", "2 pre p2", "1 after Failed p2"]);
        let (sent, log) = send("late");
        assert_eq!(sent, Ok(true));
        assert_eq!(log.len(), 6);
    }
}
