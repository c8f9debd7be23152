//! Text of headers and destination variables to typed arguments (AR-12 to AR-15, AR-30).

use std::{any::type_name, fmt::Display, str::FromStr};

use super::{ExtractError, MessageContext};
use crate::message::{MessageType, Principal};

/// A type that a header, a destination variable or a path parameter converts to: everything that is [`FromStr`], an `Option` of it, a
/// `Vec` of it, or an `Option` of such a `Vec`.
///
/// `Via` only tells them apart for the compiler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from a header, a destination variable or a path parameter",
    label = "neither `FromStr`, nor an `Option` or a `Vec` of such a type",
    note = "implement `std::str::FromStr` for it, with an error that implements `Display`"
)]
pub trait FromText<Via>: Sized {
    /// Converts the values; there are several if the header is repeated, and none if it is missing.
    ///
    /// # Errors
    ///
    /// If there is no value and the type needs one, or if a value can't be converted.
    fn from_text<'a>(values: impl Iterator<Item = &'a str>) -> Result<Self, TextError>;
}

/// Why [`FromText`] failed.
#[derive(Debug)]
pub enum TextError {
    /// There is no value.
    Missing,
    /// What is wrong with the value, and the type that it should be of.
    Invalid(&'static str, String),
}

/// Marks types that are `FromStr`.
#[derive(Debug)]
pub enum ViaFromStr {}

/// Marks an `Option`.
#[derive(Debug)]
pub enum ViaOption {}

/// Marks a `Vec`: the values of a repeated header, or the parts between the commas of a single one (AR-12).
#[derive(Debug)]
pub enum ViaList {}

/// Marks an `Option` of a `Vec`, which is `None` if the header is missing.
#[derive(Debug)]
pub enum ViaOptionalList {}

fn parse<T>(text: &str) -> Result<T, TextError>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse()
        .map_err(|error: T::Err| TextError::Invalid(type_name::<T>(), error.to_string()))
}

impl<T> FromText<ViaFromStr> for T
where
    T: FromStr,
    T::Err: Display,
{
    fn from_text<'a>(mut values: impl Iterator<Item = &'a str>) -> Result<Self, TextError> {
        parse(values.next().ok_or(TextError::Missing)?)
    }
}

impl<T> FromText<ViaOption> for Option<T>
where
    T: FromStr,
    T::Err: Display,
{
    fn from_text<'a>(mut values: impl Iterator<Item = &'a str>) -> Result<Self, TextError> {
        values.next().map(parse).transpose()
    }
}

impl<T> FromText<ViaList> for Vec<T>
where
    T: FromStr,
    T::Err: Display,
{
    fn from_text<'a>(values: impl Iterator<Item = &'a str>) -> Result<Self, TextError> {
        let mut values = values.peekable();
        let first = values.next().ok_or(TextError::Missing)?;
        if values.peek().is_none() {
            first.split(',').map(|part| parse(part.trim())).collect()
        } else {
            std::iter::once(first).chain(values).map(parse).collect()
        }
    }
}

impl<T> FromText<ViaOptionalList> for Option<Vec<T>>
where
    T: FromStr,
    T::Err: Display,
{
    fn from_text<'a>(values: impl Iterator<Item = &'a str>) -> Result<Self, TextError> {
        match Vec::from_text(values) {
            Ok(list) => Ok(Some(list)),
            Err(TextError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Reads the values of a header, or `default` if it is missing or empty (AR-13, AR-14).
fn from_text<'a, T: FromText<Via>, Via>(
    values: impl Iterator<Item = &'a str>,
    default: Option<&'static str>,
) -> Result<T, TextError> {
    let mut values = values.peekable();
    match default {
        Some(default) if values.peek().is_none_or(|value| value.is_empty()) => {
            T::from_text([default].into_iter())
        }
        _ => T::from_text(values),
    }
}

/// Takes an argument marked `#[header]` (AR-10 to AR-15).
///
/// What the framework knows has Spring's names for it, and is never taken from the frame, so that a client can't forge
/// it. Spring reads the frame's header of that name if the framework's is missing (AR-11).
#[doc(hidden)]
pub fn header<T: FromText<Via>, Via>(
    context: &MessageContext,
    name: &'static str,
    default: Option<&'static str>,
) -> Result<T, ExtractError> {
    let message = context.message();
    let headers = message.headers();
    let of_framework = |value: Option<&str>| from_text(value.into_iter(), default);
    let result = match name {
        "simpMessageType" => of_framework(Some(match message.message_type() {
            MessageType::Subscribe => "SUBSCRIBE",
            _ => "MESSAGE",
        })),
        "simpDestination" => of_framework(message.destination()),
        "simpSessionId" => of_framework(Some(context.session().id().as_str())),
        "simpSubscriptionId" => of_framework(message.subscription_id()),
        "simpUser" => of_framework(context.session().principal().map(Principal::name)),
        "contentType" => of_framework(message.content_type()),
        "lookupDestination" => of_framework(Some(context.lookup_destination())),
        _ => {
            let name = name.strip_prefix("nativeHeaders.").unwrap_or(name);
            from_text(headers.get_all(name), default)
        }
    };
    result.map_err(|error| match error {
        TextError::Missing => ExtractError::MissingHeader {
            name: name.to_owned(),
        },
        TextError::Invalid(type_name, reason) => ExtractError::InvalidHeader {
            name: name.to_owned(),
            type_name,
            reason,
        },
    })
}

/// Takes an argument marked `#[destination_variable]` (AR-30).
#[doc(hidden)]
pub fn destination_variable<T: FromText<Via>, Via>(
    context: &MessageContext,
    name: &'static str,
) -> Result<T, ExtractError> {
    let value = context.destination_variables().get(name);
    T::from_text(value.into_iter()).map_err(|error| match error {
        TextError::Missing => ExtractError::MissingDestinationVariable {
            name: name.to_owned(),
        },
        TextError::Invalid(type_name, reason) => ExtractError::InvalidDestinationVariable {
            name: name.to_owned(),
            type_name,
            reason,
        },
    })
}
