//! The handshake of a draft of WebSocket that one test of SockJS still makes, and no browser (SJ-WS-12): the library does
//! not know it. What the test looks at is a proof that comes after the upgrade; nothing comes behind it.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use md5::{Digest, Md5};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Answers such handshakes, and leaves everything else to what is behind it.
pub(crate) async fn shake_hands(mut request: Request, next: Next) -> Response {
    let Some(numbers) = numbers(request.headers()) else {
        return next.run(request).await;
    };
    let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
        return next.run(request).await;
    };
    tokio::spawn(async move {
        let mut stream = TokioIo::new(upgrade.await.ok()?);
        let mut nonce = [0; 8];
        stream.read_exact(&mut nonce).await.ok()?;
        let proof = numbers
            .iter()
            .fold(Md5::new(), |hash, number| {
                hash.chain_update(number.to_be_bytes())
            })
            .chain_update(nonce);
        stream.write_all(&proof.finalize()).await.ok()
    });
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().extend(headers(&request));
    response
}

fn headers(request: &Request) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let location = format!("ws://{host}{}", request.uri().path());
    let origin = request.headers().get(header::ORIGIN).cloned();
    [
        (
            header::CONNECTION,
            Some(HeaderValue::from_static("upgrade")),
        ),
        (header::UPGRADE, Some(HeaderValue::from_static("websocket"))),
        (
            HeaderName::from_static("sec-websocket-location"),
            location.parse().ok(),
        ),
        (HeaderName::from_static("sec-websocket-origin"), origin),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
}

/// What is in the two keys: their digits, divided by how many spaces they have.
fn numbers(headers: &HeaderMap) -> Option<[u32; 2]> {
    let number = |name| {
        let key = headers.get(name)?.to_str().ok()?;
        let digits: String = key.chars().filter(char::is_ascii_digit).collect();
        let spaces = key.matches(' ').count() as u64;
        let number = digits.parse::<u64>().ok()?.checked_div(spaces)?;
        u32::try_from(number).ok()
    };
    Some([number("sec-websocket-key1")?, number("sec-websocket-key2")?])
}
