//! One module for each file of `spring/`.

pub(crate) mod arguments;
pub(crate) mod class_mappings;
pub(crate) mod class_replies;
mod event_listeners;
pub(crate) mod exceptions;
mod global_errors;
pub(crate) mod intercepted;
pub(crate) mod mappings;
pub(crate) mod replies;
pub(crate) mod sessions;
pub(crate) mod subscribe;
