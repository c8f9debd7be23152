//! Path parameters, of annotated endpoints (JSR-16) and of all others.

use std::sync::Arc;

use http::{StatusCode, request::Parts};
use percent_encoding::percent_decode_str;
use stomp_core::endpoint::{
    Handshake, HandshakeInterceptor, HandshakeRefused,
    path_template::{self, Parameter},
};

/// The parameters of the path of one connection, decoded.
#[derive(Clone, Debug)]
pub(crate) struct PathParameters(Arc<[(Arc<str>, String)]>);

impl PathParameters {
    /// Takes those that `template` names from a request that it matches. axum has also those of SockJS, and of what the router
    /// is nested in, which need not be UTF-8, and may have the same names.
    pub(crate) fn of(request: &Parts, template: &str) -> Result<Self, HandshakeRefused> {
        let mut rest = request.uri.path();
        let mut parameters = Vec::new();
        for segment in path_template::segments(template) {
            let (value, behind) = rest.split_once('/').unwrap_or((rest, ""));
            if let Some(Parameter { name, is_rest }) = segment.parameter()
                && let Some(value) =
                    if is_rest { rest } else { value }.strip_prefix(&*segment.text())
            {
                let value = percent_decode_str(value).decode_utf8().map_err(|_| {
                    let text = format!("The parameter `{name}` of the path is not UTF-8.");
                    HandshakeRefused::new(StatusCode::BAD_REQUEST, text)
                })?;
                parameters.push((Arc::from(name), value.into_owned()));
            }
            rest = behind;
        }
        Ok(Self(parameters.into()))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut all = Self::iter(Some(self));
        all.find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    }

    /// None of a path that has none.
    pub(crate) fn iter(parameters: Option<&Self>) -> impl ExactSizeIterator<Item = (&str, &str)> {
        let all = parameters.map_or(&[][..], |parameters| &parameters.0);
        all.iter().map(|(name, value)| (&**name, value.as_str()))
    }
}

/// Leaves the parameters of its path to the session, as annotated endpoints do that need them themselves.
#[derive(Debug)]
pub(super) struct ReadPathParameters(String);

impl ReadPathParameters {
    /// `None` for a path that has no parameters.
    pub(super) fn of(template: &str) -> Option<Self> {
        let mut parameters = path_template::parameters(template);
        parameters.next().map(|_| Self(template.to_owned()))
    }
}

impl HandshakeInterceptor for ReadPathParameters {
    async fn before_handshake(&self, handshake: &mut Handshake) -> Result<(), HandshakeRefused> {
        let parameters = PathParameters::of(handshake.request(), &self.0)?;
        handshake.request_mut().extensions.insert(parameters);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(template: &str, path: &str) -> String {
        let (request, ()) = http::Request::get(path).body(()).unwrap().into_parts();
        let parameters = PathParameters::of(&request, template).unwrap();
        format!(
            "{:?}",
            PathParameters::iter(Some(&parameters)).collect::<Vec<_>>()
        )
    }

    #[test]
    fn jsr_16_parameters_are_those_of_the_template() {
        for (template, path, expected) in [
            ("/a", "/a", "[]"),
            ("/{a}/b/{c}", "/1/b/%202?x", r#"[("a", "1"), ("c", " 2")]"#),
            ("/{a}", "/1/000/session/websocket", r#"[("a", "1")]"#),
            ("/a/id-{b}", "/a/id-1", r#"[("b", "1")]"#),
            ("/a/{{{b}", "/a/{1", r#"[("b", "1")]"#),
            ("/a/{*b}", "/a/1/2%2F3/", r#"[("b", "1/2/3/")]"#),
        ] {
            assert_eq!(parameters(template, path), expected, "{template}");
        }
    }
}
