//! Frames of receiving requests: SJ-SES-10, SJ-SES-11, SJ-FRM-06, SJ-LIM-01 to SJ-LIM-04.

use super::*;

#[tokio::test(start_paused = true)]
async fn sj_ses_10_what_waits_comes_in_one_frame() {
    let (session, mut socket) = polled().await;
    for message in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        socket.say(message).await;
    }
    assert_eq!(
        poll(&session).await,
        "a[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\"]\n"
    );
}

#[tokio::test(start_paused = true)]
async fn sj_ses_11_what_is_sent_to_a_stream_is_not_kept() {
    let (_session, mut socket, mut stream) = streamed().await;
    for message in ["a", "b"] {
        assert!(stream.is_silent());
        socket.say(message).await;
        assert_eq!(stream.next().await.unwrap(), format!("a[\"{message}\"]\n"));
    }
}

#[tokio::test(start_paused = true)]
async fn sj_ses_11_what_is_flushed_together_is_one_frame() {
    let (_session, mut socket, mut stream) = streamed().await;
    for message in ["a", "b"] {
        poll_fn(|cx| socket.poll_ready(cx)).await.unwrap();
        MessageSocket::send(
            &mut socket,
            MessageKind::Text,
            &Bytes::from_static(message.as_bytes()),
        );
        assert!(stream.is_silent());
    }
    poll_fn(|cx| socket.poll_flush(cx)).await.unwrap();
    assert_eq!(stream.next().await.unwrap(), "a[\"a\",\"b\"]\n");
}

#[tokio::test(start_paused = true)]
async fn sj_ses_11_a_request_that_waits_is_woken() {
    for format in formats() {
        let (session, mut socket) = polled().await;
        let mut body = session.attach(format.clone());
        let frames = tokio::spawn(async move {
            if format.prelude().is_some() {
                body.next().await.unwrap();
            }
            let frame = body.next().await.unwrap();
            assert_eq!(frame.as_bytes(), format.messages(&["x"]));
        });
        tokio::task::yield_now().await;
        socket.say("x").await;
        frames.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn sj_xhr_02_a_poll_waits_and_ends_with_its_frame() {
    let (session, mut socket) = polled().await;
    let mut body = session.attach(Format::Xhr);
    assert!(body.is_silent());
    assert!(!body.is_end_stream());
    socket.say("x").await;
    socket.say("y").await;
    assert_eq!(body.next().await.unwrap(), "a[\"x\",\"y\"]\n");
    assert!(body.is_end_stream());
    // Dropping what has ended is no abort.
    drop(body);
    socket.say("z").await;
    assert_eq!(poll(&session).await, "a[\"z\"]\n");
}

/// As the suite does, for each of the streams.
#[tokio::test(start_paused = true)]
async fn sj_lim_01_a_stream_ends_when_it_has_had_enough() {
    for format in formats() {
        if format.ends_after_frame() {
            continue;
        }
        let settings = Settings {
            stream_bytes_limit: 4096,
            ..Settings::default()
        };
        let (session, mut socket) = open(&Sessions::new(settings), "one");
        let mut body = session.attach(format.clone());
        let mut written = 0;
        assert!(body.next().await.is_some());
        written += body.next().await.unwrap().len();
        let message = "x".repeat(128);
        while written < 4096 {
            assert!(!body.is_end_stream(), "{format:?} {written}");
            socket.say(&message).await;
            written += body.next().await.unwrap().len();
        }
        // At once, and not with the next message (SJ-LIM-03).
        assert!(body.is_end_stream());
        assert_eq!(body.next().await, None);
        // The next one begins with nothing written (SJ-LIM-04).
        socket.say("waits").await;
        let mut body = session.attach(format.clone());
        assert!(body.next().await.is_some());
        assert_eq!(
            body.next().await.unwrap().as_bytes(),
            format.messages(&["waits"])
        );
        assert!(body.is_silent());
    }
}

#[tokio::test(start_paused = true)]
async fn sj_lim_02_the_opening_counts_and_the_prelude_does_not() {
    // Not one byte less than the opening and 31 messages of 134 bytes, as the suite sends them.
    let settings = Settings {
        stream_bytes_limit: 2 + 31 * 134,
        ..Settings::default()
    };
    let (session, mut socket) = open(&Sessions::new(settings), "one");
    let mut stream = stream(&session).await;
    for _ in 0..31 {
        assert!(!stream.is_end_stream());
        socket.say(&"x".repeat(128)).await;
        assert_eq!(stream.next().await.unwrap().len(), 134);
    }
    assert!(stream.is_end_stream());
}

#[tokio::test(start_paused = true)]
async fn sj_lim_01_one_large_frame_is_whole() {
    let settings = Settings {
        stream_bytes_limit: 10,
        ..Settings::default()
    };
    let (session, mut socket) = open(&Sessions::new(settings), "one");
    let mut stream = stream(&session).await;
    socket.say(&"x".repeat(100_000)).await;
    assert_eq!(stream.next().await.unwrap().len(), 100_006);
    assert!(stream.is_end_stream());
}
