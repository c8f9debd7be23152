//! Which resource of a SockJS service a path names. All of it is about the path as it was sent: what is percent-encoded
//! stays so, and nothing is normalized (SJ-URL-05).

use http::Method;
use stomp_core::endpoint::SockJsTransport;

/// No client has longer ones; they are kept for as long as the session.
const MAX_SESSION_BYTES: usize = 128;

/// What is below the path of a service (SJ-URL-02).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target<'a> {
    Greeting,
    Info,
    Iframe,
    RawWebSocket,
    /// The server in front of it is for load balancers alone (SJ-SES-03).
    Session {
        session: &'a str,
        resource: Resource,
    },
}

/// What is below a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    WebSocket,
    Xhr,
    XhrStreaming,
    XhrSend,
    EventSource,
    HtmlFile,
    Jsonp,
    JsonpSend,
}

impl<'a> Target<'a> {
    /// `None` for what is not there (SJ-URL-07). Letters must be in the right case (SJ-URL-10).
    pub(super) fn below(path: &'a str) -> Option<Self> {
        if matches!(path, "" | "/") {
            return Some(Self::Greeting);
        }
        // One slash at the end is as good as none (SJ-URL-06), and two are not.
        let path = path.strip_suffix('/').unwrap_or(path).strip_prefix('/')?;
        let mut segments = path.split('/');
        let (first, more) = (segments.next()?, segments.next());
        let Some(session) = more else {
            return Self::of_service(first);
        };
        let (name, end) = (segments.next()?, segments.next());
        (end.is_none() && is_id(first) && is_id(session) && session.len() <= MAX_SESSION_BYTES)
            .then_some(())
            .and(Resource::named(name))
            .map(|resource| Self::Session { session, resource })
    }

    fn of_service(name: &str) -> Option<Self> {
        match name {
            "info" => Some(Self::Info),
            "websocket" => Some(Self::RawWebSocket),
            name if is_iframe(name) => Some(Self::Iframe),
            _ => None,
        }
    }
}

impl Resource {
    /// A name with `;` behind it is none (SJ-URL-11).
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "websocket" => Self::WebSocket,
            "xhr" => Self::Xhr,
            "xhr_streaming" => Self::XhrStreaming,
            "xhr_send" => Self::XhrSend,
            "eventsource" => Self::EventSource,
            "htmlfile" => Self::HtmlFile,
            "jsonp" => Self::Jsonp,
            "jsonp_send" => Self::JsonpSend,
            _ => return None,
        })
    }

    /// Where one of these transports is served, it is; `xhr_send` is how most of them send.
    pub(super) fn transports(self) -> &'static [SockJsTransport] {
        match self {
            Self::WebSocket => &[SockJsTransport::WebSocket],
            Self::Xhr => &[SockJsTransport::Xhr],
            Self::XhrStreaming => &[SockJsTransport::XhrStreaming],
            Self::XhrSend => &[
                SockJsTransport::Xhr,
                SockJsTransport::XhrStreaming,
                SockJsTransport::EventSource,
                SockJsTransport::HtmlFile,
            ],
            Self::EventSource => &[SockJsTransport::EventSource],
            Self::HtmlFile => &[SockJsTransport::HtmlFile],
            Self::Jsonp | Self::JsonpSend => &[SockJsTransport::Jsonp],
        }
    }

    pub(super) fn method(self) -> Method {
        match self {
            Self::WebSocket | Self::EventSource | Self::HtmlFile | Self::Jsonp => Method::GET,
            Self::Xhr | Self::XhrStreaming | Self::XhrSend | Self::JsonpSend => Method::POST,
        }
    }

    /// Whether pages of other origins read it by themselves (SJ-CORS-05, SJ-CORS-06).
    pub(super) fn has_cors(self) -> bool {
        self.has_preflight() || self == Self::EventSource
    }

    /// Whether they ask first (SJ-CORS-07).
    pub(super) fn has_preflight(self) -> bool {
        matches!(self, Self::Xhr | Self::XhrStreaming | Self::XhrSend)
    }
}

/// What is below `segments` segments of a path, as it was sent; `None` if it has less.
pub(super) fn skip_segments(path: &str, segments: usize) -> Option<&str> {
    (0..segments).try_fold(path, |rest, _| {
        let rest = rest.strip_prefix('/')?;
        Some(&rest[rest.find('/').unwrap_or(rest.len())..])
    })
}

/// SJ-URL-03, SJ-URL-04.
fn is_id(segment: &str) -> bool {
    !segment.is_empty() && !segment.contains('.')
}

