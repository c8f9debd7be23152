//! What generated code asks of the type of an argument before a message comes: what it requires, which events it is.
//!
//! The questions have an answer for every type, so that a type which is no argument at all is one error of the compiler:
//! where the argument is taken. A bound here would make it two. The compiler looks for a method of the value before it
//! looks for one of its reference: so the answer of a type that can be asked goes before [`NotProbed`].

use std::marker::PhantomData;

use super::{FromApplication, FromMessage, Requirements};
use crate::event::{EventKind, EventType};

/// A type that is asked, as an argument of a message handler.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

/// A type that is asked, as an argument of an event listener.
#[derive(Debug)]
pub struct ProbedInListener<T>(PhantomData<T>);

macro_rules! new {
    ($($probe:ident),*) => {$(
        impl<T> $probe<T> {
            /// Asks the type.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "generated code calls it")]
            pub const fn new() -> Self {
                Self(PhantomData)
            }
        }
    )*};
}

new!(Probe, ProbedInListener);

/// An argument of a message handler.
pub trait ProbedArgument<Via> {
    /// Says what it requires.
    fn requirements(self, requirements: &mut Requirements);
}

impl<T: FromMessage<Via>, Via> ProbedArgument<Via> for Probe<T> {
    fn requirements(self, requirements: &mut Requirements) {
        T::requirements(requirements);
    }
}

/// An argument of an event listener that the application provides.
pub trait ProbedApplicationArgument {
    /// Says what it requires.
    fn requirements(self, requirements: &mut Requirements);
}

impl<T: FromApplication> ProbedApplicationArgument for ProbedInListener<T> {
    fn requirements(self, requirements: &mut Requirements) {
        T::requirements(requirements);
    }
}

/// The event of a listener.
pub trait ProbedEvent {
    /// Whether events of that kind are of its type.
    fn takes(self, kind: EventKind) -> bool;
}

impl<E: EventType> ProbedEvent for ProbedInListener<E> {
    fn takes(self, kind: EventKind) -> bool {
        E::takes(kind)
    }
}

/// A type that can't be asked: a mistake that the compiler reports elsewhere.
pub trait NotProbed: Sized {
    /// Nothing.
    fn requirements(self, _: &mut Requirements) {}

    /// None.
    fn takes(self, _: EventKind) -> bool {
        false
    }
}

impl<T> NotProbed for &Probe<T> {}

impl<T> NotProbed for &ProbedInListener<T> {}
