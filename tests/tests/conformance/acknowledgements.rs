//! ACK and NACK: ACK-001 to ACK-036, in all versions, on queues. How topics, patterns and user destinations are
//! acknowledged is in `acknowledged_topics.rs`.

use super::{consumer::*, *};

const QUEUE: &str = "/queue/a";

#[tokio::test(start_paused = true)]
async fn ack_001_auto_needs_no_ack_and_is_not_delivered_again() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::new(&messaging, version, QUEUE, "auto").await;
        publish(&messaging, QUEUE, "x").await;
        let message = client.expect("x").await;
        assert_eq!(message.header("redelivered"), None);
        assert_eq!(left_behind(&messaging, client, QUEUE).await, nothing());
        assert_eq!(messaging.broker_statistics(), Default::default());
    }
}

/// However the session ends: ACK-036 is DISCONNECT, WS-021 a connection that is just gone.
#[tokio::test(start_paused = true)]
async fn ack_002_003_026_036_ord_007_ws_021_what_a_session_leaves_comes_back_in_order() {
    for version in VERSIONS {
        for end in ["lost", "DISCONNECT\n\n\0", "nonsense\n\n\0"] {
            let messaging = queue_server();
            let mut client = Consumer::new(&messaging, version, QUEUE, "client").await;
            publish_all(&messaging, QUEUE, ["1", "2", "3"]).await;
            client.expect_all(["1", "2", "3"]).await;
            if end != "lost" {
                client.send(end);
                while client.receive().await.is_some() {}
            }
            lose(client).await;
            assert_eq!(messaging.broker_statistics().waiting_messages, 3, "{end}");
            publish(&messaging, QUEUE, "4").await;
            let mut left = again(["1", "2", "3"]);
            left.push(("4".to_owned(), false));
            assert_eq!(what_waits(&messaging, QUEUE).await, left, "{version} {end}");
            assert_eq!(messaging.broker_statistics(), Default::default());
        }
    }
}

/// SUB-010 and ACK-036: what comes back from one subscription of a session that ends does not go to another one of it.
#[tokio::test(start_paused = true)]
async fn ack_036_a_session_that_ends_gets_nothing_again() {
    /// Something that has to be told of DISCONNECT.
    fn passes(
        message: stomp_axum::message::Message,
    ) -> Result<Option<stomp_axum::message::Message>, stomp_axum::channel::MessageRejected> {
        Ok(Some(message))
    }
    for is_intercepted in [false, true] {
        for end in ["lost", "DISCONNECT\nreceipt:bye\n\n\0", "nonsense\n\n\0"] {
            let mut builder = queue_builder();
            if is_intercepted {
                builder = builder.inbound_interceptor(passes);
            }
            let messaging = builder.build().unwrap();
            let mut client = Consumer::connect(&messaging, "1.2").await;
            for id in 0..20 {
                client
                    .subscribe(
                        &id.to_string(),
                        QUEUE,
                        "client-individual\nprefetch-count:1",
                    )
                    .await;
            }
            publish(&messaging, QUEUE, "x").await;
            client.expect("x").await;
            if end != "lost" {
                client.send(end);
                let frame = client.expect_frame().await;
                assert!(frame.header("message-id").is_none(), "{frame:?}");
                while client.receive().await.is_some() {}
            }
            lose(client).await;
            let mut other = Consumer::connect(&messaging, "1.2").await;
            other.send(format!("SUBSCRIBE\nid:s\ndestination:{QUEUE}\n\n\0"));
            other.expect_again("x", 2).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ack_004_035_client_is_cumulative() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::new(&messaging, version, QUEUE, "client").await;
        publish_all(&messaging, QUEUE, ["1", "2", "3"]).await;
        let [_, second, _] = client.expect_all(["1", "2", "3"]).await;
        client.ack(&second).await;
        let left = left_behind(&messaging, client, QUEUE).await;
        assert_eq!(left, again(["3"]), "{version}");
    }
}

#[tokio::test(start_paused = true)]
async fn ack_005_client_individual_is_about_one_message() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::new(&messaging, version, QUEUE, "client-individual").await;
        publish_all(&messaging, QUEUE, ["1", "2", "3"]).await;
        let [_, second, _] = client.expect_all(["1", "2", "3"]).await;
        client.ack(&second).await;
        let left = left_behind(&messaging, client, QUEUE).await;
        assert_eq!(left, again(["1", "3"]), "{version}");
    }
}

