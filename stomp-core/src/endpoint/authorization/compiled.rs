use std::{
    borrow::Cow,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::{super::refusal::Refusal, AuthorizationRequest, Matcher, Rule, decision::Decision};
use crate::{
    message::{Message, MessageType},
    pattern::{
        DestinationPattern, DestinationVariables, PatternError, Separator, covers, is_pattern,
        may_overlap,
    },
};

/// The rules of a server, ready to judge.
#[derive(Debug)]
pub(crate) struct Authorization {
    rules: Vec<(Rule, Vec<DestinationPattern>)>,
    separator: Separator,
}

/// How a message relates to what a rule is for.
enum Match {
    /// The rule is for the message.
    Whole(DestinationVariables),
    /// The rule is for some of the destinations that a client subscribes to by a pattern.
    Part,
    /// The rule is for other messages.
    None,
}

/// Why a message is denied, for the log.
enum Denied<'a> {
    By(&'a Rule),
    /// No rule is for it.
    ByDefault,
}

impl Authorization {
    pub(super) fn compile(
        rules: Vec<Rule>,
        separator: Separator,
    ) -> Result<Self, Vec<(String, PatternError)>> {
        let mut errors = Vec::new();
        let mut compile = |pattern: &String| match DestinationPattern::parse(pattern, separator) {
            Ok(compiled) => Some(compiled),
            Err(error) => {
                errors.push((pattern.clone(), error));
                None
            }
        };
        let mut compiled = Vec::new();
        for rule in rules {
            let patterns = match &rule.matcher {
                Matcher::Destinations { patterns, .. } => {
                    patterns.iter().filter_map(&mut compile).collect()
                }
                _ => Vec::new(),
            };
            compiled.push((rule, patterns));
        }
        if errors.is_empty() {
            Ok(Self {
                rules: compiled,
                separator,
            })
        } else {
            Err(errors)
        }
    }

    /// Whether a client may do what it asks for: the first rule that is for the message decides (SEC-11). A panic in
    /// what the application has written into a rule denies.
    pub(in crate::endpoint) fn check(&self, message: &Message) -> Result<(), Refusal> {
        match catch_unwind(AssertUnwindSafe(|| self.denies(message))) {
            Ok(None) => return Ok(()),
            Ok(Some(reason)) => tracing::debug!(
                message_type = ?message.message_type(),
                destination = message.destination(),
                user = ?message.principal(),
                %reason,
                "access denied"
            ),
            Err(_panic) => {
                tracing::error!("an authorization rule panicked, and its message is denied");
            }
        }
        Err(denied(message))
    }

    /// Why a message is denied, if it is.
    fn denies(&self, message: &Message) -> Option<Denied<'_>> {
        let subscribed = self.subscribed_pattern(message);
        for (rule, patterns) in &self.rules {
            let permits = |variables| {
                rule.decision
                    .permits(&AuthorizationRequest { message, variables })
            };
            let is_permitted = match matches(rule, patterns, message, subscribed.as_ref()) {
                Match::Whole(variables) => {
                    return (!permits(variables)).then_some(Denied::By(rule));
                }
                // The rest is up to the rules that follow.
                Match::Part => permits(DestinationVariables::default()),
                Match::None => true,
            };
            if !is_permitted {
                return Some(Denied::By(rule));
            }
        }
        Some(Denied::ByDefault)
    }

    /// The pattern that a client subscribes to. A text that is none is refused later, unless it is a destination of
    /// the application.
    fn subscribed_pattern(&self, message: &Message) -> Option<DestinationPattern> {
        let destination = message.destination()?;
        if message.message_type() != MessageType::Subscribe || !is_pattern(destination) {
            return None;
        }
        DestinationPattern::parse_from_client(destination, self.separator).ok()
    }
}

fn matches(
    rule: &Rule,
    patterns: &[DestinationPattern],
    message: &Message,
    subscribed: Option<&DestinationPattern>,
) -> Match {
    let whole_if = |is_for| {
        if is_for {
            Match::Whole(DestinationVariables::default())
        } else {
            Match::None
        }
    };
    match &rule.matcher {
        Matcher::Any => whole_if(true),
        Matcher::NoDestination => whole_if(message.destination().is_none()),
        Matcher::Types(types) => whole_if(types.contains(&message.message_type())),
        Matcher::Custom(matches) => whole_if(matches(message)),
        Matcher::Destinations { message_type, .. } => {
            let Some(destination) = message.destination() else {
                return Match::None;
            };
            if message_type.is_some_and(|of| of != message.message_type()) {
                return Match::None;
            }
            match subscribed {
                Some(subscribed) => of_pattern(patterns, subscribed, destination),
                None => of_destination(&rule.decision, patterns, destination),
            }
        }
    }
}

fn of_destination(
    decision: &Decision,
    patterns: &[DestinationPattern],
    destination: &str,
) -> Match {
    if decision.wants_variables() {
        let variables = patterns
            .iter()
            .find_map(|pattern| pattern.captures(destination));
        return variables.map_or(Match::None, Match::Whole);
    }
    if patterns.iter().any(|pattern| pattern.matches(destination)) {
        return Match::Whole(DestinationVariables::default());
    }
    Match::None
}

fn of_pattern(
    patterns: &[DestinationPattern],
    subscribed: &DestinationPattern,
    destination: &str,
) -> Match {
    if let Some(whole) = patterns.iter().find(|pattern| covers(pattern, subscribed)) {
        // Its variables stand for themselves: `*` is the room of `/rooms/*`, and no check takes it for another.
        return Match::Whole(whole.captures(destination).unwrap_or_default());
    }
    if patterns
        .iter()
        .any(|pattern| may_overlap(pattern, subscribed))
    {
        return Match::Part;
    }
    Match::None
}

fn denied(message: &Message) -> Refusal {
    let destination = message.destination().unwrap_or_default();
    let text: Cow<'static, str> = match message.message_type() {
        MessageType::Connect => "you may not connect".into(),
        MessageType::Message => format!("you may not send to {destination}").into(),
        MessageType::Subscribe => format!("you may not subscribe to {destination}").into(),
        MessageType::Unsubscribe => "you may not unsubscribe".into(),
        MessageType::Disconnect => "you may not disconnect, but you are disconnected".into(),
    };
    Refusal::new("access-denied", text)
}

impl fmt::Display for Denied<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::By(rule) => write!(f, "the rule for {:?}: {:?}", rule.matcher, rule.decision),
            Self::ByDefault => f.write_str("no rule is for it"),
        }
    }
}
