use std::borrow::Cow;

use super::UserRegistry;
use crate::{
    channel::MessagingError,
    message::{Message, SessionId},
    session::{Session, SessionRegistry},
};

/// Finds out whom a `/user/{user}/...` message is for (UD-3 to UD-6).
///
/// Spring translates `/user/queue/a` of a session into `/queue/a-user{session}`, a destination like any other, which
/// whoever knows the session id can subscribe to. Here it stays a pair of session and destination, which no client
/// can name (T-25).
#[derive(Clone, Debug)]
pub(crate) struct UserDestinations {
    /// Starts and ends with `/`.
    prefix: String,
    users: UserRegistry,
}

/// What a user message resolves to.
#[derive(Debug, PartialEq)]
pub(crate) struct Resolved {
    /// Who gets it; empty if the user is not connected.
    pub(crate) sessions: Vec<Session>,
    /// The destination as the receivers subscribed to it: `/user/queue/a`.
    pub(crate) destination: String,
}

impl UserDestinations {
    /// `prefix` is normalised to start and end with `/` (ST-11).
    pub(crate) fn new(prefix: &str, users: UserRegistry) -> Self {
        Self {
            prefix: format!("/{}/", prefix.trim_matches('/')),
            users,
        }
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether the destination belongs to users (UD-1).
    pub(crate) fn covers(&self, destination: &str) -> bool {
        destination.starts_with(&self.prefix)
    }

    /// Resolves the destination `/user/{user}/destination` of a message.
    ///
    /// A message that is narrowed to a session goes to that session alone, if it is the user's, or if the user is
    /// named by the id of the session, which is how anonymous users are answered (RV-21, RV-22).
    pub(crate) fn resolve(
        &self,
        message: &Message,
        sessions: &SessionRegistry,
    ) -> Result<Resolved, MessagingError> {
        let destination = message.destination().unwrap_or_default();
        let Some((user, rest)) = self.split(destination) else {
            return Err(MessagingError::InvalidUserDestination {
                destination: destination.to_owned(),
                prefix: self.prefix.clone(),
            });
        };
        Ok(Resolved {
            sessions: self.sessions(&user, message.session_id(), sessions),
            destination: format!("{}{rest}", self.prefix),
        })
    }

    /// The user whom a destination names, and what follows the user.
    pub(crate) fn split<'a>(&self, destination: &'a str) -> Option<(Cow<'a, str>, &'a str)> {
        let (user, rest) = destination.strip_prefix(&self.prefix)?.split_once('/')?;
        (!user.is_empty() && !rest.is_empty()).then(|| (unescape_user(user), rest))
    }

    fn sessions(
        &self,
        user: &str,
        narrowed_to: Option<&SessionId>,
        sessions: &SessionRegistry,
    ) -> Vec<Session> {
        if let Some(id) = narrowed_to
            && id.as_str() == user
        {
            return sessions.get(id).into_iter().collect();
        }
        let Some(user) = self.users.user(user) else {
            return Vec::new();
        };
        let of_the_user = user.sessions();
        match of_the_user
            .iter()
            .find(|session| Some(session.id()) == narrowed_to)
        {
            Some(session) => vec![session.clone()],
            None => of_the_user.to_vec(),
        }
    }
}

/// Writes a user's name as one segment of a destination: `/` becomes `%2F` (ST-10). A `%` becomes `%25` where it would be
/// read as one of the two: Spring refuses such names.
pub(crate) fn escape_user(user: &str) -> Cow<'_, str> {
    let is_special = |rest: &str| rest.starts_with("%2F") || rest.starts_with("%25");
    replace(user, |rest| match rest.as_bytes()[0] {
        b'/' => Some(("%2F", 1)),
        b'%' if is_special(rest) => Some(("%25", 1)),
        _ => None,
    })
}

/// The name that [`escape_user`] has written. Any other `%` is itself.
fn unescape_user(user: &str) -> Cow<'_, str> {
    replace(user, |rest| match rest.get(..3)? {
        "%2F" => Some(("/", 3)),
        "%25" => Some(("%", 3)),
        _ => None,
    })
}

