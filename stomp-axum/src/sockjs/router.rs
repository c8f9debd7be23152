use std::sync::Arc;

use axum::{Router, extract::Request, routing::any};
use stomp_core::endpoint::SockJsSettings;

use super::service::SockJs;
use crate::message_socket::Application;

/// Everything at the application's path and below it belongs to SockJS (SJ-URL-01); it may be below a path that a router
/// adds, and may have parameters.
///
/// What is below gets one route, whose rest is not looked at by axum: SockJS knows no other 404 or 405 than its own.
pub(crate) fn sockjs_router<A, S>(application: A, settings: &SockJsSettings) -> Router<S>
where
    A: Application,
    S: Clone + Send + Sync + 'static,
{
    let base = application.path().trim_end_matches('/').to_owned();
    let service = Arc::new(SockJs::new(application, &base, settings));
    let answer = any(move |request: Request| {
        let service = Arc::clone(&service);
        async move { service.answer(request).await }
    });
    let router = Router::new()
        .route(&format!("{base}/"), answer.clone())
        .route(&format!("{base}/{{*sockjs}}"), answer.clone());
    if base.is_empty() {
        router
    } else {
        router.route(&base, answer)
    }
}
