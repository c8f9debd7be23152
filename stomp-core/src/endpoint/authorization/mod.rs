//! Who may connect, send and subscribe.

mod compiled;
mod decision;

pub(crate) use self::compiled::Authorization;
pub use self::decision::AuthorizationRequest;

use std::fmt;

use self::decision::Decision;
use crate::{
    handler::WiringError,
    message::{Message, MessageType},
    pattern::Separator,
};

/// Who may connect, send and subscribe: the message security of Spring Security (SEC-10 to SEC-16).
///
/// Each rule says for which messages it is, and then what is decided about them. The first rule that is for a message
/// decides; **a message that no rule is for is denied** (SEC-11). Who is denied gets an ERROR of code `access-denied`,
/// and the connection is closed (SEC-15).
///
/// The recommended set (SEC-16), of an application with handlers below `/app`:
///
/// ```
/// use stomp_axum::{endpoint::AuthorizationRules, message::MessageType, server::Messaging};
///
/// let rules = AuthorizationRules::new()
///     // CONNECT, UNSUBSCRIBE and DISCONNECT.
///     .no_destination().authenticated()
///     .subscribe_destinations(["/user/queue/errors"]).permit_all()
///     .destinations(["/app/**"]).has_role("USER")
///     .subscribe_destinations(["/user/**", "/topic/friends/*"]).has_role("USER")
///     .subscribe_destinations(["/topic/rooms/{room}/**"]).check(|request| {
///         let room = request.destination_variables().get("room");
///         request.principal().is_some_and(|user| user.has_role("ADMIN") || room == Some("lobby"))
///     })
///     // Whatever else: to the broker, for example.
///     .any_message().deny_all();
///
/// let messaging = Messaging::builder()
///     .application_destination_prefixes(["/app"])
///     .simple_broker(["/topic"])
///     .authorize(rules)
///     .build()?;
/// # Ok::<(), stomp_axum::server::BuildError>(())
/// ```
///
/// # What is looked at
///
/// Rules see a message as the client sent it (SEC-13): its destination with the application prefix, and before user
/// destinations are resolved. They come after the limits and the [`Authenticator`](super::Authenticator), and before
/// interceptors and layers: an interceptor that sends a message elsewhere has the last word, and so has one that sets
/// the user on CONNECT. Only what clients send is judged, not what the application sends to them.
///
/// A denied UNSUBSCRIBE or DISCONNECT takes effect nevertheless; but instead of a RECEIPT there is an ERROR. So don't
/// forget a rule with [`no_destination`](Self::no_destination): `build()` refuses rules of which none is for CONNECT,
/// UNSUBSCRIBE or DISCONNECT (in Spring, nobody could connect then).
///
/// # Subscriptions to patterns
///
/// Who subscribes to a pattern, such as `/topic/**`, gets messages of many destinations. They may do so if they may
/// subscribe to each of them. It is denied if a rule that is for *some* of the destinations denies, or if no rule is for
/// *all* of them, as far as that can be told from the patterns. In Spring the pattern is judged as if it were a
/// destination, so that whoever may subscribe to `/topic/**` also gets what another rule denies.
#[derive(Debug, Default)]
#[must_use = "rules do nothing until `MessagingBuilder::authorize` gets them"]
pub struct AuthorizationRules {
    rules: Vec<Rule>,
}

/// Which messages a rule is for; now say what is decided about them.
#[derive(Debug)]
#[must_use = "a rule is complete when it is said what it decides"]
pub struct AuthorizationRule {
    rules: AuthorizationRules,
    matcher: Matcher,
}

#[derive(Debug)]
struct Rule {
    matcher: Matcher,
    decision: Decision,
}

/// Which messages a rule is for (SEC-12).
enum Matcher {
    Any,
    NoDestination,
    Types(Vec<MessageType>),
    Destinations {
        message_type: Option<MessageType>,
        patterns: Vec<String>,
    },
    Custom(Box<dyn Fn(&Message) -> bool + Send + Sync>),
}

/// # Which messages
impl AuthorizationRules {
    /// No rules yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// For all messages: Spring's `anyMessage`.
    pub fn any_message(self) -> AuthorizationRule {
        self.rule(Matcher::Any)
    }

    /// For messages that have no destination: CONNECT, UNSUBSCRIBE and DISCONNECT. Spring's `nullDestMatcher`.
    pub fn no_destination(self) -> AuthorizationRule {
        self.rule(Matcher::NoDestination)
    }

    /// For messages of these types, whatever their destination: Spring's `simpTypeMatchers`.
    pub fn types(self, types: impl IntoIterator<Item = MessageType>) -> AuthorizationRule {
        self.rule(Matcher::Types(types.into_iter().collect()))
    }

    /// For SEND and SUBSCRIBE to destinations that match one of these patterns: Spring's `simpDestMatchers`.
    ///
    /// The [patterns](crate::pattern) are those of mappings and subscriptions, with the separator of the server.
    pub fn destinations<S: Into<String>>(
        self,
        patterns: impl IntoIterator<Item = S>,
    ) -> AuthorizationRule {
        self.of_destinations(None, patterns)
    }

    /// For SEND to destinations that match one of these patterns: Spring's `simpMessageDestMatchers`.
    pub fn message_destinations<S: Into<String>>(
        self,
        patterns: impl IntoIterator<Item = S>,
    ) -> AuthorizationRule {
        self.of_destinations(Some(MessageType::Message), patterns)
    }

    /// For SUBSCRIBE to destinations that match one of these patterns: Spring's `simpSubscribeDestMatchers`.
    pub fn subscribe_destinations<S: Into<String>>(
        self,
        patterns: impl IntoIterator<Item = S>,
    ) -> AuthorizationRule {
        self.of_destinations(Some(MessageType::Subscribe), patterns)
    }

