use std::{borrow::Cow, fmt};

/// Why a session was closed, or is to be: a code, and a reason for people (WS-04).
///
/// Codes from 3000 to 3999 are registered by libraries, those from 4000 on belong to applications. Equality includes the
/// reason; compare [codes](Self::code) to leave it out.
///
/// ```
/// use stomp_axum::websocket::CloseStatus;
///
/// const LOGGED_OUT: CloseStatus = CloseStatus::new(4001);
///
/// let status = LOGGED_OUT.with_reason("logged out");
/// assert_eq!(status.code(), 4001);
/// assert_eq!(status.to_string(), "4001 logged out");
/// assert_eq!(CloseStatus::NORMAL.code(), 1000);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CloseStatus {
    code: u16,
    reason: Option<Cow<'static, str>>,
}

impl CloseStatus {
    /// 1000: the session has served its purpose.
    pub const NORMAL: Self = Self::new(1000);
    /// 1001: the server stops, or the user has left the page.
    pub const GOING_AWAY: Self = Self::new(1001);
    /// 1002: the other side broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self::new(1002);
    /// 1003: a kind of message came that is not accepted.
    pub const NOT_ACCEPTABLE: Self = Self::new(1003);
    /// 1005: the other side gave no code. Never sent.
    pub const NO_STATUS_CODE: Self = Self::new(1005);
    /// 1006: the connection was lost without a closing handshake. Never sent.
    pub const NO_CLOSE_FRAME: Self = Self::new(1006);
    /// 1007: what came is not what its kind says, such as a text that is not UTF-8.
    pub const BAD_DATA: Self = Self::new(1007);
    /// 1008: what came is against some rule.
    pub const POLICY_VIOLATION: Self = Self::new(1008);
    /// 1009: a message was too big.
    pub const TOO_BIG_TO_PROCESS: Self = Self::new(1009);
    /// 1010: the client wants an extension that the server has not.
    pub const REQUIRED_EXTENSION: Self = Self::new(1010);
    /// 1011: the server failed.
    pub const SERVER_ERROR: Self = Self::new(1011);
    /// 1012: the server starts again; clients may reconnect.
    pub const SERVICE_RESTARTED: Self = Self::new(1012);
    /// 1013: the server has too much to do; clients should reconnect later.
    pub const SERVICE_OVERLOAD: Self = Self::new(1013);
    /// 1015: TLS could not be agreed on. Never sent.
    pub const TLS_HANDSHAKE_FAILURE: Self = Self::new(1015);
    /// 4500: the client does not read fast enough (WS-44, WS-45).
    pub const SESSION_NOT_RELIABLE: Self = Self {
        code: 4500,
        reason: Some(Cow::Borrowed(
            "Failed to send message within the configured send limit",
        )),
    };

    /// A status without a reason.
    ///
    /// # Panics
    ///
    /// If the code is less than 1000, or 5000 or more: when the program is compiled, where a constant is made of it. A code that
    /// comes from elsewhere can be [tried](#impl-TryFrom%3Cu16%3E-for-CloseStatus).
    #[must_use]
    pub const fn new(code: u16) -> Self {
        assert!(
            matches!(code, 1000..5000),
            "the code of a close status is from 1000 to 4999"
        );
        Self { code, reason: None }
    }

    /// The same code with a reason; a blank one is none. At most 123 bytes of it are sent.
    #[must_use]
    pub fn with_reason(self, reason: impl Into<Cow<'static, str>>) -> Self {
        let reason = reason.into();
        Self {
            reason: (!reason.trim().is_empty()).then_some(reason),
            ..self
        }
    }

    /// What the other side gave.
    pub(crate) fn received(code: u16, reason: &str) -> Self {
        // Nothing that is no code of the protocol gets here.
        let status = Self { code, reason: None };
        status.with_reason(reason.to_owned())
    }

    /// The code.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The reason, if there is one.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The code as it may be sent (WS-05).
    pub(crate) fn code_to_send(&self) -> u16 {
        match self.code {
            // Reserved by the protocol, or without a meaning: a client would take it for an error.
            1004..=1006 | 1015..=2999 => Self::NORMAL.code,
            code => code,
        }
    }
}

/// A number that is no code of a close status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no code of a close status: they are from 1000 to 4999")]
pub struct InvalidCloseCode(u16);

/// A status without a reason, for a code that is not known when the program is written.
///
/// ```
/// use stomp_axum::websocket::CloseStatus;
///
/// assert_eq!(CloseStatus::try_from(4001), Ok(CloseStatus::new(4001)));
/// assert!(CloseStatus::try_from(999).is_err());
/// ```
impl TryFrom<u16> for CloseStatus {
    type Error = InvalidCloseCode;

    fn try_from(code: u16) -> Result<Self, InvalidCloseCode> {
        match code {
            1000..5000 => Ok(Self::new(code)),
            _ => Err(InvalidCloseCode(code)),
        }
    }
}

impl fmt::Display for CloseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        match self.reason() {
            Some(reason) => write!(f, " {reason}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for CloseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseStatus({})", self.code)?;
        match self.reason() {
            Some(reason) => write!(f, "({reason:?})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ws_04_equality_includes_the_reason() {
        let status = CloseStatus::NORMAL.with_reason("bye");
        assert_ne!(status, CloseStatus::NORMAL);
        assert_eq!(status.code(), CloseStatus::NORMAL.code());
        assert_eq!(CloseStatus::NORMAL.with_reason(" "), CloseStatus::NORMAL);
    }

    #[test]
    #[should_panic(expected = "from 1000 to 4999")]
    fn ws_04_a_code_is_less_than_5000() {
        let _panics = CloseStatus::new(5000);
    }

    #[test]
    #[should_panic(expected = "from 1000 to 4999")]
    fn ws_04_a_code_is_1000_or_more() {
        let _panics = CloseStatus::new(999);
    }

    #[test]
    fn ws_05_what_must_not_be_sent_is_not_sent() {
        for reserved in [1004, 1005, 1006, 1015, 1016, 2999] {
            assert_eq!(CloseStatus::new(reserved).code_to_send(), 1000);
        }
        for code in [1000, 1001, 1003, 1007, 1011, 1013, 1014, 3000, 4999] {
            assert_eq!(CloseStatus::new(code).code_to_send(), code);
        }
    }
}
