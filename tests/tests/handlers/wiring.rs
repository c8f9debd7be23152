//! What `build()` finds before the first client connects.

use stomp_axum::{
    endpoint::StompEndpoint,
    handler::{Handlers, WiringError},
    handlers,
    pattern::Separator,
    server::Messaging,
    session::Limits,
};

use super::{builder, builder_without_handlers, client, message, pair, send};

mod mistakes {
    use stomp_axum::{handler::State, message_exception_handler, message_mapping, send_to};

    #[derive(Clone)]
    pub(super) struct Database;

    pub(super) struct Controller;

    #[message_mapping("/controller")]
    impl Controller {
        #[message_mapping("/one")]
        async fn one(&self, _database: State<Database>) {}

        #[message_mapping("/two")]
        async fn two(&self) {}
    }

    #[message_mapping("/{a}/*")]
    #[send_to("/topic/{a}")]
    async fn catch_some() {}

    pub(super) mod lonely {
        use stomp_axum::message_exception_handler;

        #[message_exception_handler]
        async fn unreachable(_error: &std::fmt::Error) {}
    }

    #[message_exception_handler]
    async fn first(_error: &std::fmt::Error) {}

    #[message_exception_handler]
    async fn second(_error: &std::fmt::Error) {}

    #[message_exception_handler(global)]
    async fn global(_error: &std::fmt::Error) {}
}

#[test]
fn every_mistake_is_reported_at_once_with_file_and_line() {
    let error = builder(concat!(module_path!(), "::mistakes"))
        .application_destination_prefixes(["", "/a*"])
        .expect_handlers_in("no_such_crate")
        .build()
        .unwrap_err();
    let mut kinds: Vec<_> = error
        .errors()
        .iter()
        .map(|error| match error {
            WiringError::EmptyModule { module } => format!("empty {module}"),
            WiringError::InvalidPrefix { prefix, .. } => format!("prefix {prefix:?}"),
            WiringError::MissingState {
                function,
                type_name,
            } => {
                format!(
                    "state {} of {}",
                    type_name.rsplit("::").next().unwrap(),
                    function.name
                )
            }
            WiringError::MissingController { controller, .. } => format!("controller {controller}"),
            WiringError::UnreachableExceptionHandler { function, .. } => {
                format!("unreachable {}", function.name)
            }
            WiringError::DuplicateExceptionHandler { first, second, .. } => {
                format!("duplicate {} {}", first.name, second.name)
            }
            other => panic!("unexpected {other}"),
        })
        .collect();
    kinds.sort();
    assert_eq!(
        kinds,
        [
            "controller Controller",
            "duplicate first second",
            "empty no_such_crate",
            "prefix \"\"",
            "prefix \"/a*\"",
            "state Database of Controller::one",
            "unreachable unreachable",
        ]
    );
    let text = error.to_string();
    assert!(
        text.starts_with("the messaging server can't start, for 7 reasons:\n1. "),
        "{text}"
    );
    assert!(text.matches(file!()).count() >= 4, "{text}");
}

mod lost {
    use stomp_axum::{message_mapping, send_to, send_to_user};

    #[message_mapping("/app/hello")]
    #[send_to("/topic/a", "/nowhere/a")]
    async fn doubled_prefix() {}

    #[message_mapping("/{x}/b")]
    #[send_to("topic/x", "/{x}/c", "/user/joe/queue/x")]
    #[send_to_user("/user/queue/x")]
    async fn targets() {}
}

