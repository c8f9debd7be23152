//! Who may connect.

use stomp_axum::prelude::*;

/// The users that client suites know: `@stomp/stompjs` the first, stomp.py both.
const PASSCODES: [(&str, &str); 2] = [("guest", "guest"), ("admin", "password")];

/// Takes the users above, and clients that say nothing of themselves; the login is the user.
pub(crate) async fn authenticate(
    connect: ConnectRequest,
) -> Result<Option<Principal>, AuthenticationError> {
    match (connect.login(), connect.passcode()) {
        (None, None) => Ok(None),
        (Some(login), Some(passcode)) if PASSCODES.contains(&(login, passcode)) => {
            Ok(Some(Principal::new(login)))
        }
        _ => Err(AuthenticationError::bad_credentials()),
    }
}
