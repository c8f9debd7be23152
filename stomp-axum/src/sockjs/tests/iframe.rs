use stomp_core::endpoint::{HandshakeOptions, SockJsOptions};

use super::{
    applications::{Behavior, TestApplication},
    client::{Client, all, echo},
};

#[tokio::test]
async fn sj_ifr_02_the_page_is_kept_for_a_year_where_all_pages_may_use_it() {
    let page = echo().get("/echo/iframe-1.6.1.html?t=1").await;
    assert_eq!(page.status, 200);
    assert_eq!(
        all(&page.headers, "cache-control"),
        "public, max-age=31536000"
    );
    assert!(all(&page.headers, "expires").ends_with(" GMT"));
    assert_eq!(all(&page.headers, "x-frame-options"), "");
    assert_eq!(all(&page.headers, "last-modified"), "");
    assert!(
        page.body
            .contains("src=\"https://cdn.jsdelivr.net/npm/sockjs-client@1/dist/sockjs.min.js\"")
    );
}

#[tokio::test]
async fn sj_ifr_04_who_has_the_page_does_not_get_it_again() {
    let etag = all(&echo().get("/echo/iframe.html").await.headers, "etag");
    assert!(etag.starts_with('"') && etag.ends_with('"'));
    for sent in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}")] {
        let answer = echo()
            .with("if-none-match", &sent)
            .get("/echo/iframe.html")
            .await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (304, ""), "{sent}");
        assert_eq!(all(&answer.headers, "content-type"), "");
    }
    let answer = echo()
        .with("if-none-match", "\"x\"")
        .get("/echo/iframe.html")
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn sj_ifr_06_pages_that_may_not_connect_can_not_show_it() {
    let with = |handshake| {
        let application = TestApplication::new(Behavior::Echo).handshake(handshake);
        Client::of(&application, &SockJsOptions::default())
    };
    let same_origin = with(HandshakeOptions::default())
        .get("/echo/iframe.html")
        .await;
    assert_eq!(same_origin.status, 200);
    assert_eq!(all(&same_origin.headers, "x-frame-options"), "SAMEORIGIN");
    assert!(all(&same_origin.headers, "cache-control").starts_with("no-store"));

    let mut restricted = HandshakeOptions::default();
    restricted.allow_origins(["https://a.example"]);
    assert_eq!(with(restricted).get("/echo/iframe.html").await.status, 404);
    let mut restricted = HandshakeOptions::default();
    restricted.allow_origin_patterns(["https://*.a.example"]);
    assert_eq!(with(restricted).get("/echo/iframe.html").await.status, 404);
}
