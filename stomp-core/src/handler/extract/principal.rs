use std::{
    any::{Any, type_name},
    convert::Infallible,
    fmt,
    ops::Deref,
    sync::Arc,
};

use super::{
    super::{ExtractError, MessageContext},
    FromMessage, OptionalFromMessage,
};
use crate::message::Principal;

/// The user of the session. An anonymous session is an error here; take an `Option<Principal>` for both (AR-31).
impl FromMessage for Principal {
    type Rejection = ExtractError;

    async fn from_message(context: &MessageContext) -> Result<Self, ExtractError> {
        context
            .session()
            .principal()
            .cloned()
            .ok_or(ExtractError::MissingPrincipal)
    }
}

impl OptionalFromMessage for Principal {
    type Rejection = Infallible;

    async fn from_message_optional(context: &MessageContext) -> Result<Option<Self>, Infallible> {
        Ok(context.session().principal().cloned())
    }
}

/// What the application knows about the user of the session, as
/// [`Principal::with_details`] got it: a parameter of a `Principal` subtype in Spring (AR-31).
///
/// A session without a user, or whose user has other details, is an error; `Option<PrincipalDetails<T>>` is `None` then.
///
/// ```standalone_crate
/// use stomp_axum::{handler::PrincipalDetails, message_mapping};
///
/// struct Account { id: u64 }
///
/// #[message_mapping("/orders")]
/// async fn order(account: PrincipalDetails<Account>) {
///     tracing::debug!(account = account.id, "an order");
/// }
/// ```
pub struct PrincipalDetails<T>(Arc<T>);

impl<T: Any + Send + Sync> FromMessage for PrincipalDetails<T> {
    type Rejection = ExtractError;

    async fn from_message(context: &MessageContext) -> Result<Self, ExtractError> {
        let Some(principal) = context.session().principal() else {
            return Err(ExtractError::MissingPrincipal);
        };
        let details = principal.shared_details().map(Self);
        details.ok_or(ExtractError::MissingPrincipalDetails {
            type_name: type_name::<T>(),
        })
    }
}

impl<T: Any + Send + Sync> OptionalFromMessage for PrincipalDetails<T> {
    type Rejection = Infallible;

    async fn from_message_optional(context: &MessageContext) -> Result<Option<Self>, Infallible> {
        let principal = context.session().principal();
        Ok(principal.and_then(Principal::shared_details).map(Self))
    }
}

impl<T> Deref for PrincipalDetails<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Clone for PrincipalDetails<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for PrincipalDetails<T> {
    // Not the details, which may be a token or a password hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrincipalDetails").finish_non_exhaustive()
    }
}
