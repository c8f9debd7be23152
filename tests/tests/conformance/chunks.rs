//! IN-2, IN-3, OR-7: whatever the size of the frames, wherever the stream is cut, and however long handlers take,
//! everything arrives, in order. So nothing ever waits for a client that has sent all it had.

use proptest::{collection::vec, prelude::*, sample::Index};

use super::{
    handlers::{Gate, with_handlers},
    *,
};

#[derive(Clone, Debug)]
enum Sent {
    /// A message of that many bytes for the broker.
    Message(usize),
    /// A message for a handler that waits until everything has been sent.
    Slow,
}

fn frames() -> impl Strategy<Value = Vec<Sent>> {
    let message = prop_oneof![0..100_usize, 30_000..36_000_usize, 0..60_000_usize];
    vec(
        prop_oneof![6 => message.prop_map(Sent::Message), 1 => Just(Sent::Slow)],
        1..12,
    )
}

async fn run(frames: Vec<Sent>, cuts: Vec<(Index, bool)>) {
    let gate = Gate::closed();
    let messaging = with_handlers(builder(), &gate).build().unwrap();
    let mut client = subscriber(&messaging, "/topic/a").await;
    let mut sender = connect(&messaging, "1.2").await;
    let mut stream = String::new();
    let mut sizes = Vec::new();
    for sent in &frames {
        match sent {
            Sent::Message(size) => {
                stream += &format!("SEND\ndestination:/topic/a\n\n{}\0", "x".repeat(*size));
                sizes.push(*size);
            }
            Sent::Slow => {
                stream += "SEND\ndestination:/app/wait\n\n\0";
            }
        }
    }
    let mut cuts: Vec<_> = cuts
        .iter()
        .map(|(cut, waits)| (cut.index(stream.len() + 1), *waits))
        .collect();
    cuts.push((stream.len(), false));
    cuts.sort_unstable();
    let mut start = 0;
    for (end, waits) in cuts {
        sender.send(stream[start..end].to_owned());
        start = end;
        if waits {
            sender.expect_silence(Duration::from_millis(1)).await;
        }
    }
    gate.open(frames.len());
    for size in sizes {
        assert_eq!(message(&mut client).await.1.len(), size);
    }
    expect_nothing(&mut sender).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn everything_arrives_however_it_is_cut(
        frames in frames(),
        cuts in vec((any::<Index>(), any::<bool>()), 0..10),
    ) {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
            .block_on(run(frames, cuts));
    }
}
