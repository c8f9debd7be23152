//! Random sequences of SUBSCRIBE, UNSUBSCRIBE and SEND of several clients, against a model of a few lines.

use std::collections::{BTreeMap, HashMap};

use proptest::{collection::vec, prelude::*, sample::Index};

use super::*;

const CLIENTS: usize = 3;
const DESTINATIONS: [&str; 6] = [
    "/topic/a",
    "/topic/b",
    "/queue/a",
    "/topic/*",
    "/topic/**",
    "/queue/{name}",
];

#[derive(Clone, Debug)]
enum Step {
    /// One client changes its subscriptions, and waits for the receipt.
    Change {
        client: usize,
        id: u8,
        destination: usize,
    },
    /// All clients send at the same time, without waiting, cut into pieces anywhere.
    Burst(Vec<(usize, usize)>, Vec<Index>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let change =
        (0..CLIENTS, 0..4_u8, 0..DESTINATIONS.len()).prop_map(|(client, id, destination)| {
            Step::Change {
                client,
                id,
                destination,
            }
        });
    let sends = vec((0..CLIENTS, 0..3_usize), 1..30);
    let burst =
        (sends, vec(any::<Index>(), 0..6)).prop_map(|(sends, cuts)| Step::Burst(sends, cuts));
    vec(prop_oneof![2 => change, 1 => burst], 1..25)
}

fn matches(subscribed: &str, destination: &str) -> bool {
    match subscribed {
        "/topic/*" | "/topic/**" => destination.starts_with("/topic/"),
        "/queue/{name}" => destination.starts_with("/queue/"),
        literal => literal == destination,
    }
}

/// What one subscription must receive: the numbers of the messages of each sender, in order.
type Expected = BTreeMap<(usize, u8), HashMap<usize, Vec<usize>>>;

async fn run(steps: Vec<Step>) {
    let messaging = server();
    let mut clients = Vec::new();
    for version in ["1.2", "1.1", "1.0"] {
        clients.push(connect(&messaging, version).await);
    }
    let mut subscriptions = BTreeMap::new();
    let mut next = 0;
    for step in steps {
        match step {
            Step::Change {
                client,
                id,
                destination,
            } => {
                let connection = &mut clients[client];
                if subscriptions.remove(&(client, id)).is_some() {
                    connection.send(format!("UNSUBSCRIBE\nid:{id}\nreceipt:r\n\n\0"));
                } else {
                    let destination = DESTINATIONS[destination];
                    subscriptions.insert((client, id), destination);
                    connection.send(format!(
                        "SUBSCRIBE\nid:{id}\ndestination:{destination}\nreceipt:r\n\n\0"
                    ));
                }
                connection.expect_receipt("r").await;
            }
            Step::Burst(sends, cuts) => {
                let mut expected = Expected::new();
                let mut streams = vec![String::new(); CLIENTS];
                for (sender, destination) in sends {
                    let destination = DESTINATIONS[destination];
                    streams[sender] +=
                        &format!("SEND\ndestination:{destination}\n\n{sender} {next}\0\n");
                    for (subscription, _) in subscriptions
                        .iter()
                        .filter(|(_, other)| matches(other, destination))
                    {
                        let numbers = expected.entry(*subscription).or_default();
                        numbers.entry(sender).or_default().push(next);
                    }
                    next += 1;
                }
                for (client, stream) in clients.iter().zip(&streams) {
                    let mut cuts: Vec<_> =
                        cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
                    cuts.sort_unstable();
                    cuts.insert(0, 0);
                    cuts.push(stream.len());
                    for piece in cuts.windows(2) {
                        client.send(stream[piece[0]..piece[1]].to_owned());
                    }
                }
                // Twice round: behind the second receipt of each, everything that all have sent has arrived.
                let mut received = Expected::new();
                for _ in 0..2 {
                    for (client, connection) in clients.iter_mut().enumerate() {
                        receive_until_receipt(client, connection, &mut received).await;
                    }
                }
                assert_eq!(received, expected);
            }
        }
        assert_eq!(
            messaging.broker_statistics().subscriptions,
            subscriptions.len()
        );
    }
    drop(clients);
    while messaging.connection_count() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(messaging.broker_statistics(), Default::default());
}

async fn receive_until_receipt(
    client: usize,
    connection: &mut TestConnection,
    received: &mut Expected,
) {
    connection.send("SEND\ndestination:/queue/nobody/at/all\nreceipt:r\n\n\0");
    loop {
        let frame = connection.expect_frame().await;
        if frame.header("receipt-id").is_some() {
            return;
        }
        let id = frame.header("subscription").unwrap().parse().unwrap();
        let (sender, number) = text(&frame).split_once(' ').unwrap();
        let numbers = received.entry((client, id)).or_default();
        let numbers = numbers.entry(sender.parse().unwrap()).or_default();
        numbers.push(number.parse().unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn deliveries_are_those_of_the_model(steps in steps()) {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
            .block_on(run(steps));
    }
}
