//! Path parameters (JSR-16).

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use http::StatusCode;
use stomp_core::{
    endpoint::{Handshake, HandshakeRefused},
    handler::{FromText, TextError},
};

use super::{Call, EndpointError, EndpointHandshake, constructor::refuse};

/// The parameters of the path of one connection, decoded.
#[derive(Clone, Debug)]
pub(super) struct PathParameters(Arc<[(Arc<str>, String)]>);

impl PathParameters {
    /// Takes those that `path` names from a request that it matches.
    pub(super) async fn of(
        handshake: &mut Handshake,
        path: &str,
    ) -> Result<Self, HandshakeRefused> {
        let taken = RawPathParams::from_request_parts(handshake.request_mut(), &()).await;
        let parameters = match taken {
            Ok(parameters) => parameters,
            // Not UTF-8.
            Err(rejection) => {
                let response = axum::response::IntoResponse::into_response(rejection);
                return Err(refuse(response, handshake).await);
            }
        };
        // The router may have others, of SockJS.
        let value = |name: &str| {
            let (_, value) = parameters.iter().find(|(other, _)| *other == name)?;
            Some((Arc::from(name), value.to_owned()))
        };
        Ok(Self(names(path).filter_map(value).collect()))
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
