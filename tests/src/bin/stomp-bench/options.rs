//! The command line.

use std::{ffi::OsString, time::Duration};

use lexopt::{
    Arg::{Long, Short, Value},
    Error, Parser, ValueExt as _,
};

pub(crate) const HELP: &str = "\
stomp-bench: loads for a STOMP server over WebSocket, such as stomp-testbed

Usage: stomp-bench COMMAND --url ws://127.0.0.1:PORT/ws [OPTIONS]

Commands:
  exactness   as fast as the server can; counts lost, duplicate and misordered messages, for each publisher,
              subscriber and destination
  idle        connects clients that subscribe and do nothing: CPU time and memory per connection
  soak        half of what the server can, while other clients come and go; prints its memory every 10 s
  slow        one more subscriber does not read: what does it do to the latency of the others, and when is it cut off?
              It asks /app/sessions of stomp-testbed
  abandoned   SockJS sessions of each transport over HTTP whose clients never come back, with --url
              http://127.0.0.1:PORT/sockjs/echo: when are they gone, and how much memory stays?

It fails if something was not delivered once and in order, if memory has grown by more than 10 % between the second
quarter of a soak and the last, if the slow client is not cut off, or if abandoned sessions stay, or leave 10 % more memory
behind in a second round.

Options:
  --url URL             the server
  --server-pid PID      its process, to show CPU time and memory, from /proc; `idle`, `soak` and `abandoned`
                        need it
  --publishers N        [default: 4]
  --subscribers N       each subscribes to all destinations [default: 100]
  --destinations N      topics [default: 10]
  --body BYTES          of each message, at least 64 [default: 128, slow: 4096]
  --in-flight N         messages that are published and not delivered to all [default: 32]
  --deliveries N        exactness: messages times subscribers [default: 10000000]
  --connections N       idle: at most what the limits on open files allow (ulimit -n), of both processes
                        [default: 10000]; abandoned: sessions of each transport [default: 5000]
  --seconds N           soak, slow: how long [default: 600, slow: 30]
  --rate N              soak, slow: messages a second [default: half of what 10 s in full show, slow: 500]
  --churn N             soak: other clients that connect, subscribe and leave, a second [default: 20]
  -h, --help            this text";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Exactness,
    Idle,
    Soak,
    Slow,
    Abandoned,
    Help,
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) url: String,
    pub(crate) server_pid: Option<u32>,
    pub(crate) publishers: usize,
    pub(crate) subscribers: usize,
    pub(crate) destinations: usize,
    pub(crate) body: usize,
    pub(crate) in_flight: usize,
    pub(crate) deliveries: u64,
    pub(crate) connections: usize,
    pub(crate) duration: Duration,
    pub(crate) rate: Option<f64>,
    pub(crate) churn: f64,
}

impl Options {
    fn defaults_of(command: Command) -> Self {
        let slow = command == Command::Slow;
        Self {
            url: String::new(),
            server_pid: None,
            publishers: 4,
            subscribers: 100,
            destinations: 10,
            body: if slow { 4096 } else { 128 },
            in_flight: 32,
            deliveries: 10_000_000,
            connections: if command == Command::Abandoned {
                5000
            } else {
                10_000
            },
            duration: Duration::from_secs(if slow { 30 } else { 600 }),
            rate: slow.then_some(500.0),
            churn: 20.0,
        }
    }

    /// What can't be run.
    fn check(&self, command: Command) -> Result<(), &'static str> {
        let counts = [
            self.publishers,
            self.subscribers,
            self.destinations,
            self.in_flight,
            self.connections,
        ];
        if command == Command::Help {
            Ok(())
        } else if self.url.is_empty() {
            Err("--url is missing")
        } else if matches!(command, Command::Idle | Command::Soak | Command::Abandoned)
            && self.server_pid.is_none()
        {
            Err("--server-pid is missing")
        } else if counts.contains(&0) || self.deliveries == 0 || self.duration.is_zero() {
            Err("no number may be zero")
        } else if !(self.rate.unwrap_or(1.0) > 0.0 && self.churn > 0.0) {
            Err("--rate and --churn must be more than zero")
        } else if self.body < 64 {
            Err("--body must be at least 64")
        } else {
            Ok(())
        }
    }
}

pub(crate) fn from_arguments() -> Result<(Command, Options), Error> {
    parse(std::env::args_os().skip(1).collect())
}

fn parse(arguments: Vec<OsString>) -> Result<(Command, Options), Error> {
    let mut parser = Parser::from_args(arguments);
    let command = match parser.next()? {
        Some(Value(name)) => match name.to_str() {
            Some("exactness") => Command::Exactness,
            Some("idle") => Command::Idle,
            Some("soak") => Command::Soak,
            Some("slow") => Command::Slow,
            Some("abandoned") => Command::Abandoned,
            _ => return Err(Value(name).unexpected()),
        },
        Some(Short('h') | Long("help")) => Command::Help,
        Some(argument) => return Err(argument.unexpected()),
        None => return Err("a command is missing, see --help".into()),
    };
    let mut options = Options::defaults_of(command);
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok((Command::Help, options)),
            Long("url") => options.url = parser.value()?.string()?,
            Long("server-pid") => options.server_pid = Some(parser.value()?.parse()?),
            Long("publishers") => options.publishers = parser.value()?.parse()?,
            Long("subscribers") => options.subscribers = parser.value()?.parse()?,
            Long("destinations") => options.destinations = parser.value()?.parse()?,
            Long("body") => options.body = parser.value()?.parse()?,
            Long("in-flight") => options.in_flight = parser.value()?.parse()?,
            Long("deliveries") => options.deliveries = parser.value()?.parse()?,
            Long("connections") => options.connections = parser.value()?.parse()?,
            Long("seconds") => options.duration = Duration::from_secs(parser.value()?.parse()?),
            Long("rate") => options.rate = Some(parser.value()?.parse()?),
            Long("churn") => options.churn = parser.value()?.parse()?,
            _ => return Err(argument.unexpected()),
        }
    }
    options.check(command)?;
    Ok((command, options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<(Command, Options), String> {
        let arguments = arguments.iter().map(Into::into).collect();
        super::parse(arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn a_command_has_defaults_of_its_own() {
        let (command, options) = parse(&["exactness", "--url=ws://a/ws"]).unwrap();
        assert_eq!((command, options.body), (Command::Exactness, 128));
        let (command, options) = parse(&["slow", "--url", "ws://a/ws", "--seconds=5"]).unwrap();
        assert_eq!((command, options.body), (Command::Slow, 4096));
        assert_eq!(options.duration, Duration::from_secs(5));
        assert_eq!(parse(&["--help"]).unwrap().0, Command::Help);
        assert_eq!(parse(&["soak", "-h"]).unwrap().0, Command::Help);
    }

    #[test]
    fn what_can_not_be_run_is_refused() {
        for arguments in [
            &[][..],
            &["unknown"],
            &["--url=ws://a/ws"],
            &["exactness"],
            &["idle", "--url=ws://a/ws"],
            &["abandoned", "--url=http://a/sockjs/echo"],
            &["exactness", "--url=ws://a/ws", "--subscribers=0"],
            &["exactness", "--url=ws://a/ws", "--body=63"],
            &["soak", "--url=ws://a/ws", "--server-pid=1", "--rate=NaN"],
            &["exactness", "--url=ws://a/ws", "--unknown"],
        ] {
            assert!(parse(arguments).is_err(), "{arguments:?}");
        }
    }
}
