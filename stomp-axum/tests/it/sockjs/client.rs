//! A client of SockJS over HTTP. Its requests go to the router without a socket between them, so that time can be paused.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use stomp_axum::codec::{Command, Frame};
use tower_service::Service as _;

use crate::support::{decode, within};

/// A frame of SockJS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SockJsFrame {
    Open,
    HeartBeat,
    Messages(Vec<String>),
    Close(u16, String),
}

impl SockJsFrame {
    pub(super) fn parse(text: &str) -> Self {
        let (kind, rest) = text.split_at(1);
        match kind {
            "o" => Self::Open,
            "h" => Self::HeartBeat,
            "a" => Self::Messages(serde_json::from_str(rest).unwrap()),
            "c" => {
                let (code, reason) = serde_json::from_str(rest).unwrap();
                Self::Close(code, reason)
            }
            _ => panic!("{text:?} is no frame"),
        }
    }
}

/// How a client receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receiving {
    Polling,
    Streaming,
}

/// One session.
pub(super) struct SockJsClient {
    router: Router,
    url: String,
    receiving: Receiving,
    stream: Option<Body>,
    frames: VecDeque<SockJsFrame>,
    messages: VecDeque<String>,
}

impl SockJsClient {
    /// Opens a session of the service at `path`.
    pub(super) async fn open(router: &Router, path: &str, receiving: Receiving) -> Self {
        static SESSIONS: AtomicUsize = AtomicUsize::new(0);
        let number = SESSIONS.fetch_add(1, Ordering::Relaxed);
        let mut client = Self {
            router: router.clone(),
            url: format!("{path}/000/session{number}"),
            receiving,
            stream: None,
            frames: VecDeque::new(),
            messages: VecDeque::new(),
        };
        assert_eq!(client.receive_frame().await, SockJsFrame::Open);
        client
    }

    /// Another client at the same place, with a session that is not opened yet.
    pub(super) fn with_id(&self, id: &str) -> Self {
        let (path, _) = self.url.rsplit_once('/').unwrap();
        Self {
            router: self.router.clone(),
            url: format!("{path}/{id}"),
            receiving: self.receiving,
            stream: None,
            frames: VecDeque::new(),
            messages: VecDeque::new(),
        }
    }

    pub(super) async fn post(&self, name: &str, body: String) -> Response<Body> {
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = format!("{}/{name}", self.url).parse().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], 4711));
        request.extensions_mut().insert(ConnectInfo(address));
        within(self.router.clone().call(request)).await.unwrap()
    }

    /// Sends messages, all at once.
    pub(super) async fn send_all(&self, messages: &[&str]) -> StatusCode {
        let body = serde_json::to_string(messages).unwrap();
        self.post("xhr_send", body).await.status()
    }

    pub(super) async fn send(&self, message: &str) {
        assert_eq!(self.send_all(&[message]).await, StatusCode::NO_CONTENT);
    }

    /// Begins to receive, unless it does already.
    pub(super) async fn attach(&mut self) {
        if self.stream.is_none() {
            let name = match self.receiving {
                Receiving::Polling => "xhr",
                Receiving::Streaming => "xhr_streaming",
            };
            let response = self.post(name, String::new()).await;
            assert_eq!(response.status(), StatusCode::OK);
            self.stream = Some(response.into_body());
        }
    }

    /// The next frame of the response that is there, if it has another.
    pub(super) async fn next_of_response(&mut self) -> Option<SockJsFrame> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return Some(frame);
            }
            let stream = self.stream.as_mut()?;
            let Some(data) = within(stream.frame()).await else {
                self.stream = None;
                return None;
            };
            let data = data.unwrap().into_data().unwrap();
            if self.receiving == Receiving::Polling {
                // SJ-XHR-01
                assert!(within(stream.frame()).await.is_none());
                self.stream = None;
            }
            let text = String::from_utf8(data.to_vec()).unwrap();
            let is_prelude = text.len() == 2049 && text.starts_with("hh");
            if !is_prelude {
                let frames = text.lines().map(SockJsFrame::parse);
                self.frames.extend(frames);
            }
        }
    }

    /// The next frame, with as many requests as that takes.
    pub(super) async fn receive_frame(&mut self) -> SockJsFrame {
        loop {
            self.attach().await;
            if let Some(frame) = self.next_of_response().await {
                return frame;
            }
        }
    }

    /// The next message, past heart-beats of SockJS.
    pub(super) async fn receive(&mut self) -> String {
        loop {
            if let Some(message) = self.messages.pop_front() {
                return message;
            }
            match self.receive_frame().await {
                SockJsFrame::Messages(messages) => self.messages.extend(messages),
                SockJsFrame::HeartBeat => {}
                other => panic!("expected messages, got {other:?}"),
            }
        }
    }

    /// The next frame of STOMP, past heart-beats.
    pub(super) async fn expect(&mut self, command: &Command) -> Frame {
        loop {
            let message = self.receive().await;
            if message != "\n" {
                let frame = decode(message.as_bytes());
                assert_eq!(frame.command, *command, "{frame:?} {:?}", frame.body);
                return frame;
            }
        }
    }

    pub(super) async fn stomp_connect(&mut self, heart_beat: &str) -> Frame {
        self.send(&format!(
            "CONNECT\naccept-version:1.2\nhost:/\nheart-beat:{heart_beat}\n\n\0"
        ))
        .await;
        self.expect(&Command::Connected).await
    }

    /// Subscribes, and returns when the subscription is in force.
    pub(super) async fn subscribe(&mut self, destination: &str) {
        self.send(&format!(
            "SUBSCRIBE\nid:{destination}\ndestination:{destination}\nreceipt:subscribed\n\n\0"
        ))
        .await;
        self.expect(&Command::Receipt).await;
    }
}
