use http::Request;
use proptest::prelude::*;

use super::*;

fn check(origins: &[&str], patterns: &[&str]) -> OriginCheck {
    try_check(origins, patterns).unwrap()
}

fn try_check(origins: &[&str], patterns: &[&str]) -> Result<OriginCheck, InvalidOrigin> {
    let mut check = OriginCheck::default();
    origins
        .iter()
        .try_for_each(|origin| check.add_origin(origin))?;
    patterns
        .iter()
        .try_for_each(|pattern| check.add_pattern(pattern))?;
    Ok(check)
}

/// A request to `host` with these `Origin` lines.
fn request(host: &str, origins: &[&[u8]]) -> Parts {
    let mut request = Request::get("/ws").header(HOST, host);
    for origin in origins {
        request = request.header(ORIGIN, HeaderValue::from_bytes(origin).unwrap());
    }
    request.body(()).unwrap().into_parts().0
}

/// Whether a page of `origin` may connect to `server.example`.
fn allows(check: &OriginCheck, origin: &str) -> bool {
    check.allows(&request("server.example", &[origin.as_bytes()]))
}

#[test]
fn hs_41_same_origin_is_the_host_and_port_that_the_client_talks_to() {
    for (host, origin, same) in [
        ("a.example", "http://a.example", true),
        ("a.example", "https://a.example", true),
        ("a.example", "https://A.Example/", true),
        ("a.example:443", "https://a.example", true),
        ("a.example:80", "http://a.example", true),
        ("a.example", "http://a.example:80", true),
        ("localhost:8080", "http://localhost:8080", true),
        ("[::1]:8080", "http://[::1]:8080", true),
        ("127.0.0.1:8080", "http://127.0.0.1:8080", true),
        ("a.example:8080", "http://a.example:8081", false),
        ("a.example:8080", "http://a.example", false),
        ("a.example:80", "https://a.example", false),
        ("a.example", "http://a.example:8080", false),
        ("a.example", "http://b.example", false),
        ("a.example", "http://a.example.evil.example", false),
        ("a.example", "http://evil-a.example", false),
        ("a.example", "http://a.example@evil.example", false),
        ("a.example", "http://a.example.", false),
        // An extension's pages have a host of their own choosing.
        ("extension", "chrome-extension://extension", false),
        ("null", "null", false),
        ("a.example", "null", false),
        ("a.example", "", false),
        ("a.example", " ", false),
        ("a.example", "a.example", false),
        ("a.example", "//a.example", false),
        ("a.example", "http://a.example/path", false),
        ("a.example", "http://a.example?", false),
        ("a.example", "http://a.example#x", false),
        ("a.example", "http://a.example:", false),
        ("a.example", "http://a.example:080", false),
        ("", "http://", false),
        ("user@a.example", "http://a.example", false),
    ] {
        let request = request(host, &[origin.as_bytes()]);
        assert_eq!(
            check(&[], &[]).allows(&request),
            same,
            "{host:?} {origin:?}"
        );
    }
}

#[test]
fn hs_41_no_origin_is_no_browser() {
    assert!(check(&[], &[]).allows(&request("a.example", &[])));
}

#[test]
fn t_01_two_lines_are_never_allowed() {
    let origins: [&[u8]; 2] = [b"http://a.example", b"http://a.example"];
    for check in [check(&[], &[]), check(&["*"], &[])] {
        assert!(!check.allows(&request("a.example", &origins)));
    }

    let mut two_hosts = request("a.example", &[b"http://a.example"]);
    two_hosts
        .headers
        .append(HOST, HeaderValue::from_static("a.example"));
    assert!(!check(&[], &[]).allows(&two_hosts));
}

#[test]
fn t_01_bytes_that_are_no_text_are_never_an_origin() {
    let check = check(&["http://a.example"], &["https://*"]);
    assert!(!check.allows(&request("a.example", &["http://ä.example".as_bytes()])));
    assert!(!check.allows(&request("a.example", &[b"http://\xff"])));
}

#[test]
fn hs_41_an_authority_in_the_target_counts_more_than_the_host_header() {
    let absolute = |origin: &str| {
        let request = Request::get("http://a.example/ws")
            .header(HOST, "b.example")
            .header(ORIGIN, origin);
        request.body(()).unwrap().into_parts().0
    };
    assert!(check(&[], &[]).allows(&absolute("http://a.example")));
    assert!(!check(&[], &[]).allows(&absolute("http://b.example")));
}

