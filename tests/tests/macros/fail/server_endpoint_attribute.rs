//! The arguments of `#[server_endpoint]`, and what it stands at.

use stomp_axum::server_endpoint::server_endpoint;

#[server_endpoint]
impl NoPath {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("chat")]
impl NoSlash {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/chat/{id:\\d+}")]
impl Regex {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/chat/{*rest}")]
impl SeveralSegments {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/chat/*")]
impl Wildcard {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/chat/:room")]
impl OfAnotherFramework {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/chat/room{id}")]
impl Mixed {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/{room}/{room}")]
impl SameName {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/chat/")]
impl TrailingSlash {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/chat?room=1")]
impl Query {
    #[on_open]
    async fn open(&self) {}
}

const PATH: &str = "/chat";

#[server_endpoint(PATH)]
impl Constant {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint(path = "/chat")]
impl Named {
    #[on_open]
    async fn open(&self) {}
}

// All mistakes of one attribute.
#[server_endpoint(
    "/a",
    "/b",
    sub_protocol = "x",
    sub_protocols = "x",
    allowed_origins = [ORIGIN, "https://a.example.com"],
    allowed_origin_patterns = [],
    max_text_message_bytes,
    idle_timeout_seconds = 1,
    idle_timeout_seconds = 2,
    sockjs = true,
    shared(yes),
)]
impl Options {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/a", sub_protocols = ["two words", "", "a", "A"])]
impl SubProtocols {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/a", max_text_message_bytes = "4 KiB")]
impl NoNumber {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/a")]
async fn function() {}

#[server_endpoint("/a")]
struct Structure;

trait Trait {
    async fn open(&self);
}

#[server_endpoint("/a")]
impl Trait for OfTrait {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/a")]
impl<T> Generic<T> {
    #[on_open]
    async fn open(&self) {}
}

#[server_endpoint("/a")]
impl Generic<u8> {
    #[on_open]
    async fn open_of_bytes(&self) {}
}

#[derive(Default)]
struct NoPath;
#[derive(Default)]
struct NoNumber;
struct OfTrait;
struct NoSlash;
struct Regex;
struct SeveralSegments;
struct Wildcard;
struct OfAnotherFramework;
struct Mixed;
struct SameName;
struct TrailingSlash;
struct Query;
struct Constant;
struct Named;
struct Options;
struct SubProtocols;
struct Generic<T>(T);

fn main() {}
