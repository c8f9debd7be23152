//! Random sequences of all commands of several clients, against a ledger: each message of a queue is at one place, and
//! is at every moment waiting, unacknowledged at one consumer, acknowledged, or a dead letter.
//!
//! The ledger does not predict who gets a message; it checks that whoever gets one may. What it does predict: that
//! nothing waits while somebody could take it, that what comes first goes first, that `redelivered` and
//! `delivery-count` are right, that no window is exceeded, which acknowledgement is an error, and what is a dead letter.

use std::collections::{BTreeMap, HashMap, VecDeque};

use proptest::{prelude::*, sample::Index};

use super::{consumer::*, *};

const CLIENTS: usize = 3;
const DESTINATIONS: [&str; 3] = ["/queue/a", "/queue/b", "/topic/a"];
const MODES: [&str; 3] = ["auto", "client", "client-individual"];
const UNACKNOWLEDGED: usize = 4;
const DELIVERIES: u32 = 3;

#[derive(Clone, Debug)]
enum Step {
    Subscribe {
        client: usize,
        id: u8,
        destination: usize,
        mode: usize,
        prefetch: usize,
    },
    Unsubscribe {
        client: usize,
        id: u8,
    },
    Send {
        client: usize,
        destination: usize,
        transaction: Option<u8>,
    },
    /// Of any message that the client has ever got, in this session or in one before.
    Settle {
        client: usize,
        message: Index,
        verdict: Verdict,
        transaction: Option<u8>,
    },
    Begin(usize, u8),
    Commit(usize, u8),
    Abort(usize, u8),
    Lose(usize, End),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Accepted,
    Returned,
    Rejected,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Loss,
    Disconnect,
    Nonsense,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let client = 0..CLIENTS;
    let transaction = || prop::option::weighted(0.2, 0..2_u8);
    let verdict = prop::sample::select(vec![
        Verdict::Accepted,
        Verdict::Accepted,
        Verdict::Returned,
        Verdict::Returned,
        Verdict::Rejected,
    ]);
    let subscribe = (client.clone(), 0..3_u8, 0..3_usize, 0..3_usize, 0..4_usize).prop_map(
        |(client, id, destination, mode, prefetch)| Step::Subscribe {
            client,
            id,
            destination,
            mode,
            prefetch,
        },
    );
    let unsubscribe =
        (client.clone(), 0..3_u8).prop_map(|(client, id)| Step::Unsubscribe { client, id });
    let send = (client.clone(), 0..3_usize, transaction()).prop_map(
        |(client, destination, transaction)| Step::Send {
            client,
            destination,
            transaction,
        },
    );
    let settle = (client.clone(), any::<Index>(), verdict, transaction()).prop_map(
        |(client, message, verdict, transaction)| Step::Settle {
            client,
            message,
            verdict,
            transaction,
        },
    );
    let of_transaction =
        (client.clone(), 0..2_u8, 0..4_u8).prop_map(|(client, id, what)| match what {
            0 | 1 => Step::Begin(client, id),
            2 => Step::Commit(client, id),
            _ => Step::Abort(client, id),
        });
    let end = prop::sample::select(vec![End::Loss, End::Disconnect, End::Nonsense]);
    let lose = (client, end).prop_map(|(client, end)| Step::Lose(client, end));
    let step = prop_oneof![
        4 => subscribe, 1 => unsubscribe, 8 => send, 10 => settle, 3 => of_transaction, 1 => lose
    ];
    prop::collection::vec(step, 1..60)
}

/// A message in one place.
#[derive(Clone, Debug)]
struct Copy {
    body: String,
    deliveries: u32,
}

/// Where copies wait: a queue with a name, or the subscription of that number to a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Queue(usize),
    Private(u64),
}

#[derive(Debug)]
struct Subscription {
    /// Among all of the test.
    key: u64,
    /// Among those of its session, as the server counts them.
    number: u64,
    destination: usize,
    mode: usize,
    window: usize,
    delivered: u64,
    /// By the number of the delivery: the sequence in its place, and how the client names it.
    unsettled: BTreeMap<u64, (u64, Copy)>,
}

impl Subscription {
    fn place(&self) -> Place {
        match self.destination {
            2 => Place::Private(self.key),
            destination => Place::Queue(destination),
        }
    }

    fn has_capacity(&self) -> bool {
        self.unsettled.len() < self.window
    }
}

