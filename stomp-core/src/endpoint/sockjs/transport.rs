/// A way in which SockJS carries messages; each stands for the url that it receives from.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SockJsTransport {
    /// `/websocket`, with and without the frames of SockJS.
    WebSocket,
    /// `/xhr`: a request for each batch of messages.
    Xhr,
    /// `/xhr_streaming`: a response that goes on.
    XhrStreaming,
    /// `/eventsource`: server-sent events.
    EventSource,
    /// `/htmlfile`: script elements in a page that goes on.
    HtmlFile,
    /// `/jsonp`: a script for each batch of messages.
    Jsonp,
}

impl SockJsTransport {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::WebSocket,
        Self::Xhr,
        Self::XhrStreaming,
        Self::EventSource,
        Self::HtmlFile,
        Self::Jsonp,
    ];

    /// Whether a page of any origin can read it as a script or a page, past the rules of browsers (SJ-JS-06, T-17).
    pub(super) fn is_open_to_all_pages(self) -> bool {
        matches!(self, Self::HtmlFile | Self::Jsonp)
    }
}
