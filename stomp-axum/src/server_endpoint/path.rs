//! Arguments that are parameters of the path (JSR-16).

use http::StatusCode;
use stomp_core::{
    endpoint::HandshakeRefused,
    handler::{FromText, TextError},
};

use super::{Call, EndpointError, EndpointHandshake};

/// Reads the value of a parameter.
fn read<T: FromText<Via>, Via>(
    value: Option<&str>,
    name: &'static str,
) -> Result<T, EndpointError> {
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

/// Takes an argument marked `#[path_param]`.
pub fn path_param<T: FromText<Via>, Via, E>(
    call: &Call<E>,
    name: &'static str,
) -> Result<T, EndpointError> {
    read(call.session.path_parameter(name), name)
}

/// Takes an argument of a constructor marked `#[path_param]`: a value that is none of its type refuses the client.
pub fn path_param_of_handshake<T: FromText<Via>, Via>(
    handshake: &EndpointHandshake<'_>,
    name: &'static str,
) -> Result<T, HandshakeRefused> {
    let read = read(handshake.path_parameters.get(name), name);
    read.map_err(|error| HandshakeRefused::new(StatusCode::BAD_REQUEST, error.to_string()))
}
