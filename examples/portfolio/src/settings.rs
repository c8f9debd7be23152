//! What can be set from outside, by environment variables.

use std::{env, num::NonZeroU64, str::FromStr, time::Duration};

/// How the example runs.
#[derive(Debug)]
pub(crate) struct Settings {
    /// `PORT`; 0 is any free port. Default: 8080.
    pub(crate) port: u16,
    /// `QUOTE_INTERVAL_MS`. Default: 1.5 s.
    pub(crate) quote_interval: Duration,
    /// `QUOTE_SEED`: the same seed makes the prices move in the same way. Default: random.
    pub(crate) quote_seed: u64,
    /// `CONFIRMATION_DELAY_MS`: how long an order takes. Default: 1.5 s.
    pub(crate) confirmation_delay: Duration,
}

/// An environment variable has a value that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {name} can't be {value:?}: {reason}")]
pub(crate) struct InvalidSetting {
    name: &'static str,
    value: String,
    reason: String,
}

impl Settings {
    pub(crate) fn from_environment() -> Result<Self, InvalidSetting> {
        let interval = setting::<NonZeroU64>("QUOTE_INTERVAL_MS")?.map_or(1500, NonZeroU64::get);
        Ok(Self {
            port: setting("PORT")?.unwrap_or(8080),
            quote_interval: Duration::from_millis(interval),
            quote_seed: setting("QUOTE_SEED")?.unwrap_or_else(|| fastrand::u64(..)),
            confirmation_delay: Duration::from_millis(
                setting("CONFIRMATION_DELAY_MS")?.unwrap_or(1500),
            ),
        })
    }
}

fn setting<T: FromStr<Err: ToString>>(name: &'static str) -> Result<Option<T>, InvalidSetting> {
    let Some(value) = env::var_os(name) else {
        return Ok(None);
    };
    let value = value.to_string_lossy();
    match value.parse() {
        Ok(setting) => Ok(Some(setting)),
        Err(reason) => Err(InvalidSetting {
            name,
            value: value.into_owned(),
            reason: T::Err::to_string(&reason),
        }),
    }
}
