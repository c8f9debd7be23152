use std::{future::poll_fn, sync::Arc};

use parking_lot::Mutex;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::*;
use crate::codec::{Command, FrameBuilder, Version};

fn frame(bytes: usize) -> EncodedFrame {
    let body: Vec<u8> = (0..bytes).map(|index| (index % 251) as u8).collect();
    FrameBuilder::new(Command::Message, Version::V1_2).body(&body)
}

async fn send<S>(transport: &mut StreamTransport<S>, frames: &[EncodedFrame])
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    for frame in frames {
        poll_fn(|cx| transport.poll_ready(cx)).await.unwrap();
        transport.send(frame.clone()).unwrap();
    }
    poll_fn(|cx| transport.poll_flush(cx)).await.unwrap();
}

fn concatenated(frames: &[EncodedFrame]) -> Vec<u8> {
    frames
        .iter()
        .flat_map(|frame| frame.bytes())
        .copied()
        .collect()
}

/// Each write: the slices, as their addresses and lengths.
type Writes = Arc<Mutex<Vec<Vec<(usize, usize)>>>>;

/// Takes everything, and keeps what slices it was given.
struct Recorder {
    writes: Writes,
    takes_slices: bool,
}

impl AsyncRead for Recorder {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Recorder {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        let slice = (data.as_ptr() as usize, data.len());
        self.writes.lock().push(vec![slice]);
        Poll::Ready(Ok(data.len()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if !self.takes_slices {
            return self.poll_write(cx, &slices[0]);
        }
        let slices = slices
            .iter()
            .map(|slice| (slice.as_ptr() as usize, slice.len()));
        let slices: Vec<_> = slices.collect();
        let bytes = slices.iter().map(|(_, length)| length).sum();
        self.writes.lock().push(slices);
        Poll::Ready(Ok(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

async fn writes_of(frames: &[EncodedFrame], takes_slices: bool) -> Vec<Vec<(usize, usize)>> {
    let writes = Writes::default();
    let recorder = Recorder {
        writes: writes.clone(),
        takes_slices,
    };
    send(&mut StreamTransport::new(recorder), frames).await;
    std::mem::take(&mut *writes.lock())
}

fn addresses(frames: &[EncodedFrame]) -> Vec<(usize, usize)> {
    let address = |frame: &EncodedFrame| (frame.bytes().as_ptr() as usize, frame.len());
    frames.iter().map(address).collect()
}

#[tokio::test]
async fn tcp_002_small_frames_are_written_together() {
    let frames = vec![frame(100); 64];
    for takes_slices in [true, false] {
        let writes = writes_of(&frames, takes_slices).await;
        assert_eq!(writes.len(), 1);
        assert_eq!(writes[0].len(), 1);
        assert_eq!(writes[0][0].1, concatenated(&frames).len());
    }
}

#[tokio::test]
async fn tcp_002_large_frames_are_written_together_and_not_copied() {
    let frames: Vec<_> = (0..20).map(|_| frame(2000)).collect();
    assert_eq!(writes_of(&frames, true).await, [addresses(&frames)]);
    let one_by_one: Vec<_> = addresses(&frames).into_iter().map(|it| vec![it]).collect();
    assert_eq!(writes_of(&frames, false).await, one_by_one);
}

#[tokio::test]
async fn one_frame_is_never_copied() {
    let frames = [frame(10)];
    assert_eq!(writes_of(&frames, true).await, [addresses(&frames)]);
}

#[tokio::test]
async fn frames_wait_for_each_other_until_64_kib_do() {
    let writes = Writes::default();
    let mut transport = StreamTransport::new(Recorder {
        writes: writes.clone(),
        takes_slices: true,
    });
    let frame = frame(10_000);
    for _ in 0..7 {
        poll_fn(|cx| transport.poll_ready(cx)).await.unwrap();
        transport.send(frame.clone()).unwrap();
        assert_eq!(writes.lock().len(), 0);
    }
    poll_fn(|cx| transport.poll_ready(cx)).await.unwrap();
    assert_eq!(writes.lock().len(), 1);
    assert_eq!(transport.written_bytes(), 7 * frame.len() as u64);
}

#[tokio::test]
async fn who_does_not_read_is_noticed() {
    let (_client, server) = duplex(1000);
    let mut transport = StreamTransport::new(server);
    let mut ready = async || futures_util::poll!(poll_fn(|cx| transport.poll_ready(cx)));
    assert!(ready().await.is_ready());
    transport.send(frame(WRITE_BUFFER_BYTES + 1000)).unwrap();
    let mut ready = async || futures_util::poll!(poll_fn(|cx| transport.poll_ready(cx)));
    assert!(ready().await.is_pending());
    assert_eq!(transport.written_bytes(), 1000);
}

#[tokio::test]
async fn an_idle_transport_owns_no_memory_to_speak_of() {
    let (mut client, server) = duplex(1 << 20);
    let mut transport = StreamTransport::new(server);
    send(&mut transport, &vec![frame(100); 500]).await;
    assert_eq!(transport.unwritten.capacity(), 0);
    client.write_all(b"ab").await.unwrap();
    let read = poll_fn(|cx| transport.poll_receive(cx))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read, Incoming::Data(Bytes::from_static(b"ab")));
    assert!(size_of_val(&transport) - size_of_val(&transport.stream) <= 64);
}

#[tokio::test]
async fn tcp_004_the_end_of_the_input_is_not_the_end_of_the_output() {
    let (mut client, server) = duplex(1000);
    let mut transport = StreamTransport::new(server);
    client.write_all(b"last").await.unwrap();
    client.shutdown().await.unwrap();
    let read = poll_fn(|cx| transport.poll_receive(cx))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read, Incoming::Data(Bytes::from_static(b"last")));
    let read = poll_fn(|cx| transport.poll_receive(cx))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read, Incoming::End);
    let frames = [frame(10)];
    send(&mut transport, &frames).await;
    poll_fn(|cx| transport.poll_close(cx, CloseReason::Disconnected))
        .await
        .unwrap();
    let mut received = Vec::new();
    client.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, concatenated(&frames));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    /// TCP-002, TCP-003: whatever the peer takes at a time, it gets the frames one behind the other, and nothing else.
    #[test]
    fn tcp_002_tcp_003_frames_are_written_whole(
        sizes in prop::collection::vec(prop_oneof![4 => 0..300usize, 1 => 900..3000usize, 1 => 0..100_000usize], 1..100),
        room in prop_oneof![500..2000usize, 10_000..100_000usize],
    ) {
        let frames: Vec<_> = sizes.into_iter().map(frame).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut client, server) = duplex(room);
            let mut received = Vec::new();
            let mut transport = StreamTransport::new(server);
            let write = async {
                send(&mut transport, &frames).await;
                drop(transport);
            };
            let (_, read) = tokio::join!(write, client.read_to_end(&mut received));
            read.unwrap();
            assert!(received == concatenated(&frames));
        });
    }
}
