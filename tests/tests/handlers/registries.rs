//! The registries as arguments, and users with another name in destinations: UR-3, RV-20.

use stomp_axum::{
    prelude::*,
    session::CloseReason,
    testing::{FrameExt, TestConnection},
};

use super::builder;

mod handlers {
    use super::*;

    #[message_mapping("/who")]
    #[send_to_user("/queue/who")]
    async fn who(users: UserRegistry, sessions: SessionRegistry) -> Vec<String> {
        let mut subscriptions: Vec<_> = users
            .find_subscriptions(|found| found.destination().starts_with("/topic/"))
            .iter()
            .map(|found| format!("{} {}", found.destination(), sessions.len()))
            .collect();
        subscriptions.sort();
        subscriptions
    }

    #[message_mapping("/log-out")]
    #[send_to_user("/queue/who", broadcast = false)]
    async fn log_out(user: String, sessions: SessionRegistry) -> usize {
        sessions.close_user(&user, "logged out by somebody else")
    }
}

#[tokio::test(start_paused = true)]
async fn ur_3_handlers_take_the_registries() {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .build()
        .unwrap();
    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    let mut ann = TestConnection::connect_as(&messaging, "ann").await;
    joe.subscribe("/user/queue/who").await;
    joe.subscribe("/topic/b").await;
    ann.subscribe("/topic/a").await;
    joe.send_to("/app/who", "");
    let who = joe.expect_message().await;
    assert_eq!(who.json::<Vec<String>>(), ["/topic/a 2", "/topic/b 2"]);
    joe.send_to("/app/log-out", "ann");
    assert_eq!(joe.expect_message().await.text(), "1");
    ann.expect_closed(CloseReason::ByApplication("logged out by somebody else"))
        .await;
}

#[tokio::test(start_paused = true)]
async fn rv_20_tc_50_replies_go_to_the_name_in_destinations() {
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .build()
        .unwrap();
    let joe = || Principal::new("Joe").with_destination_user_name("42");
    let mut phone = TestConnection::connect_as(&messaging, joe()).await;
    let mut laptop = TestConnection::connect_as(&messaging, joe()).await;
    // Somebody else, who is called what joe is called only among people.
    let mut other = TestConnection::connect_as(&messaging, "Joe").await;
    for client in [&mut phone, &mut laptop, &mut other] {
        client.subscribe("/user/queue/who").await;
    }
    phone.send_to("/app/who", "");
    for client in [&mut phone, &mut laptop] {
        assert_eq!(client.expect_message().await.json::<Vec<String>>(), [""; 0]);
    }
    laptop.send_to("/app/log-out", "nobody");
    assert_eq!(laptop.expect_message().await.text(), "0");
    other.send_to("/app/log-out", "42");
    assert_eq!(other.expect_message().await.text(), "2");
    for client in [&mut phone, &mut laptop] {
        client
            .expect_closed(CloseReason::ByApplication("logged out by somebody else"))
            .await;
    }
}
