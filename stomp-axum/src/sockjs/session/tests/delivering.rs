//! Messages of the client: SJ-CLI-10, SJ-SES-14, T-15.

use super::{super::DeliveryError, *};

fn bounded(inbound_messages: usize, inbound_bytes: usize) -> (Arc<Session>, SessionSocket) {
    let settings = Settings {
        inbound_messages,
        inbound_bytes,
        ..Settings::default()
    };
    open(&Sessions::new(settings), "one")
}

#[tokio::test(start_paused = true)]
async fn messages_come_one_by_one_and_in_order() {
    let (session, mut socket) = polled().await;
    session.deliver(messages(&["a", "b"])).await.unwrap();
    session.deliver(messages(&[])).await.unwrap();
    session.deliver(messages(&["", "c"])).await.unwrap();
    for message in ["a", "b", "", "c"] {
        assert_eq!(socket.receive().await.as_deref(), Some(message));
    }
    assert!(socket.receive().now_or_never().is_none());
}

#[tokio::test(start_paused = true)]
async fn an_application_that_waits_is_woken() {
    let (session, mut socket) = polled().await;
    let received = tokio::spawn(async move { socket.receive().await });
    tokio::task::yield_now().await;
    session.deliver(messages(&["x"])).await.unwrap();
    assert_eq!(received.await.unwrap().as_deref(), Some("x"));
}

#[tokio::test(start_paused = true)]
async fn requests_wait_for_an_application_that_does_not_read() {
    for (session, mut socket) in [bounded(2, 1000), bounded(100, 2)] {
        session.deliver(messages(&["a", "b"])).await.unwrap();
        let mut second = Box::pin(session.deliver(messages(&["c", "d"])));
        let mut third = Box::pin(session.deliver(messages(&["e"])));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_none());
        assert_eq!(socket.receive().await.as_deref(), Some("a"));
        // In their order, whoever is asked first.
        assert!(third.as_mut().now_or_never().is_none());
        assert_eq!(second.await, Ok(()));
        assert!(third.as_mut().now_or_never().is_none());
        for message in ["b", "c"] {
            assert_eq!(socket.receive().await.as_deref(), Some(message));
        }
        assert_eq!(third.await, Ok(()));
        for message in ["d", "e"] {
            assert_eq!(socket.receive().await.as_deref(), Some(message));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_given_up_lets_the_next_one_pass() {
    let (session, mut socket) = bounded(1, 1000);
    session.deliver(messages(&["a"])).await.unwrap();
    let mut second = Box::pin(session.deliver(messages(&["b"])));
    let mut third = Box::pin(session.deliver(messages(&["c"])));
    assert!(second.as_mut().now_or_never().is_none());
    assert!(third.as_mut().now_or_never().is_none());
    drop(second);
    assert_eq!(socket.receive().await.as_deref(), Some("a"));
    assert_eq!(third.await, Ok(()));
    assert_eq!(socket.receive().await.as_deref(), Some("c"));
}

#[tokio::test(start_paused = true)]
async fn few_requests_of_a_session_wait() {
    let (session, mut socket) = bounded(1, 1000);
    session.deliver(messages(&["a"])).await.unwrap();
    let mut waiting: Vec<_> = (0..4)
        .map(|_| Box::pin(session.deliver(messages(&["b"]))))
        .collect();
    for request in &mut waiting {
        assert!(request.as_mut().now_or_never().is_none());
    }
    let refused = session.deliver(messages(&["c"])).await;
    assert_eq!(refused, Err(DeliveryError::TooManyWait));
    // Not for ever.
    waiting.truncate(1);
    assert_eq!(socket.receive().await.as_deref(), Some("a"));
    assert_eq!(waiting.pop().unwrap().await, Ok(()));
    assert_eq!(socket.receive().await.as_deref(), Some("b"));
    assert_eq!(session.deliver(messages(&["d"])).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn sj_ses_14_requests_that_wait_end_with_the_session() {
    let (session, mut socket) = bounded(1, 1000);
    session.deliver(messages(&["a"])).await.unwrap();
    let waiting = || {
        let session = session.clone();
        tokio::spawn(async move { session.deliver(messages(&["b"])).await })
    };
    let (first, second) = (waiting(), waiting());
    tokio::task::yield_now().await;
    socket.close(3000, "Go away!").await;
    assert_eq!(first.await.unwrap(), Ok(()));
    assert_eq!(second.await.unwrap(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn sj_ses_08_requests_that_wait_end_when_the_client_has_gone() {
    let (session, _socket) = bounded(1, 1000);
    let stream = stream(&session).await;
    session.deliver(messages(&["a"])).await.unwrap();
    let waiting = {
        let session = session.clone();
        tokio::spawn(async move { session.deliver(messages(&["b"])).await })
    };
    tokio::task::yield_now().await;
    drop(stream);
    assert_eq!(waiting.await.unwrap(), Err(DeliveryError::NoSession));
}

#[tokio::test(start_paused = true)]
async fn sj_ses_02_nothing_is_delivered_to_a_session_that_is_gone() {
    let (session, _socket) = polled().await;
    session.kill();
    for texts in [&["x"][..], &[]] {
        let refused = session.deliver(messages(texts)).await;
        assert_eq!(refused, Err(DeliveryError::NoSession));
    }
}
