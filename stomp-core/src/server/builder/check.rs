//! What can be wrong with the configuration itself.

use super::MessagingBuilder;
use crate::{
    endpoint::{StompEndpoint, path_template::is_below_sockjs},
    handler::{Handlers, WiringError},
    pattern::Separator,
    session::SlowConsumer,
};

impl MessagingBuilder {
    /// What is wrong with the configuration itself.
    pub(super) fn check(&self, handlers: &Handlers) -> Vec<WiringError> {
        let mut errors: Vec<WiringError> = Vec::new();
        let expected = self.expected_modules.iter();
        let missing = expected.filter(|module| Handlers::in_module(module).is_empty());
        let empty = handlers.empty_modules().iter().chain(missing);
        errors.extend(empty.map(|module| WiringError::EmptyModule {
            module: module.clone(),
        }));
        let with_slash = self.separator == Separator::Slash;
        let prefixes = self
            .application_prefixes
            .iter()
            .chain(&self.simple_broker.prefixes);
        errors.extend(prefixes.filter_map(|prefix| check_prefix(prefix, with_slash)));
        errors.extend(check_prefix(&self.user_prefix, false));
        errors.extend(self.simple_broker.check(self.separator));
        let duplicates = self.duplicates.iter();
        errors.extend(duplicates.map(|type_name| WiringError::DuplicateState { type_name }));
        let shapes: Vec<_> = self.endpoints.iter().map(StompEndpoint::shape).collect();
        for (index, endpoint) in self.endpoints.iter().enumerate() {
            let path = endpoint.path();
            let mut mistakes = endpoint.mistakes();
            if shapes[..index].contains(&shapes[index]) {
                mistakes.push("there are two of this path".to_owned());
            }
            let with_shapes = self.endpoints.iter().zip(&shapes);
            let mut services = with_shapes.filter(|(other, _)| other.sockjs_options().is_some());
            if let Some((service, _)) =
                services.find(|(_, sockjs)| is_below_sockjs(&shapes[index], sockjs))
            {
                mistakes.push(format!(
                    "what is below {:?} belongs to SockJS there; give it another path",
                    service.path()
                ));
            }
            errors.extend(mistakes.into_iter().map(|reason| {
                let path = path.to_owned();
                WiringError::InvalidEndpoint { path, reason }
            }));
        }
        errors.extend(self.check_slow_consumers());
        if self.converters.is_empty() {
            errors.push(WiringError::NoMessageConverter);
        }
        let parallel =
            (self.parallel_handlers == 0).then_some(("parallel_handlers", "it must not be zero"));
        let unusable = parallel.into_iter().chain(self.limits.unusable());
        errors.extend(
            unusable.map(|(setting, reason)| WiringError::InvalidLimit { setting, reason }),
        );
        errors
    }
}

impl MessagingBuilder {
    /// Policies that would never be asked, or are not clear.
    fn check_slow_consumers(&self) -> impl Iterator<Item = WiringError> {
        let policies = self.slow_consumers.iter().enumerate();
        policies.filter_map(|(index, (prefix, policy))| {
            let mut before = self.slow_consumers.iter().take(index);
            let is_covered =
                |other: &String| prefix.starts_with(other.as_str()) || other.starts_with(prefix);
            let invalid = check_prefix(prefix, false);
            if invalid.is_some() {
                return invalid;
            }
            let reason = if before.any(|(other, _)| other == prefix) {
                "it was given twice"
            } else if !self.simple_broker.prefixes.is_empty()
                && !self.simple_broker.prefixes.iter().any(is_covered)
                && !is_covered(&self.user_prefix)
            {
                "the broker serves no such destination, see `simple_broker`"
            } else if matches!(policy, SlowConsumer::Conflate(header) if header.is_empty()) {
                "name the header whose values are compared"
            } else {
                return None;
            };
            Some(WiringError::InvalidBrokerSetting {
                setting: "slow_consumers",
                value: prefix.to_owned(),
                reason: reason.to_owned(),
            })
        })
    }
}

fn check_prefix(prefix: &str, starts_with_slash: bool) -> Option<WiringError> {
    let reason = if prefix.is_empty() {
        "it is empty; give no prefix at all to cover all destinations"
    } else if prefix.trim() != prefix {
        "it starts or ends with a blank"
    } else if crate::pattern::is_pattern(prefix) {
        "a prefix is plain text, not a pattern"
    } else if starts_with_slash && !prefix.starts_with('/') {
        "it does not start with `/`, as all destinations do"
    } else {
        return None;
    };
    Some(WiringError::InvalidPrefix {
        prefix: prefix.to_owned(),
        reason,
    })
}
