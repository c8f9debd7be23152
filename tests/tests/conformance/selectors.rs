//! Selectors as clients meet them: SEL. What the language means is tested where it is read.

use super::*;

async fn select(client: &mut TestConnection, destination: &str, selector: &str) {
    client.send(format!(
        "SUBSCRIBE\nid:s\ndestination:{destination}\nselector:{selector}\nreceipt:subscribed\n\n\0"
    ));
    client.expect_receipt("subscribed").await;
}

async fn send_with(client: &mut TestConnection, destination: &str, header: &str, body: &str) {
    client.send(format!(
        "SEND\ndestination:{destination}\n{header}\nreceipt:sent\n\n{body}\0"
    ));
    client.expect_receipt("sent").await;
}

#[tokio::test(start_paused = true)]
async fn sel_001_002_007_only_what_matches_is_delivered() {
    let messaging = server();
    for destination in ["/topic/a", "/topic/*"] {
        let mut client = connect(&messaging, "1.2").await;
        select(&mut client, destination, "color = 'red' AND price > 5").await;
        let mut all = subscriber(&messaging, destination).await;
        let mut sender = connect(&messaging, "1.2").await;
        for (header, body) in [
            ("color:red\nprice:9.5", "yes"),
            ("color:red\nprice:5", "too cheap"),
            ("color:blue\nprice:10", "blue"),
            ("price:10", "no color"),
        ] {
            send_with(&mut sender, "/topic/a", header, body).await;
            assert_eq!(message(&mut all).await.1, body);
        }
        assert_eq!(message(&mut client).await.1, "yes", "{destination}");
        expect_nothing(&mut client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn sel_020_selectors_are_unescaped_before_they_are_read() {
    let messaging = server();
    let mut client = connect(&messaging, "1.2").await;
    select(&mut client, "/topic/a", "path = 'c\\c\\\\x'").await;
    let mut sender = connect(&messaging, "1.2").await;
    send_with(&mut sender, "/topic/a", "path:c\\c\\\\x", "a").await;
    assert_eq!(message(&mut client).await.1, "a");
}

#[tokio::test(start_paused = true)]
async fn sel_018_sel_022_what_is_no_selector_is_refused() {
    let messaging = server();
    for selector in ["", "color = ", "color == 'red'", "(", &"(".repeat(500)] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(format!(
            "SUBSCRIBE\nid:s\ndestination:/topic/a\nselector:{selector}\nreceipt:r\n\n\0"
        ));
        let error = client.expect_error("invalid-selector").await;
        assert_eq!(error.header("receipt-id"), Some("r"), "{selector}");
        assert_eq!(messaging.broker_statistics().subscriptions, 0, "{selector}");
    }
}

#[tokio::test(start_paused = true)]
async fn sel_021_on_a_queue_others_get_what_one_does_not_want() {
    let messaging = builder().queue_semantics(["/queue"]).build().unwrap();
    let mut red = connect(&messaging, "1.2").await;
    select(&mut red, "/queue/a", "color = 'red'").await;
    let mut sender = connect(&messaging, "1.2").await;
    send_with(&mut sender, "/queue/a", "color:blue", "1").await;
    send_with(&mut sender, "/queue/a", "color:red", "2").await;
    send_with(&mut sender, "/queue/a", "color:blue", "3").await;
    assert_eq!(message(&mut red).await.1, "2");
    expect_nothing(&mut red).await;
    let mut any = connect(&messaging, "1.2").await;
    any.send("SUBSCRIBE\nid:s\ndestination:/queue/a\n\n\0");
    assert_eq!(message(&mut any).await.1, "1");
    assert_eq!(message(&mut any).await.1, "3");
}

/// A message that was returned is one that was delivered before.
#[tokio::test(start_paused = true)]
async fn sel_019_jms_redelivered_is_about_the_delivery() {
    let messaging = builder().queue_semantics(["/queue"]).build().unwrap();
    let mut second = connect(&messaging, "1.2").await;
    select(&mut second, "/queue/a", "JMSRedelivered").await;
    let mut first = connect(&messaging, "1.2").await;
    first.send("SUBSCRIBE\nid:f\ndestination:/queue/a\nack:client\nselector:NOT JMSRedelivered\nreceipt:r\n\n\0");
    first.expect_receipt("r").await;
    send(&mut connect(&messaging, "1.2").await, "/queue/a", "x").await;
    let delivered = first.expect_message().await;
    let ack = delivered.header("ack").unwrap();
    first.send(format!("NACK\nid:{ack}\n\n\0"));
    let again = second.expect_message().await;
    assert_eq!(again.header("redelivered"), Some("true"));
}

/// T-31: what a sender writes into a header of the server reaches nobody, and selects nothing.
#[tokio::test(start_paused = true)]
async fn sel_a_sender_can_not_forge_headers_of_the_server() {
    let messaging = server();
    let mut client = connect(&messaging, "1.2").await;
    select(&mut client, "/topic/a", "JMSMessageID = 'forged'").await;
    let mut sender = connect(&messaging, "1.2").await;
    send_with(&mut sender, "/topic/a", "message-id:forged", "x").await;
    expect_nothing(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn selectors_can_be_turned_off() {
    let messaging = builder().without_selectors().build().unwrap();
    let mut client = connect(&messaging, "1.2").await;
    client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\nselector:a = 1\n\n\0");
    client.expect_error("unsupported").await;
}
