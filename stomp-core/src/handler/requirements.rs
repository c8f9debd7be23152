use std::any::{TypeId, type_name};

/// What the arguments of a handler need from the application; `build()` refuses to start without it.
#[derive(Debug, Default)]
pub struct Requirements {
    states: Vec<(TypeId, &'static str)>,
    failed_handler: bool,
    session_scoped: Vec<(TypeId, &'static str)>,
}

impl Requirements {
    /// The handler takes a `State<T>`.
    pub fn state<T: 'static>(&mut self) {
        self.states.push((TypeId::of::<T>(), type_name::<T>()));
    }

    /// The handler takes a [`FailedHandler`](super::FailedHandler), which only exception handlers can have.
    pub(super) fn failed_handler(&mut self) {
        self.failed_handler = true;
    }

    pub(super) fn needs_failed_handler(&self) -> bool {
        self.failed_handler
    }

    /// The handler takes a `SessionScoped<T>`.
    pub fn session_scoped<T: 'static>(&mut self) {
        self.session_scoped
            .push((TypeId::of::<T>(), type_name::<T>()));
    }

    #[doc(hidden)]
    pub fn states(&self) -> impl Iterator<Item = (TypeId, &'static str)> {
        self.states.iter().copied()
    }

    pub(super) fn all_session_scoped(&self) -> impl Iterator<Item = (TypeId, &'static str)> {
        self.session_scoped.iter().copied()
    }
}
