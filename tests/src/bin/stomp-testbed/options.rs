//! The command line.

use std::ffi::OsString;

use lexopt::{
    Arg::{Long, Short},
    Error, Parser, ValueExt as _,
};
use tracing_subscriber::filter::LevelFilter;

pub(crate) const HELP: &str = "\
stomp-testbed: a STOMP server for client suites and load generators

Usage: stomp-testbed [OPTIONS]

It listens on 127.0.0.1 for WebSockets at /ws and /stomp, and with --tcp-port also for STOMP over TCP. It ends at Ctrl-C or
SIGTERM.

Options:
  --port PORT              the port, 0 for any that is free [default: 0]
  --tcp-port PORT          the port for STOMP over TCP, 0 for any that is free [default: none]
  --max-message BYTES      the largest STOMP frame [default: 2097152]
  --outbound-queue BYTES   what may wait for a slow client [default: 16777216]
  --log LEVEL              off, error, warn, info, debug or trace, on stderr [default: warn]
  -h, --help               this text

When it is ready it prints `listening on 127.0.0.1:PORT`, and then `listening on tcp 127.0.0.1:PORT` if it listens there.

Logins: guest/guest, admin/password, or none. The login is the user.

Destinations:
  /topic /queue /exchange /amq/queue /temp-queue   the broker; all are topics
  SEND /app/echo               the body comes back at /user/queue/echo
  SEND /app/broadcast/ROOM     the body goes to /topic/room/ROOM
  SEND /app/fail               an error, which comes back at /user/queue/errors
  SUBSCRIBE /app/now           the time in milliseconds since 1970
  SUBSCRIBE /app/whoami        the user's name
  SUBSCRIBE /app/sessions      how many sessions the user has";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Run(Options),
    Help,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) port: u16,
    /// For STOMP over TCP.
    pub(crate) tcp_port: Option<u16>,
    /// In bytes.
    pub(crate) max_message: usize,
    /// In bytes.
    pub(crate) outbound_queue: usize,
    pub(crate) log: LevelFilter,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            tcp_port: None,
            max_message: 2 * 1024 * 1024,
            outbound_queue: 16 * 1024 * 1024,
            log: LevelFilter::WARN,
        }
    }
}

impl Command {
    pub(crate) fn from_arguments() -> Result<Self, Error> {
        Self::parse(std::env::args_os())
    }

    /// Parses arguments, of which the first is the name of the program.
    fn parse(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Self, Error> {
        let mut options = Options::default();
        let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
        let mut parser = Parser::from_iter(arguments);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("port") => options.port = parser.value()?.parse()?,
                Long("tcp-port") => options.tcp_port = Some(parser.value()?.parse()?),
                Long("max-message") => options.max_message = parser.value()?.parse()?,
                Long("outbound-queue") => options.outbound_queue = parser.value()?.parse()?,
                Long("log") => options.log = parser.value()?.parse()?,
                Short('h') | Long("help") => return Ok(Self::Help),
                _ => return Err(argument.unexpected()),
            }
        }
        Ok(Self::Run(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Command, String> {
        let arguments = ["stomp-testbed"].iter().chain(arguments);
        Command::parse(arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn without_options_the_defaults_count() {
        assert_eq!(parse(&[]), Ok(Command::Run(Options::default())));
    }

    #[test]
    fn options_are_read() {
        let arguments = [
            "--port=61614",
            "--tcp-port=61613",
            "--max-message",
            "1000",
            "--outbound-queue",
            "2000",
            "--log=debug",
        ];
        assert_eq!(
            parse(&arguments),
            Ok(Command::Run(Options {
                port: 61614,
                tcp_port: Some(61613),
                max_message: 1000,
                outbound_queue: 2000,
                log: LevelFilter::DEBUG,
            }))
        );
        assert_eq!(parse(&["--help"]), Ok(Command::Help));
    }

    #[test]
    fn what_is_no_option_is_refused() {
        for arguments in [
            &["--unknown"][..],
            &["argument"],
            &["--port"],
            &["--port", "65536"],
            &["--max-message", "2MiB"],
            &["--log", "loud"],
        ] {
            assert!(parse(arguments).is_err(), "{arguments:?}");
        }
    }
}
