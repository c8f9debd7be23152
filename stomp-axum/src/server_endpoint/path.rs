//! Path parameters (JSR-16).

use std::sync::Arc;

use http::{StatusCode, request::Parts};
use percent_encoding::percent_decode_str;
use stomp_core::{
    endpoint::HandshakeRefused,
    handler::{FromText, TextError},
};

use super::{Call, EndpointError, EndpointHandshake};

/// The parameters of the path of one connection, decoded.
#[derive(Clone, Debug)]
pub(super) struct PathParameters(Arc<[(Arc<str>, String)]>);

impl PathParameters {
    /// Takes those that `path` names from a request that it matches. axum has also those of SockJS, and of what the router is
    /// nested in, which need not be UTF-8, and may have the same names.
    pub(super) fn of(request: &Parts, path: &str) -> Result<Self, HandshakeRefused> {
        let segments = path.split('/').zip(request.uri.path().split('/'));
        let parameters = segments.filter_map(|(segment, value)| Some((parameter(segment)?, value)));
        let decoded = parameters.map(|(name, value)| {
            let value = percent_decode_str(value).decode_utf8().map_err(|_| {
                let text = format!("The parameter `{name}` of the path is not UTF-8.");
                HandshakeRefused::new(StatusCode::BAD_REQUEST, text)
            })?;
            Ok((Arc::from(name), value.into_owned()))
        });
        decoded.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.iter();
        all.find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, value.as_str()))
    }

    fn read<T: FromText<Via>, Via>(&self, name: &'static str) -> Result<T, EndpointError> {
        let value = self.get(name);
        T::from_text(value.into_iter()).map_err(|error| {
            let (type_name, reason) = match error {
                // The macro knows the names.
                TextError::Missing => ("", "it is missing".to_owned()),
                TextError::Invalid(type_name, reason) => (type_name, reason),
            };
            EndpointError::PathParam {
                name,
                type_name,
                reason,
            }
        })
    }
}

/// The names of the parameters of a template.
pub(super) fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(parameter)
}

/// The name of the parameter that a segment is.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The template with all names of parameters left out: those that are equal then match the same requests.
pub(super) fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| match parameter(segment) {
        Some(_) => "{}",
        None => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

/// Takes an argument marked `#[path_param]`.
pub fn path_param<T: FromText<Via>, Via, E>(
    call: &Call<E>,
    name: &'static str,
) -> Result<T, EndpointError> {
    call.session.own_path_parameters().read(name)
}

/// Takes an argument of a constructor marked `#[path_param]`: a value that is none of its type refuses the client.
pub fn path_param_of_handshake<T: FromText<Via>, Via>(
    handshake: &EndpointHandshake<'_>,
    name: &'static str,
) -> Result<T, HandshakeRefused> {
    let read = handshake.path_parameters.read(name);
    read.map_err(|error| HandshakeRefused::new(StatusCode::BAD_REQUEST, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jsr_10_templates_are_equivalent_whatever_their_parameters_are_called() {
        assert_eq!(shape("/chat/{room}/x"), shape("/chat/{name}/x"));
        assert_ne!(shape("/chat/{room}"), shape("/chat/room"));
        assert_ne!(shape("/chat/{room}"), shape("/{chat}/{room}"));
        assert_eq!(names("/a/{b}/{c}").collect::<Vec<_>>(), ["b", "c"]);
    }
}
