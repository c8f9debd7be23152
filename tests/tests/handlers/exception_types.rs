//! EX-2: the type of the error counts, and not how it is written.

use stomp_axum::handler::WiringError;

use super::{builder, client, message, send};

mod same_name {
    pub(super) mod one {
        use stomp_axum::{message_exception_handler, message_mapping, send_to};

        #[derive(Debug, thiserror::Error)]
        #[error("an error of one")]
        struct Error;

        #[message_mapping("/one")]
        async fn fail() -> Result<(), Error> {
            Err(Error)
        }

        #[message_exception_handler(global)]
        #[send_to("/topic/errors")]
        async fn failed(error: &Error) -> String {
            format!("one: {error}")
        }
    }

    pub(super) mod two {
        use stomp_axum::{message_exception_handler, message_mapping, send_to};

        #[derive(Debug, thiserror::Error)]
        #[error("an error of two")]
        struct Error;

        #[message_mapping("/two")]
        async fn fail() -> Result<(), Error> {
            Err(Error)
        }

        #[message_exception_handler(global)]
        #[send_to("/topic/errors")]
        async fn failed(error: &Error) -> String {
            format!("two: {error}")
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ex_2_two_types_of_one_name_are_two_types() {
    let messaging = builder(concat!(module_path!(), "::same_name"))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/errors"]).await;
    for module in ["one", "two"] {
        send(&client, &format!("/app/{module}"), "");
        assert_eq!(
            message(&mut client).await.1,
            format!("{module}: an error of {module}")
        );
    }
}

mod other_name {
    use std::fmt::{self, Error};

    use stomp_axum::{message::BoxError, message_exception_handler, message_mapping};

    #[message_mapping("/fail")]
    async fn fail() -> Result<(), Error> {
        Err(Error)
    }

    #[message_exception_handler]
    async fn short(_error: &Error) {}

    #[message_exception_handler]
    async fn long(_error: &fmt::Error) {}

    #[message_exception_handler]
    async fn boxed(_error: &BoxError) {}

    #[message_exception_handler]
    async fn any(_error: &(dyn std::error::Error + Send + Sync)) {}
}

#[test]
fn ex_2_one_type_under_two_names_is_one_type() {
    let error = builder(concat!(module_path!(), "::other_name"))
        .build()
        .unwrap_err();
    let duplicates: Vec<_> = error
        .errors()
        .iter()
        .map(|error| match error {
            WiringError::DuplicateExceptionHandler { first, second, .. } => {
                (first.name, second.name)
            }
            other => panic!("unexpected {other}"),
        })
        .collect();
    assert_eq!(duplicates, [("short", "long"), ("boxed", "any")]);
}
