use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderMap, Method, Request, StatusCode, header::HeaderName};
use http_body_util::BodyExt as _;
use stomp_core::{endpoint::SockJsOptions, message::Principal};
use tower_service::Service as _;

use super::applications::{Behavior, TestApplication};

/// Nothing here takes that long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(20);

/// A client of one service, at an address of its own.
#[derive(Clone)]
pub(super) struct Client {
    router: Router,
    address: Option<IpAddr>,
    headers: HeaderMap,
    user: Option<Principal>,
}

/// A response with all of its body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// A response whose body goes on.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    body: Body,
}

/// An echo, for all origins.
pub(super) fn echo() -> Client {
    Client::of(
        &TestApplication::new(Behavior::Echo),
        &SockJsOptions::default(),
    )
}

impl Client {
    pub(super) fn of(application: &TestApplication, options: &SockJsOptions) -> Self {
        Self::new(application.router(options))
    }

    pub(super) fn new(router: Router) -> Self {
        Self {
            router,
            address: Some([192, 0, 2, 1].into()),
            headers: HeaderMap::new(),
            user: None,
        }
    }

    /// The same, from elsewhere.
    pub(super) fn at(&self, address: Option<&str>) -> Self {
        Self {
            address: address.map(|address| address.parse().unwrap()),
            ..self.clone()
        }
    }

    /// The same, with a header in all of its requests.
    pub(super) fn with(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.clone();
        let value = http::HeaderValue::from_bytes(value.as_bytes()).unwrap();
        client.headers.append(HeaderName::from_static(name), value);
        client
    }

    /// The same, logged in.
    pub(super) fn user(&self, name: &str) -> Self {
        Self {
            user: Some(Principal::new(name)),
            ..self.clone()
        }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, "").await
    }

    pub(super) async fn options(&self, path: &str) -> Answer {
        self.request(Method::OPTIONS, path, "").await
    }

    pub(super) async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.request(Method::POST, path, body).await
    }

    pub(super) async fn request(
        &self,
        method: Method,
        path: &str,
        body: impl Into<Body>,
    ) -> Answer {
        let mut stream = self.stream(method, path, body).await;
        let body = stream.rest().await;
        Answer {
            status: stream.status,
            headers: stream.headers,
            body,
        }
    }

    /// Makes a request, and looks at the head of the response.
    pub(super) async fn stream(&self, method: Method, path: &str, body: impl Into<Body>) -> Stream {
        let mut request = Request::new(body.into());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        request.headers_mut().extend(self.headers.clone());
        let extensions = request.extensions_mut();
        if let Some(address) = self.address {
            extensions.insert(ConnectInfo(SocketAddr::new(address, 4711)));
        }
        if let Some(user) = &self.user {
            extensions.insert(user.clone());
        }
        let mut router = self.router.clone();
        let response = within(router.call(request)).await.unwrap();
        let (head, body) = response.into_parts();
        Stream {
            status: head.status,
            headers: head.headers,
            body,
        }
    }
}

impl Stream {
    /// The next piece; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<String> {
        let frame = within(self.body.frame()).await?.unwrap();
        Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
    }

    /// All that comes until the end.
    pub(super) async fn rest(&mut self) -> String {
        let mut rest = String::new();
        while let Some(piece) = self.next().await {
            rest.push_str(&piece);
        }
        rest
    }
}

/// The values of all headers of this name, in one.
pub(super) fn all(headers: &HeaderMap, name: &str) -> String {
    let values = headers.get_all(name).iter();
    let values: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
    values.join(" | ")
}

pub(super) async fn within<T>(future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("nothing happened for {PATIENCE:?}"),
    }
}

/// Waits until something that happens elsewhere has happened.
pub(super) async fn until(mut condition: impl FnMut() -> bool) {
    within(async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