/// What a client knows of a message that it got.
#[derive(Clone, Debug)]
struct Known {
    ack: Option<String>,
    subscription: String,
    message_id: String,
}

#[derive(Debug)]
enum Action {
    Send(usize, String),
    Settle(u64, u64, Verdict),
}

#[derive(Default)]
struct Client {
    known: Vec<Known>,
    session: SessionModel,
}

#[derive(Default)]
struct SessionModel {
    subscriptions: BTreeMap<u8, Subscription>,
    subscribed: u64,
    ended: VecDeque<(u64, u8)>,
    transactions: HashMap<u8, Vec<Action>>,
}

#[derive(Default)]
struct Ledger {
    clients: [Client; CLIENTS],
    waiting: BTreeMap<Place, BTreeMap<u64, Copy>>,
    next_sequence: u64,
    next_key: u64,
    next_body: u64,
    dead: Vec<(String, &'static str)>,
    /// To find a message by what the server calls it.
    bodies: HashMap<String, String>,
}

impl Ledger {
    fn publish(&mut self, destination: usize, body: &str) {
        let places = match destination {
            2 => {
                let all = self
                    .clients
                    .iter()
                    .flat_map(|c| c.session.subscriptions.values());
                let topics = all.filter(|subscription| subscription.destination == 2);
                topics.map(Subscription::place).collect()
            }
            queue => vec![Place::Queue(queue)],
        };
        for place in places {
            let copy = Copy {
                body: body.to_owned(),
                deliveries: 0,
            };
            let waiting = self.waiting.entry(place).or_default();
            waiting.insert(self.next_sequence, copy);
            self.next_sequence += 1;
        }
    }

    fn settle(&mut self, client: usize, key: u64, delivery: u64, verdict: Verdict) {
        let mut all = self.clients[client].session.subscriptions.values_mut();
        let Some(subscription) = all.find(|subscription| subscription.key == key) else {
            return;
        };
        let place = subscription.place();
        let settled: Vec<_> = if MODES[subscription.mode] == "client" {
            subscription
                .unsettled
                .extract_if(..=delivery, |_, _| true)
                .map(|(_, copy)| copy)
                .collect()
        } else {
            subscription
                .unsettled
                .remove(&delivery)
                .into_iter()
                .collect()
        };
        for (sequence, copy) in settled {
            match verdict {
                Verdict::Accepted => {}
                Verdict::Rejected => self.dead.push((copy.body, "rejected")),
                Verdict::Returned => self.put_back(&place, sequence, copy),
            }
        }
    }

    fn put_back(&mut self, place: &Place, sequence: u64, copy: Copy) {
        if copy.deliveries >= DELIVERIES {
            self.dead.push((copy.body, "max-deliveries"));
        } else {
            let waiting = self.waiting.entry(place.clone()).or_default();
            waiting.insert(sequence, copy);
        }
    }

    fn end(&mut self, subscription: Subscription) {
        let place = subscription.place();
        match place {
            Place::Private(_) => {
                self.waiting.remove(&place);
            }
            Place::Queue(_) => {
                for (sequence, copy) in subscription.unsettled.into_values() {
                    self.put_back(&place, sequence, copy);
                }
            }
        }
    }

    fn lose(&mut self, client: usize) {
        let session = std::mem::take(&mut self.clients[client].session);
        for subscription in session.subscriptions.into_values() {
            self.end(subscription);
        }
    }

    /// What a client got, in its order. Whether each is older than what still waits is for the caller to say.
    fn receive(&mut self, client: usize, frames: &[Frame], is_in_order: bool) {
        let mut last = HashMap::new();
        for frame in frames {
            let id: u8 = frame.header("subscription").unwrap().parse().unwrap();
            let message_id = frame.header("message-id").unwrap();
            let body = text(frame).to_owned();
            let same = self.bodies.entry(message_id.to_owned());
            assert_eq!(*same.or_insert_with(|| body.clone()), body);
            let Client { known, session } = &mut self.clients[client];
            let subscription = session
                .subscriptions
                .get_mut(&id)
                .expect("only subscribers get messages");
            let waiting = self.waiting.get_mut(&subscription.place()).unwrap();
            let found = waiting.iter().find(|(_, copy)| copy.body == body);
            let (&sequence, _) = found.unwrap_or_else(|| panic!("{body} does not wait"));
            let mut copy = waiting.remove(&sequence).unwrap();
            if is_in_order {
                assert!(last.insert(id, sequence).is_none_or(|last| last < sequence));
            }
            let count = (copy.deliveries > 0).then(|| (copy.deliveries + 1).to_string());
            assert_eq!(frame.header("delivery-count"), count.as_deref());
            let redelivered = count.is_some().then_some("true");
            assert_eq!(frame.header("redelivered"), redelivered);
            copy.deliveries += 1;
            known.push(Known {
                ack: frame.header("ack").map(str::to_owned),
                subscription: id.to_string(),
                message_id: message_id.to_owned(),
            });
            if subscription.mode > 0 {
                let delivery = subscription.delivered;
                subscription.delivered += 1;
                if let Some(ack) = frame.header("ack") {
                    assert_eq!(ack, format!("{}-{delivery}", subscription.number));
                }
                subscription.unsettled.insert(delivery, (sequence, copy));
            }
            assert!(subscription.unsettled.len() <= subscription.window);
        }
    }