    /// For messages of which `matches` says so: Spring's `matchers`. A panic in it denies.
    pub fn matching(
        self,
        matches: impl Fn(&Message) -> bool + Send + Sync + 'static,
    ) -> AuthorizationRule {
        self.rule(Matcher::Custom(Box::new(matches)))
    }

    fn of_destinations<S: Into<String>>(
        self,
        message_type: Option<MessageType>,
        patterns: impl IntoIterator<Item = S>,
    ) -> AuthorizationRule {
        let patterns = patterns.into_iter().map(Into::into).collect();
        self.rule(Matcher::Destinations {
            message_type,
            patterns,
        })
    }

    fn rule(self, matcher: Matcher) -> AuthorizationRule {
        AuthorizationRule {
            rules: self,
            matcher,
        }
    }

    /// The rules with their patterns compiled, or what is wrong with them.
    pub(crate) fn compile(self, separator: Separator) -> Result<Authorization, Vec<WiringError>> {
        let mut errors = Vec::new();
        let without_destination = [
            MessageType::Connect,
            MessageType::Unsubscribe,
            MessageType::Disconnect,
        ];
        let missing = without_destination.into_iter().filter(|message_type| {
            let mut matchers = self.rules.iter().map(|rule| &rule.matcher);
            !matchers.any(|matcher| matcher.may_be_for(*message_type))
        });
        let message_types: Vec<_> = missing.collect();
        if !message_types.is_empty() {
            errors.push(WiringError::NoAuthorizationRule { message_types });
        }
        if separator == Separator::Dot {
            errors.extend(
                self.rules
                    .iter()
                    .flat_map(|rule| rule.matcher.for_slashes()),
            );
        }
        match Authorization::compile(self.rules, separator) {
            Ok(authorization) if errors.is_empty() => Ok(authorization),
            Ok(_) => Err(errors),
            Err(invalid) => {
                let invalid = invalid.into_iter().map(|(pattern, source)| {
                    WiringError::InvalidAuthorizationPattern { pattern, source }
                });
                errors.extend(invalid);
                Err(errors)
            }
        }
    }
}

/// # What is decided
///
/// Roles are those of [`Principal::with_roles`](crate::message::Principal::with_roles), compared as they are: there is
/// no `ROLE_` in front of them as in Spring (SEC-14).
impl AuthorizationRule {
    /// Everybody may.
    pub fn permit_all(self) -> AuthorizationRules {
        self.decide(Decision::Permit)
    }

    /// Nobody may.
    pub fn deny_all(self) -> AuthorizationRules {
        self.decide(Decision::Deny)
    }

    /// Sessions with a user may.
    pub fn authenticated(self) -> AuthorizationRules {
        self.decide(Decision::Authenticated)
    }

    /// Sessions without a user may.
    pub fn anonymous(self) -> AuthorizationRules {
        self.decide(Decision::Anonymous)
    }

    /// Users with this role may: Spring's `hasRole` and `hasAuthority`.
    pub fn has_role(self, role: impl Into<String>) -> AuthorizationRules {
        self.has_any_role([role])
    }

    /// Users with one of these roles may: Spring's `hasAnyRole` and `hasAnyAuthority`.
    pub fn has_any_role<S: Into<String>>(
        self,
        roles: impl IntoIterator<Item = S>,
    ) -> AuthorizationRules {
        self.decide(Decision::Roles(roles.into_iter().map(Into::into).collect()))
    }

    /// Those may of which `check` says so: Spring's `access`. A panic in it denies.
    ///
    /// Who subscribes to a [pattern](AuthorizationRules#subscriptions-to-patterns) is asked about once, not once for each
    /// destination: a variable is then `*`, for example, or there is none. So let `check` say what is allowed, such as
    /// `room == Some("lobby")`, and never what is not, such as `room != Some("secret")`: `*` is not `secret`, but
    /// gets what is sent there.
    pub fn check(
        self,
        check: impl Fn(&AuthorizationRequest<'_>) -> bool + Send + Sync + 'static,
    ) -> AuthorizationRules {
        self.decide(Decision::Check(Box::new(check)))
    }

    fn decide(mut self, decision: Decision) -> AuthorizationRules {
        self.rules.rules.push(Rule {
            matcher: self.matcher,
            decision,
        });
        self.rules
    }
}

impl Matcher {
    /// Whether it may match a message of this type, which has no destination.
    fn may_be_for(&self, message_type: MessageType) -> bool {
        match self {
            Self::Any | Self::NoDestination | Self::Custom(_) => true,
            Self::Types(types) => types.contains(&message_type),
            Self::Destinations { .. } => false,
        }
    }

    /// The patterns that are written for slashes, as errors of a server whose separator is a dot.
    fn for_slashes(&self) -> impl Iterator<Item = WiringError> {
        let patterns = match self {
            Self::Destinations { patterns, .. } => &patterns[..],
            _ => &[],
        };
        patterns.iter().filter_map(|pattern| {
            let start = pattern.strip_suffix("/**")?;
            Some(WiringError::SlashesInAuthorizationPattern {
                pattern: pattern.clone(),
                start: start.to_owned(),
                instead: format!("{start}/*.**"),
            })
        })
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any message"),
            Self::NoDestination => f.write_str("no destination"),
            Self::Types(types) => write!(f, "{types:?}"),
            Self::Destinations {
                message_type: None,
                patterns,
            } => write!(f, "{patterns:?}"),
            Self::Destinations {
                message_type: Some(message_type),
                patterns,
            } => write!(f, "{message_type:?} {patterns:?}"),
            Self::Custom(_) => f.write_str("matching .."),
        }
    }
}