#[test]
fn hs_42_exact_origins() {
    let check = check(
        &[
            "https://shop.example/",
            "http://one.example:8080, http://two.example:443",
            "capacitor://localhost",
        ],
        &[],
    );
    for (origin, allowed) in [
        ("https://shop.example", true),
        ("https://shop.example/", true),
        ("HTTPS://SHOP.EXAMPLE", true),
        ("https://shop.example:443", true),
        ("http://one.example:8080", true),
        ("http://two.example:443", true),
        ("capacitor://localhost", true),
        // Same origin, still.
        ("https://server.example", true),
        ("http://shop.example", false),
        ("https://shop.example:8443", false),
        ("https://a.shop.example", false),
        ("http://one.example", false),
        ("http://two.example", false),
        ("https://two.example", false),
        ("ionic://localhost", false),
        ("null", false),
        ("", false),
    ] {
        assert_eq!(allows(&check, origin), allowed, "{origin:?}");
    }
}

#[test]
fn hs_42_a_star_allows_every_origin_that_is_one() {
    for check in [check(&["*"], &[]), check(&[], &["*"])] {
        assert!(allows(&check, "https://other.example"));
        assert!(allows(&check, "null"));
        assert!(!allows(&check, ""));
        assert!(!allows(&check, "  "));
    }
}

#[test]
fn hs_43_patterns() {
    for (pattern, origin, allowed) in [
        ("https://*.example.com", "https://a.example.com", true),
        ("https://*.example.com", "https://A.B.Example.com", true),
        ("https://*.EXAMPLE.com", "https://a.example.com:443", true),
        ("https://*.example.com", "https://example.com", false),
        ("https://*.example.com", "https://evil-example.com", false),
        (
            "https://*.example.com",
            "https://example.com.evil.com",
            false,
        ),
        ("https://*.example.com", "http://a.example.com", false),
        ("https://*.example.com", "https://a.example.com:8443", false),
        ("https://*.example.com", "https://.example.com", false),
        ("https://*.example.com", "https://a..example.com", false),
        ("https://*.example.com", "https://a.example.com.", false),
        ("https://*", "https://anything.example", true),
        ("https://*", "http://anything.example", false),
        (
            "https://app-*.example.com",
            "https://app-1.example.com",
            true,
        ),
        (
            "https://app-*.example.com",
            "https://app-.example.com",
            true,
        ),
        (
            "https://app-*.example.com",
            "https://app-1.evil.example.com",
            false,
        ),
        (
            "https://app-*.example.com",
            "https://app.example.com",
            false,
        ),
        ("https://a*a.example.com", "https://a.example.com", false),
        ("https://a*a.example.com", "https://aa.example.com", true),
        ("https://*-dev", "https://shop-dev", true),
        ("https://*-dev", "https://shop-dev.evil.example", false),
        (
            "http://localhost:[8080,8081]",
            "http://localhost:8080",
            true,
        ),
        (
            "http://localhost:[8080, 8081]",
            "http://localhost:8081",
            true,
        ),
        (
            "http://localhost:[8080,8081]",
            "http://localhost:8082",
            false,
        ),
        ("http://localhost:[8080,8081]", "http://localhost", false),
        ("http://localhost:[80]", "http://localhost", true),
        ("http://localhost:[*]", "http://localhost:1234", true),
        ("http://localhost:[*]", "http://localhost", true),
        ("http://localhost:*", "http://localhost:1234", true),
        ("http://localhost:8080", "http://localhost:8080", true),
        ("http://localhost:8080", "http://localhost", false),
        ("http://[::1]:[*]", "http://[::1]:1234", true),
        ("http://[::1]", "http://[::1]", true),
        ("capacitor://localhost", "capacitor://localhost", true),
    ] {
        let check = check(&[], &[pattern]);
        assert_eq!(allows(&check, origin), allowed, "{pattern:?} {origin:?}");
    }
}

/// Browsers send Punycode, in whatever way the user has typed it.
#[test]
fn t_01_names_that_are_not_ascii() {
    let origins = check(&["https://xn--mnchen-3ya.example"], &[]);
    let patterns = check(&[], &["https://*.xn--mnchen-3ya.example"]);
    for (origin, exact, below) in [
        ("https://xn--mnchen-3ya.example", true, false),
        ("https://XN--MNCHEN-3YA.example", true, false),
        ("https://a.xn--mnchen-3ya.example", false, true),
        ("https://münchen.example", false, false),
        ("https://a.münchen.example", false, false),
        ("https://m%C3%BCnchen.example", false, false),
        // With a letter that looks the same: another name.
        ("https://xn--mnchn-kva9d.example", false, false),
    ] {
        assert_eq!(allows(&origins, origin), exact, "{origin}");
        assert_eq!(allows(&patterns, origin), below, "{origin}");
    }
    let own =
        |host: &str, origin: &str| check(&[], &[]).allows(&request(host, &[origin.as_bytes()]));
    assert!(own(
        "xn--mnchen-3ya.example",
        "https://xn--mnchen-3ya.example"
    ));
    assert!(!own("münchen.example", "https://münchen.example"));

    for error in [
        try_check(&["https://münchen.example"], &[]),
        try_check(&[], &["https://*.münchen.example"]),
    ] {
        assert!(error.unwrap_err().to_string().contains("xn--"));
    }
}

