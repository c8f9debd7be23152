//! `#[event_listener]` functions: what they take, and how they are called.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use futures_util::{FutureExt, future::BoxFuture};

use super::{
    EventListenerDefinition, HandlerPanicked, Requirements, Services, State, error::Chain,
    reply::HandlerError,
};
use crate::{
    event::{Event, EventKind, EventListener, EventType},
    message::BoxError,
    session::SessionRegistry,
    template::MessagingTemplate,
    user::UserRegistry,
};

/// What the application provides, whatever happens: the arguments of `#[event_listener]` functions are taken from it,
/// but for the event itself. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ApplicationContext(Arc<Services>);

impl ApplicationContext {
    /// The state of this type, as the application gave it to the builder.
    pub fn state<T: Any + Clone>(&self) -> Option<State<T>> {
        self.0.states.get::<T>().cloned().map(State)
    }

    /// The template, to send messages.
    pub fn template(&self) -> &MessagingTemplate {
        &self.0.template
    }

    /// The users that are connected.
    pub fn users(&self) -> &UserRegistry {
        &self.0.users
    }

    /// The sessions that are connected.
    pub fn sessions(&self) -> &SessionRegistry {
        &self.0.sessions
    }

    /// The instance of a controller.
    #[doc(hidden)]
    pub fn controller<T: Any>(&self) -> &T {
        self.0
            .controllers
            .get()
            .expect("`build` refuses a controller without instance")
    }
}

/// A type that can be an argument of an `#[event_listener]`, behind the event.
///
/// It is one of [`State<T>`], `Option<State<T>>`, [`MessagingTemplate`], [`UserRegistry`], [`SessionRegistry`], or a
/// type of your own:
///
/// ```
/// use stomp_axum::{
///     event::SessionConnectedEvent,
///     handler::{ApplicationContext, FromApplication},
///     prelude::*,
/// };
///
/// struct Online(usize);
///
/// impl FromApplication for Online {
///     fn from_application(context: &ApplicationContext) -> Self {
///         Self(context.users().user_count())
///     }
/// }
///
/// #[event_listener]
/// async fn on_connected(_event: SessionConnectedEvent, online: Online) {
///     println!("{} users are here", online.0);
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an argument of an event listener",
    label = "not provided by the application",
    note = "the first argument is the event; the others are what the application provides: `State<T>`, \
            `MessagingTemplate`, `UserRegistry`, `SessionRegistry`",
    note = "the session, its user and the message are taken from the event: `event.session()`",
    note = "implement `FromApplication` for a type of your own"
)]
pub trait FromApplication: Sized {
    /// Takes the argument.
    fn from_application(context: &ApplicationContext) -> Self;

    /// Says what the application must provide, so that `build()` can check it.
    fn requirements(_requirements: &mut Requirements) {}
}

impl FromApplication for ApplicationContext {
    fn from_application(context: &ApplicationContext) -> Self {
        context.clone()
    }
}

impl FromApplication for MessagingTemplate {
    fn from_application(context: &ApplicationContext) -> Self {
        context.template().clone()
    }
}

impl FromApplication for UserRegistry {
    fn from_application(context: &ApplicationContext) -> Self {
        context.users().clone()
    }
}

impl FromApplication for SessionRegistry {
    fn from_application(context: &ApplicationContext) -> Self {
        context.sessions().clone()
    }
}

impl<T: Any + Clone> FromApplication for State<T> {
    fn from_application(context: &ApplicationContext) -> Self {
        context
            .state()
            .expect("`build` refuses a listener without its state")
    }

    fn requirements(requirements: &mut Requirements) {
        requirements.state::<T>();
    }
}

impl<T: Any + Clone> FromApplication for Option<State<T>> {
    fn from_application(context: &ApplicationContext) -> Self {
        context.state()
    }
}

/// What an event listener may return: nothing, also in a `Result`. It is there for the compiler's advice only.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned by an event listener",
    label = "nobody gets this value",
    note = "return `()`, or a `Result<(), E>` whose error is logged"
)]
pub trait NothingReturned {}

impl NothingReturned for () {}

/// The event of a listener. It is called for events of its type only.
#[doc(hidden)]
pub fn event<E: EventType>(event: Event) -> E {
    E::from_event(event).expect("a listener gets the events that it takes")
}

/// Takes an argument of a listener.
#[doc(hidden)]
pub fn listener_argument<T: FromApplication>(context: &ApplicationContext) -> T {
    T::from_application(context)
}

/// What a listener has returned.
#[doc(hidden)]
pub fn listened<T: NothingReturned, E: HandlerError>(result: Result<T, E>) -> Result<(), BoxError> {
    result.map_or_else(|error| Err(error.into_boxed()), |_nothing| Ok(()))
}

/// A listener, with what its arguments are taken from.
pub(crate) struct Listener {
    definition: &'static EventListenerDefinition,
    context: ApplicationContext,
}

impl Listener {
    pub(crate) fn new(
        definition: &'static EventListenerDefinition,
        services: &Arc<Services>,
    ) -> Self {
        Self {
            definition,
            context: ApplicationContext(services.clone()),
        }
    }

    /// Calls the function; a panic becomes an error (T-39).
    async fn try_call(&self, event: Event) -> Result<(), BoxError> {
        let invoke = || (self.definition.invoke)(&self.context, event);
        // Whatever a panic leaves half done is the listener's own.
        match std::panic::catch_unwind(AssertUnwindSafe(invoke)) {
            Ok(future) => AssertUnwindSafe(future)
                .catch_unwind()
                .await
                .unwrap_or_else(|panic| Err(HandlerPanicked::new(panic).into())),
            Err(panic) => Err(HandlerPanicked::new(panic).into()),
        }
    }
}

impl EventListener for Listener {
    fn takes(&self, kind: EventKind) -> bool {
        (self.definition.takes)(kind)
    }

    /// What goes wrong in a listener is logged, and disturbs nobody (EVT-12).
    fn call(&self, event: Event) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if let Err(error) = self.try_call(event).await {
                let listener = &self.definition.function;
                tracing::error!(%listener, error = %Chain(&*error), "an event listener failed");
            }
        })
    }
}
