//! The examples of the guide are compiled, and run unless they say `no_run`. `scripts/check-book` sees to it that no page is
//! missing here.
//!
//! Those that run are `standalone_crate`: one program for all would have the handlers of all.

macro_rules! pages {
    ($($page:ident: $path:literal,)*) => {
        $(#[doc = include_str!(concat!("../../docs/src/", $path))] mod $page {})*
    };
}

pages! {
    introduction: "introduction.md",
    getting_started: "getting-started.md",
    handlers: "websocket/handlers.md",
    handshake: "websocket/handshake.md",
    origins: "websocket/origins.md",
    annotated: "websocket/annotated.md",
    sockjs: "websocket/sockjs.md",
    overview: "stomp/overview.md",
    benefits: "stomp/benefits.md",
    enable: "stomp/enable.md",
    server: "stomp/server.md",
    tcp: "stomp/tcp.md",
    flow: "stomp/flow.md",
    controllers: "stomp/controllers.md",
    mappings: "stomp/mappings.md",
    arguments: "stomp/arguments.md",
    replies: "stomp/replies.md",
    exceptions: "stomp/exceptions.md",
    converters: "stomp/converters.md",
    sending: "stomp/sending.md",
    simple_broker: "stomp/simple-broker.md",
    queues: "stomp/queues.md",
    selectors: "stomp/selectors.md",
    history: "stomp/history.md",
    dots: "stomp/dots.md",
    authentication: "stomp/authentication.md",
    tokens: "stomp/tokens.md",
    authorization: "stomp/authorization.md",
    user_destinations: "stomp/user-destinations.md",
    order: "stomp/order.md",
    events: "stomp/events.md",
    interception: "stomp/interception.md",
    session_scope: "stomp/session-scope.md",
    limits: "stomp/limits.md",
    monitoring: "stomp/monitoring.md",
    testing: "stomp/testing.md",
    not_yet: "not-yet.md",
    browser_clients: "browser-clients.md",
    proxy: "proxy.md",
    troubleshooting: "troubleshooting.md",
    from_spring: "from-spring.md",
    from_socketioxide: "from-socketioxide.md",
    differences_from_spring: "differences-from-spring.md",
}
