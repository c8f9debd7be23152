use std::time::Duration;

use super::{SockJsOptions, SockJsSettings, SockJsTransport};

/// How long a client waits for the answer to a JSONP request (SJ-JP-05).
const JSONP_PATIENCE: Duration = Duration::from_secs(35);

impl SockJsOptions {
    /// What is wrong with it, for `build()` to report.
    pub fn mistakes(&self) -> Vec<String> {
        let settings = &self.settings;
        let zeros = zeros(settings).map(|name| format!("SockJS: `{name}` must not be 0"));
        zeros
            .into_iter()
            .chain(transport_mistake(settings))
            .chain(url_mistake(&settings.client_library_url))
            .collect()
    }
}

fn zeros(settings: &SockJsSettings) -> impl Iterator<Item = &'static str> + use<> {
    let is_zero = [
        ("stream_bytes_limit", settings.stream_bytes_limit == 0),
        ("heartbeat_time", settings.heartbeat_time.is_zero()),
        ("disconnect_delay", settings.disconnect_delay.is_zero()),
        (
            "http_message_cache_size",
            settings.http_message_cache_size == 0,
        ),
        ("body_bytes", settings.body_bytes == 0),
        ("body_messages", settings.body_messages == 0),
        ("sessions", settings.sessions == 0),
        (
            "unattached_sessions_per_address",
            settings.unattached_sessions_per_address == 0,
        ),
        ("misses_per_minute", settings.misses_per_minute == 0),
    ];
    is_zero
        .into_iter()
        .filter_map(|(name, is_zero)| is_zero.then_some(name))
}

fn transport_mistake(settings: &SockJsSettings) -> Option<String> {
    // Those that are open to all pages may still be turned off by the origins, but never the others.
    if !SockJsTransport::ALL
        .into_iter()
        .any(|transport| settings.serves(transport, true))
    {
        return Some(
            "SockJS: no transport is left; choose some with `transports`, or leave `web_socket_enabled` on".to_owned(),
        );
    }
    let jsonp_is_chosen = settings
        .transports
        .as_ref()
        .is_some_and(|chosen| chosen.contains(&SockJsTransport::Jsonp));
    (jsonp_is_chosen && settings.heartbeat_time >= JSONP_PATIENCE).then(|| {
        "SockJS: with JSONP, `heartbeat_time` must be shorter than 35 s, after which clients give up".to_owned()
    })
}

/// The url stands in an attribute of the iframe page as it is (SJ-IFR-03).
fn url_mistake(url: &str) -> Option<String> {
    let is_of_page = ["/", "http://", "https://"]
        .iter()
        .any(|start| url.starts_with(start));
    let is_safe = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'<' | b'>');
    (!is_of_page || !url.bytes().all(is_safe)).then(|| {
        format!(
            "SockJS: {url:?} is no `client_library_url`: write a path that starts with `/`, or a url that starts with \
             `https://`, with what is special in it percent-encoded"
        )
    })
}