#[test]
fn what_is_no_origin_is_refused_when_the_server_is_made() {
    for origin in [
        "",
        "shop.example",
        "null",
        "https://",
        "https://shop.example/path",
        "https://*.shop.example",
        "https://user@shop.example",
        "https://shop.example:99999",
        "https://shop..example",
    ] {
        let error = try_check(&[origin], &[]).unwrap_err().to_string();
        assert!(error.contains("scheme://host"), "{origin:?} {error}");
    }
    for (pattern, reason) in [
        ("", "scheme://host"),
        ("*.example.com", "scheme://host"),
        ("*://example.com", "scheme://host"),
        ("https://user@*.example.com", "scheme://host"),
        ("https://*.example.com/", "scheme://host"),
        ("https://*..example.com", "scheme://host"),
        ("https://*.example.com:80:[*]", "scheme://host"),
        ("https://shop.*", "first label"),
        ("https://a.*.example.com", "first label"),
        ("https://*.*.example.com", "first label"),
        ("https://a*b*.example.com", "first label"),
        ("https://a.example.com:[]", "ports"),
        ("https://a.example.com:[80,]", "ports"),
        ("https://a.example.com:[70000]", "ports"),
    ] {
        let error = try_check(&[], &[pattern]).unwrap_err().to_string();
        assert!(error.contains(reason), "{pattern:?} {error}");
    }
}

/// What an attacker can put together around the name of an allowed host.
fn look_alike() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "https://",
        "http://",
        "HTTPS://",
        "//",
        "https:",
        "example.com",
        "Example.COM",
        "example",
        "com",
        "evil",
        "evil.com",
        "a.",
        "a",
        ".",
        "..",
        "-",
        "_",
        "@",
        ":",
        ":443",
        ":80",
        ":0443",
        ":8443",
        "/",
        "\\",
        "?",
        "#",
        "%2e",
        "%40",
        "*",
        "[",
        "]",
        "[::1]",
        " ",
        ",",
        ";",
        "&",
        "xn--e1afmkfd.",
        "null",
        "\t",
    ]);
    prop::collection::vec(piece, 0..7).prop_flat_map(|pieces| {
        let text = pieces.concat();
        prop_oneof![
            Just(text.clone()),
            Just(format!("https://{text}")),
            Just(format!("https://{text}.example.com")),
            Just(format!("https://a.example.com{text}")),
            Just(format!("https://{text}example.com")),
        ]
    })
}

/// Says by other means whether `https://*.example.com` should match.
fn is_below_example_com(origin: &str) -> bool {
    let origin = origin.to_ascii_lowercase();
    let origin = origin.strip_suffix('/').unwrap_or(&origin);
    let origin = origin.strip_suffix(":443").unwrap_or(origin);
    let Some(host) = origin.strip_prefix("https://") else {
        return false;
    };
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let labels: Vec<&str> = host.split('.').collect();
    labels
        .iter()
        .all(|label| !label.is_empty() && label.chars().all(is_letter))
        && labels.len() > 2
        && labels.ends_with(&["example", "com"])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// T-03.
    #[test]
    fn t_03_look_alikes_never_match_a_pattern(origin in look_alike()) {
        let check = check(&[], &["https://*.example.com"]);
        prop_assert_eq!(allows(&check, &origin), is_below_example_com(&origin));
    }

    /// T-03: an exact origin is one host, one port, one scheme.
    #[test]
    fn t_03_look_alikes_never_match_an_exact_origin(origin in look_alike()) {
        let check = check(&["https://example.com"], &[]);
        let plain = origin.to_ascii_lowercase();
        let plain = plain.strip_suffix('/').unwrap_or(&plain);
        let plain = plain.strip_suffix(":443").unwrap_or(plain);
        prop_assert_eq!(allows(&check, &origin), plain == "https://example.com");
    }

    /// T-16: whatever comes, there is an answer, and nothing but the server's own pages gets in.
    #[test]
    fn t_16_any_host_and_any_origin(host in "[ -~]{0,20}", origin in "[ -~]{0,30}") {
        let allowed = check(&[], &[]).allows(&request(&host, &[origin.as_bytes()]));
        let host = host.to_ascii_lowercase();
        prop_assert!(!allowed || origin.to_ascii_lowercase().contains(host.split(':').next().unwrap()));
    }
}
