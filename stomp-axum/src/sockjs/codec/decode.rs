use std::{cell::Cell, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, SeqAccess, Unexpected, Visitor},
};
use tungstenite::Utf8Bytes;

/// Why what a client sent is no messages. Nothing has been delivered of it, and the session is unharmed (SJ-SEND-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecodeError {
    #[error("Payload expected.")]
    PayloadExpected,
    #[error("Broken JSON encoding.")]
    BrokenJson,
    #[error("Too many messages.")]
    TooMany,
}

/// The messages of a request: a JSON array of strings (SJ-SEND-02). `max` is how many there may be; the first beyond them
/// is not even looked at (T-15).
pub(crate) fn decode_messages(body: &[u8], max: usize) -> Result<Vec<Utf8Bytes>, DecodeError> {
    decode(body, max, false)
}

/// The messages of a WebSocket's text, which may be a bare string, too (SJ-WS-02), or empty (SJ-WS-03).
pub(crate) fn decode_message(text: &[u8], max: usize) -> Result<Vec<Utf8Bytes>, DecodeError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    decode(text, max, true)
}

fn decode(json: &[u8], max: usize, may_be_bare: bool) -> Result<Vec<Utf8Bytes>, DecodeError> {
    if json.is_empty() {
        return Err(DecodeError::PayloadExpected);
    }
    let too_many = Cell::new(false);
    let messages = |lone_surrogates| Messages {
        max,
        may_be_bare,
        lone_surrogates,
        too_many: &too_many,
    };
    if let Ok(messages) = parse(json, messages(false)) {
        return Ok(messages);
    }
    if too_many.get() {
        return Err(DecodeError::TooMany);
    }
    // What is rare may take longer: there is a lone surrogate in it (SJ-ESC-06), or it is none of our JSON.
    let is_json = std::str::from_utf8(json).is_ok() && parse(json, Anything).is_ok();
    if !is_json {
        return Err(DecodeError::BrokenJson);
    }
    let is_expected = |first: &u8| *first == b'[' || (may_be_bare && *first == b'"');
    if !json.trim_ascii_start().first().is_some_and(is_expected) {
        return Err(DecodeError::PayloadExpected);
    }
    parse(json, messages(true)).map_err(|_| {
        if too_many.get() {
            DecodeError::TooMany
        } else {
            DecodeError::BrokenJson
        }
    })
}

fn parse<'de, T: DeserializeSeed<'de>>(json: &'de [u8], what: T) -> serde_json::Result<T::Value> {
    let mut json = serde_json::Deserializer::from_slice(json);
    let value = what.deserialize(&mut json)?;
    json.end()?;
    Ok(value)
}

/// Any JSON; a nested one costs no recursion.
struct Anything;

impl<'de> DeserializeSeed<'de> for Anything {
    type Value = IgnoredAny;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<IgnoredAny, D::Error> {
        json.deserialize_ignored_any(IgnoredAny)
    }
}

#[derive(Clone, Copy)]
struct Messages<'a> {
    max: usize,
    may_be_bare: bool,
    lone_surrogates: bool,
    too_many: &'a Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Messages<'_> {
    type Value = Vec<Utf8Bytes>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        if self.may_be_bare && self.lone_surrogates {
            // An array is one to this, too, and a string comes with what is no text.
            json.deserialize_bytes(self)
        } else {
            json.deserialize_any(self)
        }
    }
}

impl<'de> Visitor<'de> for Messages<'_> {
    type Value = Vec<Utf8Bytes>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut messages = Vec::new();
        let message = Message {
            lone_surrogates: self.lone_surrogates,
        };
        loop {
            if messages.len() == self.max {
                // The end of the array, or one too many, whatever it is.
                return match array.next_element_seed(OneTooMany(self.too_many))? {
                    None => Ok(messages),
                    Some(()) => Err(A::Error::custom("too many messages")),
                };
            }
            match array.next_element_seed(message)? {
                Some(message) => messages.push(message),
                None => return Ok(messages),
            }
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if !self.may_be_bare {
            return Err(E::invalid_type(Unexpected::Str(text), &self));
        }
        Ok(vec![text.into()])
    }

    fn visit_bytes<E: Error>(self, text: &[u8]) -> Result<Self::Value, E> {
        Ok(vec![without_surrogates(text).into()])
    }
}

#[derive(Clone, Copy)]
struct Message {
    lone_surrogates: bool,
}

impl<'de> DeserializeSeed<'de> for Message {
    type Value = Utf8Bytes;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Utf8Bytes, D::Error> {
        if self.lone_surrogates {
            json.deserialize_bytes(self)
        } else {
            json.deserialize_str(self)
        }
    }
}

impl Visitor<'_> for Message {
    type Value = Utf8Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Utf8Bytes, E> {
        Ok(text.into())
    }

    fn visit_bytes<E>(self, text: &[u8]) -> Result<Utf8Bytes, E> {
        Ok(without_surrogates(text).into())
    }
}

/// What `serde_json` makes of a string with lone surrogates: these are encoded as if they were characters.
fn without_surrogates(text: &[u8]) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        match std::str::from_utf8(rest) {
            Ok(valid) => {
                clean.push_str(valid);
                break;
            }
            Err(error) => {
                let (valid, broken) = rest.split_at(error.valid_up_to());
                clean.push_str(&String::from_utf8_lossy(valid));
                clean.push(char::REPLACEMENT_CHARACTER);
                // The rest of the input was UTF-8, so that this is a surrogate, and has three bytes.
                rest = broken.get(3..).unwrap_or_default();
            }
        }
    }
    clean
}

/// Says that there is an element, without reading it.
struct OneTooMany<'a>(&'a Cell<bool>);

impl<'de> DeserializeSeed<'de> for OneTooMany<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, _json: D) -> Result<(), D::Error> {
        self.0.set(true);
        Err(D::Error::custom("too many messages"))
    }
}