    /// Nothing waits while somebody could take it.
    fn check_conserving(&self) {
        let all = self
            .clients
            .iter()
            .flat_map(|c| c.session.subscriptions.values());
        for subscription in all.filter(|subscription| subscription.has_capacity()) {
            let waiting = self.waiting.get(&subscription.place());
            assert!(
                waiting.is_none_or(BTreeMap::is_empty),
                "{subscription:?} could take {waiting:?}"
            );
        }
    }

    fn waiting_in_queues(&self) -> usize {
        let queues = self.waiting.iter();
        queues
            .filter(|(place, _)| matches!(place, Place::Queue(_)))
            .map(|(_, waiting)| waiting.len())
            .sum()
    }

    /// Which delivery a name stands for: a subscription's key, and the number. `Err` says whether it is a mistake.
    fn find(&self, client: usize, version: &str, name: &Known) -> Result<(u64, u64), bool> {
        let session = &self.clients[client].session;
        if version == "1.2" {
            let Some(ack) = &name.ack else {
                return Err(true);
            };
            let (number, delivery) = ack.split_once('-').unwrap();
            let (number, delivery): (u64, u64) =
                (number.parse().unwrap(), delivery.parse().unwrap());
            let mut all = session.subscriptions.values();
            return match all.find(|subscription| subscription.number == number) {
                Some(subscription) if subscription.unsettled.contains_key(&delivery) => {
                    Ok((subscription.key, delivery))
                }
                Some(_) => Err(true),
                None => Err(!session.ended.iter().any(|(ended, _)| *ended == number)),
            };
        }
        let id: u8 = name.subscription.parse().unwrap();
        if let Some(subscription) = session.subscriptions.get(&id) {
            let body = &self.bodies[&name.message_id];
            let mut unsettled = subscription.unsettled.iter();
            if let Some((delivery, _)) = unsettled.find(|(_, (_, copy))| copy.body == *body) {
                return Ok((subscription.key, *delivery));
            }
        }
        Err(!session.ended.iter().any(|(_, ended)| *ended == id))
    }
}

const CLIENT_VERSIONS: [&str; CLIENTS] = ["1.2", "1.1", "1.2"];

struct Test {
    messaging: Messaging,
    consumers: Vec<Option<Consumer>>,
    watcher: Consumer,
    ledger: Ledger,
}

impl Test {
    async fn new() -> Self {
        let messaging = queue_server_with(|limits| {
            limits.unacknowledged = UNACKNOWLEDGED;
            limits.deliveries = DELIVERIES;
        });
        let watcher = Consumer::new(&messaging, "1.2", "/topic/dead", "auto").await;
        let mut consumers = Vec::new();
        for version in CLIENT_VERSIONS {
            consumers.push(Some(Consumer::connect(&messaging, version).await));
        }
        Self {
            messaging,
            consumers,
            watcher,
            ledger: Ledger::default(),
        }
    }

    fn send(&self, client: usize, frame: &str) {
        self.consumers[client]
            .as_ref()
            .unwrap()
            .send(format!("{frame}\0"));
    }

    /// The client is gone, and a new one comes.
    async fn lost(&mut self, client: usize) {
        self.consumers[client] = None;
        settled().await;
        self.ledger.lose(client);
        let version = CLIENT_VERSIONS[client];
        self.consumers[client] = Some(Consumer::connect(&self.messaging, version).await);
    }

