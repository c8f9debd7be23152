use std::any::Any;

use super::{Annotated, ServerEndpoint};
use crate::websocket::{WebSocketEndpoint, WebSocketsBuilder};

/// # Annotated endpoints
///
/// See the module [`server_endpoint`](mod@crate::server_endpoint).
impl WebSocketsBuilder {
    /// Serves every `#[server_endpoint]` of the program (JSR-01).
    ///
    /// A crate that the program depends on, but never mentions, is not linked, and so are its endpoints: write
    /// `use my_endpoints as _;`.
    pub fn server_endpoints(mut self) -> Self {
        self.annotated().add_all();
        self
    }

    /// Serves the annotated endpoints of a module and of the modules in it; the path is that of `module_path!()`. A module
    /// without any is an error of [`build`](Self::build).
    pub fn server_endpoints_in(mut self, module: &str) -> Self {
        self.annotated().add_module(module);
        self
    }

    /// Serves one annotated endpoint. One that is named several times, or is among
    /// [all of them](Self::server_endpoints), too, is served once.
    ///
    /// ```
    /// use stomp_axum::{server_endpoint::server_endpoint, websocket::WebSockets};
    ///
    /// #[derive(Default)]
    /// struct Echo;
    ///
    /// #[server_endpoint("/echo")]
    /// impl Echo {
    ///     #[on_message]
    ///     async fn echo(&mut self, text: String) -> String {
    ///         text
    ///     }
    /// }
    ///
    /// let websockets = WebSockets::builder().server_endpoint::<Echo>().build()?;
    /// # Ok::<(), stomp_axum::websocket::BuildError>(())
    /// ```
    pub fn server_endpoint<T: ServerEndpoint>(mut self) -> Self {
        self.annotated().add(T::DEFINITION);
        self
    }

    /// Serves a `shared` endpoint: all of its connections have this instance (JSR-11).
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use stomp_axum::{server_endpoint::server_endpoint, websocket::WebSockets};
    ///
    /// struct Counter { count: AtomicU64 }
    ///
    /// #[server_endpoint("/count", shared)]
    /// impl Counter {
    ///     #[on_message]
    ///     async fn count(&self, step: u64) -> u64 {
    ///         self.count.fetch_add(step, Ordering::Relaxed) + step
    ///     }
    /// }
    ///
    /// let counter = Counter { count: AtomicU64::new(0) };
    /// let websockets = WebSockets::builder().server_endpoint_instance(counter).build()?;
    /// # Ok::<(), stomp_axum::websocket::BuildError>(())
    /// ```
    pub fn server_endpoint_instance<T: ServerEndpoint + Send + Sync>(
        mut self,
        instance: T,
    ) -> Self {
        self.annotated().add_instance(instance);
        self
    }

    /// Configures an annotated endpoint in code: with interceptors of handshakes, and with whatever else is no literal. It
    /// starts from what its attribute says.
    ///
    /// ```
    /// # use stomp_axum::{server_endpoint::server_endpoint, websocket::WebSockets};
    /// # #[derive(Default)]
    /// # struct Echo;
    /// # #[server_endpoint("/echo")]
    /// # impl Echo {
    /// #     #[on_message]
    /// #     async fn echo(&mut self, text: String) -> String { text }
    /// # }
    /// let origins = std::env::var("ALLOWED_ORIGINS").unwrap_or_default();
    /// let websockets = WebSockets::builder()
    ///     .server_endpoint::<Echo>()
    ///     .configure_server_endpoint::<Echo>(move |endpoint| {
    ///         endpoint.allowed_origins(origins.split_whitespace()).require_user()
    ///     })
    ///     .build()?;
    /// # Ok::<(), stomp_axum::websocket::BuildError>(())
    /// ```
    pub fn configure_server_endpoint<T: ServerEndpoint>(
        mut self,
        configure: impl FnOnce(WebSocketEndpoint<Annotated>) -> WebSocketEndpoint<Annotated> + 'static,
    ) -> Self {
        self.annotated().configure::<T>(Box::new(configure));
        self
    }

    /// Gives a value to the annotated endpoints: those that take a `State<T>` get a clone of it. Wrap what is not cheap to
    /// clone in an `Arc`.
    pub fn state<T: Any + Clone + Send + Sync>(mut self, state: T) -> Self {
        self.annotated().add_state(state);
        self
    }
}
