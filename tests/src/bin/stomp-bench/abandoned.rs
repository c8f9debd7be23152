//! What SockJS sessions leave behind whose clients never come back.

use std::{
    io,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{Verdict, options::Options, process::ServerProcess};

/// How many requests are made at the same time.
const AT_A_TIME: usize = 64;
/// How long after the first look the last session may be gone.
const PATIENCE: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);
/// How each session begins: with a message that a STOMP server answers, and an echo server sends back. Nobody fetches
/// what it says.
const MESSAGE: &str = r#"["CONNECT\naccept-version:1.2\nhost:a\n\n\u0000"]"#;
/// The first frame, as each transport wraps it, ends with it.
const OPEN_FRAMES: [&[u8]; 3] = [b"o\n", b"o\r\n\r\n", b"\"o\");"];
/// A receiver for each transport over HTTP.
const TRANSPORTS: [(&str, &str); 5] = [
    ("xhr", "POST"),
    ("xhr_streaming", "POST"),
    ("eventsource", "GET"),
    ("htmlfile", "GET"),
    ("jsonp", "GET"),
];

#[derive(Debug, thiserror::Error)]
enum AbandonedError {
    #[error("--url must be http://HOST:PORT/PATH of a SockJS service")]
    Url,
    #[error("{transport} of SockJS was answered with {answer:?}")]
    Answer {
        transport: &'static str,
        answer: String,
    },
    #[error("the server can't be reached")]
    Io(#[from] io::Error),
}

/// A SockJS service.
struct Service<'a> {
    authority: &'a str,
    path: &'a str,
}

/// Opens and abandons sessions of each transport, and waits until they are gone. The second round finds the memory that
/// the first has left to the process: what grows then is a leak.
pub(crate) async fn run(options: &Options) -> Verdict {
    let service = Service::of(&options.url).ok_or(AbandonedError::Url)?;
    let server = ServerProcess::of(options)?;
    let resident = || server.usage().map(|usage| usage.resident.unwrap_or(0));
    let kib = |bytes: u64| bytes / 1024;
    println!(
        "{} sessions each; memory of the server in KiB",
        options.connections
    );
    println!("at first: {}", kib(resident()?));
    let mut after_round = [0; 2];
    for (round, after) in after_round.iter_mut().enumerate() {
        for (transport, method) in TRANSPORTS {
            let sessions = (0..options.connections).map(|number| {
                let session = format!("{round}{transport}{number}");
                service.open(transport, method, session)
            });
            let sessions: Vec<String> = stream::iter(sessions)
                .buffer_unordered(AT_A_TIME)
                .try_collect()
                .await?;
            let with_all = resident()?;
            let abandoned = Instant::now();
            service.until_gone(&sessions).await?;
            let seconds = abandoned.elapsed().as_secs_f64();
            *after = resident()?;
            println!(
                "round {}, {transport}: {} with all, all gone after {seconds:.1} s, {} then",
                round + 1,
                kib(with_all),
                kib(*after),
            );
        }
    }
    let [first, second] = after_round;
    Ok(second <= first + first / 10)
}

impl<'a> Service<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let (authority, path) = url.strip_prefix("http://")?.split_once('/')?;
        Some(Self { authority, path })
    }

    /// Opens a session, gives it something to say, and goes away. Returns the session.
    async fn open(
        &self,
        transport: &'static str,
        method: &str,
        session: String,
    ) -> Result<String, AbandonedError> {
        let resource = format!("{session}/{transport}?c=callback");
        let mut receiver = self.request(method, &resource, "").await?;
        let mut answer = Vec::new();
        // A stream goes on behind it, and a poll has no more.
        while !OPEN_FRAMES.iter().any(|frame| find(&answer, frame)) {
            if receiver.read_buf(&mut answer).await? == 0 {
                return Err(unexpected(transport, &answer));
            }
        }
        let sent = self.send(&session).await?;
        if !sent.starts_with("HTTP/1.1 204") {
            return Err(unexpected("xhr_send", sent.as_bytes()));
        }
        Ok(session)
    }

    /// Ready when none of the sessions is there any more.
    async fn until_gone(&self, sessions: &[String]) -> Result<(), AbandonedError> {
        let gone = async {
            for session in sessions {
                while !self.send(session).await?.starts_with("HTTP/1.1 404") {
                    tokio::time::sleep(BETWEEN_LOOKS).await;
                }
            }
            Ok(())
        };
        match timeout(PATIENCE, gone).await {
            Ok(gone) => gone,
            Err(_) => Err(unexpected("xhr_send", b"not with 404 for too long")),
        }
    }

    /// The answer to a message for the session.
    async fn send(&self, session: &str) -> Result<String, AbandonedError> {
        let resource = format!("{session}/xhr_send");
        let mut stream = self.request("POST", &resource, MESSAGE).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    async fn request(&self, method: &str, resource: &str, body: &str) -> io::Result<TcpStream> {
        let Self { authority, path } = self;
        let length = body.len();
        let request = format!(
            "{method} /{path}/0/{resource} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\
            Content-Length: {length}\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(authority).await?;
        stream.write_all(request.as_bytes()).await?;
        Ok(stream)
    }
}

fn find(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn unexpected(transport: &'static str, answer: &[u8]) -> AbandonedError {
    let answer = String::from_utf8_lossy(answer).into_owned();
    AbandonedError::Answer { transport, answer }
}
