use std::{
    any::{TypeId, type_name},
    fmt,
    sync::Arc,
};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    MessageConverter, PayloadTarget, PayloadType, PayloadValue, includes, json::JSON_MEDIA_TYPES,
    payload_type::is_bytes,
};
use crate::{
    codec::Headers,
    message::{
        Message, MessageType, PayloadError,
        payload::{cast, from_payload, read_bytes, read_empty, write_by_default},
        raw::{Probe, Raw},
    },
};

/// The message converters of a server, in the order in which they are asked: Spring's `CompositeMessageConverter`
/// (MC-1).
///
/// [`MessageContext::converters`](crate::handler::MessageContext::converters) has those of the server; one can also make
/// some, to try a converter. Cheap to clone.
///
/// ```
/// use stomp_axum::{
///     codec::Headers,
///     message::{JsonMessageConverter, MessageConverters},
/// };
///
/// let converters = MessageConverters::default();
/// let prices: Vec<u32> = converters.read(&"[1, 2]".into(), Some("application/json"))?;
/// assert_eq!(prices, [1, 2]);
///
/// let only_json = converters.without_defaults().with(JsonMessageConverter::new());
/// let message = only_json.write("text", Headers::new())?.expect("a text is something to send");
/// assert_eq!(&message.payload()[..], b"\"text\"");
/// # Ok::<(), stomp_axum::message::PayloadError>(())
/// ```
// `None` for the default converters alone: that is the common case, which is monomorphic from end to end.
#[derive(Clone, Default)]
pub struct MessageConverters(Option<Arc<Chain>>);

#[derive(Clone)]
struct Chain {
    of_application: Vec<Arc<dyn MessageConverter>>,
    has_defaults: bool,
}

impl MessageConverters {
    /// Adds a converter behind those that were added before, and in front of the default ones.
    #[must_use]
    pub fn with(mut self, converter: impl MessageConverter) -> Self {
        self.chain_mut().of_application.push(Arc::new(converter));
        self
    }

    /// Leaves only the converters that were added.
    #[must_use]
    pub fn without_defaults(mut self) -> Self {
        self.chain_mut().has_defaults = false;
        self
    }

    fn chain_mut(&mut self) -> &mut Chain {
        Arc::make_mut(self.0.get_or_insert_default())
    }

    /// Whether there is no converter at all (MC-1).
    pub(crate) fn is_empty(&self) -> bool {
        let is_empty = |chain: &Arc<Chain>| chain.of_application.is_empty() && !chain.has_defaults;
        self.0.as_ref().is_some_and(is_empty)
    }

    /// Reads a payload as `T`, by its `content-type`.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] if the body is missing or is not of the type, or if no converter reads its content type.
    pub fn read<T>(&self, payload: &Bytes, content_type: Option<&str>) -> Result<T, PayloadError>
    where
        T: DeserializeOwned + 'static,
    {
        match &self.0 {
            None => from_payload(payload, content_type),
            Some(chain) => chain.read(payload, content_type),
        }
    }

    /// Reads the payload of a message for a `Message<T>`: as [`read`](Self::read), but bytes may be missing (AR-32).
    pub(crate) fn read_of_message<T>(&self, message: &Message) -> Result<T, PayloadError>
    where
        T: DeserializeOwned + 'static,
    {
        match self.read(message.payload(), message.content_type()) {
            Err(error @ PayloadError::Missing { .. }) => read_bytes(message.payload()).ok_or(error),
            result => result,
        }
    }

    /// Writes `value` as a message with these headers and without a destination; `None` for `None` and `()`, which are
    /// nothing to send (RV-2).
    ///
    /// A `content-type` among the headers chooses the converter; if there is none, it is added (MC-4).
    ///
    /// # Errors
    ///
    /// [`PayloadError`] if the value can't be written, or if no converter writes that content type.
    pub fn write<T>(&self, value: &T, mut headers: Headers) -> Result<Option<Message>, PayloadError>
    where
        T: Serialize + ?Sized + 'static,
    {
        let content_type = headers.get("content-type");
        let written = match &self.0 {
            None => write_by_default(value, content_type)?
                .map(|(payload, content_type)| (payload, Some(content_type.as_str()))),
            Some(chain) => chain.write(value, content_type)?,
        };
        let Some((payload, written_as)) = written else {
            return Ok(None);
        };
        if content_type.is_none()
            && let Some(content_type) = written_as
        {
            headers.append("content-type", content_type);
        }
        Ok(Some(
            Message::of_type(MessageType::Message)
                .with_headers(headers)
                .with_payload(payload),
        ))
    }
}

impl MessageConverters {
    /// Writes a message with a value as payload: its headers and its payload alone, as a message of the server. Bytes
    /// stay what they are, without a `content-type` if they have none.
    pub(crate) fn write_message<T>(
        &self,
        message: Message<T>,
    ) -> Result<Option<Message>, PayloadError>
    where
        T: Serialize + 'static,
    {
        let (mut message, payload) = message.into_parts();
        let headers = std::mem::take(message.headers_mut());
        if TypeId::of::<T>() != TypeId::of::<Bytes>() {
            return self.write(&payload, headers);
        }
        Ok(Some(
            Message::of_type(MessageType::Message)
                .with_headers(headers)
                .with_payload(cast::<Bytes, _>(payload)),
        ))
    }
}

