//! Values to payloads and back: the default message converters (MC-1 to MC-7).

use std::any::{Any, TypeId, type_name};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    ContentType, PayloadError,
    converter::{JSON_MEDIA_TYPES, includes, is_bytes, is_text},
    raw::{EmptyPayload, Probe, Raw},
};

/// Reads a payload as `T`, with the default message converters.
///
/// `String`, `Bytes` and `Vec<u8>` get the body as it is, whatever the content type; everything else is read as JSON,
/// which a missing `content-type` means, too (MC-5). An `Option` of any of them is `None` if there is no body (AR-40).
/// [`MessageContext::converters`](crate::handler::MessageContext::converters) has the converters of a server.
///
/// # Errors
///
/// [`PayloadError`] if the body is missing, is not of the type, or is declared as something else than JSON.
///
/// ```
/// use stomp_axum::message::from_payload;
///
/// assert_eq!(from_payload::<Vec<u32>>(&"[1, 2]".into(), None)?, [1, 2]);
/// assert_eq!(from_payload::<String>(&"[1, 2]".into(), None)?, "[1, 2]");
/// assert_eq!(from_payload::<Option<u32>>(&"".into(), None)?, None);
/// # Ok::<(), stomp_axum::message::PayloadError>(())
/// ```
pub fn from_payload<T>(payload: &Bytes, content_type: Option<&str>) -> Result<T, PayloadError>
where
    T: DeserializeOwned + 'static,
{
    if payload.is_empty() {
        return read_empty();
    }
    if let Some(bytes) = read_bytes(payload) {
        return Ok(bytes);
    }
    if let Some(text) = read_text(payload) {
        return text;
    }
    match content_type {
        Some(content_type) if !is_json(content_type) => Err(PayloadError::UnsupportedContentType {
            content_type: Some(content_type.to_owned()),
            accepted: JSON_MEDIA_TYPES.to_vec(),
            type_name: type_name::<T>(),
        }),
        _ => serde_json::from_slice(payload).map_err(PayloadError::json::<T>),
    }
}

/// Writes `value` with the default message converters; `None` for `None` and `()`, which are nothing to send (RV-2).
///
/// Strings become `text/plain;charset=UTF-8`, `Bytes` and `Vec<u8>` `application/octet-stream`, everything else JSON
/// (MC-5). [`MessageContext::converters`](crate::handler::MessageContext::converters) has the converters of a server.
///
/// # Errors
///
/// [`PayloadError::Write`] if the value can't be written as JSON, for example a map with keys that are no strings.
///
/// ```
/// use stomp_axum::message::{ContentType, to_payload};
///
/// assert_eq!(to_payload("Hello!")?, Some(("Hello!".into(), ContentType::Text)));
/// assert_eq!(to_payload(&[1, 2])?, Some(("[1,2]".into(), ContentType::Json)));
/// assert_eq!(to_payload(&None::<u32>)?, None);
/// # Ok::<(), stomp_axum::message::PayloadError>(())
/// ```
pub fn to_payload<T>(value: &T) -> Result<Option<(Bytes, ContentType)>, PayloadError>
where
    T: Serialize + ?Sized + 'static,
{
    write_by_default(value, None)
}

/// Writes `value` for a message with this `content-type`, if it has one. Text and bytes take any: they may well be JSON,
/// or whatever else it says, already.
pub(super) fn write_by_default<T>(
    value: &T,
    content_type: Option<&str>,
) -> Result<Option<(Bytes, ContentType)>, PayloadError>
where
    T: Serialize + ?Sized + 'static,
{
    match value.serialize(Probe { raw: is_raw::<T>() }) {
        Ok(Raw::Nothing) => Ok(None),
        Ok(Raw::Text(text)) => Ok(Some((text.into(), ContentType::Text))),
        Ok(Raw::Bytes(bytes)) => Ok(Some((bytes.into(), ContentType::Bytes))),
        Ok(Raw::Byte(_)) | Err(_) => match content_type {
            Some(content_type) if !is_json(content_type) => {
                Err(PayloadError::UnwritableContentType {
                    content_type: Some(content_type.to_owned()),
                    accepted: JSON_MEDIA_TYPES.to_vec(),
                    type_name: type_name::<T>(),
                })
            }
            _ => match serde_json::to_vec(value) {
                Ok(json) => Ok(Some((json.into(), ContentType::Json))),
                Err(source) => Err(PayloadError::Write {
                    converter: "JSON",
                    type_name: type_name::<T>(),
                    source: source.into(),
                }),
            },
        },
    }
}

