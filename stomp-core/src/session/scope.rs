use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    fmt,
    ops::Deref,
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
};

use parking_lot::Mutex;

use super::Session;

/// An object of the session: Spring's scope `websocket` (WS-1, SCO-01). An argument of message handlers.
///
/// `MessagingBuilder::session_scoped` says how it is made. That happens once for each session, when something asks for it
/// first; all handlers of the session share it, and it is dropped when the session has ended.
///
/// ```standalone_crate
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use stomp_axum::{prelude::*, session::SessionScoped};
///
/// #[derive(Default)]
/// struct Cart { items: AtomicU32 }
///
/// #[message_mapping("/cart/add")]
/// async fn add(cart: SessionScoped<Cart>) {
///     cart.items.fetch_add(1, Ordering::Relaxed);
/// }
///
/// let messaging = Messaging::builder()
///     .session_scoped(|_session| Cart::default())
///     .build()?;
/// # Ok::<(), stomp_axum::server::BuildError>(())
/// ```
///
/// Cheap to clone: it is a shared reference. Whoever still holds one when the session ends keeps the object alive.
///
/// Spring's objects exist for its own threads only (WS-2, WS-7). Here whoever has the [`Session`] gets them, also an
/// event listener or a task: [`Session::scoped`].
pub struct SessionScoped<T>(Arc<T>);

/// There is no such object of the session.
///
/// The texts may be sent to clients: they name no Rust types.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionScopeError {
    /// The builder was not told how to make it: `MessagingBuilder::session_scoped`. For handlers, `build()` finds this.
    #[error("the server can't make what the handler needs for the session")]
    NoFactory {
        /// The Rust type that was asked for.
        type_name: &'static str,
    },
    /// The session has ended, and its objects are gone (WS-4).
    #[error("the session has ended")]
    SessionEnded,
}

impl SessionScopeError {
    /// A code for programs, which stays the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoFactory { .. } => "missing-session-scoped",
            Self::SessionEnded => "session-ended",
        }
    }
}

impl<T> SessionScoped<T> {
    /// The shared object.
    pub fn into_inner(self) -> Arc<T> {
        self.0
    }
}

impl<T> Clone for SessionScoped<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for SessionScoped<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Without the object: it need not be `Debug`.
impl<T> fmt::Debug for SessionScoped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionScoped")
            .field(&type_name::<T>())
            .finish()
    }
}

type Object = Arc<dyn Any + Send + Sync>;
type Factory = dyn Fn(&Session) -> Object + Send + Sync;

/// How the objects of sessions are made.
#[derive(Default)]
pub(crate) struct SessionFactories(HashMap<TypeId, Box<Factory>>);

impl SessionFactories {
    /// Whether there was one for this type already.
    pub(crate) fn insert<T: Any + Send + Sync>(
        &mut self,
        factory: impl Fn(&Session) -> T + Send + Sync + 'static,
    ) -> bool {
        let factory = Box::new(move |session: &Session| -> Object { Arc::new(factory(session)) });
        self.0.insert(TypeId::of::<T>(), factory).is_some()
    }

    pub(crate) fn contains(&self, id: TypeId) -> bool {
        self.0.contains_key(&id)
    }
}

impl fmt::Debug for SessionFactories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionFactories")
            .field("len", &self.0.len())
            .finish()
    }
}

/// The objects of one session.
pub(super) struct Scope {
    factories: Arc<SessionFactories>,
    objects: Mutex<Objects>,
}

#[derive(Default)]
struct Objects {
    made: HashMap<TypeId, Arc<OnceLock<Object>>>,
    are_gone: bool,
}

impl Scope {
    pub(super) fn new(factories: Arc<SessionFactories>) -> Self {
        Self {
            factories,
            objects: Mutex::default(),
        }
    }

    pub(super) fn get<T: Any + Send + Sync>(
        &self,
        session: &Session,
    ) -> Result<SessionScoped<T>, SessionScopeError> {
        let no_factory = SessionScopeError::NoFactory {
            type_name: type_name::<T>(),
        };
        let id = TypeId::of::<T>();
        let factory = self.factories.0.get(&id).ok_or(no_factory)?;
        let object = {
            let mut objects = self.objects.lock();
            if objects.are_gone {
                return Err(SessionScopeError::SessionEnded);
            }
            objects.made.entry(id).or_default().clone()
        };
        // Not under the lock: a factory may ask for other objects. Whoever asks for the same one meanwhile waits.
        let object = object.get_or_init(|| factory(session)).clone();
        object.downcast().map(SessionScoped).map_err(|_| no_factory)
    }

    /// Drops all objects, unless somebody still holds them.
    pub(super) fn clear(&self) {
        let made = {
            let mut objects = self.objects.lock();
            objects.are_gone = true;
            std::mem::take(&mut objects.made)
        };
        for object in made.into_values() {
            drop_of_session(object);
        }
    }
}

/// Drops what belongs to a session. A panic in a `drop` of the application is logged, and ends nothing else (WS-4).
pub(super) fn drop_of_session<T>(value: T) {
    if std::panic::catch_unwind(AssertUnwindSafe(|| drop(value))).is_err() {
        tracing::error!("the drop of an object of a session panicked");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;
    use crate::{
        codec::Version,
        message::SessionId,
        session::{Outbound, SessionAttributes},
    };

    #[test]
    fn ws_3_an_object_is_made_once_however_many_ask_for_it_at_the_same_time() {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        const THREADS: usize = 8;

        let mut factories = SessionFactories::default();
        factories.insert(|session| {
            // One object may be made of another.
            let other = session.scoped::<String>().unwrap();
            assert_eq!(*other, "other");
            MADE.fetch_add(1, Ordering::Relaxed)
        });
        factories.insert(|_| "other".to_owned());
        let (outbound, _receiver) = Outbound::new(0);
        let session = Session::new(
            SessionId::random(),
            Version::V1_2,
            None,
            SessionAttributes::default(),
            Arc::new(factories),
            outbound,
        );
        let barrier = Barrier::new(THREADS);
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    barrier.wait();
                    assert_eq!(*session.scoped::<usize>().unwrap(), 0);
                });
            }
        });
        assert_eq!(MADE.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn ws_1_an_object_that_could_not_be_made_is_made_when_it_is_asked_for_next() {
        static ATTEMPTS: AtomicUsize = AtomicUsize::new(0);

        let mut factories = SessionFactories::default();
        factories.insert(|_| {
            let attempt = ATTEMPTS.fetch_add(1, Ordering::Relaxed);
            assert!(attempt > 0, "a factory that panics, as the test wants it");
            attempt
        });
        let (outbound, _receiver) = Outbound::new(0);
        let session = Session::new(
            SessionId::random(),
            Version::V1_2,
            None,
            SessionAttributes::default(),
            Arc::new(factories),
            outbound,
        );
        let first = std::panic::catch_unwind(AssertUnwindSafe(|| session.scoped::<usize>()));
        assert!(first.is_err());
        assert_eq!(*session.scoped::<usize>().unwrap(), 1);
    }
}