    /// The client has made a mistake. What it got before it was told was still its own.
    async fn refused(&mut self, client: usize, code: &str) {
        self.consumers[client]
            .as_mut()
            .unwrap()
            .expect_error(code)
            .await;
        self.lost(client).await;
    }

    /// Whether what is delivered in this step goes out in the order in which it waits.
    async fn step(&mut self, step: Step) -> bool {
        match step {
            Step::Subscribe {
                client,
                id,
                destination,
                mode,
                prefetch,
            } => {
                self.send(
                    client,
                    &format!(
                        "SUBSCRIBE\nid:{id}\ndestination:{}\nack:{}\nprefetch-count:{prefetch}\n\n",
                        DESTINATIONS[destination], MODES[mode]
                    ),
                );
                let key = self.ledger.next_key;
                let session = &mut self.ledger.clients[client].session;
                if session.subscriptions.contains_key(&id) {
                    self.refused(client, "duplicate-subscription").await;
                    return false;
                }
                let window = match prefetch {
                    0 => UNACKNOWLEDGED,
                    prefetch => prefetch,
                };
                session.subscriptions.insert(
                    id,
                    Subscription {
                        key,
                        number: session.subscribed,
                        destination,
                        mode,
                        window,
                        delivered: 0,
                        unsettled: BTreeMap::new(),
                    },
                );
                session.subscribed += 1;
                self.ledger.next_key += 1;
                true
            }
            Step::Unsubscribe { client, id } => {
                self.send(client, &format!("UNSUBSCRIBE\nid:{id}\n\n"));
                let session = &mut self.ledger.clients[client].session;
                let Some(subscription) = session.subscriptions.remove(&id) else {
                    self.refused(client, "unknown-subscription").await;
                    return false;
                };
                if subscription.mode > 0 {
                    session.ended.push_back((subscription.number, id));
                    if session.ended.len() > 16 {
                        session.ended.pop_front();
                    }
                }
                self.ledger.end(subscription);
                true
            }
            Step::Send {
                client,
                destination,
                transaction,
            } => {
                let body = self.ledger.next_body.to_string();
                self.ledger.next_body += 1;
                let header = transaction.map_or(String::new(), |id| format!("transaction:{id}\n"));
                self.send(
                    client,
                    &format!(
                        "SEND\ndestination:{}\n{header}\n{body}",
                        DESTINATIONS[destination]
                    ),
                );
                let transactions = &mut self.ledger.clients[client].session.transactions;
                match transaction.map(|id| transactions.get_mut(&id)) {
                    None => self.ledger.publish(destination, &body),
                    Some(Some(actions)) => actions.push(Action::Send(destination, body)),
                    Some(None) => {
                        self.refused(client, "unknown-transaction").await;
                        return false;
                    }
                }
                true
            }
            Step::Settle {
                client,
                message,
                verdict,
                transaction,
            } => self.settle(client, message, verdict, transaction).await,
            Step::Begin(client, id) => {
                self.send(client, &format!("BEGIN\ntransaction:{id}\n\n"));
                let transactions = &mut self.ledger.clients[client].session.transactions;
                if transactions.insert(id, Vec::new()).is_some() {
                    self.refused(client, "duplicate-transaction").await;
                }
                false
            }
            Step::Commit(client, id) => {
                self.send(client, &format!("COMMIT\ntransaction:{id}\n\n"));
                let transactions = &mut self.ledger.clients[client].session.transactions;
                let Some(actions) = transactions.remove(&id) else {
                    self.refused(client, "unknown-transaction").await;
                    return false;
                };
                for action in &actions {
                    if let Action::Send(destination, body) = action {
                        self.ledger.publish(*destination, body);
                    }
                }
                for action in actions {
                    if let Action::Settle(key, delivery, verdict) = action {
                        self.ledger.settle(client, key, delivery, verdict);
                    }
                }
                false
            }
            Step::Abort(client, id) => {
                self.send(client, &format!("ABORT\ntransaction:{id}\n\n"));
                let transactions = &mut self.ledger.clients[client].session.transactions;
                if transactions.remove(&id).is_none() {
                    self.refused(client, "unknown-transaction").await;
                }
                false
            }
            Step::Lose(client, end) => {
                match end {
                    End::Loss => {}
                    End::Disconnect => self.send(client, "DISCONNECT\n\n"),
                    End::Nonsense => self.send(client, "NONSENSE\n\n"),
                }
                self.lost(client).await;
                false
            }
        }
    }