/// What a body of no bytes is: `None` for an `Option`, and an error for all other types (AR-40).
pub(super) fn read_empty<T: DeserializeOwned>() -> Result<T, PayloadError> {
    T::deserialize(EmptyPayload).map_err(|_| PayloadError::Missing {
        type_name: type_name::<T>(),
    })
}

/// Reads the types that take the bytes of the body as they are; `None` for all others (AR-41).
///
/// The blanket implementation of extractors for `Deserialize` types covers these types, too, and Rust has no
/// specialisation: so they are told apart by their type id, which the compiler resolves once for each `T`.
pub(super) fn read_bytes<T: 'static>(payload: &Bytes) -> Option<T> {
    let id = TypeId::of::<T>();
    if id == TypeId::of::<Bytes>() {
        Some(cast(payload.clone()))
    } else if id == TypeId::of::<Vec<u8>>() {
        Some(cast(payload.to_vec()))
    } else if id == TypeId::of::<Option<Bytes>>() {
        Some(cast(Some(payload.clone())))
    } else if id == TypeId::of::<Option<Vec<u8>>>() {
        Some(cast(Some(payload.to_vec())))
    } else {
        None
    }
}

/// Reads strings; `None` for all other types.
fn read_text<T: 'static>(payload: &Bytes) -> Option<Result<T, PayloadError>> {
    fn text(payload: &Bytes) -> Result<String, PayloadError> {
        std::str::from_utf8(payload)
            .map(str::to_owned)
            .map_err(|_| PayloadError::NotUtf8)
    }
    let id = TypeId::of::<T>();
    if id == TypeId::of::<String>() {
        Some(text(payload).map(cast))
    } else if id == TypeId::of::<Option<String>>() {
        Some(text(payload).map(|text| cast(Some(text))))
    } else {
        None
    }
}

/// The value as a `T`, which it is.
pub(super) fn cast<T: 'static, V: 'static>(value: V) -> T {
    let mut value = Some(value);
    let value = (&mut value as &mut dyn Any)
        .downcast_mut::<Option<T>>()
        .and_then(Option::take);
    value.expect("the caller has compared the type ids")
}

/// Whether values of `T` are written as they are, not as JSON.
fn is_raw<T: ?Sized + 'static>() -> bool {
    is_text::<T>() || is_bytes::<T>()
}

