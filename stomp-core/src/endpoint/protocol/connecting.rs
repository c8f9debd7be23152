//! From the first byte to the session: CONNECT, the authenticator, CONNECTED.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::{FutureExt, future::BoxFuture};

use super::{
    super::{
        ConnectRequest, DynAuthenticator,
        heart_beat::{HeartBeat, Negotiated},
        layers::InboundLayers,
        refusal::Refusal,
    },
    Connected, EndpointServices,
};
use crate::{
    channel::SendOutcome,
    codec::{Command, EncodedFrame, Frame, FrameBuilder, Headers, Version},
    event::Listening,
    message::{Message, MessageType, Principal, SessionId},
    session::{Outbound, Session, SessionAttributes},
};

/// The `server` header of CONNECTED (NEG-023).
const SERVER: &str = concat!("stomp-rs/", env!("CARGO_PKG_VERSION"));

/// A connection that has not sent CONNECT yet.
pub(in crate::endpoint) struct Connecting {
    pub(in crate::endpoint) services: Arc<EndpointServices>,
    pub(in crate::endpoint) principal: Option<Principal>,
    pub(in crate::endpoint) attributes: SessionAttributes,
    pub(in crate::endpoint) outbound: Outbound,
}

/// CONNECT is accepted if the authenticator agrees.
pub(in crate::endpoint) struct Authenticating {
    connecting: Connecting,
    /// Those of the CONNECT.
    headers: Headers,
    version: Version,
    heart_beat: Negotiated,
    /// CONNECT, if somebody wants to know of it.
    message: Option<Message>,
}

/// A new session, and what happens before the client learns of it.
pub(in crate::endpoint) struct Accepted {
    pub(in crate::endpoint) session: Connected,
    pub(in crate::endpoint) version: Version,
    pub(in crate::endpoint) connected: EncodedFrame,
    pub(in crate::endpoint) heart_beat: Negotiated,
    pub(in crate::endpoint) listening: Option<Listening>,
}

/// What the authenticator says.
pub(in crate::endpoint) type Authenticated = Result<Option<Principal>, Refusal>;

impl Connecting {
    /// Takes the first frame, which must be CONNECT or STOMP (NEG-012, NEG-015).
    pub(in crate::endpoint) fn connect(
        self,
        frame: &Frame,
    ) -> Result<(Authenticating, BoxFuture<'static, Authenticated>), Refusal> {
        if !matches!(frame.command, Command::Connect | Command::Stomp) {
            return Err(Refusal::not_connected().with_receipt(frame.header("receipt")));
        }
        let version = Version::negotiate(frame.header("accept-version")).ok_or_else(|| {
            // NEG-008: the client can't know our versions otherwise.
            Refusal::new(
                "unsupported-version",
                "supported STOMP versions are 1.0, 1.1 and 1.2",
            )
            .with_detail(&("version", "1.0,1.1,1.2"))
        })?;
        let heart_beat =
            HeartBeat::parse(frame.header("heart-beat"))?.negotiate(version, &self.services.limits);
        let request = ConnectRequest {
            headers: frame.headers.clone(),
            principal: self.principal.clone(),
        };
        let services = self.services.clone();
        let message = services
            .events
            .wants_connects()
            .then(|| Message::of_type(MessageType::Connect).with_headers(frame.headers.clone()));
        let authenticated = Box::pin(async move {
            match &services.authenticator {
                Some(authenticator) => authenticate(&**authenticator, request).await,
                None => Ok(request.principal),
            }
        });
        Ok((
            Authenticating {
                connecting: self,
                headers: frame.headers.clone(),
                version,
                heart_beat,
                message,
            },
            authenticated,
        ))
    }
}

/// Asks the authenticator. A panic is a refusal, so that its client is told, as for a handler (T-39).
async fn authenticate(
    authenticator: &dyn DynAuthenticator,
    request: ConnectRequest,
) -> Authenticated {
    let authenticated = async { authenticator.authenticate_boxed(request).await };
    // Whatever a panic leaves half done is the authenticator's own.
    match AssertUnwindSafe(authenticated).catch_unwind().await {
        Ok(Ok(principal)) => Ok(principal),
        Ok(Err(error)) => Err(Refusal::new("authentication-failed", error.to_string())),
        Err(_panic) => {
            tracing::error!("the authenticator panicked, and its client is refused");
            Err(Refusal::new(
                "internal-error",
                "the server failed to find out who you are",
            ))
        }
    }
}

impl Authenticating {
    /// Registers the session, or refuses (NEG-019).
    pub(in crate::endpoint) fn finish(
        self,
        authenticated: Authenticated,
    ) -> Result<Accepted, Refusal> {
        let principal = authenticated?;
        let Self {
            connecting:
                Connecting {
                    services,
                    attributes,
                    outbound,
                    ..
                },
            headers,
            version,
            heart_beat,
            message,
        } = self;
        // The application's code, as the interceptors are: nothing is registered yet if it panics.
        let layers = InboundLayers::service(&services)?;
        let id = SessionId::random();
        let phases = &services.phases;
        let connect = phases.connect(&id, headers, principal.as_ref(), &attributes)?;
        // IN-8: whatever user CONNECT has now is that of the session.
        let principal = match &connect {
            Some(connect) => connect.principal().cloned(),
            None => principal,
        };
        let mut connected = FrameBuilder::new(Command::Connected, version)
            .header("version", version.as_str())
            .header(
                "heart-beat",
                &format!("{},{}", heart_beat.server.sends, heart_beat.server.wants),
            )
            .header("session", id.as_str())
            .header("server", SERVER);
        if let Some(principal) = &principal {
            connected = connected.header("user-name", principal.name());
        }
        let factories = services.session_factories.clone();
        let session = Session::new(id, version, principal, attributes, factories, outbound);
        // Registered before the client can know: so whatever it does next finds it registered (UR-2).
        let limit = services.limits.sessions_per_user;
        if !services.users.add(&session, limit) {
            phases.completed(connect, session.attributes(), SendOutcome::Failed);
            let what = "the user has too many sessions";
            let limit = limit.unwrap_or_default();
            return Err(Refusal::limit(
                "too-many-sessions",
                what,
                limit,
                "sessions_per_user",
            ));
        }
        services.sessions.add(session.clone());
        let message = message.map(|message| match &connect {
            Some(connect) => connect.clone(),
            None => message
                .with_session_id(session.id().clone())
                .with_principal(session.principal().cloned()),
        });
        let listening = services.events.connected(&session, message);
        phases.completed(connect, session.attributes(), SendOutcome::Sent);
        tracing::debug!(session = %session.id(), version = %version, user = ?session.principal(), "connected");
        Ok(Accepted {
            session: Connected::new(services, session, layers),
            version,
            connected: connected.finish(),
            heart_beat,
            listening,
        })
    }
}
