use std::{
    any::{TypeId, type_name},
    borrow::Cow,
    fmt,
};

use bytes::Bytes;

/// The Rust type that a payload is read as, or written from.
#[derive(Clone, Copy)]
pub struct PayloadType {
    id: TypeId,
    name: &'static str,
    is_text: bool,
}

impl PayloadType {
    pub(super) fn of<T: ?Sized + 'static>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            name: type_name::<T>(),
            is_text: is_text::<T>(),
        }
    }

    /// Whether it is `T`, or an `Option` of it.
    ///
    /// ```
    /// use stomp_axum::message::{MessageConverter, PayloadType};
    /// # use stomp_axum::message::{BoxError, PayloadTarget, PayloadValue};
    ///
    /// struct Quote { price: f64 }
    ///
    /// struct QuoteConverter;
    ///
    /// impl MessageConverter for QuoteConverter {
    ///     fn supports(&self, payload_type: PayloadType) -> bool {
    ///         payload_type.is::<Quote>()
    ///     }
    /// #     fn name(&self) -> &'static str { "quote" }
    /// #     fn media_types(&self) -> &[&'static str] { &["application/quote"] }
    /// #     fn write(&self, _: &PayloadValue<'_>) -> Result<Vec<u8>, BoxError> { Ok(Vec::new()) }
    /// #     fn read(&self, _: &[u8], _: &mut PayloadTarget<'_>) -> Result<(), BoxError> { Ok(()) }
    ///     // ..
    /// }
    /// ```
    pub fn is<T: 'static>(self) -> bool {
        self.id == TypeId::of::<T>() || self.id == TypeId::of::<Option<T>>()
    }

    /// Whether it is a string: `String`, `&'static str` and the like, or an `Option` of one.
    pub fn is_text(self) -> bool {
        self.is_text
    }

    /// The name, for logs. It is not stable, and nothing for clients.
    pub fn name(self) -> &'static str {
        self.name
    }
}

impl fmt::Debug for PayloadType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! is_one_of {
    ($id:ident, $($ty:ty),* $(,)?) => {
        $($id == TypeId::of::<$ty>() || $id == TypeId::of::<Option<$ty>>())||*
    };
}

/// Whether values of `T` are text. The compiler resolves this once for each `T`.
pub(in crate::message) fn is_text<T: ?Sized + 'static>() -> bool {
    let id = TypeId::of::<T>();
    id == TypeId::of::<str>() || is_one_of!(id, &'static str, String, Box<str>, Cow<'static, str>)
}

/// Whether values of `T` are the bytes of the payload themselves.
pub(in crate::message) fn is_bytes<T: ?Sized + 'static>() -> bool {
    let id = TypeId::of::<T>();
    id == TypeId::of::<[u8]>() || is_one_of!(id, Bytes, Vec<u8>)
}