fn is_json(content_type: &str) -> bool {
    // What nearly all clients write, without taking it apart.
    match content_type.strip_prefix(ContentType::Json.as_str()) {
        Some(rest) if rest.is_empty() || rest.starts_with(';') => true,
        _ => JSON_MEDIA_TYPES
            .iter()
            .any(|media_type| includes(media_type, content_type)),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Trade {
        ticker: String,
        shares: u32,
    }

    #[derive(Serialize)]
    struct Pong;

    fn trade() -> Trade {
        Trade {
            ticker: "VMW".to_owned(),
            shares: 25,
        }
    }

    #[test]
    fn mc_5_the_type_decides_what_is_written() {
        let json = Some((
            Bytes::from(r#"{"ticker":"VMW","shares":25}"#),
            ContentType::Json,
        ));
        assert_eq!(to_payload(&trade()).unwrap(), json);
        assert_eq!(to_payload(&Some(trade())).unwrap(), json);
        for text in [
            to_payload("é"),
            to_payload(&"é"),
            to_payload(&"é".to_owned()),
            to_payload(&Some("é".to_owned())),
        ] {
            assert_eq!(text.unwrap(), Some(("é".into(), ContentType::Text)));
        }
        for bytes in [
            to_payload(&vec![0_u8, 255]),
            to_payload(&Bytes::from(vec![0, 255])),
            to_payload(&Some(vec![0_u8, 255])),
        ] {
            assert_eq!(
                bytes.unwrap(),
                Some((vec![0, 255].into(), ContentType::Bytes))
            );
        }
        assert_eq!(
            to_payload(&'é').unwrap(),
            Some(("\"é\"".into(), ContentType::Json))
        );
    }

    #[test]
    fn rv_2_none_and_unit_are_nothing_and_unit_structs_are_something() {
        assert_eq!(to_payload(&()).unwrap(), None);
        assert_eq!(to_payload(&None::<Trade>).unwrap(), None);
        assert_eq!(to_payload(&None::<String>).unwrap(), None);
        assert_eq!(
            to_payload(&Pong).unwrap(),
            Some(("null".into(), ContentType::Json))
        );
    }

    #[test]
    fn mc_6_json_is_read_without_a_content_type_and_with_one_of_json() {
        let payload = Bytes::from(r#"{"ticker":"VMW","shares":25}"#);
        for content_type in [
            None,
            Some("application/json"),
            Some("application/vnd.trade+json;v=1"),
        ] {
            assert_eq!(
                from_payload::<Trade>(&payload, content_type).unwrap(),
                trade()
            );
        }
        let error = from_payload::<Trade>(&payload, Some("text/plain")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no converter reads `text/plain` here; send application/json or application/*+json"
        );
    }

    #[test]
    fn raw_types_get_the_body_as_it_is_whatever_its_content_type() {
        let payload = Bytes::from(r#""a""#);
        assert_eq!(
            from_payload::<String>(&payload, Some("application/json")).unwrap(),
            r#""a""#
        );
        assert_eq!(
            from_payload::<Option<String>>(&payload, Some("text/html"))
                .unwrap()
                .unwrap(),
            r#""a""#
        );
        assert_eq!(
            from_payload::<Bytes>(&payload, Some("text/html")).unwrap(),
            payload
        );
        assert_eq!(
            from_payload::<Option<Bytes>>(&payload, None)
                .unwrap()
                .unwrap(),
            payload
        );
        assert_eq!(from_payload::<Vec<u8>>(&payload, None).unwrap(), payload);
        assert_eq!(
            from_payload::<Option<Vec<u8>>>(&payload, None)
                .unwrap()
                .unwrap(),
            payload
        );
        assert!(matches!(
            from_payload::<String>(&vec![0xff].into(), None),
            Err(PayloadError::NotUtf8)
        ));
    }

    #[test]
    fn ar_40_an_empty_body_is_an_error_unless_the_payload_is_an_option() {
        fn missing<T: DeserializeOwned + 'static>() -> bool {
            matches!(
                from_payload::<T>(&Bytes::new(), None),
                Err(PayloadError::Missing { .. })
            )
        }
        assert!(
            missing::<Trade>()
                && missing::<String>()
                && missing::<Bytes>()
                && missing::<Vec<u8>>()
                && missing::<u32>()
        );
        assert_eq!(
            from_payload::<Option<Trade>>(&Bytes::new(), None).unwrap(),
            None
        );
        assert_eq!(
            from_payload::<Option<String>>(&Bytes::new(), None).unwrap(),
            None
        );
        assert_eq!(
            from_payload::<Option<Bytes>>(&Bytes::new(), None).unwrap(),
            None
        );
    }

    #[test]
    fn mc_7_a_json_error_says_what_and_where() {
        let error = from_payload::<Trade>(&r#"{"ticker":"VMW"}"#.into(), None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "could not read the body as JSON: missing field `shares` at line 1 column 16"
        );
    }
}
