//! Both ends on threads of their own: nothing is lost, turned around, or forgotten to be told.

use super::*;

const MESSAGES: usize = 3000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sj_cli_10_all_messages_come_back_in_order() {
    let settings = Settings {
        http_message_cache_size: 3,
        inbound_messages: 3,
        stream_bytes_limit: 200,
        // Not for want of threads.
        disconnect_delay: Duration::from_secs(600),
        ..Settings::default()
    };
    let sessions = Sessions::new(settings);
    let (session, mut socket) = open(&sessions, "one");
    let echo = tokio::spawn(async move {
        while let Some(message) = socket.receive().await {
            if message == "bye" {
                socket.close(3000, "Go away!").await;
            } else {
                socket.say(&message).await;
            }
        }
    });
    let sender = {
        let session = session.clone();
        tokio::spawn(async move {
            for number in 0..MESSAGES / 2 {
                let texts = [2 * number, 2 * number + 1].map(|number| number.to_string());
                let batch = texts.into_iter().map(Utf8Bytes::from).collect();
                session.deliver(batch).await.unwrap();
            }
            session.deliver(messages(&["bye"])).await.unwrap();
        })
    };
    let mut received: Vec<String> = Vec::new();
    'receiving: for format in [Format::XhrStreaming, Format::Xhr].iter().cycle() {
        let mut body = session.attach(format.clone());
        while let Some(frame) = body.next().await {
            match frame.split_at(1) {
                ("a", array) => {
                    let messages: Vec<String> = serde_json::from_str(array).unwrap();
                    received.extend(messages);
                }
                ("o" | "h", _) => {}
                ("c", rest) => {
                    assert_eq!(rest, "[3000,\"Go away!\"]\n");
                    break 'receiving;
                }
                _ => panic!("{frame}"),
            }
        }
    }
    sender.await.unwrap();
    echo.await.unwrap();
    let expected: Vec<_> = (0..MESSAGES).map(|number| number.to_string()).collect();
    assert_eq!(received, expected);
}

#[tokio::test]
async fn sj_ses_08_the_id_of_a_session_that_is_over_is_free_at_once() {
    let sessions = sessions();
    let open = || {
        let binding = Binding {
            address: Some([192, 0, 2, 1].into()),
            ..Binding::default()
        };
        sessions.open("one", binding, TransportKind::HttpPolling)
    };
    for _ in 0..MESSAGES {
        let (first, _socket) = open().unwrap();
        let receiver = first.attach(Format::Xhr);
        std::thread::scope(|scope| {
            scope.spawn(|| drop(receiver));
            while sessions.get("one").is_some() {
                std::thread::yield_now();
            }
            let (second, _socket) = open().unwrap();
            assert!(Arc::ptr_eq(&sessions.get("one").unwrap(), &second));
            drop(second.attach(Format::Xhr));
        });
        assert_eq!((sessions.len(), sessions.0.addresses()), (0, 0));
    }
}
