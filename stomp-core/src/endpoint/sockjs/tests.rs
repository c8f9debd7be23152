use std::time::Duration;

use http::Request;

use super::{SockJsOptions, SockJsTransport, cookie};

fn options() -> SockJsOptions {
    SockJsOptions::default()
}

#[test]
fn sj_spr_01_the_defaults_are_those_of_spring() {
    let settings = options().settings;
    assert_eq!(settings.stream_bytes_limit, 131_072);
    assert_eq!(settings.heartbeat_time, Duration::from_millis(25_000));
    assert_eq!(settings.disconnect_delay, Duration::from_millis(5_000));
    assert_eq!(settings.http_message_cache_size, 100);
    assert!(settings.session_cookie_needed && settings.web_socket_enabled);
    assert!(!settings.suppress_cors && settings.session_cookie.is_none());
    assert_eq!(options().mistakes(), [""; 0]);
}

#[test]
fn each_mistake_is_reported() {
    let zero = Duration::ZERO;
    let all_wrong = options()
        .stream_bytes_limit(0)
        .heartbeat_time(zero)
        .disconnect_delay(zero)
        .http_message_cache_size(0)
        .body_bytes(0)
        .body_messages(0)
        .sessions(0)
        .unattached_sessions_per_address(0)
        .misses_per_minute(0)
        .transports([])
        .client_library_url("sockjs.js");
    let mistakes = all_wrong.mistakes();
    assert_eq!(mistakes.len(), 11, "{mistakes:#?}");

    let no_transport = options()
        .transports([SockJsTransport::WebSocket])
        .web_socket_enabled(false);
    assert!(no_transport.mistakes()[0].contains("no transport is left"));
    let too_slow = options()
        .transports([SockJsTransport::Jsonp])
        .heartbeat_time(Duration::from_secs(35));
    assert!(too_slow.mistakes()[0].contains("35 s"));
}

#[test]
fn sj_ifr_03_a_library_url_can_not_break_out_of_its_attribute() {
    for wrong in [
        "",
        "ftp://a/b.js",
        "/a\"b.js",
        "/a b.js",
        "/<.js",
        "/\u{e4}.js",
        "/a\n",
    ] {
        assert_eq!(
            options().client_library_url(wrong).mistakes().len(),
            1,
            "{wrong:?}"
        );
    }
    for right in [
        "/sockjs.js",
        "https://a.example/s.js?v=1&w=%20",
        "http://localhost:8080/s.js",
    ] {
        assert_eq!(
            options().client_library_url(right).mistakes(),
            [""; 0],
            "{right:?}"
        );
    }
}

#[test]
fn sj_js_06_what_all_pages_can_load_is_off_when_origins_are_restricted_unless_it_is_chosen() {
    let by_default = options().settings;
    for transport in SockJsTransport::ALL {
        assert!(by_default.serves(transport, false), "{transport:?}");
        let is_open = matches!(
            transport,
            SockJsTransport::Jsonp | SockJsTransport::HtmlFile
        );
        assert_eq!(
            by_default.serves(transport, true),
            !is_open,
            "{transport:?}"
        );
    }
    let chosen = options().transports([SockJsTransport::Jsonp]).settings;
    assert!(chosen.serves(SockJsTransport::Jsonp, true));
    assert!(!chosen.serves(SockJsTransport::Xhr, false));
}

#[test]
fn sj_cook_04_the_cookie_is_echoed_if_it_is_one() {
    let cookie_of = |sent: &[&str]| {
        let mut request = Request::new(());
        for line in sent {
            request
                .headers_mut()
                .append("cookie", line.parse().unwrap());
        }
        cookie::jsession_id(&request.into_parts().0).unwrap()
    };
    assert_eq!(cookie_of(&[]), "JSESSIONID=dummy; path=/");
    assert_eq!(
        cookie_of(&["JSESSIONID=abcdef"]),
        "JSESSIONID=abcdef; path=/"
    );
    assert_eq!(
        cookie_of(&["a=b", "c=d; JSESSIONID=x.y-1"]),
        "JSESSIONID=x.y-1; path=/"
    );
    let too_long = format!("JSESSIONID={}", "x".repeat(257));
    for bad in [
        "JSESSIONID=",
        "JSESSIONID=a b",
        "JSESSIONID=a,b",
        "JSESSIONID=\"a\"",
        "XJSESSIONID=a",
        &too_long,
    ] {
        assert_eq!(cookie_of(&[bad]), "JSESSIONID=dummy; path=/", "{bad}");
    }
}
