//! Which endpoints are served, and what `build()` refuses (JSR-01, JSR-02, JSR-10).

use stomp_axum::{
    server_endpoint::{ServerEndpoint, State, server_endpoint},
    websocket::{WebSockets, WebSocketsBuilder},
};

use super::{Server, expect_text};
use crate::support::Log;

/// Those that belong together.
mod one {
    use super::*;

    #[derive(Default)]
    pub(super) struct First;

    #[server_endpoint("/one/{first}")]
    impl First {
        #[on_message]
        async fn text(&mut self, text: String) -> String {
            text
        }
    }

    pub(super) mod inner {
        use super::*;

        #[derive(Default)]
        pub(crate) struct Second;

        #[server_endpoint("/two")]
        impl Second {
            #[on_message]
            async fn text(&mut self, text: String) -> String {
                text
            }
        }
    }
}

/// Its name begins with that of the module above.
mod one_more {
    use super::*;

    #[derive(Default)]
    pub(super) struct Equivalent;

    #[server_endpoint("/one/{other}", allowed_origins = ["nonsense"], idle_timeout_seconds = 0)]
    impl Equivalent {
        #[on_open]
        async fn open(&mut self, _: State<Option<u8>>, _: Option<State<u16>>) {}

        #[on_message]
        async fn text(&mut self, _text: String, _: State<Option<u8>>) {}
    }
}

struct Shared;

#[server_endpoint("/shared", shared)]
impl Shared {
    #[on_message]
    async fn text(&self, text: String) -> String {
        text
    }
}

struct Constructed;

#[server_endpoint("/constructed")]
impl Constructed {
    #[constructor]
    async fn new(_: State<String>) -> Self {
        Self
    }

    #[on_open]
    async fn open(&self) {}
}

const MODULE: &str = "it::server_endpoints::start_up::one";

/// What is wrong.
fn mistakes(configure: impl FnOnce(WebSocketsBuilder) -> WebSocketsBuilder) -> Vec<String> {
    let error = configure(WebSockets::builder()).build().unwrap_err();
    error.errors().iter().map(ToString::to_string).collect()
}

fn place<T: ServerEndpoint>() -> String {
    T::DEFINITION.place.to_string()
}

#[tokio::test]
async fn jsr_01_endpoints_are_collected_and_each_is_served_once() {
    let server = Server::with(|builder| {
        builder
            .server_endpoints_in(MODULE)
            .server_endpoint::<one::First>()
    })
    .await;
    for path in ["/one/1", "/two"] {
        let mut client = server.connect(path).await;
        client.send("x").await;
        expect_text(&mut client, "x").await;
    }
}

#[test]
fn jsr_01_all_endpoints_of_the_program_are_found() {
    let mistakes = mistakes(|builder| builder.server_endpoints()).join("\n");
    for name in ["one::First", "one_more::Equivalent", "start_up::Shared"] {
        assert!(mistakes.contains(name), "{mistakes}");
    }
}

#[test]
fn jsr_01_a_module_without_endpoints_is_a_mistake() {
    assert_eq!(
        mistakes(|builder| builder.server_endpoints_in("it::server_endpoints::start_up::on")),
        [
            "no server endpoint was found in the module `it::server_endpoints::start_up::on`; if it is a crate that \
             nothing else mentions, it is not linked: write `use it::server_endpoints::start_up::on as _;`"
        ]
    );
}

#[test]
fn jsr_10_equivalent_paths_are_a_mistake_that_names_both_places() {
    let (first, second) = (place::<one::First>(), place::<one_more::Equivalent>());
    assert!(first.contains("start_up.rs:"), "{first}");
    assert_eq!(
        mistakes(|builder| {
            builder
                .server_endpoint::<one_more::Equivalent>()
                .server_endpoint::<one::First>()
        }),
        [format!(
            "the endpoint \"/one/{{other}}\": two server endpoints have equivalent paths:\n    \"/one/{{first}}\" of \
             {first}\n    \"/one/{{other}}\" of {second}\n  give one of them another path"
        )]
    );
}

#[test]
fn jsr_02_a_shared_endpoint_needs_its_instance_and_others_have_none() {
    let shared = place::<Shared>();
    assert_eq!(
        mistakes(|builder| builder.server_endpoint::<Shared>()),
        [format!(
            "the endpoint \"/shared\": {shared} is `shared`, but no instance was given to the builder; call \
             `.server_endpoint_instance(Shared..)` with one"
        )]
    );
    assert_eq!(
        mistakes(|builder| builder.server_endpoint_instance(one::inner::Second)),
        [format!(
            "the endpoint \"/two\": an instance of {} was given to the builder, but each connection has one of its own; \
             write `shared` behind its path, or leave the instance out",
            place::<one::inner::Second>()
        )]
    );
    assert_eq!(
        mistakes(|builder| {
            builder
                .server_endpoint_instance(Shared)
                .server_endpoint_instance(Shared)
        }),
        [
            "two instances of the server endpoint `it::server_endpoints::start_up::Shared` were given to the builder"
        ]
    );
}

#[test]
fn all_mistakes_are_reported_together_with_the_places_of_endpoints() {
    let (equivalent, constructed) = (place::<one_more::Equivalent>(), place::<Constructed>());
    let mistakes = mistakes(|builder| {
        builder
            .server_endpoint::<Constructed>()
            .server_endpoint::<one_more::Equivalent>()
            .configure_server_endpoint::<Shared>(|endpoint| endpoint)
            .state(1_u64)
            .state(2_u64)
    });
    let expected = [
        "two values of the type `u64` were given to the builder; wrap one of them in a type of its own".to_owned(),
        format!(
            "the endpoint \"/one/{{other}}\": {equivalent} takes `State<core::option::Option<u8>>`, which was not given \
             to the builder; call `.state(..)` with one"
        ),
        format!(
            "the endpoint \"/constructed\": {constructed} takes `State<alloc::string::String>`, which was not given to \
             the builder; call `.state(..)` with one"
        ),
        "`configure_server_endpoint::<it::server_endpoints::start_up::Shared>` is about an endpoint that is not served; \
         call `.server_endpoint::<it::server_endpoints::start_up::Shared>()`, or `.server_endpoints()` for all of them"
            .to_owned(),
    ];
    for mistake in &expected {
        assert!(mistakes.contains(mistake), "{mistakes:#?}");
    }
    let of_origin = "the endpoint \"/one/{other}\": \"nonsense\"";
    assert!(
        mistakes
            .iter()
            .any(|mistake| mistake.starts_with(of_origin)),
        "{mistakes:#?}"
    );
    assert_eq!(mistakes.len(), expected.len() + 1, "{mistakes:#?}");
}

#[test]
fn jsr_01_the_log_says_where_the_endpoints_stand() {
    let log = Log::default();
    let _guard = log.start();
    WebSockets::builder()
        .server_endpoint::<one::First>()
        .build()
        .unwrap();
    let lines = log.lines("mapped WebSocket /one/{first} onto");
    assert_eq!(lines.len(), 1, "{lines:?}");
    let place = " onto it::server_endpoints::start_up::one::First (";
    assert!(lines[0].contains(place), "{lines:?}");
    assert!(lines[0].contains("start_up.rs:"), "{lines:?}");
}
