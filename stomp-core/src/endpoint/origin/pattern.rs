use super::{Origin, default_port, host_and_port, is_host};
use http::Uri;

/// A pattern of origins (HS-43): `https://*.example.com`, `https://preview-*.example.com`, `http://localhost:[*]`.
///
/// Unlike in Spring, where it stands for any run of characters, `*` respects the labels of the host, so that no pattern
/// matches a host that somebody else can register (T-03).
#[derive(Clone, Debug)]
pub(super) struct OriginPattern {
    scheme: String,
    host: HostPattern,
    ports: Ports,
}

#[derive(Clone, Debug)]
enum HostPattern {
    Exact(String),
    /// Ends with this, which is empty or starts with a dot, with something before it.
    Below(String),
    /// The first label starts and ends like this, and the rest, which is empty or starts with a dot, is equal.
    FirstLabel {
        prefix: String,
        suffix: String,
        rest: String,
    },
}

#[derive(Clone, Debug)]
enum Ports {
    Any,
    /// `None` is for schemes that have no default port.
    OneOf(Vec<Option<u16>>),
}

/// An allowed origin, or a pattern of them, that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin:?} is not an origin: {reason}")]
pub(in super::super) struct InvalidOrigin {
    origin: String,
    reason: &'static str,
}

pub(super) const NO_ORIGIN: &str = "write scheme://host or scheme://host:port, without a path; \
    patterns go to `allowed_origin_patterns`";
pub(super) const NOT_ASCII: &str =
    "write the host as browsers send it, with `xn--` in front of what is not ASCII (Punycode)";
const NO_PATTERN: &str = "write scheme://host, scheme://host:port, scheme://host:[port,port] or scheme://host:[*], \
    without a path";
const STAR_BEHIND_FIRST_LABEL: &str = "`*` may stand once, in the first label of the host: anybody can register hosts \
    that match otherwise";
const NO_PORTS: &str = "the ports must be numbers, separated by commas, or `*`";

impl InvalidOrigin {
    pub(super) fn new(origin: &str, reason: &'static str) -> Self {
        Self {
            origin: origin.to_owned(),
            reason,
        }
    }
}

impl OriginPattern {
    pub(super) fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        let invalid = |reason| InvalidOrigin::new(text, reason);
        if !text.is_ascii() {
            return Err(invalid(NOT_ASCII));
        }
        let (without_ports, ports) = split_ports(text).map_err(invalid)?;
        let uri: Uri = without_ports.parse().map_err(|_| invalid(NO_PATTERN))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(invalid(NO_PATTERN));
        };
        if without_ports.len() != scheme.len() + "://".len() + authority.as_str().len() {
            return Err(invalid(NO_PATTERN));
        }
        let scheme = scheme.to_ascii_lowercase();
        // With the star as a letter, it must be an authority as any other.
        let letters = authority.as_str().replace('*', "x").parse();
        let (_, port) = letters
            .ok()
            .and_then(|authority| host_and_port(&authority))
            .ok_or_else(|| invalid(NO_PATTERN))?;
        let ports = match (ports, port) {
            (Some(_), Some(_)) => return Err(invalid(NO_PATTERN)),
            (Some(ports), None) => ports,
            (None, port) => Ports::OneOf(vec![port.or_else(|| default_port(&scheme))]),
        };
        let host = HostPattern::parse(&authority.host().to_ascii_lowercase())
            .ok_or_else(|| invalid(STAR_BEHIND_FIRST_LABEL))?;
        Ok(Self {
            scheme,
            host,
            ports,
        })
    }

    pub(super) fn matches(&self, origin: &Origin) -> bool {
        let has_port = match &self.ports {
            Ports::Any => true,
            Ports::OneOf(ports) => ports.contains(&origin.port),
        };
        has_port && self.scheme == origin.scheme && self.host.matches(&origin.host)
    }
}

/// Takes `:[8080,8081]`, `:[*]` or `:*` off the end.
fn split_ports(text: &str) -> Result<(&str, Option<Ports>), &'static str> {
    if let Some(rest) = text.strip_suffix(":*") {
        return Ok((rest, Some(Ports::Any)));
    }
    let Some((rest, ports)) = text
        .strip_suffix(']')
        .and_then(|text| text.rsplit_once(":["))
    else {
        return Ok((text, None));
    };
    if ports == "*" {
        return Ok((rest, Some(Ports::Any)));
    }
    let ports: Result<Vec<Option<u16>>, _> = ports
        .split(',')
        .map(|port| port.trim().parse().map(Some))
        .collect();
    let ports = ports.map_err(|_| NO_PORTS)?;
    Ok((rest, Some(Ports::OneOf(ports))))
}

impl HostPattern {
    fn parse(host: &str) -> Option<Self> {
        let Some((prefix, behind)) = host.split_once('*') else {
            return Some(Self::Exact(host.to_owned()));
        };
        if prefix.contains('.') || behind.contains('*') {
            return None;
        }
        if prefix.is_empty() && (behind.is_empty() || behind.starts_with('.')) {
            return Some(Self::Below(behind.to_owned()));
        }
        let (suffix, rest) = split_label(behind);
        Some(Self::FirstLabel {
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
            rest: rest.to_owned(),
        })
    }

    /// `host` is a valid host in lower case, so what is before `.example.com` is labels, and never empty.
    fn matches(&self, host: &str) -> bool {
        debug_assert!(is_host(host), "{host} was checked");
        match self {
            Self::Exact(exact) => exact == host,
            Self::Below(rest) => host
                .strip_suffix(rest.as_str())
                .is_some_and(|labels| !labels.is_empty()),
            Self::FirstLabel {
                prefix,
                suffix,
                rest,
            } => {
                let (label, other_rest) = split_label(host);
                rest == other_rest
                    && label
                        .strip_prefix(prefix.as_str())
                        .is_some_and(|label| label.ends_with(suffix.as_str()))
            }
        }
    }
}

/// The first label, and the rest with its dot.
fn split_label(host: &str) -> (&str, &str) {
    host.split_at(host.find('.').unwrap_or(host.len()))
}
