use std::fmt;

use serde::de::DeserializeOwned;

use crate::{codec::Frame, message::Message};

/// The body of a [`Frame`] or of a [`Message`], in the form in which a test compares it.
pub trait FrameExt {
    /// The body as text.
    ///
    /// # Panics
    ///
    /// If it is not UTF-8.
    fn text(&self) -> &str;

    /// The body, read as JSON whatever the `content-type` is.
    ///
    /// # Panics
    ///
    /// If it can't be read as `T`.
    fn json<T: DeserializeOwned>(&self) -> T;
}

impl FrameExt for Frame {
    #[track_caller]
    fn text(&self) -> &str {
        text(&self.body, self)
    }

    #[track_caller]
    fn json<T: DeserializeOwned>(&self) -> T {
        json(&self.body, self)
    }
}

impl FrameExt for Message {
    #[track_caller]
    fn text(&self) -> &str {
        text(self.payload(), self)
    }

    #[track_caller]
    fn json<T: DeserializeOwned>(&self) -> T {
        json(self.payload(), self)
    }
}

#[track_caller]
fn text<'a>(body: &'a [u8], of: &impl fmt::Debug) -> &'a str {
    std::str::from_utf8(body)
        .unwrap_or_else(|error| panic!("the body is no text ({error}): {of:?}"))
}

#[track_caller]
fn json<T: DeserializeOwned>(body: &[u8], of: &impl fmt::Debug) -> T {
    serde_json::from_slice(body).unwrap_or_else(|error| {
        let type_name = std::any::type_name::<T>();
        panic!("the body is no JSON of `{type_name}` ({error}): {of:?}")
    })
}
