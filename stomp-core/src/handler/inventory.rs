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
#[derive(Clone, Debug, Default)]
pub struct Handlers {
    registrations: Vec<&'static Registration>,
    /// Modules that were named, and have none.
    empty_modules: Vec<String>,
}

impl Handlers {
    /// Every annotated function of the program: Spring's component scan.
    pub fn all() -> Self {
        let registrations = inventory::iter::<Registrations>();
        Self::from_iter(registrations.flat_map(|registrations| registrations.0))
    }

    /// The annotated functions of a module and of the modules in it; the path is that of `module_path!()`. A module
    /// without any is an error of `build()`.
    pub fn in_module(module: &str) -> Self {
        let mut handlers = Self::all();
        handlers.registrations.retain(|registration| {
            let rest = registration.function().module.strip_prefix(module);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        });
        if handlers.is_empty() {
            handlers.empty_modules.push(module.to_owned());
        }
        handlers
    }

    /// No handlers: for a server that only brokers.
    pub fn none() -> Self {
        Self::default()
    }

    /// Those of `items`; what the `handlers!` macro expands to.
    #[doc(hidden)]
    pub fn of(items: &[&'static Registrations]) -> Self {
        Self::from_iter(items.iter().flat_map(|registrations| registrations.0))
    }

    /// These and `others`. A function that is in both counts once.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.registrations.extend(others.registrations);
        self.empty_modules.extend(others.empty_modules);
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.registrations.is_empty()
    }

    /// Modules that were named, and have no annotated functions.
    pub(crate) fn empty_modules(&self) -> &[String] {
        &self.empty_modules
    }

    fn from_iter(registrations: impl Iterator<Item = &'static Registration>) -> Self {
        Self {
            registrations: registrations.collect(),
            empty_modules: Vec::new(),
        }
    }

    /// In the order of file and line, so that logs and errors are the same at every start.
    pub(super) fn into_sorted(mut self) -> Vec<&'static Registration> {
        let key = |registration: &&Registration| {
            let function = registration.function();
            (function.file, function.line, function.module, function.name)
        };
        self.registrations.sort_by_key(key);
        self.registrations.dedup_by(|a, b| std::ptr::eq(*a, *b));
        self.registrations
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
