//! OR-9, OR-10: whatever is published by whomever, each receiver gets all of it, once, and what one session has sent in
//! the order in which it sent it. Spring loses messages of users with several sessions here (GS-23).

use std::time::Duration;

use proptest::prelude::*;
use stomp_axum::prelude::*;

use super::*;

/// What handlers do before they publish.
#[derive(Clone, Copy)]
enum Pace {
    /// They sleep, on a paused clock.
    Sleep,
    /// They let other tasks run, on several threads.
    Yield,
}

impl Pace {
    async fn wait(self, delay: u32) {
        match self {
            Self::Sleep => tokio::time::sleep(Duration::from_millis(delay.into())).await,
            Self::Yield => {
                for _ in 0..delay {
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}

mod annotated {
    use super::*;

    #[message_mapping("/reply/{topic}")]
    #[send_to("/topic/{topic}")]
    pub(super) async fn reply(
        text: String,
        #[header] delay: u32,
        State(pace): State<Pace>,
    ) -> String {
        pace.wait(delay).await;
        text
    }

    #[message_mapping("/template/{user}")]
    pub(super) async fn template(
        text: String,
        #[header] delay: u32,
        #[destination_variable] user: String,
        State(pace): State<Pace>,
        template: MessagingTemplate,
    ) -> Result<(), MessagingError> {
        pace.wait(delay).await;
        template
            .convert_and_send_to_user(&user, "/queue/a", &text)
            .await
    }
}

/// Where a message is sent to, and how long its handler takes.
#[derive(Clone, Copy, Debug)]
struct Publication {
    to: &'static str,
    delay: u32,
}

#[derive(Clone, Debug)]
struct Scenario {
    /// What each publisher sends.
    publishers: Vec<Vec<Publication>>,
    /// Subscribers of all topics.
    subscribers: usize,
    /// Sessions of Joe, and of Ada.
    sessions: [usize; 2],
}

const TOPICS: [&str; 4] = ["/topic/a", "/topic/b", "/app/reply/a", "/app/reply/b"];
const JOE: [&str; 2] = ["/user/joe/queue/a", "/app/template/joe"];
const ADA: [&str; 2] = ["/user/ada/queue/a", "/app/template/ada"];

fn scenarios() -> impl Strategy<Value = Scenario> {
    let destinations: Vec<_> = TOPICS.into_iter().chain(JOE).chain(ADA).collect();
    let publication = (prop::sample::select(destinations), 0..4_u32)
        .prop_map(|(to, delay)| Publication { to, delay });
    let publisher = prop::collection::vec(publication, 0..40);
    (
        prop::collection::vec(publisher, 1..5),
        0..3_usize,
        [0..4_usize, 0..4_usize],
    )
        .prop_map(|(publishers, subscribers, sessions)| Scenario {
            publishers,
            subscribers,
            sessions,
        })
}

/// A client that is to receive what is sent to these destinations.
struct Receiver {
    client: TestConnection,
    destinations: &'static [&'static str],
}

async fn receivers(messaging: &Messaging, scenario: &Scenario) -> Vec<Receiver> {
    let mut receivers = Vec::new();
    for _ in 0..scenario.subscribers {
        let client = subscriber(messaging, "/topic/*").await;
        receivers.push(Receiver {
            client,
            destinations: &TOPICS,
        });
    }
    let users: [(&str, &'static [&'static str]); 2] = [("joe", &JOE), ("ada", &ADA)];
    for ((user, destinations), sessions) in users.into_iter().zip(scenario.sessions) {
        for _ in 0..sessions {
            let mut client = TestConnection::connect_as(messaging, user).await;
            subscribe(&mut client, "s", "/user/queue/a").await;
            receivers.push(Receiver {
                client,
                destinations,
            });
        }
    }
    receivers
}

async fn play(scenario: Scenario, pace: Pace) {
    let messaging = builder()
        .handlers(Handlers::in_module(concat!(module_path!(), "::annotated")))
        .state(pace)
        .build()
        .unwrap();
    let receivers = receivers(&messaging, &scenario).await;
    let mut publishing = Vec::new();
    for (publisher, publications) in scenario.publishers.clone().into_iter().enumerate() {
        let mut client = connect(&messaging, "1.2").await;
        publishing.push(tokio::spawn(async move {
            for (number, Publication { to, delay }) in publications.into_iter().enumerate() {
                client.send(format!(
                    "SEND\ndestination:{to}\ndelay:{delay}\n\n{publisher} {number}\0"
                ));
            }
            client.send("DISCONNECT\nreceipt:all\n\n\0");
            client.expect_receipt("all").await;
        }));
    }
    let mut receiving = Vec::new();
    for Receiver {
        mut client,
        destinations,
    } in receivers
    {
        let expected: Vec<Vec<usize>> = scenario
            .publishers
            .iter()
            .map(|publications| {
                let sent = publications.iter().enumerate();
                sent.filter(|(_, publication)| destinations.contains(&publication.to))
                    .map(|(number, _)| number)
                    .collect()
            })
            .collect();
        receiving.push(tokio::spawn(async move {
            let mut received = vec![Vec::new(); expected.len()];
            for _ in 0..expected.iter().map(Vec::len).sum() {
                let body = message(&mut client).await.1;
                let (publisher, number) = body.split_once(' ').unwrap();
                received[publisher.parse::<usize>().unwrap()]
                    .push(number.parse::<usize>().unwrap());
            }
            assert_eq!(received, expected);
            client
        }));
    }
    for task in publishing {
        task.await.unwrap();
    }
    // When all publishers have got their RECEIPT, nothing is on its way any more.
    for task in receiving {
        expect_nothing(&mut task.await.unwrap()).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn or_9_or_10_all_of_it_once_and_in_order(scenario in scenarios()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(play(scenario, Pace::Sleep));
    }

    #[test]
    fn or_9_or_10_all_of_it_once_and_in_order_on_several_threads(scenario in scenarios()) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(4)
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(play(scenario, Pace::Yield));
    }
}
