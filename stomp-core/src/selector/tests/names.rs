use super::{delivers, parse};

#[test]
fn sel_019_names_of_jms() {
    let headers = [
        ("priority", "9"),
        ("type", "order"),
        ("correlation-id", "c-1"),
        ("persistent", "true"),
        ("message-id", "m-1"),
        ("timestamp", "1700000000000"),
        ("reply-to", "/queue/r"),
        ("destination", "/topic/a"),
        ("expires", "1800000000000"),
        ("redelivered", "true"),
    ];
    for selector in [
        "JMSPriority > 4 AND JMSPriority = 9",
        "JMSType = 'order'",
        "JMSCorrelationID LIKE 'c-%'",
        "JMSDeliveryMode = 'PERSISTENT'",
        "JMSMessageID = 'm-1'",
        "JMSTimestamp >= 1700000000000",
        "JMSReplyTo = '/queue/r'",
        "JMSDestination = '/topic/a'",
        "JMSExpiration - JMSTimestamp = 100000000000",
        "JMSRedelivered",
        "JMSRedelivered = TRUE",
    ] {
        assert!(delivers(selector, &headers), "{selector}");
    }
}

#[test]
fn sel_019_what_every_message_of_jms_has() {
    for selector in [
        "JMSPriority = 4",
        "JMSExpiration = 0",
        "NOT JMSRedelivered",
        "JMSDeliveryMode = 'NON_PERSISTENT'",
        "JMSPriority IS NOT NULL AND priority IS NULL",
        "JMSType IS NULL AND JMSCorrelationID IS NULL AND JMSReplyTo IS NULL AND JMSTimestamp IS NULL",
    ] {
        assert!(delivers(selector, &[]), "{selector}");
    }
    for persistent in ["false", "", "yes"] {
        assert!(delivers(
            "JMSDeliveryMode = 'NON_PERSISTENT'",
            &[("persistent", persistent)]
        ));
    }
    assert!(!delivers("JMSPriority = 4", &[("priority", "high")]));
}

#[test]
fn other_names_of_jms_are_headers() {
    assert!(delivers("JMSXGroupID = 'g'", &[("JMSXGroupID", "g")]));
    assert!(delivers(
        "jmspriority = 1",
        &[("jmspriority", "1"), ("priority", "9")]
    ));
}

#[test]
fn sel_019_spring_s_names() {
    let headers = [("destination", "/topic/a"), ("content-type", "text/plain")];
    assert!(delivers("simpDestination LIKE '/topic/%'", &headers));
    assert!(delivers("contentType = 'text/plain'", &headers));
    assert!(delivers("\"content-type\" = 'text/plain'", &headers));
    assert!(delivers("simple = 1", &[("simple", "1")]));
    assert!(delivers(
        "id = 7 AND timestamp = 8",
        &[("id", "7"), ("timestamp", "8")]
    ));
}

#[test]
fn names_in_double_quotes_are_headers_as_they_are() {
    for (selector, name) in [
        ("\"my-head\" = 'v'", "my-head"),
        ("'v' = \"my-head\"", "my-head"),
        ("(\"my-head\") = 'v'", "my-head"),
        ("\"a b\" IN ('v')", "a b"),
        ("\"a.b\" LIKE 'v'", "a.b"),
        ("\"say \"\"hi\"\"\" = 'v'", "say \"hi\""),
        ("\"and\" = 'v'", "and"),
        ("\"BETWEEN\" = 'v'", "BETWEEN"),
        ("\"7\" = 'v'", "7"),
        ("\"JMSPriority\" = 'v'", "JMSPriority"),
        ("\"contentType\" = 'v'", "contentType"),
    ] {
        assert!(delivers(selector, &[(name, "v")]), "{selector}");
        assert!(!delivers(selector, &[(name, "w")]), "{selector}");
        assert!(!delivers(selector, &[]), "{selector}");
    }
    let headers = [("a-b", "7"), ("c-d", "7")];
    assert!(delivers("\"a-b\" = (\"c-d\")", &headers));
    assert!(delivers("\"a-b\" - \"c-d\" = 0", &headers));
    assert!(delivers("7 BETWEEN (\"a-b\") AND (\"c-d\")", &headers));
}

/// Headers that repeat are looked up by whoever knows them; a selector asks for each name where it stands.
#[test]
fn only_what_is_needed_is_looked_up() {
    let asked = std::cell::RefCell::new(Vec::new());
    let selector = parse("JMSPriority > 4 AND color = 'red' AND nosuch IS NULL");
    let matches = |color: &'static str| {
        selector.matches(|name| {
            asked.borrow_mut().push(name.to_owned());
            (name == "color").then_some(color)
        })
    };
    assert!(!matches("red"));
    assert_eq!(asked.take(), ["priority"]);
    let selector = parse("color = 'red' OR priority = 1");
    assert!(selector.matches(|name| {
        asked.borrow_mut().push(name.to_owned());
        Some("red")
    }));
    assert_eq!(asked.take(), ["color"]);
}
