//! Good-byes of the application: SJ-SES-12 to SJ-SES-14, SJ-SES-16, and shutting down.

use tokio::time::{Instant, advance};

use super::*;

const GO_AWAY: &str = "c[3000,\"Go away!\"]\n";

#[tokio::test(start_paused = true)]
async fn sj_ses_12_polls_get_the_messages_and_then_the_good_bye_for_as_long_as_they_come() {
    let sessions = sessions();
    let (session, mut socket) = open(&sessions, "one");
    socket.say("x").await;
    socket.close(3000, "Go away!").await;
    assert_eq!(socket.receive().await, None);
    drop(socket);
    assert_eq!(poll(&session).await, "o\n");
    assert_eq!(poll(&session).await, "a[\"x\"]\n");
    for _ in 0..5 {
        assert_eq!(poll(&sessions.get("one").unwrap()).await, GO_AWAY);
        tokio::time::sleep(DELAY - MOMENT).await;
    }
    let start = Instant::now();
    tokio::time::sleep(2 * MOMENT).await;
    assert!(sessions.get("one").is_none(), "{:?}", start.elapsed());
    assert_eq!(sessions.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn sj_ses_12_each_transport_gets_the_good_bye_in_its_way() {
    for format in formats() {
        let (session, mut socket) = polled().await;
        socket.close(4321, "a \"reason\"").await;
        drop(socket);
        for _ in 0..2 {
            let mut expected: Vec<_> = format.prelude().into_iter().collect();
            expected.push(format.wrap(br#"c[4321,"a \"reason\""]"#));
            assert_eq!(session.attach(format.clone()).all().await, expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sj_ses_12_nobody_has_to_ask_for_a_session_to_be_forgotten() {
    let sessions = sessions();
    let (session, mut socket) = open(&sessions, "one");
    socket.close(3000, "Go away!").await;
    drop(socket);
    tokio::time::sleep(DELAY + MOMENT).await;
    assert_eq!(sessions.len(), 0);
    // The task that waited for that is gone, too.
    assert_eq!(Arc::strong_count(&session), 1);
}

#[tokio::test(start_paused = true)]
async fn sj_ses_13_while_a_session_closes_there_is_no_conflict() {
    let (session, mut socket, mut first) = streamed().await;
    socket.say("x").await;
    assert!(
        poll_fn(|cx| socket.poll_close(cx, 3000, "Go away!"))
            .now_or_never()
            .is_none()
    );
    // The old request has not even taken its messages.
    assert_eq!(poll(&session).await, GO_AWAY);
    let mut second = session.attach(Format::XhrStreaming);
    assert_eq!(second.next().await.unwrap().len(), 2049);
    assert_eq!(second.all().await, [GO_AWAY]);
    assert_eq!(first.all().await, ["a[\"x\"]\n", GO_AWAY]);
}

#[tokio::test(start_paused = true)]
async fn sj_ses_14_what_is_sent_to_a_closing_session_is_swallowed() {
    let (session, mut socket) = polled().await;
    session.deliver(messages(&["before"])).await.unwrap();
    socket.close(3000, "Go away!").await;
    session.deliver(messages(&["behind"])).await.unwrap();
    assert_eq!(socket.receive().await, None);
    // Nor does anything that the application sends.
    socket.send(MessageKind::Text, &Bytes::from_static(b"late"));
    poll_fn(|cx| socket.poll_flush(cx)).await.unwrap();
    drop(socket);
    session.deliver(messages(&["later"])).await.unwrap();
    assert_eq!(poll(&session).await, GO_AWAY);
}

#[tokio::test(start_paused = true)]
async fn sj_ses_16_with_4500_nothing_is_written() {
    for format in formats() {
        let (session, mut socket) = polled().await;
        let mut body = session.attach(format.clone());
        if format.prelude().is_some() {
            body.next().await.unwrap();
        }
        assert!(body.is_silent());
        let (all, ()) = tokio::join!(body.all(), socket.close(4500, "too slow"));
        assert!(all.is_empty(), "{all:?}");
        drop(socket);
        // Whoever asks again is told to go away, or would ask for ever (SJ-80).
        let mut body = session.attach(format.clone());
        let last = body.all().await.pop().unwrap();
        assert_eq!(last, format.wrap(br#"c[3000,"Go away!"]"#));
    }
}

#[tokio::test(start_paused = true)]
async fn sj_72_only_the_first_good_bye_counts() {
    let (session, mut socket) = polled().await;
    socket.close(3000, "Go away!").await;
    socket.close(1001, "another").await;
    assert_eq!(poll(&session).await, GO_AWAY);
}

#[tokio::test(start_paused = true)]
async fn sj_74_an_application_that_is_gone_without_a_word_was_an_error() {
    let (session, socket, mut stream) = streamed().await;
    drop(socket);
    assert_eq!(stream.all().await, ["c[1011,\"\"]\n"]);
    assert_eq!(poll(&session).await, "c[1011,\"\"]\n");
}

#[tokio::test(start_paused = true)]
async fn shutting_down_waits_until_the_client_was_told() {
    let (_session, mut socket, mut stream) = streamed().await;
    let closed = tokio::spawn(async move {
        socket.close(1001, "the server stops").await;
        assert_eq!(socket.receive().await, None);
    });
    tokio::task::yield_now().await;
    assert!(!closed.is_finished());
    assert_eq!(stream.all().await, ["c[1001,\"the server stops\"]\n"]);
    closed.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn shutting_down_does_not_wait_for_a_client_that_may_come() {
    let (session, mut socket) = polled().await;
    assert!(
        socket
            .close(1001, "the server stops")
            .now_or_never()
            .is_some()
    );
    assert_eq!(socket.receive().now_or_never(), Some(None));
    assert_eq!(poll(&session).await, "c[1001,\"the server stops\"]\n");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_while_it_is_told_ends_the_wait() {
    let sessions = sessions();
    let (session, mut socket) = open(&sessions, "one");
    let stream = stream(&session).await;
    assert!(socket.close(3000, "Go away!").now_or_never().is_none());
    assert!(socket.receive().now_or_never().is_none());
    drop(stream);
    assert!(socket.close(3000, "Go away!").now_or_never().is_some());
    assert_eq!(socket.receive().await, None);
    // It says so until its time has come, as it would for anybody else.
    assert_eq!(poll(&sessions.get("one").unwrap()).await, GO_AWAY);
}

#[tokio::test(start_paused = true)]
async fn sj_ses_12_a_client_that_reads_slowly_is_told_in_the_end() {
    let sessions = sessions();
    let (session, mut socket) = open(&sessions, "one");
    let mut stream = stream(&session).await;
    socket.say("x").await;
    assert!(socket.close(3000, "Go away!").now_or_never().is_none());
    drop(socket);
    // The task that waits for the end looks in vain.
    advance(10 * DELAY).await;
    assert_eq!(stream.all().await, ["a[\"x\"]\n", GO_AWAY]);
    assert_eq!(sessions.len(), 1);
    tokio::time::sleep(DELAY + MOMENT).await;
    assert_eq!(sessions.len(), 0);
}
