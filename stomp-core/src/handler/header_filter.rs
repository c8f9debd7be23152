use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{codec::is_reserved, message::Message};

/// Which headers of a message its reply has, too (RV-26). Without a filter, none.
#[derive(Default)]
pub(crate) struct ReplyHeaderFilter(Vec<Filter>);

type Filter = Box<dyn Fn(&str) -> bool + Send + Sync>;

impl ReplyHeaderFilter {
    pub(crate) fn add(&mut self, filter: Filter) {
        self.0.push(filter);
    }

    /// Copies the headers of `request` that a filter lets pass, with all their values. Those that the reply has already
    /// are the handler's, and stay as they are.
    ///
    /// If a filter panics, nothing is copied (T-39): the panic is no error of the handler, whose exception handler would
    /// run into the same one.
    pub(super) fn copy(&self, request: &Message, reply: &mut Message) {
        if self.0.is_empty() {
            return;
        }
        let passes = |name: &str| {
            // The `id` is that of the SUBSCRIBE.
            !is_reserved(name)
                && name != "id"
                && !reply.headers().contains(name)
                && self.0.iter().any(|filter| filter(name))
        };
        let copied = catch_unwind(AssertUnwindSafe(|| {
            let headers = request.headers().iter();
            headers.filter(|(name, _)| passes(name)).collect::<Vec<_>>()
        }));
        let copied = copied.unwrap_or_else(|_panic| {
            tracing::error!("a filter of reply headers panicked, and no header is copied");
            Vec::new()
        });
        for (name, value) in copied {
            reply.headers_mut().append(name, value);
        }
    }
}

impl fmt::Debug for ReplyHeaderFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReplyHeaderFilter")
            .field(&self.0.len())
            .finish()
    }
}