#[test]
fn gs_1_mappings_and_targets_that_no_message_would_reach_are_refused() {
    let error = builder(concat!(module_path!(), "::lost"))
        .build()
        .unwrap_err();
    let mut mistakes: Vec<_> = error
        .errors()
        .iter()
        .map(|error| match error {
            WiringError::DoubledPrefix {
                pattern, prefix, ..
            } => format!("doubled {prefix} {pattern}"),
            WiringError::UnservedTarget { target, .. } => format!("unserved {target}"),
            WiringError::UserPrefixInTarget { target, .. } => format!("user prefix {target}"),
            other => panic!("unexpected {other}"),
        })
        .collect();
    mistakes.sort();
    assert_eq!(
        mistakes,
        [
            "doubled /app/ /app/hello",
            "unserved /nowhere/a",
            "unserved topic/x",
            "user prefix /user/queue/x",
        ]
    );
    // What `main` prints when it returns the error.
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[test]
fn prefixes_without_a_slash_and_two_states_of_one_type_are_refused() {
    let error = Messaging::builder()
        .application_destination_prefixes(["app"])
        .simple_broker(["topic", "/queue"])
        .handlers(Handlers::none())
        .state(1_u8)
        .state(2_u8)
        .controller(fine::Controller)
        .controller(fine::Controller)
        .build()
        .unwrap_err();
    let text = error.to_string();
    assert_eq!(error.errors().len(), 4, "{error}");
    assert!(
        text.contains("the prefix \"app\" is not usable: it does not start with `/`"),
        "{text}"
    );
    assert!(
        text.contains("the prefix \"topic\" is not usable"),
        "{text}"
    );
    assert!(
        text.contains("two values of the type `u8` were given"),
        "{text}"
    );
    assert!(text.contains("Controller` were given"), "{text}");
}

#[test]
fn endpoints_that_can_not_be_mounted_are_refused() {
    let error = builder_without_handlers()
        .endpoint(StompEndpoint::new("/ws").allowed_origins(["https://a.example", "a.example"]))
        .endpoint(StompEndpoint::new("stomp").allowed_origin_patterns(["https://a.*"]))
        .endpoint(StompEndpoint::new("/ws"))
        .build()
        .unwrap_err();
    let text: Vec<_> = error.errors().iter().map(ToString::to_string).collect();
    assert_eq!(text.len(), 4, "{error}");
    assert!(
        text[0].starts_with("the endpoint \"/ws\" is not usable: \"a.example\" is not an origin"),
        "{error}"
    );
    assert!(
        text[1]
            .contains("\"https://a.*\" is not an origin: `*` may stand once, in the first label"),
        "{error}"
    );
    assert_eq!(
        text[2],
        "the endpoint \"stomp\" is not usable: a path starts with `/`"
    );
    assert_eq!(
        text[3],
        "the endpoint \"/ws\" is not usable: there are two of this path"
    );
}

#[test]
fn limits_that_let_nobody_in_are_refused() {
    let mut limits = Limits::default();
    limits.heart_beat_tolerance = 0;
    let error = builder_without_handlers()
        .limits(limits)
        .build()
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("the limit `heart_beat_tolerance` is not usable: it must not be zero"),
        "{text}"
    );

    let mut limits = Limits::default();
    limits.heart_beat_max = limits.heart_beat_min / 2;
    let error = builder_without_handlers()
        .limits(limits)
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("`heart_beat_max`"), "{error}");
}

#[test]
fn with_what_is_missing_it_builds() {
    builder(concat!(module_path!(), "::fine"))
        .state(7_u32)
        .controller(fine::Controller)
        .build()
        .unwrap();
}

mod fine {
    use stomp_axum::{handler::State, message_mapping};

    pub(super) struct Controller;

    #[message_mapping]
    impl Controller {
        #[message_mapping("/fine")]
        async fn handle(&self, State(state): State<u32>, missing: Option<State<u8>>) -> String {
            format!("{state} {}", missing.is_none())
        }
    }

    #[message_mapping("/free")]
    pub(super) async fn free() -> &'static str {
        "free"
    }

    /// A handler stays an ordinary function.
    #[tokio::test]
    async fn it_can_be_called() {
        assert_eq!(free().await, "free");
        assert_eq!(Controller.handle(State(7), None).await, "7 true");
    }
}

mod slash {
    #[stomp_axum::message_mapping("/chat.{room}")]
    async fn chat() {}
}

#[test]
fn px_4_a_mapping_that_begins_with_a_slash_is_refused_if_the_separator_is_a_dot() {
    let dots = || {
        let module = concat!(module_path!(), "::slash");
        builder(module).separator(Separator::Dot)
    };
    let error = dots().build().unwrap_err();
    assert!(
        matches!(error.errors(), [WiringError::LeadingSlash { pattern, .. }] if pattern == "/chat.{room}"),
        "{error}"
    );
    // Without an application prefix, handlers see the whole destination (PX-2).
    Messaging::builder()
        .handlers(Handlers::in_module(concat!(module_path!(), "::slash")))
        .separator(Separator::Dot)
        .build()
        .unwrap();
}

#[test]
fn a_module_without_handlers_is_refused() {
    let error = builder("no::such::module").build().unwrap_err();
    let is_empty = |error: &WiringError| matches!(error, WiringError::EmptyModule { module } if module == "no::such::module");
    assert!(error.errors().iter().any(is_empty), "{error}");
    let both = handlers![fine::free].and(Handlers::in_module("no::such::module"));
    let error = builder_without_handlers()
        .handlers(both)
        .build()
        .unwrap_err();
    assert!(error.errors().iter().any(is_empty), "{error}");
}

#[tokio::test(start_paused = true)]
async fn handlers_can_be_named_one_by_one() {
    let messaging = Messaging::builder()
        .application_destination_prefixes(["/app"])
        .simple_broker(["/topic"])
        .handlers(handlers![fine::free, fine::Controller].and(handlers![fine::free]))
        .controller(fine::Controller)
        .state(7_u32)
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/*"]).await;
    send(&client, "/app/free", "");
    assert_eq!(message(&mut client).await, pair("/topic/free", "free"));
    send(&client, "/app/fine", "");
    assert_eq!(message(&mut client).await, pair("/topic/fine", "7 true"));
}

#[test]
fn a_module_is_matched_at_its_boundaries() {
    assert!(!Handlers::in_module(concat!(module_path!(), "::fine")).is_empty());
    assert!(Handlers::in_module(concat!(module_path!(), "::fin")).is_empty());
    assert!(Handlers::none().is_empty());
}
