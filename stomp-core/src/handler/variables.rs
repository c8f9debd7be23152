//! A tiny serde format: destination variables, which are all text, as a struct, a map, or a tuple.

use std::fmt::Display;

use serde::{
    Deserializer,
    de::{
        self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::StrDeserializer,
    },
    forward_to_deserialize_any,
};

use crate::pattern::DestinationVariables;

/// Why [`VariablesDeserializer`] found no value.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(super) enum VariablesError {
    #[error("there is no variable `{name}`")]
    Missing { name: &'static str },
    #[error("{reason}")]
    Invalid {
        /// The variable, if it is one that is wrong.
        name: Option<String>,
        reason: String,
    },
}

impl VariablesError {
    fn of(self, variable: &str) -> Self {
        match self {
            Self::Invalid { name: None, reason } => Self::Invalid {
                name: Some(variable.to_owned()),
                reason,
            },
            other => other,
        }
    }
}

impl de::Error for VariablesError {
    fn custom<T: Display>(reason: T) -> Self {
        Self::Invalid {
            name: None,
            reason: reason.to_string(),
        }
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Missing { name }
    }
}

/// All variables: a struct or a map takes them by name, a tuple or a list in the order of the pattern.
#[derive(Clone, Copy, Debug)]
pub(super) struct VariablesDeserializer<'a>(pub(super) &'a DestinationVariables);

impl<'de> Deserializer<'de> for VariablesDeserializer<'_> {
    type Error = VariablesError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, VariablesError> {
        visitor.visit_map(Entries {
            rest: self.0.iter(),
            value: None,
        })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, VariablesError> {
        visitor.visit_seq(Entries {
            rest: self.0.iter(),
            value: None,
        })
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, VariablesError> {
        if len != self.0.len() {
            return Err(de::Error::invalid_length(self.0.len(), &visitor));
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, VariablesError> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, VariablesError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, VariablesError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit map struct enum
        identifier ignored_any
    }
}

/// The variables that are left, one after another.
struct Entries<'a, I> {
    rest: I,
    /// The one of which the name has been read, and not yet the value.
    value: Option<(&'a str, &'a str)>,
}

impl<'de, 'a, I> MapAccess<'de> for Entries<'a, I>
where
    I: ExactSizeIterator<Item = (&'a str, &'a str)>,
{
    type Error = VariablesError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, VariablesError> {
        self.value = self.rest.next();
        let Some((name, _)) = self.value else {
            return Ok(None);
        };
        let name: StrDeserializer<'_, VariablesError> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, VariablesError> {
        let Some((name, value)) = self.value.take() else {
            return Err(de::Error::custom(
                "the name of a variable goes before its value",
            ));
        };
        seed.deserialize(Text(value))
            .map_err(|error| error.of(name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

impl<'de, 'a, I> SeqAccess<'de> for Entries<'a, I>
where
    I: ExactSizeIterator<Item = (&'a str, &'a str)>,
{
    type Error = VariablesError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, VariablesError> {
        let Some((name, value)) = self.rest.next() else {
            return Ok(None);
        };
        let element = seed
            .deserialize(Text(value))
            .map_err(|error| error.of(name))?;
        Ok(Some(element))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The value of one variable.
struct Text<'a>(&'a str);

macro_rules! parsed {
    ($($method:ident => $visit:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, VariablesError> {
            visitor.$visit(self.0.parse().map_err(de::Error::custom)?)
        })*
    };
}

impl<'de> Deserializer<'de> for Text<'_> {
    type Error = VariablesError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, VariablesError> {
        visitor.visit_str(self.0)
    }

    parsed! {
        deserialize_bool => visit_bool;
        deserialize_i8 => visit_i8;
        deserialize_i16 => visit_i16;
        deserialize_i32 => visit_i32;
        deserialize_i64 => visit_i64;
        deserialize_i128 => visit_i128;
        deserialize_u8 => visit_u8;
        deserialize_u16 => visit_u16;
        deserialize_u32 => visit_u32;
        deserialize_u64 => visit_u64;
        deserialize_u128 => visit_u128;
        deserialize_f32 => visit_f32;
        deserialize_f64 => visit_f64;
        deserialize_char => visit_char;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, VariablesError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, VariablesError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, VariablesError> {
        let variant: StrDeserializer<'_, VariablesError> = self.0.into_deserializer();
        visitor.visit_enum(variant)
    }

    forward_to_deserialize_any! {
        str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, de::DeserializeOwned};

    use super::*;
    use crate::pattern::{DestinationPattern, Separator};

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Side {
        Buy,
        Sell,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Id(u64);

    #[derive(Debug, PartialEq, Deserialize)]
    struct Order {
        id: Id,
        side: Side,
        price: f64,
        urgent: bool,
        note: String,
        priority: Option<u8>,
        limit: Option<u8>,
        #[serde(default)]
        count: i128,
    }

    fn read<T: DeserializeOwned>(pattern: &str, destination: &str) -> Result<T, VariablesError> {
        let pattern = DestinationPattern::parse(pattern, Separator::Slash).unwrap();
        let variables = pattern.captures(destination).unwrap();
        T::deserialize(VariablesDeserializer(&variables))
    }

    const PATTERN: &str = "/{id}/{side}/{price}/{urgent}/{note}/{priority}";

    #[test]
    fn ar_30_a_struct_takes_variables_by_name() {
        assert_eq!(
            read::<Order>(&format!("{PATTERN}/{{other}}"), "/7/sell/1.5/true/12/9/x"),
            Ok(Order {
                id: Id(7),
                side: Side::Sell,
                price: 1.5,
                urgent: true,
                note: "12".to_owned(),
                priority: Some(9),
                limit: None,
                count: 0,
            })
        );
    }

    #[test]
    fn ar_30_maps_and_tuples() {
        assert_eq!(
            read::<BTreeMap<String, u32>>("/{a}/{b}", "/1/2"),
            Ok([("a".to_owned(), 1), ("b".to_owned(), 2)].into())
        );
        assert_eq!(
            read::<(u32, String)>("/{b}/{a}", "/1/2"),
            Ok((1, "2".to_owned()))
        );
        assert_eq!(read::<Vec<char>>("/{b}/{a}", "/1/2"), Ok(vec!['1', '2']));
        assert!(read::<(u32,)>("/{b}/{a}", "/1/2").is_err());
    }

    #[test]
    fn ar_15_an_error_names_the_variable() {
        fn order(destination: &str) -> VariablesError {
            read::<Order>(PATTERN, destination).unwrap_err()
        }
        fn invalid(name: &str, reason: &str) -> VariablesError {
            VariablesError::Invalid {
                name: Some(name.to_owned()),
                reason: reason.to_owned(),
            }
        }
        assert_eq!(
            order("/x/sell/1.5/true/12/9"),
            invalid("id", "invalid digit found in string")
        );
        assert_eq!(
            order("/7/hold/1.5/true/12/9"),
            invalid("side", "unknown variant `hold`, expected `buy` or `sell`")
        );
        assert_eq!(
            order("/7/sell/1.5/yes/12/9"),
            invalid("urgent", "provided string was not `true` or `false`")
        );
        assert_eq!(
            order("/7/sell/1.5/true/12/300"),
            invalid("priority", "number too large to fit in target type")
        );
        assert_eq!(
            read::<Order>("/{id}", "/7").unwrap_err(),
            VariablesError::Missing { name: "side" }
        );
        assert_eq!(
            read::<(u8, u8)>("/{a}/{b}", "/1/x").unwrap_err(),
            invalid("b", "invalid digit found in string")
        );
    }
}