/// Replaces what `find` finds at a `/` or a `%`: by a text, and so many bytes of the rest.
fn replace(text: &str, find: impl Fn(&str) -> Option<(&'static str, usize)>) -> Cow<'_, str> {
    let mut replaced = String::new();
    let mut done = 0;
    for (index, _) in text.match_indices(['/', '%']) {
        if let Some((by, length)) = find(&text[index..]) {
            replaced.push_str(&text[done..index]);
            replaced.push_str(by);
            done = index + length;
        }
    }
    if done == 0 {
        return text.into();
    }
    replaced.push_str(&text[done..]);
    replaced.into()
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;
    use crate::{
        codec::Version,
        message::Principal,
        session::{Outbound, SessionAttributes},
    };

    fn connect(user: Option<&str>, users: &UserRegistry, sessions: &SessionRegistry) -> Session {
        let (outbound, _) = Outbound::new(0);
        let principal = user.map(Principal::new);
        let session = Session::new(
            SessionId::random(),
            Version::V1_2,
            principal,
            SessionAttributes::default(),
            Default::default(),
            outbound,
        );
        assert!(users.add(&session, None));
        sessions.add(session.clone());
        session
    }

    #[test]
    fn ud_3_to_6_a_message_goes_to_all_sessions_of_the_user_or_to_the_one_it_is_narrowed_to() {
        let (users, sessions) = (UserRegistry::default(), SessionRegistry::default());
        let destinations = UserDestinations::new("/user", users.clone());
        let first = connect(Some("joe"), &users, &sessions);
        let second = connect(Some("joe"), &users, &sessions);
        let anonymous = connect(None, &users, &sessions);
        let resolve = |destination: &str, narrowed_to: Option<&Session>| {
            let mut message = Message::new(destination, "");
            if let Some(session) = narrowed_to {
                message = message.with_session_id(session.id().clone());
            }
            destinations.resolve(&message, &sessions).unwrap()
        };

        let all = Resolved {
            sessions: vec![first.clone(), second.clone()],
            destination: "/user/queue/a".to_owned(),
        };
        assert_eq!(resolve("/user/joe/queue/a", None), all);
        assert_eq!(resolve("/user/joe/queue/a", Some(&anonymous)), all);
        assert_eq!(
            resolve("/user/joe/queue/a", Some(&second)).sessions,
            [second]
        );
        assert_eq!(resolve("/user/ann/queue/a", None).sessions, []);
        // UD-4: the anonymous session is named by its id, and only if the message is narrowed to it.
        let own = format!("/user/{}/queue/a", anonymous.id());
        assert_eq!(resolve(&own, Some(&anonymous)).sessions, [anonymous]);
        assert_eq!(resolve(&own, Some(&first)).sessions, []);
        assert_eq!(resolve(&own, None).sessions, []);
    }

    #[test]
    fn ud_3_a_destination_without_user_or_rest_is_an_error() {
        let destinations = UserDestinations::new("user", UserRegistry::default());
        for destination in ["/user/joe", "/user/joe/", "/user//queue/a", "/user/"] {
            let resolved =
                destinations.resolve(&Message::new(destination, ""), &SessionRegistry::default());
            assert!(
                matches!(resolved, Err(MessagingError::InvalidUserDestination { .. })),
                "{destination}"
            );
        }
    }

    #[test]
    fn st_10_slashes_in_user_names_are_escaped_and_restored() {
        assert_eq!(escape_user("https://joe/"), "https:%2F%2Fjoe%2F");
        assert_eq!(unescape_user("https:%2F%2Fjoe%2F"), "https://joe/");
        assert_eq!(escape_user("a%2Fb"), "a%252Fb");
        assert_eq!(escape_user("100%"), "100%");
        assert_eq!(unescape_user("%2f%é"), "%2f%é");
        let (users, sessions) = (UserRegistry::default(), SessionRegistry::default());
        let destinations = UserDestinations::new("/user/", users.clone());
        let session = connect(Some("a/b"), &users, &sessions);
        let resolved = destinations
            .resolve(&Message::new("/user/a%2Fb/queue/a", ""), &sessions)
            .unwrap();
        assert_eq!(resolved.sessions, [session]);
    }

    #[test]
    fn ur_1_a_user_disappears_with_the_last_session() {
        let (users, sessions) = (UserRegistry::default(), SessionRegistry::default());
        let first = connect(Some("joe"), &users, &sessions);
        let second = connect(Some("joe"), &users, &sessions);
        connect(None, &users, &sessions);
        assert_eq!(users.user_count(), 1);
        users.remove(&first);
        assert_eq!(
            users.user("joe").unwrap().sessions(),
            slice::from_ref(&second)
        );
        users.remove(&second);
        assert!(users.users().is_empty());
    }

    proptest::proptest! {
        #[test]
        fn st_10_ud_3_every_name_is_one_segment_and_comes_back(name in "[/%2F5aé]{0,12}") {
            let escaped = escape_user(&name);
            proptest::prop_assert!(!escaped.contains('/'));
            proptest::prop_assert_eq!(unescape_user(&escaped), &*name);
        }
    }
}
