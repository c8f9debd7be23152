//! What the program's annotated functions have registered. The only file that knows the `inventory` crate.

use super::{Registration, Registrations};

inventory::collect!(Registrations);

/// Which annotated functions the server uses: everything in the program, one module, or those named.
///
/// ```
/// use stomp_axum::handler::Handlers;
///
/// let everything = Handlers::all();
/// let chat = Handlers::in_module("my_app::chat");
/// let both = Handlers::in_module("my_app::chat").and(Handlers::in_module("my_app::quotes"));
/// ```
///
/// `handlers![greeting, chat::history]` names single functions and controllers.
///
/// A crate that the program depends on, but never mentions, is not linked, and so are its handlers: write
/// `use my_handlers as _;`.
#[derive(Clone, Debug)]
pub struct Handlers(Vec<&'static Registration>);

impl Handlers {
    /// Every annotated function of the program: Spring's component scan.
    pub fn all() -> Self {
        Self(
            inventory::iter::<Registrations>()
                .flat_map(|registrations| registrations.0)
                .collect(),
        )
    }

    /// The annotated functions of a module and of the modules in it; the path is that of `module_path!()`.
    pub fn in_module(module: &str) -> Self {
        let mut handlers = Self::all();
        handlers.0.retain(|registration| {
            let rest = registration.function().module.strip_prefix(module);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        });
        handlers
    }

    /// No handlers: for a server that only brokers.
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// Those of `items`; what the `handlers!` macro expands to.
    #[doc(hidden)]
    pub fn of(items: &[&'static Registrations]) -> Self {
        Self(
            items
                .iter()
                .flat_map(|registrations| registrations.0)
                .collect(),
        )
    }

    /// These and `others`. A function that is in both counts once.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of file and line, so that logs and errors are the same at every start.
    pub(super) fn into_sorted(mut self) -> Vec<&'static Registration> {
        let key = |registration: &&Registration| {
            let function = registration.function();
            (function.file, function.line, function.module, function.name)
        };
        self.0.sort_by_key(key);
        self.0.dedup_by(|a, b| std::ptr::eq(*a, *b));
        self.0
    }
}

impl Registration {
    pub(super) fn function(&self) -> &super::Function {
        match self {
            Self::Handler(handler) => &handler.function,
            Self::ExceptionHandler(handler) => &handler.function,
            Self::EventListener(listener) => &listener.function,
        }
    }
}
