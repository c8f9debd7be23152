use serde::de::DeserializeOwned;

use crate::codec::Frame;

/// The body of a [`Frame`], in the form in which a test compares it.
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
        std::str::from_utf8(&self.body)
            .unwrap_or_else(|error| panic!("the body is no text ({error}): {self:?}"))
    }

    #[track_caller]
    fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            let type_name = std::any::type_name::<T>();
            panic!("the body is no JSON of `{type_name}` ({error}): {self:?}")
        })
    }
}
