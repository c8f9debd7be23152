//! Where the replies of handlers go.

use super::{HandlerKind, MessageContext, table::RouteReply};
use crate::{
    channel::Delivery,
    codec::DeliveryHeaders,
    message::{BoxError, Message, SessionId},
    session::OpenStream,
};

/// Where replies go without `#[send_to]` (RV-10).
const DEFAULT_DESTINATION: &str = "/topic";
/// Where replies to a user go without a destination (RV-13).
const DEFAULT_USER_DESTINATION: &str = "/queue";

/// Sends a reply, or one message of the stream `of_stream`, to all its destinations: RV-10 to RV-23, and SM-2 for
/// subscriptions.
pub(super) async fn send_reply(
    mut message: Message,
    targets: &RouteReply,
    kind: HandlerKind,
    context: &MessageContext,
    of_stream: Option<&OpenStream>,
) -> Result<(), BoxError> {
    let template = &context.services.template;
    let filter = &context.services.reply_headers;
    filter.copy(context.message(), &mut message);
    if let Some(user_targets) = &targets.send_to_user {
        let (user, narrowed_to) = user_and_session(context, targets.broadcast);
        for destination in destinations(user_targets, DEFAULT_USER_DESTINATION, context)? {
            let destination = template.user_destination(user, &destination)?;
            let mut message = message.clone().with_destination(destination);
            if let Some(session_id) = narrowed_to {
                message = message.with_session_id(session_id.clone());
            }
            template.send(message).await?;
        }
    }
    match &targets.send_to {
        Some(targets) => {
            for destination in destinations(targets, DEFAULT_DESTINATION, context)? {
                template
                    .send(message.clone().with_destination(destination))
                    .await?;
            }
        }
        None if targets.send_to_user.is_some() => {}
        None if kind == HandlerKind::Subscribe => reply_to_subscriber(&message, context, of_stream),
        None => {
            let destination = default_destination(DEFAULT_DESTINATION, &context.lookup_destination);
            template.send(message.with_destination(destination)).await?;
        }
    }
    Ok(())
}

/// Whether replies reach no session but that of the message, and so can wait for it.
pub(super) fn goes_to_one_session(
    targets: &RouteReply,
    kind: HandlerKind,
    context: &MessageContext,
) -> bool {
    match (&targets.send_to, &targets.send_to_user) {
        (None, None) => kind == HandlerKind::Subscribe,
        (None, Some(_)) => !targets.broadcast || context.session.principal().is_none(),
        (Some(_), _) => false,
    }
}

/// Who gets a reply to the user (RV-20 to RV-22): an anonymous session stands for its user.
fn user_and_session(context: &MessageContext, broadcast: bool) -> (&str, Option<&SessionId>) {
    let session_id = context.session.id();
    match context.session.principal() {
        Some(principal) => (
            principal.destination_user_name(),
            (!broadcast).then_some(session_id),
        ),
        None => (session_id.as_str(), Some(session_id)),
    }
}

fn destinations(
    targets: &[super::target::Target],
    default_prefix: &str,
    context: &MessageContext,
) -> Result<Vec<String>, BoxError> {
    if targets.is_empty() {
        return Ok(vec![default_destination(
            default_prefix,
            &context.lookup_destination,
        )]);
    }
    let expand = |target: &super::target::Target| {
        target.expand(&context.variables).map_err(|missing| {
            super::ExtractError::MissingDestinationVariable { name: missing.0 }.into()
        })
    };
    targets.iter().map(expand).collect()
}

fn default_destination(prefix: &str, lookup_destination: &str) -> String {
    let separator = if lookup_destination.starts_with('/') {
        ""
    } else {
        "/"
    };
    format!("{prefix}{separator}{lookup_destination}")
}

/// Sends the reply of a subscription straight to the subscriber, past the broker (SM-2, SM-7).
fn reply_to_subscriber(
    message: &Message,
    context: &MessageContext,
    of_stream: Option<&OpenStream>,
) {
    let session = &context.session;
    let delivery = Delivery {
        session,
        headers: DeliveryHeaders {
            subscription: context.message().subscription_id(),
            ..DeliveryHeaders::default()
        },
        destination: context.message().destination().unwrap_or_default(),
        message,
        id: &context.services.message_ids.next(),
        position: None,
    };
    let sent = (context.services.outbound).send(
        delivery,
        || delivery.frame(),
        |frame| match of_stream {
            Some(stream) => stream.send(frame),
            None => session.outbound().send(frame),
        },
    );
    if let Err(closed) = sent {
        tracing::debug!(session = %session.id(), %closed, "the subscriber is gone before the reply");
    }
}
