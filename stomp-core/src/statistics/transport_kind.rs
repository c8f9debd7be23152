use serde::Serialize;

/// What carries a session, for statistics (STAT-01).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransportKind {
    /// A WebSocket, be it one of SockJS or not.
    #[serde(rename = "websocket")]
    WebSocket,
    /// SockJS over HTTP, with responses that go on.
    HttpStreaming,
    /// SockJS over HTTP, with a response for each batch of frames.
    HttpPolling,
    /// A TCP connection.
    Tcp,
    /// Anything else: a transport of the application's own, or memory in a test.
    #[default]
    Other,
}

impl TransportKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::WebSocket,
        Self::HttpStreaming,
        Self::HttpPolling,
        Self::Tcp,
        Self::Other,
    ];

    /// Its name: `websocket`, `http-streaming`, `http-polling`, `tcp` or `other`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::HttpStreaming => "http-streaming",
            Self::HttpPolling => "http-polling",
            Self::Tcp => "tcp",
            Self::Other => "other",
        }
    }
}
