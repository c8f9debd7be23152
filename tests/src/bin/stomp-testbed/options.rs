//! The command line.

use std::{ffi::OsString, str::FromStr, time::Duration};

use lexopt::{
    Arg::{Long, Short},
    Error, Parser, ValueExt as _,
};
use stomp_axum::session::Limits;
use tracing_subscriber::filter::LevelFilter;

pub(crate) const HELP: &str = "\
stomp-testbed: a STOMP server for client suites and load generators

Usage: stomp-testbed [OPTIONS]

It listens on 127.0.0.1 for WebSockets at /ws and /stomp, for STOMP over SockJS at /sockjs/stomp, and with --tcp-port also
for STOMP over TCP. It ends at Ctrl-C or SIGTERM.

Options:
  --port PORT              the port, 0 for any that is free [default: 0]
  --tcp-port PORT          the port for STOMP over TCP, 0 for any that is free [default: none]
  --limit NAME=NUMBER      a limit of the server, such as `unacknowledged=1`; may be given several times
  --sockjs-client-url URL  where the iframe page of SockJS finds sockjs-client [default: a CDN]
  --sockjs-disconnect-delay MILLISECONDS
                           how long a SockJS session waits for the next request [default: 5000]
  --log LEVEL              off, error, warn, info, debug or trace, on stderr [default: warn]
  -h, --help               this text

When it is ready it prints `listening on 127.0.0.1:PORT`, and then `listening on tcp 127.0.0.1:PORT` if it listens there.

Limits, in bytes, seconds, or how many, and the defaults here:
  connect_timeout=10 pre_connect_bytes=32768 message_bytes=2097152 frames_per_message=1024 headers=64
  header_line_bytes=8192 headers_bytes=32768 destination_bytes=255 destination_segments=16 subscriptions=1024
  pattern_subscriptions=32 streams=128 unacknowledged=100000 deliveries=10 transactions=16 transaction_actions=1024
  transaction_bytes=16777216 queue_bytes=67108864 queues_bytes=268435456 queues=10000 history_bytes=67108864
  history_destinations=10000 inbound_frames=64 outbound_bytes=16777216 write_timeout=10 heart_beat_min=1
  heart_beat_max=60 heart_beat_tolerance=2

Logins: guest/guest, admin/password, or none. The login is the user.

