use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use parking_lot::Mutex;

use crate::{
    codec::Headers,
    message::{Message, MessageType, Principal, SessionId},
};

/// All that is known about a message but its payload, to read and to change: Spring's `SimpMessageHeaderAccessor`
/// (HM-1 to HM-4).
///
/// As an argument of a handler, it is the same for everything that happens to one message (AR-21): what a handler
/// changes is seen by the exception handlers of the message, and by a filter that copies headers to the reply (RV-26).
/// Other receivers of the message never see it (MM-12). Cheap to clone.
///
/// Only the STOMP headers of the frame ("native headers") can be changed. What the framework itself knows is none of
/// them, so that no client can forge it.
///
/// ```standalone_crate
/// use stomp_axum::{handler::MessageHeaderAccessor, message_mapping};
///
/// #[message_mapping("/orders")]
/// async fn order(headers: MessageHeaderAccessor) {
///     let priority = headers.native_header("priority").unwrap_or_else(|| "normal".to_owned());
///     tracing::debug!(session = ?headers.session_id(), priority, "an order");
///     headers.set_native_header("handled-by", "orders");
/// }
/// ```
#[derive(Clone)]
pub struct MessageHeaderAccessor(Arc<Inner>);

struct Inner {
    /// The message as it came, of which the headers don't count.
    message: Message<()>,
    lookup_destination: String,
    native: Mutex<NativeHeaders>,
}

struct NativeHeaders {
    headers: Headers,
    /// Whether they differ from those of the newest version of the message.
    changed: bool,
}

impl MessageHeaderAccessor {
    /// What kind of message it is.
    pub fn message_type(&self) -> MessageType {
        self.0.message.message_type()
    }

    /// The destination, as the client wrote it.
    pub fn destination(&self) -> Option<&str> {
        self.0.message.destination()
    }

    /// The destination behind the application prefix (PX-4).
    pub fn lookup_destination(&self) -> &str {
        &self.0.lookup_destination
    }

    /// The `id` of a SUBSCRIBE.
    pub fn subscription_id(&self) -> Option<&str> {
        self.0.message.subscription_id()
    }

    /// The session that sent the message.
    pub fn session_id(&self) -> Option<&SessionId> {
        self.0.message.session_id()
    }

    /// The user of that session; `None` if it is anonymous.
    pub fn principal(&self) -> Option<&Principal> {
        self.0.message.principal()
    }

    /// The `content-type` header.
    pub fn content_type(&self) -> Option<String> {
        self.native_header("content-type")
    }

    /// The `receipt` header: the client waits for a RECEIPT with this id.
    pub fn receipt(&self) -> Option<String> {
        self.native_header("receipt")
    }

    /// The first STOMP header of that name: Spring's `getFirstNativeHeader`.
    pub fn native_header(&self, name: &str) -> Option<String> {
        let native = self.0.native.lock();
        native.headers.get(name).map(str::to_owned)
    }

    /// The values of all STOMP headers of that name, in their order: Spring's `getNativeHeader`.
    pub fn native_headers(&self, name: &str) -> Vec<String> {
        let native = self.0.native.lock();
        native.headers.get_all(name).map(str::to_owned).collect()
    }

    /// A copy of all STOMP headers.
    pub fn to_headers(&self) -> Headers {
        self.0.native.lock().headers.clone()
    }

    /// Gives the STOMP header this one value, whatever it had before (HM-4).
    pub fn set_native_header(&self, name: &str, value: &str) {
        self.change(|headers| headers.set(name, value));
    }

    /// Adds a value behind those that the STOMP header has (HM-4). The first one goes on to win.
    pub fn add_native_header(&self, name: &str, value: &str) {
        self.change(|headers| headers.append(name, value));
    }

    /// Removes every STOMP header of that name (HM-3). Returns whether there was one.
    pub fn remove_native_header(&self, name: &str) -> bool {
        self.change(|headers| headers.remove(name))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Headers) -> T) -> T {
        let mut native = self.0.native.lock();
        native.changed = true;
        change(&mut native.headers)
    }
}

