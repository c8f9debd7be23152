use std::fmt;

use crate::{
    message::{Message, Principal},
    pattern::DestinationVariables,
};

/// What a rule decides about the messages that it is for (SEC-14).
pub(super) enum Decision {
    Permit,
    Deny,
    Authenticated,
    Anonymous,
    Roles(Vec<String>),
    Check(Box<dyn Fn(&AuthorizationRequest<'_>) -> bool + Send + Sync>),
}

/// A message that a rule is asked about.
#[derive(Debug)]
pub struct AuthorizationRequest<'a> {
    pub(super) message: &'a Message,
    pub(super) variables: DestinationVariables,
}

impl AuthorizationRequest<'_> {
    /// The message, as the client sent it.
    pub fn message(&self) -> &Message {
        self.message
    }

    /// The user who sent it; `None` if the session is anonymous.
    pub fn principal(&self) -> Option<&Principal> {
        self.message.principal()
    }

    /// What stands in the destination for the variables of the rule's pattern (SEC-13).
    pub fn destination_variables(&self) -> &DestinationVariables {
        &self.variables
    }
}

impl Decision {
    /// Whether a decision needs to know the destination variables.
    pub(super) fn wants_variables(&self) -> bool {
        matches!(self, Self::Check(_))
    }

    pub(super) fn permits(&self, request: &AuthorizationRequest<'_>) -> bool {
        let principal = request.principal();
        match self {
            Self::Permit => true,
            Self::Deny => false,
            Self::Authenticated => principal.is_some(),
            Self::Anonymous => principal.is_none(),
            Self::Roles(roles) => {
                principal.is_some_and(|user| roles.iter().any(|role| user.has_role(role)))
            }
            Self::Check(check) => check(request),
        }
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permit => f.write_str("permit"),
            Self::Deny => f.write_str("deny"),
            Self::Authenticated => f.write_str("authenticated"),
            Self::Anonymous => f.write_str("anonymous"),
            Self::Roles(roles) => write!(f, "any role of {roles:?}"),
            Self::Check(_) => f.write_str("check .."),
        }
    }
}