/// `iframe.html`, with or without a version (SJ-IFR-01).
fn is_iframe(name: &str) -> bool {
    let is_of_version = |byte: u8| {
        byte.is_ascii_digit() || byte.is_ascii_lowercase() || matches!(byte, b'-' | b'.' | b'_')
    };
    name.strip_prefix("iframe")
        .and_then(|name| name.strip_suffix(".html"))
        .is_some_and(|version| version.bytes().all(is_of_version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sj_url_02_all_forms() {
        assert_eq!(Target::below(""), Some(Target::Greeting));
        assert_eq!(Target::below("/"), Some(Target::Greeting));
        for (name, target) in [
            ("info", Target::Info),
            ("websocket", Target::RawWebSocket),
            ("iframe.html", Target::Iframe),
        ] {
            assert_eq!(Target::below(&format!("/{name}")), Some(target));
            // SJ-URL-06
            assert_eq!(Target::below(&format!("/{name}/")), Some(target));
            assert_eq!(Target::below(&format!("/{name}//")), None);
            assert_eq!(Target::below(&format!("//{name}")), None);
        }
        for (name, resource) in [
            ("websocket", Resource::WebSocket),
            ("xhr", Resource::Xhr),
            ("xhr_streaming", Resource::XhrStreaming),
            ("xhr_send", Resource::XhrSend),
            ("eventsource", Resource::EventSource),
            ("htmlfile", Resource::HtmlFile),
            ("jsonp", Resource::Jsonp),
            ("jsonp_send", Resource::JsonpSend),
        ] {
            let session = "a";
            let target = Some(Target::Session { session, resource });
            assert_eq!(Target::below(&format!("/000/a/{name}")), target);
            assert_eq!(Target::below(&format!("/000/a/{name}/")), target);
        }
    }

    #[test]
    fn sj_url_03_any_ids() {
        for (server, id) in [
            ("a", "a"),
            ("_", "_"),
            ("1", ""),
            ("abc", "a-b%20"),
            ("%2E", "%2E"),
        ] {
            let path = format!("/{server}/{id}/xhr");
            let session = match Target::below(&path) {
                Some(Target::Session { session, .. }) => Some(session),
                _ => None,
            };
            // As it was sent: `%2E` is no dot (SJ-URL-05).
            assert_eq!(session, (!id.is_empty()).then_some(id), "{path}");
        }
        let id = "x".repeat(MAX_SESSION_BYTES);
        assert!(Target::below(&format!("/0/{id}/xhr")).is_some());
        assert_eq!(Target::below(&format!("/0/{id}x/xhr")), None);
    }

    #[test]
    fn sj_url_04_what_is_not_there() {
        for path in [
            "///xhr",
            "/a./a/xhr",
            "/a/a./xhr",
            "/.//./xhr",
            "/./a/xhr",
            "/a/xhr",
            "//xhr",
            "////xhr",
            "/xhr",
            "/a/b/c/xhr",
            "/a/a/xhr/x",
            "/a/a/XHR",
            "/a/a/xhr;a.js",
            "/a/a/xhr%3Ba",
            "/a/a/",
            "/a/a",
            "/a",
            "/a.html",
            "//",
            "///",
            "/Info",
            "/info;a",
            "/a/b/xhr_send;",
            "/../info",
            "x",
            "x/info",
        ] {
            assert_eq!(Target::below(path), None, "{path}");
        }
    }

    #[test]
    fn sj_ifr_01_names_of_the_iframe_page() {
        for name in [
            "iframe.html",
            "iframe-.html",
            "iframe-0.1.2abc-dirty.2144.html",
            "iframe_a.html",
        ] {
            assert!(is_iframe(name), "{name}");
        }
        for name in [
            "iframe.htm",
            "iframe",
            "IFRAME.HTML",
            "IFRAME",
            "iframe.HTML",
            "iframe.xml",
            "iframe-A.html",
            "iframe;.html",
        ] {
            assert!(!is_iframe(name), "{name}");
        }
        assert_eq!(Target::below("/iframe-/.html"), None);
    }

    #[test]
    fn what_is_below_a_path() {
        assert_eq!(skip_segments("/echo", 1), Some(""));
        assert_eq!(skip_segments("/echo/", 1), Some("/"));
        assert_eq!(skip_segments("/chat/a%2Fb//info", 2), Some("//info"));
        assert_eq!(skip_segments("/info", 0), Some("/info"));
        assert_eq!(skip_segments("/echo", 2), None);
    }
}
