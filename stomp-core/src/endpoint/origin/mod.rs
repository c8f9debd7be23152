//! Which pages may connect: a browser sends the cookies of the server along, whoever wrote the page (T-01).

mod pattern;

use http::{
    HeaderValue, Uri,
    header::{HOST, ORIGIN},
    request::Parts,
    uri::Authority,
};

pub(super) use self::pattern::InvalidOrigin;
use self::pattern::OriginPattern;

/// The origins that an endpoint takes: its own, and those that are added.
#[derive(Clone, Debug, Default)]
pub(super) struct OriginCheck {
    /// `*` was given.
    any: bool,
    origins: Vec<Origin>,
    patterns: Vec<OriginPattern>,
}

/// `scheme://host[:port]`, in lower case and with the default port of its scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl OriginCheck {
    /// Takes an origin, several with commas between them, or `*` for all (HS-42).
    pub(super) fn add_origin(&mut self, entry: &str) -> Result<(), InvalidOrigin> {
        for origin in entry.split(',').map(str::trim) {
            if origin == "*" {
                self.any = true;
            } else {
                self.origins.push(Origin::configured(origin)?);
            }
        }
        Ok(())
    }

    /// Takes a pattern, or `*` for all (HS-43).
    pub(super) fn add_pattern(&mut self, pattern: &str) -> Result<(), InvalidOrigin> {
        if pattern.trim() == "*" {
            self.any = true;
        } else {
            self.patterns.push(OriginPattern::parse(pattern.trim())?);
        }
        Ok(())
    }

    /// Whether all origins may connect.
    pub(super) fn allows_any(&self) -> bool {
        self.any
    }

    /// Whether nothing was added.
    pub(super) fn is_same_only(&self) -> bool {
        !self.any && self.origins.is_empty() && self.patterns.is_empty()
    }

    /// Whether the page that sent the request may connect (HS-40).
    pub(super) fn allows(&self, request: &Parts) -> bool {
        let mut lines = request.headers.get_all(ORIGIN).iter();
        // Only browsers send it, and they always do: nothing else has somebody else's cookies (HS-41).
        let Some(origin) = lines.next() else {
            return true;
        };
        // A blank origin, or two of them, is no browser's doing.
        if lines.next().is_some() || origin.as_bytes().trim_ascii().is_empty() {
            return false;
        }
        if self.any {
            return true;
        }
        let Some(origin) = origin.to_str().ok().and_then(Origin::parse) else {
            return false;
        };
        origin.is_of_server(request)
            || self.origins.contains(&origin)
            || self.patterns.iter().any(|pattern| pattern.matches(&origin))
    }
}

impl Origin {
    /// `None` for everything that is not exactly an origin, such as `null`.
    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let uri: Uri = text.parse().ok()?;
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
        // No path, query or fragment: an origin ends with its authority.
        if text.len() != scheme.len() + "://".len() + authority.as_str().len() {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        let (host, port) = host_and_port(authority)?;
        let port = port.or_else(|| default_port(&scheme));
        Some(Self { scheme, host, port })
    }

    /// As [`parse`](Self::parse), for an origin that the application allows.
    fn configured(text: &str) -> Result<Self, InvalidOrigin> {
        let reason = if text.is_ascii() {
            pattern::NO_ORIGIN
        } else {
            pattern::NOT_ASCII
        };
        Self::parse(text).ok_or_else(|| InvalidOrigin::new(text, reason))
    }

    /// Whether it is the origin of the server itself (HS-41), by host and port. The scheme that a browser used to reach
    /// the server is unknown here, since TLS ends before the request is read; a missing port is that of the page's
    /// scheme.
    fn is_of_server(&self, request: &Parts) -> bool {
        let is_page = matches!(self.scheme.as_str(), "http" | "https");
        is_page
            && server_of(request).is_some_and(|(host, port)| {
                host == self.host && port.or_else(|| default_port(&self.scheme)) == self.port
            })
    }
}

/// The host and port that the client believes to talk to.
fn server_of(request: &Parts) -> Option<(String, Option<u16>)> {
    if let Some(authority) = request.uri.authority() {
        return host_and_port(authority);
    }
    let mut lines = request.headers.get_all(HOST).iter();
    let host = lines.next().map(HeaderValue::as_bytes)?;
    if lines.next().is_some() {
        return None;
    }
    host_and_port(&Authority::try_from(host).ok()?)
}

/// The host in lower case, and the port. `None` if there is anything else, such as a user, or if the host is not
/// labels, each with something in it, or an IP address.
fn host_and_port(authority: &Authority) -> Option<(String, Option<u16>)> {
    let (host, port) = (authority.host(), authority.port_u16());
    let is_all = match port {
        Some(port) => authority.as_str() == format!("{host}:{port}"),
        None => authority.as_str() == host,
    };
    (is_all && is_host(host)).then(|| (host.to_ascii_lowercase(), port))
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let in_label = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    host.split('.')
        .all(|label| !label.is_empty() && label.bytes().all(in_label))
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
