use std::any::type_name;

use serde::de::DeserializeOwned;

use super::{
    super::{
        ExtractError, MessageContext,
        variables::{VariablesDeserializer, VariablesError},
    },
    FromMessage,
};
use crate::pattern::DestinationVariables;

/// The destination variables, each field of the struct from the variable of its name (AR-30).
///
/// A variable that the struct needs, and the pattern does not have, is an error; an `Option` is `None` then.
impl<T: DeserializeOwned + Send + 'static> FromMessage for DestinationVariables<T> {
    type Rejection = ExtractError;

    async fn from_message(context: &MessageContext) -> Result<Self, ExtractError> {
        let variables = VariablesDeserializer(context.destination_variables());
        T::deserialize(variables)
            .map(Self)
            .map_err(|error| match error {
                VariablesError::Missing { name } => ExtractError::MissingDestinationVariable {
                    name: name.to_owned(),
                },
                VariablesError::Invalid { name, reason } => {
                    ExtractError::InvalidDestinationVariable {
                        // Without a name, it is the type as a whole that does not fit.
                        name: name.unwrap_or_else(|| "a variable".to_owned()),
                        type_name: type_name::<T>(),
                        reason,
                    }
                }
            })
    }
}
