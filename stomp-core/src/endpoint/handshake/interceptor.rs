use futures_util::future::BoxFuture;
use http::StatusCode;

use super::{Handshake, HandshakeRefused};

/// Looks at handshakes, and may refuse them: Spring's `HandshakeInterceptor` (HS-30 to HS-34).
///
/// What is wrong with the request itself, and a page that may not connect, has been refused before, so an interceptor
/// sees neither. With SockJS it is asked once for each session, about the request that opens it (HS-32).
///
/// A closure or function is an interceptor that can't wait, and has no second phase:
///
/// ```
/// use http::StatusCode;
/// use stomp_axum::endpoint::{Handshake, StompEndpoint};
///
/// let endpoint = StompEndpoint::new("/ws").interceptor(|handshake: &mut Handshake| {
///     if handshake.request().headers.contains_key("x-tenant") {
///         Ok(())
///     } else {
///         Err((StatusCode::FORBIDDEN, "Which tenant?").into())
///     }
/// });
/// ```
///
/// One that waits. A guard among the attributes is let go of whatever becomes of the handshake, and of the session:
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use http::StatusCode;
/// use stomp_axum::endpoint::{Handshake, HandshakeInterceptor, HandshakeRefused, StompEndpoint};
/// use tokio::{sync::{OwnedSemaphorePermit, Semaphore}, time::timeout};
///
/// /// So many sessions at a time; those behind them wait for a second.
/// struct AtMost(Arc<Semaphore>);
///
/// struct Place { _permit: OwnedSemaphorePermit }
///
/// impl HandshakeInterceptor for AtMost {
///     async fn before_handshake(&self, handshake: &mut Handshake) -> Result<(), HandshakeRefused> {
///         let place = Arc::clone(&self.0).acquire_owned();
///         match timeout(Duration::from_secs(1), place).await {
///             Ok(Ok(permit)) => {
///                 handshake.attributes().insert(Place { _permit: permit });
///                 Ok(())
///             }
///             _ => Err(StatusCode::SERVICE_UNAVAILABLE.into()),
///         }
///     }
/// }
///
/// let endpoint = StompEndpoint::new("/ws").interceptor(AtMost(Arc::new(Semaphore::new(1000))));
/// ```
pub trait HandshakeInterceptor: Send + Sync + 'static {
    /// Before the response is made.
    ///
    /// If the client goes in the meantime, it may not be polled to its end. A panic refuses the handshake with 500, and
    /// is logged (HS-32).
    ///
    /// # Errors
    ///
    /// [`HandshakeRefused`] refuses it. Interceptors behind this one are not asked.
    fn before_handshake(
        &self,
        handshake: &mut Handshake,
    ) -> impl Future<Output = Result<(), HandshakeRefused>> + Send;

    /// When it is known what the response will be, and before it is sent; only if this interceptor has let the handshake
    /// pass. A status that is an error says that somebody behind has refused it.
    ///
    /// Headers can still be added to the response; attributes and user are what they are only if it has succeeded.
    /// A panic is logged, and changes nothing (HS-32).
    fn after_handshake(&self, handshake: &mut Handshake, status: StatusCode) {
        let _not_interested = (handshake, status);
    }
}

impl<F> HandshakeInterceptor for F
where
    F: Fn(&mut Handshake) -> Result<(), HandshakeRefused> + Send + Sync + 'static,
{
    fn before_handshake(
        &self,
        handshake: &mut Handshake,
    ) -> impl Future<Output = Result<(), HandshakeRefused>> + Send {
        std::future::ready(self(handshake))
    }
}

/// An interceptor behind a pointer.
pub(super) trait DynHandshakeInterceptor: Send + Sync {
    fn before_boxed<'a>(
        &'a self,
        handshake: &'a mut Handshake,
    ) -> BoxFuture<'a, Result<(), HandshakeRefused>>;

    fn after(&self, handshake: &mut Handshake, status: StatusCode);
}

impl<I: HandshakeInterceptor> DynHandshakeInterceptor for I {
    fn before_boxed<'a>(
        &'a self,
        handshake: &'a mut Handshake,
    ) -> BoxFuture<'a, Result<(), HandshakeRefused>> {
        Box::pin(self.before_handshake(handshake))
    }

    fn after(&self, handshake: &mut Handshake, status: StatusCode) {
        self.after_handshake(handshake, status);
    }
}