    async fn settle(
        &mut self,
        client: usize,
        message: Index,
        verdict: Verdict,
        transaction: Option<u8>,
    ) -> bool {
        let known = &self.ledger.clients[client].known;
        if known.is_empty() {
            return true;
        }
        // Mostly one of the latest.
        let latest = &known[known.len().saturating_sub(12)..];
        let name = latest[message.index(latest.len())].clone();
        let command = match verdict {
            Verdict::Accepted => "ACK",
            Verdict::Returned => "NACK",
            Verdict::Rejected => "NACK\nrequeue:false",
        };
        let version = CLIENT_VERSIONS[client];
        let header = transaction.map_or(String::new(), |id| format!("transaction:{id}\n"));
        self.send(
            client,
            &format!(
                "{command}\nid:{}\nsubscription:{}\nmessage-id:{}\n{header}\n",
                name.ack.as_deref().unwrap_or("none"),
                name.subscription,
                name.message_id
            ),
        );
        let transactions = &self.ledger.clients[client].session.transactions;
        if transaction.is_some_and(|id| !transactions.contains_key(&id)) {
            self.refused(client, "unknown-transaction").await;
            return false;
        }
        match (self.ledger.find(client, version, &name), transaction) {
            (Ok((key, delivery)), None) => self.ledger.settle(client, key, delivery, verdict),
            (Ok((key, delivery)), Some(id)) => {
                let transactions = &mut self.ledger.clients[client].session.transactions;
                let actions = transactions.get_mut(&id).unwrap();
                actions.push(Action::Settle(key, delivery, verdict));
            }
            (Err(false), _) => {}
            (Err(true), _) => {
                self.refused(client, "unknown-message").await;
                return false;
            }
        }
        true
    }

    async fn observe(&mut self, is_in_order: bool) {
        let mut delivered = BTreeMap::new();
        for client in 0..CLIENTS {
            let frames = self.consumers[client].as_mut().unwrap().all().await;
            let before = self.ledger.waiting.clone();
            self.ledger.receive(client, &frames, is_in_order);
            for (place, waiting) in before {
                let left = self.ledger.waiting.get(&place);
                for sequence in waiting.keys() {
                    if left.is_none_or(|left| !left.contains_key(sequence)) {
                        let last = delivered.entry(place.clone()).or_insert(*sequence);
                        *last = (*last).max(*sequence);
                    }
                }
            }
        }
        self.ledger.check_conserving();
        if is_in_order {
            for (place, last) in delivered {
                let first = self.ledger.waiting[&place].keys().next();
                assert!(
                    first.is_none_or(|first| *first > last),
                    "what is older waits"
                );
            }
        }
        let mut dead: Vec<_> = std::mem::take(&mut self.ledger.dead);
        let letters = self.watcher.all().await;
        let mut found: Vec<_> = letters
            .iter()
            .map(|letter| (text(letter), letter.header("dead-letter-reason").unwrap()))
            .collect();
        dead.sort();
        found.sort_unstable();
        let dead: Vec<_> = dead
            .iter()
            .map(|(body, reason)| (&**body, *reason))
            .collect();
        assert_eq!(found, dead);
        let waiting = self.messaging.broker_statistics().waiting_messages;
        assert_eq!(waiting, self.ledger.waiting_in_queues());
    }
}

async fn run(steps: Vec<Step>) {
    let mut test = Test::new().await;
    for step in steps {
        let is_in_order = test.step(step).await;
        test.observe(is_in_order).await;
    }
    for client in 0..CLIENTS {
        test.lost(client).await;
        test.observe(false).await;
    }
    // Whatever is left is what waits.
    for (queue, destination) in DESTINATIONS[..2].iter().enumerate() {
        let waiting = test.ledger.waiting.remove(&Place::Queue(queue));
        let expected: Vec<_> = waiting
            .unwrap_or_default()
            .into_values()
            .map(|copy| (copy.body, copy.deliveries > 0))
            .collect();
        assert_eq!(what_waits(&test.messaging, destination).await, expected);
    }
    drop((test.consumers, test.watcher));
    settled().await;
    assert_eq!(test.messaging.broker_statistics(), Default::default());
    assert!(test.messaging.sessions().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn ack_025_026_ord_007_tx_012_each_message_is_at_one_place(steps in steps()) {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
            .block_on(run(steps));
    }
}