impl Chain {
    fn read<T>(&self, payload: &Bytes, content_type: Option<&str>) -> Result<T, PayloadError>
    where
        T: DeserializeOwned + 'static,
    {
        if payload.is_empty() {
            return read_empty();
        }
        if let Some(bytes) = read_bytes(payload) {
            return Ok(bytes);
        }
        let payload_type = PayloadType::of::<T>();
        let Some(converter) = self.find(payload_type, content_type) else {
            return if self.has_defaults {
                from_payload(payload, content_type)
            } else {
                Err(PayloadError::UnsupportedContentType {
                    content_type: content_type.map(str::to_owned),
                    accepted: Vec::new(),
                    type_name: type_name::<T>(),
                })
            }
            .map_err(|error| self.complete(error, payload_type));
        };
        let mut value = None;
        let mut take = |deserializer: &mut dyn erased_serde::Deserializer<'_>| {
            value = Some(erased_serde::deserialize(deserializer)?);
            Ok(())
        };
        let mut target = PayloadTarget::new(&mut take, payload_type, content_type);
        let read = converter.read(payload, &mut target);
        read.and_then(|()| value.ok_or_else(|| "the converter found no value".into()))
            .map_err(|reason| PayloadError::Read {
                converter: converter.name(),
                type_name: type_name::<T>(),
                reason,
            })
    }

    fn write<T>(
        &self,
        value: &T,
        content_type: Option<&str>,
    ) -> Result<Option<(Bytes, Option<&'static str>)>, PayloadError>
    where
        T: Serialize + ?Sized + 'static,
    {
        let with_type = |(payload, content_type): (Bytes, crate::message::ContentType)| {
            (payload, Some(content_type.as_str()))
        };
        if is_bytes::<T>() {
            return Ok(write_by_default(value, None)?.map(with_type));
        }
        if let Ok(Raw::Nothing) = value.serialize(Probe { raw: false }) {
            return Ok(None);
        }
        let payload_type = PayloadType::of::<T>();
        let Some(converter) = self.find(payload_type, content_type) else {
            return if self.has_defaults {
                write_by_default(value, content_type).map(|written| written.map(with_type))
            } else {
                Err(PayloadError::UnwritableContentType {
                    content_type: content_type.map(str::to_owned),
                    accepted: Vec::new(),
                    type_name: type_name::<T>(),
                })
            }
            .map_err(|error| self.complete(error, payload_type));
        };
        let payload = converter
            .write(&PayloadValue::new(&value, payload_type, content_type))
            .map_err(|source| PayloadError::Write {
                converter: converter.name(),
                type_name: type_name::<T>(),
                source,
            })?;
        let mut media_types = converter.media_types().iter();
        let written_as = media_types.find(|media_type| !media_type.contains('*'));
        Ok(Some((payload.into(), written_as.copied())))
    }

    /// The first converter of the application that fits (MC-2).
    fn find(
        &self,
        payload_type: PayloadType,
        content_type: Option<&str>,
    ) -> Option<&dyn MessageConverter> {
        let fits = |converter: &&dyn MessageConverter| {
            let media_types = converter.media_types();
            let content_type_fits = match content_type {
                None => !converter.strict(),
                Some(_) if media_types.is_empty() => true,
                Some(content_type) => media_types
                    .iter()
                    .any(|media_type| includes(media_type, content_type)),
            };
            content_type_fits && converter.supports(payload_type)
        };
        let mut converters = self.of_application.iter().map(|converter| &**converter);
        converters.find(fits)
    }

    /// Names in an error all content types that would be accepted.
    fn complete(&self, mut error: PayloadError, payload_type: PayloadType) -> PayloadError {
        if let PayloadError::UnsupportedContentType { accepted, .. }
        | PayloadError::UnwritableContentType { accepted, .. } = &mut error
        {
            *accepted = self
                .of_application
                .iter()
                .filter(|converter| converter.supports(payload_type))
                .flat_map(|converter| converter.media_types())
                .chain(JSON_MEDIA_TYPES.iter().filter(|_| self.has_defaults))
                .copied()
                .collect();
        }
        error
    }
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            of_application: Vec::new(),
            has_defaults: true,
        }
    }
}

impl fmt::Debug for MessageConverters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_application = self.0.iter().flat_map(|chain| &chain.of_application);
        let has_defaults = self.0.as_ref().is_none_or(|chain| chain.has_defaults);
        let defaults = ["text", "bytes", "JSON"]
            .into_iter()
            .filter(|_| has_defaults);
        f.debug_list()
            .entries(of_application.map(|converter| converter.name()))
            .entries(defaults)
            .finish()
    }
}
