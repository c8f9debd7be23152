//! From the first request to the end: SJ-SES-01 to SJ-SES-09, SJ-SES-15.

use tokio::time::{Instant, advance, timeout};

use super::*;

#[tokio::test(start_paused = true)]
async fn sj_ses_01_the_first_frame_is_the_opening_whatever_was_sent() {
    for format in formats() {
        let (session, mut socket) = one();
        socket.say("early").await;
        let mut body = session.attach(format.clone());
        if let Some(prelude) = format.prelude() {
            assert_eq!(body.next().await.unwrap().as_bytes(), prelude);
        }
        assert_eq!(body.next().await.unwrap().as_bytes(), format.open());
        if format.ends_after_frame() {
            assert_eq!(body.next().await, None);
            body = session.attach(format.clone());
        }
        let early = format.messages(&["early"]);
        assert_eq!(body.next().await.unwrap().as_bytes(), early);
    }
}

#[tokio::test(start_paused = true)]
async fn sj_frm_03_there_is_one_opening() {
    let (session, mut socket, mut stream) = streamed().await;
    assert!(stream.is_silent());
    for _ in 0..600 {
        socket.say(&"x".repeat(1024)).await;
        if stream.next().await.is_none() {
            stream = session.attach(Format::XhrStreaming);
            assert_eq!(stream.next().await.unwrap().len(), 2049);
            assert_eq!(stream.next().await.unwrap().len(), 1024 + 6);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sj_ses_04_any_transport_continues_a_session() {
    let (session, mut socket) = polled().await;
    for format in formats() {
        let mut body = session.attach(format.clone());
        if format.prelude().is_some() {
            body.next().await.unwrap();
        }
        socket.say("x").await;
        assert_eq!(
            body.next().await.unwrap().as_bytes(),
            format.messages(&["x"])
        );
        if format.ends_after_frame() {
            continue;
        }
        // Streams end when they have had enough.
        socket.say(&"x".repeat(128 * 1024)).await;
        assert!(body.next().await.is_some());
        assert_eq!(body.next().await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn sj_ses_07_a_second_receiver_is_refused_and_the_first_is_untouched() {
    let (session, mut socket, mut first) = streamed().await;
    for format in formats() {
        let asked = tokio::time::Instant::now();
        let mut second = session.attach(format.clone());
        let mut expected: Vec<_> = format.prelude().into_iter().collect();
        expected.push(format.wrap(br#"c[2010,"Another connection still open"]"#));
        assert_eq!(second.all().await, expected);
        // A client waits some hundred milliseconds before it tries another transport (SJ-CLI-06).
        assert!(asked.elapsed() <= Duration::from_millis(100));
        drop(second);
    }
    socket.say("x").await;
    assert_eq!(first.next().await.unwrap(), "a[\"x\"]\n");
}

#[tokio::test(start_paused = true)]
async fn sj_ses_08_a_receiver_that_is_cut_off_ends_the_session_at_once() {
    let sessions = sessions();
    let (session, mut socket) = open(&sessions, "one");
    drop(stream(&session).await);
    assert!(sessions.get("one").is_none());
    assert_eq!(socket.receive().now_or_never(), Some(None));
    assert_eq!(sessions.len(), 0);
    // And the id is free for a fresh one, which the end of the old one does not touch.
    let (session, mut fresh) = open(&sessions, "one");
    assert_eq!(poll(&session).await, "o\n");
    drop(socket);
    assert!(sessions.get("one").is_some());
    assert_eq!(fresh.receive().now_or_never(), None);
}

#[tokio::test(start_paused = true)]
async fn sj_ses_08_a_poll_that_is_cut_off_ends_the_session_at_once() {
    let (session, mut socket) = polled().await;
    let mut body = session.attach(Format::Xhr);
    assert!(body.is_silent());
    drop(body);
    assert_eq!(socket.receive().now_or_never(), Some(None));
    // Whoever had found it already is told so.
    assert_eq!(poll(&session).await, "c[1002,\"Connection interrupted\"]\n");
}

#[tokio::test(start_paused = true)]
async fn sj_ses_08_what_was_accepted_before_the_cut_is_delivered() {
    let (session, mut socket, stream) = streamed().await;
    session.deliver(messages(&["x", "y"])).await.unwrap();
    drop(stream);
    assert_eq!(socket.receive().await.as_deref(), Some("x"));
    assert_eq!(socket.receive().await.as_deref(), Some("y"));
    assert_eq!(socket.receive().await, None);
}

#[tokio::test(start_paused = true)]
async fn sj_ses_08_nothing_can_be_sent_to_a_client_that_has_gone() {
    let (_session, mut socket, stream) = streamed().await;
    drop(stream);
    let flushed = poll_fn(|cx| socket.poll_flush(cx)).await;
    assert_eq!(flushed.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
    let (session, mut socket) = polled().await;
    session.kill();
    let ready = poll_fn(|cx| socket.poll_ready(cx)).await;
    assert_eq!(ready.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
}

#[tokio::test(start_paused = true)]
async fn sj_ses_08_a_doomed_receiver_has_a_moment_to_go() {
    let (session, mut socket, first) = streamed().await;
    let mut second = session.attach(Format::XhrStreaming);
    assert_eq!(second.next().await.unwrap().len(), 2049);
    assert!(second.is_silent());
    drop(first);
    assert_eq!(second.all().await, ["c[1002,\"Connection interrupted\"]\n"]);
    assert_eq!(socket.receive().await, None);
}

#[tokio::test(start_paused = true)]
async fn sj_ses_08_a_receiver_that_is_answered_meanwhile_makes_room() {
    let (session, mut socket) = polled().await;
    let mut first = session.attach(Format::Xhr);
    let mut second = session.attach(Format::Xhr);
    assert!(first.is_silent() && second.is_silent());
    socket.say("x").await;
    assert_eq!(first.next().await.unwrap(), "a[\"x\"]\n");
    socket.say("y").await;
    assert_eq!(second.next().await.unwrap(), "a[\"y\"]\n");
}

#[tokio::test(start_paused = true)]
async fn sj_ses_08_who_waits_for_its_turn_ends_nothing_by_going() {
    let (session, mut socket, mut first) = streamed().await;
    drop(session.attach(Format::Xhr));
    let mut second = session.attach(Format::Xhr);
    assert!(second.is_silent());
    drop(second);
    socket.say("x").await;
    assert_eq!(first.next().await.unwrap(), "a[\"x\"]\n");
}

#[tokio::test(start_paused = true)]
async fn sj_ses_09_a_session_waits_for_the_next_request_and_not_longer() {
    let sessions = sessions();
    let (session, mut socket) = open(&sessions, "one");
    let start = Instant::now();
    assert_eq!(poll(&session).await, "o\n");
    assert_eq!(socket.receive().await, None);
    assert_eq!(start.elapsed().as_secs(), DELAY.as_secs());
    assert!(start.elapsed() < DELAY + 2 * MOMENT);
    assert!(sessions.get("one").is_none());
    assert_eq!(sessions.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn sj_ses_09_each_receiving_request_starts_the_delay_anew() {
    let (session, mut socket) = polled().await;
    for _ in 0..5 {
        assert_eq!(timeout(DELAY - MOMENT, socket.receive()).await.ok(), None);
        socket.say("x").await;
        assert_eq!(poll(&session).await, "a[\"x\"]\n");
    }
    let start = Instant::now();
    assert_eq!(socket.receive().await, None);
    assert!(start.elapsed() >= DELAY && start.elapsed() < DELAY + 2 * MOMENT);
}

#[tokio::test(start_paused = true)]
async fn sj_ses_09_while_a_request_receives_there_is_no_delay() {
    let (session, mut socket) = polled().await;
    let mut body = session.attach(Format::Xhr);
    assert!(body.is_silent());
    // A task that nobody wakes but the session and its timer.
    let owner = tokio::spawn(async move {
        assert_eq!(socket.receive().await.as_deref(), Some("x"));
        socket.say("y").await;
        assert_eq!(socket.receive().await, None);
        Instant::now()
    });
    // Its timer fires in vain, and it has none any more.
    tokio::time::sleep(3 * DELAY).await;
    assert!(!owner.is_finished());
    session.deliver(messages(&["x"])).await.unwrap();
    assert_eq!(body.next().await.unwrap(), "a[\"y\"]\n");
    let start = Instant::now();
    let elapsed = owner.await.unwrap() - start;
    assert!(
        elapsed >= DELAY && elapsed < DELAY + 2 * MOMENT,
        "{elapsed:?}"
    );
    assert_eq!(poll(&session).await, "c[1002,\"Connection interrupted\"]\n");
}

#[tokio::test(start_paused = true)]
async fn sj_ses_09_the_delay_begins_when_the_server_ends_a_request() {
    let (session, mut socket) = polled().await;
    let mut body = session.attach(Format::Xhr);
    assert!(body.is_silent());
    let owner = tokio::spawn(async move {
        assert_eq!(socket.receive().await, None);
        Instant::now()
    });
    // With a heart-beat, of which the owner knows nothing.
    assert_eq!(body.next().await.unwrap(), "h\n");
    let start = Instant::now();
    let elapsed = owner.await.unwrap() - start;
    assert!(
        elapsed >= DELAY && elapsed < DELAY + 2 * MOMENT,
        "{elapsed:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn sj_ses_09_sending_does_not_extend_it() {
    let (session, mut socket) = polled().await;
    let start = Instant::now();
    let sender = async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if session.deliver(messages(&["x"])).await.is_err() {
                break;
            }
        }
    };
    let application = async {
        while socket.receive().await.is_some() {}
        start.elapsed()
    };
    let ((), elapsed) = tokio::join!(sender, application);
    assert!(
        elapsed >= DELAY && elapsed < DELAY + 2 * MOMENT,
        "{elapsed:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn sj_ses_09_nobody_waits_for_an_application_that_is_busy() {
    let sessions = sessions();
    let (session, mut socket) = open(&sessions, "one");
    assert_eq!(poll(&session).await, "o\n");
    advance(DELAY - MOMENT).await;
    assert!(sessions.get("one").is_some());
    advance(MOMENT).await;
    assert!(sessions.get("one").is_none());
    let refused = session.deliver(messages(&["x"])).await;
    assert_eq!(refused, Err(super::super::DeliveryError::NoSession));
    assert_eq!(socket.receive().now_or_never(), Some(None));
}

#[tokio::test(start_paused = true)]
async fn sj_ses_09_an_application_that_reads_nothing_does_not_keep_a_session() {
    let sessions = sessions();
    let (session, mut socket) = open(&sessions, "one");
    assert_eq!(poll(&session).await, "o\n");
    session.deliver(messages(&["x"])).await.unwrap();
    let busy = poll_fn(|cx| -> Poll<()> {
        socket.poll_unread(cx);
        Poll::Pending
    });
    let _busy = tokio::time::timeout(DELAY + MOMENT, busy).await;
    assert_eq!(sessions.len(), 0);
    // What was accepted is delivered all the same.
    assert_eq!(socket.receive().await.as_deref(), Some("x"));
    assert_eq!(socket.receive().await, None);
}

#[tokio::test(start_paused = true)]
async fn sj_78_a_session_that_nobody_receives_from_ends_as_any_other() {
    let sessions = sessions();
    let (_session, mut socket) = open(&sessions, "one");
    let start = Instant::now();
    assert_eq!(socket.receive().await, None);
    assert!(start.elapsed() >= DELAY && start.elapsed() < DELAY + 2 * MOMENT);
    assert_eq!(sessions.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn times_beyond_all_time_are_endless() {
    let settings = Settings {
        disconnect_delay: Duration::MAX,
        heartbeat_time: Duration::MAX,
        ..Settings::default()
    };
    let (session, mut socket) = open(&Sessions::new(settings), "one");
    assert_eq!(poll(&session).await, "o\n");
    let mut body = session.attach(Format::Xhr);
    let year = Duration::from_secs(365 * 24 * 60 * 60);
    assert!(timeout(year, body.next()).await.is_err());
    socket.say("x").await;
    assert_eq!(body.next().await.unwrap(), "a[\"x\"]\n");
    assert!(timeout(year, socket.receive()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn sj_ses_15_nobody_sees_the_id() {
    let sessions = sessions();
    let (session, socket) = open(&sessions, "secret");
    let body = session.attach(Format::Xhr);
    for text in [
        format!("{sessions:?}"),
        format!("{session:?}"),
        format!("{socket:?}"),
        format!("{body:?}"),
    ] {
        assert!(!text.contains("secret"), "{text}");
    }
}

#[test]
fn what_is_dropped_without_a_runtime_is_forgotten() {
    let sessions = sessions();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let (session, socket) = runtime.block_on(async { open(&sessions, "one") });
    drop(runtime);
    drop(socket);
    assert_eq!(sessions.len(), 0);
    assert_eq!(Arc::strong_count(&session), 1);
}
