use std::task::{Context, Poll};

use http::Request;
use stomp_core::{
    server::Messaging, session::SessionRegistry, template::MessagingTemplate, user::UserRegistry,
};
use tower_layer::Layer;
use tower_service::Service;

/// A [tower layer](Layer) that makes [`MessagingTemplate`], [`UserRegistry`] and [`SessionRegistry`] arguments of axum
/// handlers.
///
/// It puts them into the extensions of each request, so that handlers need no state, and routers of any state type can
/// have it. Made by [`MessagingExt::layer`](crate::MessagingExt::layer).
#[derive(Clone, Debug)]
pub struct MessagingLayer {
    template: MessagingTemplate,
    users: UserRegistry,
    sessions: SessionRegistry,
}

impl MessagingLayer {
    pub(crate) fn new(messaging: &Messaging) -> Self {
        Self {
            template: messaging.template().clone(),
            users: messaging.users().clone(),
            sessions: messaging.sessions().clone(),
        }
    }
}

impl<S> Layer<S> for MessagingLayer {
    type Service = MessagingService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        MessagingService {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service that [`MessagingLayer`] makes of another.
#[derive(Clone, Debug)]
pub struct MessagingService<S> {
    inner: S,
    layer: MessagingLayer,
}

impl<S, B> Service<Request<B>> for MessagingService<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let extensions = request.extensions_mut();
        extensions.insert(self.layer.template.clone());
        extensions.insert(self.layer.users.clone());
        extensions.insert(self.layer.sessions.clone());
        self.inner.call(request)
    }
}