Destinations:
  /topic /exchange /temp-queue                     the broker: every subscriber gets every message
  /queue /amq/queue                                the broker: one of them gets it, or it waits
  /topic/history/**                                the last 100 messages of 5 minutes are kept
  /queue/dead-letters                              what was delivered too often
  SEND /app/echo               the body comes back at /user/queue/echo
  SEND /app/broadcast/ROOM     the body goes to /topic/room/ROOM
  SEND /app/fail               an error, which comes back at /user/queue/errors
  SUBSCRIBE /app/now           the time in milliseconds since 1970
  SUBSCRIBE /app/whoami        the user's name
  SUBSCRIBE /app/sessions      how many sessions the user has

SockJS without STOMP:
  /sockjs/echo                      what comes; a stream ends after 4096 bytes
  /sockjs/disabled_websocket_echo   the same, without WebSockets
  /sockjs/cookie_needed_echo        the same, with the cookie JSESSIONID
  /sockjs/close                     closes each session, with 3000 and `Go away!`
  /sockjs/ticker                    `tick!`, each second
  /sockjs/amplify                   for N, 2 to the power of N letters `x`
  /sockjs/broadcast                 what comes, to all";

#[derive(Debug)]
pub(crate) enum Command {
    Run(Box<Options>),
    Help,
}

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) port: u16,
    /// For STOMP over TCP.
    pub(crate) tcp_port: Option<u16>,
    pub(crate) limits: Limits,
    pub(crate) sockjs_client_url: Option<String>,
    pub(crate) sockjs_disconnect_delay: Option<Duration>,
    pub(crate) log: LevelFilter,
}

/// The defaults of the library, but for those that suites and load generators exceed on purpose.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.message_bytes = 2 * 1024 * 1024;
    limits.frames_per_message = 1024;
    limits.subscriptions = 1024;
    // Some suites leave messages behind that they never acknowledge.
    limits.unacknowledged = 100_000;
    limits.transaction_bytes = 16 * 1024 * 1024;
    limits.queue_bytes = 64 * 1024 * 1024;
    limits.queues_bytes = 256 * 1024 * 1024;
    limits.outbound_bytes = 16 * 1024 * 1024;
    limits
}

/// Changes one of the limits, by `name=number`.
fn set_limit(limits: &mut Limits, setting: &str) -> Result<(), Error> {
    fn number<T: FromStr>(text: &str) -> Result<T, Error> {
        let not_a_number = || Error::Custom(format!("`{text}` is no number of a limit").into());
        text.parse().map_err(|_| not_a_number())
    }
    let Some((name, text)) = setting.split_once('=') else {
        return Err(Error::Custom(
            format!("`{setting}` is not `name=number`").into(),
        ));
    };
    let seconds = |text| number(text).map(Duration::from_secs);
    let counted = match name {
        "connect_timeout" => return seconds(text).map(|value| limits.connect_timeout = value),
        "write_timeout" => return seconds(text).map(|value| limits.write_timeout = value),
        "heart_beat_min" => return seconds(text).map(|value| limits.heart_beat_min = value),
        "heart_beat_max" => return seconds(text).map(|value| limits.heart_beat_max = value),
        "heart_beat_tolerance" => {
            return number(text).map(|value| limits.heart_beat_tolerance = value);
        }
        "deliveries" => return number(text).map(|value| limits.deliveries = value),
        "pre_connect_bytes" => &mut limits.pre_connect_bytes,
        "message_bytes" => &mut limits.message_bytes,
        "frames_per_message" => &mut limits.frames_per_message,
        "headers" => &mut limits.headers,
        "header_line_bytes" => &mut limits.header_line_bytes,
        "headers_bytes" => &mut limits.headers_bytes,
        "destination_bytes" => &mut limits.destination_bytes,
        "destination_segments" => &mut limits.destination_segments,
        "subscriptions" => &mut limits.subscriptions,
        "pattern_subscriptions" => &mut limits.pattern_subscriptions,
        "streams" => &mut limits.streams,
        "unacknowledged" => &mut limits.unacknowledged,
        "transactions" => &mut limits.transactions,
        "transaction_actions" => &mut limits.transaction_actions,
        "transaction_bytes" => &mut limits.transaction_bytes,
        "queue_bytes" => &mut limits.queue_bytes,
        "queues_bytes" => &mut limits.queues_bytes,
        "queues" => &mut limits.queues,
        "history_bytes" => &mut limits.history_bytes,
        "history_destinations" => &mut limits.history_destinations,
        "inbound_frames" => &mut limits.inbound_frames,
        "outbound_bytes" => &mut limits.outbound_bytes,
        _ => return Err(Error::Custom(format!("there is no limit `{name}`").into())),
    };
    *counted = number(text)?;
    Ok(())
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            tcp_port: None,
            limits: limits(),
            sockjs_client_url: None,
            sockjs_disconnect_delay: None,
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
                Long("limit") => set_limit(&mut options.limits, &parser.value()?.string()?)?,
                Long("sockjs-client-url") => {
                    options.sockjs_client_url = Some(parser.value()?.string()?);
                }
                Long("sockjs-disconnect-delay") => {
                    let milliseconds = parser.value()?.parse()?;
                    options.sockjs_disconnect_delay = Some(Duration::from_millis(milliseconds));
                }
                Long("log") => options.log = parser.value()?.parse()?,
                Short('h') | Long("help") => return Ok(Self::Help),
                _ => return Err(argument.unexpected()),
            }
        }
        Ok(Self::Run(Box::new(options)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Command, String> {
        let arguments = ["stomp-testbed"].iter().chain(arguments);
        Command::parse(arguments).map_err(|error| error.to_string())
    }

    fn options(arguments: &[&str]) -> Options {
        match parse(arguments).unwrap() {
            Command::Run(options) => *options,
            Command::Help => panic!("{arguments:?} ask for help"),
        }
    }

    #[test]
    fn without_options_the_defaults_count() {
        let options = options(&[]);
        assert_eq!((options.port, options.log), (0, LevelFilter::WARN));
        assert_eq!(options.limits.message_bytes, 2 * 1024 * 1024);
    }

    #[test]
    fn options_are_read() {
        let options = options(&[
            "--port=61614",
            "--tcp-port=61613",
            "--limit",
            "message_bytes=1000",
            "--limit=write_timeout=3",
            "--sockjs-client-url=/sockjs.js",
            "--sockjs-disconnect-delay=700",
            "--log=debug",
        ]);
        assert_eq!(options.sockjs_client_url.as_deref(), Some("/sockjs.js"));
        let delay = options.sockjs_disconnect_delay;
        assert_eq!(delay, Some(Duration::from_millis(700)));
        assert_eq!((options.port, options.log), (61614, LevelFilter::DEBUG));
        assert_eq!(options.tcp_port, Some(61613));
        assert_eq!(options.limits.message_bytes, 1000);
        assert_eq!(options.limits.write_timeout, Duration::from_secs(3));
        assert!(matches!(parse(&["--help"]), Ok(Command::Help)));
    }

    #[test]
    fn the_help_names_every_limit_with_its_default() {
        let shown = HELP
            .split_whitespace()
            .filter_map(|word| word.split_once('='));
        let shown: Vec<_> = shown
            .filter(|(_, text)| text.parse::<u64>().is_ok())
            .collect();
        assert_eq!(shown.len(), 28);
        let mut limits = limits();
        for (name, text) in shown {
            set_limit(&mut limits, &format!("{name}={text}")).unwrap();
        }
        assert_eq!(format!("{limits:?}"), format!("{:?}", super::limits()));
    }

    #[test]
    fn what_is_no_option_is_refused() {
        for arguments in [
            &["--unknown"][..],
            &["argument"],
            &["--port"],
            &["--port", "65536"],
            &["--limit", "message_bytes"],
            &["--limit", "message_bytes=2MiB"],
            &["--limit", "unknown=1"],
            &["--log", "loud"],
        ] {
            assert!(parse(arguments).is_err(), "{arguments:?}");
        }
    }
}
