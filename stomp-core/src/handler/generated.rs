//! What generated code calls. Every function is generic over one argument or return type, so that the compiler
//! reports a mistake once, at that type.

pub use super::{
    convert::{destination_variable, header},
    reply::{Returned, ReturnedValue, reply},
};

use std::error::Error;

use super::{FromMessage, MessageContext, Requirements};
use crate::message::BoxError;

/// Takes an argument.
pub async fn extract<T: FromMessage<Via>, Via>(context: &MessageContext) -> Result<T, BoxError> {
    T::from_message(context).await.map_err(Into::into)
}

/// Says what an argument requires.
pub fn requirements<T: FromMessage<Via>, Via>(requirements: &mut Requirements) {
    T::requirements(requirements);
}

/// The first error of type `E` along the chain of sources.
///
/// # Panics
///
/// If there is none. An exception handler is called only for errors that its [`ErrorType`](super::ErrorType) matches.
pub fn find_error<E: Error + 'static>(error: &BoxError) -> &E {
    super::error::chain(&**error)
        .find_map(<dyn Error>::downcast_ref)
        .expect("the routing table matched the type of the error")
}

#[cfg(test)]
mod tests {
    //! Calls handlers the way the dispatcher does: that the macros' code compiles is tested with `stomp-axum`.

    use std::{fmt, sync::Arc};

    use super::*;
    use crate::{
        channel::BrokerChannel,
        codec::Version,
        handler::{Handlers, Json, Registration, Reply, Services, State, services::Instances},
        handlers,
        message::{Message, MessageIds, Principal, SessionId},
        message_exception_handler, message_mapping,
        pattern::{DestinationPattern, Separator},
        session::{Outbound, Session, SessionAttributes},
        template::MessagingTemplate,
        user::UserRegistry,
    };

    #[derive(Debug)]
    struct TradeError(u32);

    impl fmt::Display for TradeError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "trade {} failed", self.0)
        }
    }

    impl Error for TradeError {}

    struct Controller {
        greeting: &'static str,
    }

    #[message_mapping("/{room}/{user}")]
    impl Controller {
        #[message_mapping("/greet")]
        #[expect(clippy::too_many_arguments, reason = "one of each kind")]
        async fn greet(
            &self,
            payload: String,
            #[header("x-trace")] trace: u32,
            #[header(default = "7")] priority: u8,
            #[header] missing: Option<u8>,
            State(suffix): State<char>,
            #[destination_variable("user")] name: String,
            #[destination_variable] room: u16,
        ) -> String {
            let greeting = self.greeting;
            format!("{greeting} {name} in {room}: {payload} {trace} {priority} {missing:?}{suffix}")
        }

        #[message_mapping("/fail")]
        async fn fail(
            #[destination_variable] room: u32,
        ) -> Result<String, Box<dyn Error + Send + Sync>> {
            Err(TradeError(room).into())
        }

        #[message_exception_handler]
        async fn failed(&self, error: &TradeError, Json(text): Json<u8>) -> String {
            format!("{} {error} {text}", self.greeting)
        }

        #[message_exception_handler]
        async fn any(error: &(dyn Error + Send + Sync)) -> String {
            error.to_string()
        }

        #[message_exception_handler]
        async fn boxed(error: &BoxError) -> String {
            error.to_string()
        }
    }

    fn context(payload: &'static str) -> MessageContext {
        let (outbound, _) = Outbound::new(0);
        let mut services = Services {
            template: MessagingTemplate::new(BrokerChannel::default(), "/user"),
            users: UserRegistry::default(),
            states: Instances::default(),
            controllers: Instances::default(),
            message_ids: Arc::new(MessageIds::new()),
        };
        services.states.insert('!');
        services
            .controllers
            .insert(Controller { greeting: "Hello" });
        let pattern = DestinationPattern::parse("/{room}/{user}/*", Separator::Slash).unwrap();
        MessageContext {
            message: Message::new("/app/42/joe/x", payload).with_header("x-trace", "5"),
            session: Session::new(
                SessionId::random(),
                Version::V1_2,
                Some(Principal::new("joe")),
                SessionAttributes::default(),
                outbound,
            ),
            lookup_destination: "/42/joe/x".to_owned(),
            variables: pattern.captures("/42/joe/x").unwrap(),
            services: Arc::new(services),
        }
    }

    async fn call(
        name: &str,
        context: &MessageContext,
        error: Option<BoxError>,
    ) -> Result<String, BoxError> {
        let registrations = __stomp_handlers_Controller.0;
        let registration = registrations
            .iter()
            .find(|registration| registration.function().name == name);
        let Reply(reply) = match registration.unwrap() {
            Registration::Handler(handler) => (handler.invoke)(context).await?,
            Registration::ExceptionHandler(handler) => {
                (handler.invoke)(context, &error.unwrap()).await?
            }
        };
        Ok(std::str::from_utf8(reply.unwrap().payload())?.to_owned())
    }

    #[tokio::test]
    async fn ar_10_to_15_and_30_arguments_come_from_where_they_say() {
        let reply = call("Controller::greet", &context("hi"), None)
            .await
            .unwrap();
        assert_eq!(reply, "Hello joe in 42: hi 5 7 None!");
    }

    #[tokio::test]
    async fn ar_13_a_missing_header_is_an_error() {
        let mut context = context("hi");
        context.message.headers_mut().remove("x-trace");
        let error = call("Controller::greet", &context, None).await.unwrap_err();
        assert!(
            error.to_string().contains("`x-trace` is missing"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn ex_2_exception_handlers_get_the_error_that_they_name() {
        let error = call("Controller::fail", &context(""), None)
            .await
            .unwrap_err();
        assert!(error.is::<TradeError>());

        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] TradeError);
        let wrapped = || Some(Outer(TradeError(1)).into());
        let reply = call("Controller::failed", &context("8"), wrapped())
            .await
            .unwrap();
        assert_eq!(reply, "Hello trade 1 failed 8");
        for name in ["Controller::any", "Controller::boxed"] {
            assert_eq!(call(name, &context(""), wrapped()).await.unwrap(), "outer");
        }
    }

    #[test]
    fn a_handler_that_is_collected_and_named_counts_once() {
        let this_module = Handlers::in_module(module_path!()).into_sorted().len();
        assert_eq!(this_module, 5);
        let both = Handlers::in_module(module_path!()).and(handlers![Controller]);
        assert_eq!(both.into_sorted().len(), this_module);
    }
}
