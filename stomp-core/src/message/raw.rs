//! Two tiny serde formats: one that recognises values which are written as they are, one for a body that is missing.

use std::fmt;

use serde::{
    Serialize, Serializer,
    de::{self, Deserializer, Visitor},
    ser::{self, Impossible, SerializeSeq},
};

/// What [`Probe`] recognises.
pub(super) enum Raw {
    /// `None` or `()`.
    Nothing,
    Text(String),
    Bytes(Vec<u8>),
    /// An element of a `Vec<u8>`, which serde hands over one by one.
    Byte(u8),
}

/// Recognises `None` and `()`, and, if `raw`, takes strings and bytes as they are. Any other value is an error, right
/// at its first token.
pub(super) struct Probe {
    pub(super) raw: bool,
}

/// The value is to be written as JSON.
#[derive(Debug)]
pub(super) struct NotRaw;

impl fmt::Display for NotRaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not text, bytes or nothing")
    }
}

impl std::error::Error for NotRaw {}

impl ser::Error for NotRaw {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

macro_rules! not_raw {
    ($($method:ident($($argument:ty),*) -> $ok:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$ok, NotRaw> {
            Err(NotRaw)
        })*
    };
}

impl Serializer for Probe {
    type Ok = Raw;
    type Error = NotRaw;
    type SerializeSeq = ByteSequence;
    type SerializeTuple = Impossible<Raw, NotRaw>;
    type SerializeTupleStruct = Impossible<Raw, NotRaw>;
    type SerializeTupleVariant = Impossible<Raw, NotRaw>;
    type SerializeMap = Impossible<Raw, NotRaw>;
    type SerializeStruct = Impossible<Raw, NotRaw>;
    type SerializeStructVariant = Impossible<Raw, NotRaw>;

    fn serialize_none(self) -> Result<Raw, NotRaw> {
        Ok(Raw::Nothing)
    }

    fn serialize_unit(self) -> Result<Raw, NotRaw> {
        Ok(Raw::Nothing)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Raw, NotRaw> {
        if self.raw {
            value.serialize(self)
        } else {
            Err(NotRaw)
        }
    }

    fn serialize_str(self, value: &str) -> Result<Raw, NotRaw> {
        if self.raw {
            Ok(Raw::Text(value.to_owned()))
        } else {
            Err(NotRaw)
        }
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Raw, NotRaw> {
        if self.raw {
            Ok(Raw::Bytes(value.to_vec()))
        } else {
            Err(NotRaw)
        }
    }

    fn serialize_u8(self, value: u8) -> Result<Raw, NotRaw> {
        if self.raw {
            Ok(Raw::Byte(value))
        } else {
            Err(NotRaw)
        }
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<ByteSequence, NotRaw> {
        if self.raw {
            Ok(ByteSequence(Vec::with_capacity(len.unwrap_or_default())))
        } else {
            Err(NotRaw)
        }
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<Raw, NotRaw> {
        Err(NotRaw)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Raw, NotRaw> {
        Err(NotRaw)
    }

    not_raw! {
        serialize_bool(bool) -> Raw;
        serialize_i8(i8) -> Raw;
        serialize_i16(i16) -> Raw;
        serialize_i32(i32) -> Raw;
        serialize_i64(i64) -> Raw;
        serialize_i128(i128) -> Raw;
        serialize_u16(u16) -> Raw;
        serialize_u32(u32) -> Raw;
        serialize_u64(u64) -> Raw;
        serialize_u128(u128) -> Raw;
        serialize_f32(f32) -> Raw;
        serialize_f64(f64) -> Raw;
        serialize_char(char) -> Raw;
        serialize_unit_struct(&'static str) -> Raw;
        serialize_unit_variant(&'static str, u32, &'static str) -> Raw;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct(&'static str, usize) -> Self::SerializeStruct;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }
}

/// Gathers the elements of a `Vec<u8>`.
pub(super) struct ByteSequence(Vec<u8>);

impl SerializeSeq for ByteSequence {
    type Ok = Raw;
    type Error = NotRaw;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotRaw> {
        match value.serialize(Probe { raw: true })? {
            Raw::Byte(byte) => {
                self.0.push(byte);
                Ok(())
            }
            Raw::Nothing | Raw::Text(_) | Raw::Bytes(_) => Err(NotRaw),
        }
    }

    fn end(self) -> Result<Raw, NotRaw> {
        Ok(Raw::Bytes(self.0))
    }
}

/// A body of no bytes: `None` for an `Option`, and no value of any other type.
pub(super) struct EmptyPayload;

impl<'de> Deserializer<'de> for EmptyPayload {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("the body is empty"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_none()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}
