use std::io::Cursor;

use bytes::Bytes;
use stomp_core::endpoint::TransportError;
use tungstenite::{
    Utf8Bytes,
    protocol::frame::{
        FrameHeader,
        coding::{CloseCode, Control, Data, OpCode},
    },
};

use super::{message::PartialMessage, unmask::unmask};
use crate::message_socket::{MessageKind, Received};

/// The longest header of a client's frame.
const MAX_HEADER_BYTES: usize = 14;
/// The longest payload of a control frame.
const MAX_CONTROL_BYTES: u64 = 125;

/// From bytes to the parts of messages, and control frames. Nothing is kept but one part, of a bounded size.
#[derive(Debug)]
pub(super) struct PartsReader {
    max_text_bytes: usize,
    max_binary_bytes: usize,
    /// The header that comes.
    header: Vec<u8>,
    frame: Option<Frame>,
    /// The payload of a control frame that comes.
    control: Vec<u8>,
    message: Option<PartialMessage>,
}

/// A frame whose payload comes.
#[derive(Clone, Copy, Debug)]
struct Frame {
    /// `None` for data.
    control: Option<Control>,
    is_final: bool,
    /// How much of the payload has not come.
    rest: u64,
    mask: [u8; 4],
}

/// Something that a client has sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) received: Received,
    /// Whether it is the end of its message.
    pub(super) is_last: bool,
}

impl PartsReader {
    /// No part is larger than these; larger frames are divided. A text part has room for a character.
    pub(super) fn new(max_text_bytes: usize, max_binary_bytes: usize) -> Self {
        Self {
            max_text_bytes: max_text_bytes.max(char::MAX_LEN_UTF8),
            max_binary_bytes: max_binary_bytes.max(1),
            header: Vec::new(),
            frame: None,
            control: Vec::new(),
            message: None,
        }
    }

    /// Takes bytes off `input` until something is complete; `None` when there are no more. Not to be called again after an
    /// error.
    pub(super) fn read(&mut self, input: &mut &[u8]) -> Result<Option<Part>, TransportError> {
        loop {
            let Some(frame) = self.frame else {
                match self.read_header(input)? {
                    Some(frame) => self.frame = Some(frame),
                    None => return Ok(None),
                }
                continue;
            };
            let (part, is_waiting) = match frame.control {
                Some(control) => self.read_control(frame, control, input)?,
                None => self.read_data(frame, input)?,
            };
            if part.is_some() || is_waiting {
                return Ok(part);
            }
        }
    }

    fn read_header(&mut self, input: &mut &[u8]) -> Result<Option<Frame>, TransportError> {
        loop {
            let mut header = Cursor::new(&self.header);
            if let Some((header, length)) = FrameHeader::parse(&mut header).map_err(protocol)? {
                self.header.clear();
                return self.check(&header, length).map(Some);
            }
            debug_assert!(
                self.header.len() < MAX_HEADER_BYTES,
                "a header that long is complete"
            );
            let Some((byte, rest)) = input.split_first() else {
                return Ok(None);
            };
            self.header.push(*byte);
            *input = rest;
        }
    }

    /// What the protocol says about headers, and about frames between others.
    fn check(&mut self, header: &FrameHeader, length: u64) -> Result<Frame, TransportError> {
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(protocol("reserved bits are set"));
        }
        let Some(mask) = header.mask else {
            return Err(protocol("a frame of a client is not masked"));
        };
        let control = match header.opcode {
            OpCode::Control(_) if !header.is_final => {
                return Err(protocol("a control frame is fragmented"));
            }
            OpCode::Control(_) if length > MAX_CONTROL_BYTES => {
                return Err(protocol("a control frame is too long"));
            }
            OpCode::Control(control) => Some(control),
            OpCode::Data(data) => {
                self.begin_data(data)?;
                None
            }
        };
        Ok(Frame {
            control,
            is_final: header.is_final,
            rest: length,
            mask,
        })
    }

    fn begin_data(&mut self, data: Data) -> Result<(), TransportError> {
        let kind = match (data, &self.message) {
            (Data::Continue, Some(_)) => return Ok(()),
            (Data::Text, None) => MessageKind::Text,
            (Data::Binary, None) => MessageKind::Binary,
            (Data::Continue, None) => return Err(protocol("there is nothing to be continued")),
            (Data::Text | Data::Binary, Some(_)) => {
                return Err(protocol("the message before is not complete"));
            }
            (Data::Reserved(_), _) => return Err(protocol("the opcode is reserved")),
        };
        self.message = Some(PartialMessage::new(kind));
        Ok(())
    }

    /// The second of what is returned says that more input is wanted.
    fn read_control(
        &mut self,
        mut frame: Frame,
        control: Control,
        input: &mut &[u8],
    ) -> Result<(Option<Part>, bool), TransportError> {
        take(input, &mut self.control, &mut frame, usize::MAX);
        if frame.rest > 0 {
            self.frame = Some(frame);
            return Ok((None, true));
        }
        self.frame = None;
        let payload = Bytes::from(std::mem::take(&mut self.control));
        let received = match control {
            Control::Ping => Received::Ping(payload),
            Control::Pong => Received::Pong(payload),
            Control::Close => Received::Close(close(&payload)?),
            Control::Reserved(_) => return Err(protocol("the opcode is reserved")),
        };
        let part = Part {
            received,
            is_last: true,
        };
        Ok((Some(part), false))
    }

    fn read_data(
        &mut self,
        mut frame: Frame,
        input: &mut &[u8],
    ) -> Result<(Option<Part>, bool), TransportError> {
        let Some(message) = &mut self.message else {
            unreachable!("a frame with data belongs to a message");
        };
        let max_bytes = match message.kind() {
            MessageKind::Text => self.max_text_bytes,
            MessageKind::Binary => self.max_binary_bytes,
        };
        let part = message.part();
        take(input, part, &mut frame, max_bytes);
        let is_complete = frame.rest == 0;
        let is_full = part.len() == max_bytes;
        self.frame = (!is_complete).then_some(frame);
        if !(is_complete || is_full) {
            return Ok((None, true));
        }
        let is_last = is_complete && frame.is_final;
        let received = message.take(is_last)?;
        if is_last {
            self.message = None;
        }
        let part = received.map(|received| Part { received, is_last });
        Ok((part, false))
    }
}

/// Moves what there is of a frame's payload behind `out`, until that has `max_bytes`.
fn take(input: &mut &[u8], out: &mut Vec<u8>, frame: &mut Frame, max_bytes: usize) {
    let room = max_bytes - out.len();
    let rest = usize::try_from(frame.rest).unwrap_or(usize::MAX);
    let count = input.len().min(room).min(rest);
    let start = out.len();
    out.extend_from_slice(&input[..count]);
    frame.mask = unmask(&mut out[start..], frame.mask);
    frame.rest -= count as u64;
    *input = &input[count..];
}

/// The code and the reason of a close frame.
fn close(payload: &[u8]) -> Result<Option<(u16, Utf8Bytes)>, TransportError> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() {
            Ok(None)
        } else {
            Err(protocol("a close frame has half a code"))
        };
    };
    let code = u16::from_be_bytes(*code);
    if !CloseCode::from(code).is_allowed() {
        return Err(protocol("the code of a close frame is none"));
    }
    let reason = std::str::from_utf8(reason).map_err(|_| TransportError::InvalidText)?;
    Ok(Some((code, reason.into())))
}

fn protocol(error: impl Into<stomp_core::message::BoxError>) -> TransportError {
    TransportError::Protocol(error.into())
}