/// Our choice: the scope of a cumulative ACK is its subscription.
#[tokio::test(start_paused = true)]
async fn ack_006_the_scope_is_the_subscription() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::new(&messaging, version, QUEUE, "client").await;
        client.subscribe("other", "/queue/b", "client").await;
        client.subscribe("same", QUEUE, "client").await;
        // In turns: "1" and "3" go to one of the two.
        publish_all(&messaging, QUEUE, ["1", "2", "3", "4"]).await;
        publish(&messaging, "/queue/b", "5").await;
        let messages = client.expect_all(["1", "2", "3", "4", "5"]).await;
        assert_eq!(
            messages[0].header("subscription"),
            messages[2].header("subscription")
        );
        assert_ne!(
            messages[0].header("subscription"),
            messages[3].header("subscription")
        );
        client.ack(&messages[4]).await;
        client.ack(&messages[3]).await;
        let left = left_behind(&messaging, client, QUEUE).await;
        assert_eq!(left, again(["1", "3"]), "{version}");
    }
}

#[tokio::test(start_paused = true)]
async fn ack_007_008_009_010_013_who_has_an_ack_header() {
    for version in VERSIONS {
        for mode in ["auto", "client", "client-individual"] {
            let messaging = queue_server();
            let mut client = Consumer::new(&messaging, version, QUEUE, mode).await;
            publish(&messaging, QUEUE, "x").await;
            let message = client.expect("x").await;
            let has_ack = version == "1.2" && mode != "auto";
            assert_eq!(message.header("ack").is_some(), has_ack, "{version} {mode}");
            assert_eq!(message.header("subscription"), Some("s"));
            if mode != "auto" {
                client.ack(&message).await;
            }
            let left = left_behind(&messaging, client, QUEUE).await;
            assert_eq!(left, nothing(), "{version} {mode}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ack_020_021_022_027_nack_returns_one_message_or_all_up_to_it() {
    for version in ["1.2", "1.1"] {
        for (mode, returned) in [("client-individual", &["2"][..]), ("client", &["1", "2"])] {
            let messaging = queue_server();
            let mut client = Consumer::new(&messaging, version, QUEUE, mode).await;
            publish_all(&messaging, QUEUE, ["1", "2", "3"]).await;
            let [first, second, third] = client.expect_all(["1", "2", "3"]).await;
            client.nack(&second);
            // ACK-022: at once, and to the same subscriber, if there is no other.
            let mut names = vec![client.name(&first), client.name(&second)];
            for body in returned {
                let message = client.expect_again(body, 2).await;
                if version == "1.2" {
                    // ACK-027: a new id.
                    let name = client.name(&message);
                    assert!(!names.contains(&name));
                    names.push(name);
                } else {
                    assert_eq!(
                        message.header("message-id"),
                        [&first, &second][usize::from(*body == "2")].header("message-id")
                    );
                }
            }
            client.ack(&third).await;
            // Those that came again are behind the third.
            let left = left_behind(&messaging, client, QUEUE).await;
            assert_eq!(left, again(["1", "2"]), "{version} {mode}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ack_027_the_old_id_of_a_redelivered_message_is_unknown() {
    let messaging = queue_server();
    let mut client = Consumer::new(&messaging, "1.2", QUEUE, "client-individual").await;
    publish(&messaging, QUEUE, "x").await;
    let first = client.expect("x").await;
    client.nack(&first);
    let again = client.expect_again("x", 2).await;
    assert_ne!(first.header("ack"), again.header("ack"));
    assert_eq!(first.header("message-id"), again.header("message-id"));
    client.send(format!("ACK\n{}\n\n\0", client.name(&first)));
    client.expect_error("unknown-message").await;
}

#[tokio::test(start_paused = true)]
async fn ack_022_a_returned_message_goes_to_whose_turn_it_is() {
    let messaging = queue_server();
    let mut one = Consumer::new(&messaging, "1.2", QUEUE, "client").await;
    let mut other = Consumer::new(&messaging, "1.1", QUEUE, "client").await;
    publish(&messaging, QUEUE, "x").await;
    let message = one.expect("x").await;
    one.nack(&message);
    let message = other.expect_again("x", 2).await;
    other.nack(&message);
    let message = one.expect_again("x", 3).await;
    one.ack(&message).await;
    assert!(other.all().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn ack_023_nack_with_requeue_false_is_a_dead_letter() {
    for version in ["1.2", "1.1"] {
        for has_dead_letters in [true, false] {
            let builder = if has_dead_letters {
                queue_builder()
            } else {
                builder().queue_semantics(["/queue"])
            };
            let messaging = builder.build().unwrap();
            let mut watcher = subscriber(&messaging, "/topic/dead").await;
            let mut client = Consumer::new(&messaging, version, QUEUE, "client-individual").await;
            client.send(
                "SEND\ndestination:/queue/a\ncolor:red\ndead-letter-reason:none\n\
                 original-destination:/queue/z\n\nx\0",
            );
            let message = client.expect("x").await;
            let nack = format!("NACK\n{}\nrequeue:false", client.name(&message));
            client.confirmed(&nack).await;
            if has_dead_letters {
                let letter = watcher.expect_message().await;
                assert_eq!(text(&letter), "x");
                for (name, value) in [
                    ("destination", "/topic/dead"),
                    ("original-destination", "/queue/a"),
                    ("dead-letter-reason", "rejected"),
                    ("dead-letter-deliveries", "1"),
                    ("color", "red"),
                ] {
                    let values: Vec<_> = letter
                        .headers
                        .iter()
                        .filter(|(other, _)| *other == name)
                        .map(|(_, value)| value)
                        .collect();
                    assert_eq!(values, [value], "{name}");
                }
            }
            expect_nothing(&mut watcher).await;
            assert_eq!(left_behind(&messaging, client, QUEUE).await, nothing());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ack_024_stomp_1_0_has_no_nack() {
    let messaging = queue_server();
    let mut client = Consumer::new(&messaging, "1.0", QUEUE, "client").await;
    publish(&messaging, QUEUE, "x").await;
    let message = client.expect("x").await;
    client.nack(&message);
    client.expect_error("unknown-command").await;
    assert_eq!(left_behind(&messaging, client, QUEUE).await, again(["x"]));
}

/// T-24: by NACK and by the loss of connections.
#[tokio::test(start_paused = true)]
async fn ack_025_t_24_a_message_is_not_delivered_for_ever() {
    for version in ["1.2", "1.1"] {
        let messaging = queue_server_with(|limits| limits.deliveries = 4);
        let mut watcher = subscriber(&messaging, "/topic/dead").await;
        let mut client = Consumer::new(&messaging, version, QUEUE, "client-individual").await;
        publish_all(&messaging, QUEUE, ["poison", "next"]).await;
        let [mut message, next] = client.expect_all(["poison", "next"]).await;
        for delivery in 2..=3 {
            client.nack(&message);
            message = client.expect_again("poison", delivery).await;
        }
        lose(client).await;
        let mut client = Consumer::connect(&messaging, version).await;
        client.send("SUBSCRIBE\nid:s\ndestination:/queue/a\nack:client-individual\n\n\0");
        let message = client.expect_again("poison", 4).await;
        assert_eq!(text(&next), "next");
        client.expect_again("next", 2).await;
        client.nack(&message);
        let letter = watcher.expect_message().await;
        assert_eq!(letter.header("dead-letter-reason"), Some("max-deliveries"));
        assert_eq!(letter.header("dead-letter-deliveries"), Some("4"));
        assert!(client.all().await.is_empty());
        assert_eq!(
            left_behind(&messaging, client, QUEUE).await,
            again(["next"])
        );
        // Losing connections counts as well.
        let mut client = Consumer::new(&messaging, version, QUEUE, "client").await;
        publish(&messaging, QUEUE, "lost").await;
        client.expect("lost").await;
        for delivery in 2..=4 {
            lose(client).await;
            client = Consumer::connect(&messaging, version).await;
            client.send("SUBSCRIBE\nid:s\ndestination:/queue/a\nack:client\n\n\0");
            client.expect_again("lost", delivery).await;
        }
        lose(client).await;
        let letter = watcher.expect_message().await;
        assert_eq!(text(&letter), "lost");
        assert_eq!(letter.header("dead-letter-reason"), Some("max-deliveries"));
        drop(watcher);
        assert_eq!(what_waits(&messaging, QUEUE).await, nothing());
    }
}

#[tokio::test(start_paused = true)]
async fn ack_028_prefetch_count() {
    for version in VERSIONS {
        for mode in ["client", "client-individual"] {
            let messaging = queue_server();
            publish_all(&messaging, QUEUE, ["1", "2", "3"]).await;
            let mut client = Consumer::connect(&messaging, version).await;
            client.send(format!(
                "SUBSCRIBE\nid:s\ndestination:{QUEUE}\nack:{mode}\nprefetch-count:1\n\n\0"
            ));
            for body in ["1", "2", "3"] {
                let [message] = &client.all().await[..] else {
                    panic!("one at a time");
                };
                assert_eq!(text(message), body);
                // The next one comes with the ACK.
                client.send(format!("ACK\n{}\n\n\0", client.name(message)));
            }
            assert!(client.all().await.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ack_028_prefetch_counts_that_say_nothing_or_nonsense() {
    let messaging = queue_server_with(|limits| limits.unacknowledged = 3);
    for (prefetch, window) in [("0", 3), ("2", 2), ("18446744073709551615", 3), (" 2", 2)] {
        let mut client = Consumer::connect(&messaging, "1.2").await;
        client
            .subscribe("s", QUEUE, &format!("client\nprefetch-count:{prefetch}"))
            .await;
        publish_all(&messaging, QUEUE, ["1", "2", "3", "4"]).await;
        let messages = client.all().await;
        assert_eq!(messages.len(), window, "{prefetch}");
        lose(client).await;
        what_waits(&messaging, QUEUE).await;
    }
    for prefetch in ["", "-1", "x", "1.5", "+1", "99999999999999999999"] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(format!(
            "SUBSCRIBE\nid:s\ndestination:{QUEUE}\nack:client\nprefetch-count:{prefetch}\nreceipt:r\n\n\0"
        ));
        let error = client.expect_error("invalid-header").await;
        assert_eq!(error.header("receipt-id"), Some("r"), "{prefetch}");
    }
    // What is acknowledged by nobody needs no window.
    let mut client = Consumer::new(&messaging, "1.2", QUEUE, "auto\nprefetch-count:1").await;
    publish_all(&messaging, QUEUE, ["1", "2", "3", "4"]).await;
    client.expect_all(["1", "2", "3", "4"]).await;
}

/// T-24, LIM-014: who never acknowledges gets what its window allows, and no error; others get the rest.
#[tokio::test(start_paused = true)]
async fn ack_029_lim_014_t_24_who_never_acknowledges() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::new(&messaging, version, QUEUE, "client").await;
        for number in 0..200 {
            publish(&messaging, QUEUE, &number.to_string()).await;
        }
        let messages = client.all().await;
        assert_eq!(messages.len(), Limits::default().unacknowledged);
        assert_eq!(messaging.broker_statistics().waiting_messages, 200 - 128);
        let mut other = Consumer::connect(&messaging, version).await;
        other.send(format!("SUBSCRIBE\nid:s\ndestination:{QUEUE}\n\n\0"));
        let rest: Vec<_> = (128..200).map(|number| number.to_string()).collect();
        assert_eq!(other.all_bodies().await, rest);
        // It is not too late.
        client.ack(&messages[127]).await;
        publish_all(&messaging, QUEUE, ["x", "y"]).await;
        let mut both = client.all_bodies().await;
        both.extend(other.all_bodies().await);
        both.sort();
        assert_eq!(both, ["x", "y"]);
    }
}

#[tokio::test(start_paused = true)]
async fn ack_030_a_receipt_says_that_it_has_taken_effect() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::new(&messaging, version, QUEUE, "client").await;
        publish_all(&messaging, QUEUE, ["1", "2"]).await;
        let [_, second] = client.expect_all(["1", "2"]).await;
        client.ack(&second).await;
        assert_eq!(left_behind(&messaging, client, QUEUE).await, nothing());
    }
}

#[tokio::test(start_paused = true)]
async fn ack_034_in_reverse_order() {
    for version in VERSIONS {
        let messaging = queue_server();
        let mut client = Consumer::new(&messaging, version, QUEUE, "client-individual").await;
        publish_all(&messaging, QUEUE, ["1", "2", "3"]).await;
        for message in client.expect_all(["1", "2", "3"]).await.iter().rev() {
            client.ack(message).await;
        }
        assert_eq!(left_behind(&messaging, client, QUEUE).await, nothing());
    }
}

/// RCP-013: what came before the loss is still handled, and an ACK among it is no reason to stop.
#[tokio::test(start_paused = true)]
async fn rcp_013_an_ack_that_waits_when_the_connection_is_lost_stops_nothing() {
    for version in VERSIONS {
        let gate = crate::handlers::Gate::closed();
        let messaging = crate::handlers::with_handlers(queue_builder(), &gate)
            .build()
            .unwrap();
        let mut watcher = subscriber(&messaging, "/topic/watched").await;
        let mut client = Consumer::new(&messaging, version, QUEUE, "client").await;
        publish(&messaging, QUEUE, "x").await;
        let message = client.expect("x").await;
        client.send(format!(
            "SEND\ndestination:/app/wait\n\n\0ACK\n{}\n\n\0SEND\ndestination:/topic/watched\n\ny\0",
            client.name(&message)
        ));
        drop(client);
        settled().await;
        assert_eq!(messaging.sessions().len(), 1);
        gate.open(1);
        assert_eq!(crate::message(&mut watcher).await.1, "y", "{version}");
        drop(watcher);
        // The message was given back before its ACK was looked at.
        assert_eq!(what_waits(&messaging, QUEUE).await, again(["x"]));
    }
}
