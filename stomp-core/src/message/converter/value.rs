use std::fmt;

use serde::{Deserializer, Serialize, Serializer};

use super::{super::BoxError, PayloadType};

/// A value that a [`MessageConverter`](super::MessageConverter) writes. It implements serde's `Serialize`.
#[derive(Clone, Copy)]
pub struct PayloadValue<'a> {
    value: &'a dyn erased_serde::Serialize,
    payload_type: PayloadType,
    content_type: Option<&'a str>,
}

impl<'a> PayloadValue<'a> {
    pub(super) fn new(
        value: &'a dyn erased_serde::Serialize,
        payload_type: PayloadType,
        content_type: Option<&'a str>,
    ) -> Self {
        Self {
            value,
            payload_type,
            content_type,
        }
    }

    /// The type of the value.
    pub fn payload_type(&self) -> PayloadType {
        self.payload_type
    }

    /// The `content-type` that was chosen for the message, with its parameters.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type
    }
}

impl Serialize for PayloadValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        erased_serde::serialize(self.value, serializer)
    }
}

impl fmt::Debug for PayloadValue<'_> {
    // Not the value itself, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayloadValue")
            .field("payload_type", &self.payload_type)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

/// Takes a value out of a deserializer.
pub(super) type Take<'a> = dyn for<'de> FnMut(&mut dyn erased_serde::Deserializer<'de>) -> Result<(), erased_serde::Error>
    + 'a;

/// Where a [`MessageConverter`](super::MessageConverter) reads a payload to.
pub struct PayloadTarget<'a> {
    take: &'a mut Take<'a>,
    payload_type: PayloadType,
    content_type: Option<&'a str>,
}

impl<'a> PayloadTarget<'a> {
    pub(super) fn new(
        take: &'a mut Take<'a>,
        payload_type: PayloadType,
        content_type: Option<&'a str>,
    ) -> Self {
        Self {
            take,
            payload_type,
            content_type,
        }
    }

    /// Reads the value. Called twice, the second value counts.
    ///
    /// # Errors
    ///
    /// If what the deserializer holds is not of the type. The format's own error is kept as text.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        &mut self,
        deserializer: D,
    ) -> Result<(), BoxError> {
        let mut erased = <dyn erased_serde::Deserializer<'de>>::erase(deserializer);
        (self.take)(&mut erased).map_err(Into::into)
    }

    /// The type that is read.
    pub fn payload_type(&self) -> PayloadType {
        self.payload_type
    }

    /// The `content-type` of the message, with its parameters.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type
    }
}

impl fmt::Debug for PayloadTarget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayloadTarget")
            .field("payload_type", &self.payload_type)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}
