use std::fmt;

use crate::pattern::DestinationVariables;

/// A destination of `#[send_to]` or `#[send_to_user]`, in which `{name}` stands for a variable of the handler's
/// pattern (RV-14).
///
/// It is taken apart once, when the routing table is built: so text that a client chose is never looked at for
/// further variables, as Spring does (GS-20).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
}

/// A variable of a target that the handler's pattern does not have.
#[derive(Debug)]
pub(super) struct MissingVariable(pub(super) String);

impl Target {
    /// Takes `text` apart. A brace that is never closed is text.
    pub(super) fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find('{')
            && let Some(length) = rest[start..].find('}')
        {
            if start > 0 {
                parts.push(Part::Text(rest[..start].to_owned()));
            }
            parts.push(Part::Variable(rest[start + 1..start + length].to_owned()));
            rest = &rest[start + length + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Self { parts }
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The destination, with the values of the variables.
    pub(super) fn expand(
        &self,
        variables: &DestinationVariables,
    ) -> Result<String, MissingVariable> {
        let mut destination = String::new();
        for part in &self.parts {
            destination.push_str(match part {
                Part::Text(text) => text,
                Part::Variable(name) => variables
                    .get(name)
                    .ok_or_else(|| MissingVariable(name.clone()))?,
            });
        }
        Ok(destination)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Variable(name) => write!(f, "{{{name}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{DestinationPattern, Separator};

    fn variables(pattern: &str, destination: &str) -> DestinationVariables {
        DestinationPattern::parse(pattern, Separator::Slash)
            .unwrap()
            .captures(destination)
            .unwrap()
    }

    #[test]
    fn rv_14_variables_are_replaced() {
        let variables = variables("/chat/{room}/{user}", "/chat/lobby/joe");
        let expand = |target| Target::parse(target).expand(&variables).unwrap();
        assert_eq!(
            expand("/topic/chat.{room}.filtered"),
            "/topic/chat.lobby.filtered"
        );
        assert_eq!(expand("{user}{room}"), "joelobby");
        assert_eq!(expand("/topic/plain"), "/topic/plain");
        assert_eq!(expand("/topic/{open"), "/topic/{open");
        assert_eq!(
            Target::parse("/topic/{ann}")
                .expand(&variables)
                .unwrap_err()
                .0,
            "ann"
        );
    }

    #[test]
    fn gs_20_values_are_never_expanded_again() {
        let variables = variables("/chat/{room}/{user}", "/chat/{user}/joe");
        assert_eq!(
            Target::parse("/topic/{room}").expand(&variables).unwrap(),
            "/topic/{user}"
        );
    }

    #[test]
    fn it_is_shown_as_it_was_written() {
        assert_eq!(
            Target::parse("/topic/{a}/b{c}").to_string(),
            "/topic/{a}/b{c}"
        );
    }
}