impl fmt::Debug for MessageHeaderAccessor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageHeaderAccessor")
            .field("message_type", &self.message_type())
            .field("destination", &self.destination())
            .field("subscription_id", &self.subscription_id())
            .field("session_id", &self.session_id())
            .field("principal", &self.principal())
            .field("native_headers", &self.0.native.lock().headers)
            .finish()
    }
}

/// A message whose headers change while others hold references to it.
///
/// A version of the message is made only when somebody reads it after a change, and none is freed before the end: so
/// reading needs no lock as long as nobody has asked for an accessor.
#[derive(Debug)]
pub(super) struct AccessibleMessage {
    original: Message,
    accessor: OnceLock<MessageHeaderAccessor>,
    changed: Version,
}

type Version = OnceLock<Box<ChangedMessage>>;

#[derive(Debug)]
struct ChangedMessage {
    message: Message,
    next: Version,
}

impl AccessibleMessage {
    pub(super) fn new(message: Message) -> Self {
        Self {
            original: message,
            accessor: OnceLock::new(),
            changed: Version::new(),
        }
    }

    /// The message with all changes up to now.
    pub(super) fn current(&self) -> &Message {
        let Some(accessor) = self.accessor.get() else {
            return &self.original;
        };
        // Held to the end: no one else adds a version meanwhile.
        let mut native = accessor.0.native.lock();
        let mut message = &self.original;
        let mut next = &self.changed;
        while let Some(version) = next.get() {
            message = &version.message;
            next = &version.next;
        }
        if !std::mem::take(&mut native.changed) {
            return message;
        }
        let version = next.get_or_init(|| {
            Box::new(ChangedMessage {
                message: message.clone().with_headers(native.headers.clone()),
                next: Version::new(),
            })
        });
        &version.message
    }

    pub(super) fn accessor(&self, lookup_destination: &str) -> &MessageHeaderAccessor {
        self.accessor.get_or_init(|| {
            MessageHeaderAccessor(Arc::new(Inner {
                native: Mutex::new(NativeHeaders {
                    headers: self.original.headers().clone(),
                    changed: false,
                }),
                message: self.original.without_payload(),
                lookup_destination: lookup_destination.to_owned(),
            }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hm_4_native_headers_are_set_added_and_removed() {
        let message = AccessibleMessage::new(
            Message::new("/app/a", "")
                .with_header("x", "1")
                .with_header("x", "2")
                .with_header("receipt", "r"),
        );
        let headers = message.accessor("/a");
        assert_eq!(headers.native_header("x").as_deref(), Some("1"));
        assert_eq!(headers.native_headers("x"), ["1", "2"]);
        headers.add_native_header("x", "3");
        assert_eq!(headers.native_headers("x"), ["1", "2", "3"]);
        headers.set_native_header("x", "4");
        assert_eq!(headers.native_headers("x"), ["4"]);
        assert!(headers.remove_native_header("x"));
        assert!(!headers.remove_native_header("x"));
        assert_eq!(headers.native_header("x"), None);
        assert_eq!(headers.receipt().as_deref(), Some("r"));
    }

    #[test]
    fn ar_21_what_is_changed_is_read_by_all_who_read_later() {
        let message = AccessibleMessage::new(Message::new("/app/a", "body").with_header("x", "1"));
        let before = message.current();
        let accessor = message.accessor("/a").clone();
        assert!(std::ptr::eq(before, message.current()));
        for value in ["2", "3"] {
            accessor.set_native_header("x", value);
            let after = message.current();
            assert_eq!(after.headers().get("x"), Some(value));
            assert_eq!(after.payload(), "body");
            // Nothing has changed since: there is no other version.
            assert!(std::ptr::eq(after, message.current()));
        }
        assert_eq!(before.headers().get("x"), Some("1"));
    }

    #[test]
    fn err_014_debug_hides_secrets() {
        let message =
            AccessibleMessage::new(Message::new("/app/a", "").with_header("x-token", "s3cret"));
        let text = format!("{:?}", message.accessor("/a"));
        assert!(
            !text.contains("s3cret") && text.contains("x-token"),
            "{text}"
        );
    }
}
