use super::super::syntax::{
    Piece, Regexes, Segment, SyntaxError, SyntaxErrorKind as Kind, Variable, parse,
};
use super::super::{DestinationPattern, PatternError, Separator};

/// The mistake, and the piece of the text that it points at.
fn mistake(text: &str) -> (Kind, &str) {
    let SyntaxError { span, kind } = parse(text, '/', Regexes::Allowed).unwrap_err();
    assert!(!kind.to_string().is_empty());
    (kind, &text[span])
}

fn name() -> String {
    "x".to_owned()
}

#[test]
fn ap_3_ap_4_segments_and_pieces() {
    let variable = |name, regex: Option<&str>| {
        Piece::Variable(Variable {
            name,
            regex: regex.map(str::to_owned),
        })
    };
    assert_eq!(
        parse("//a/**/b?*{x}{y-1:a{2}}//***/", '/', Regexes::Allowed).unwrap(),
        [
            Segment::Pieces(vec![Piece::Literal("a")]),
            Segment::AnySegments,
            Segment::Pieces(vec![
                Piece::Literal("b"),
                Piece::AnyChar,
                Piece::AnyText,
                variable("x", None),
                variable("y-1", Some("a{2}")),
            ]),
            Segment::Pieces(vec![Piece::AnyText, Piece::AnyText, Piece::AnyText]),
        ]
    );
    assert_eq!(parse("", '/', Regexes::Allowed).unwrap(), []);
}

#[test]
fn unbalanced_braces() {
    assert_eq!(mistake("/a/{x"), (Kind::UnclosedBrace, "{"));
    assert_eq!(mistake("/a/{x/{y}"), (Kind::UnclosedBrace, "{"));
    assert_eq!(mistake("/ä/{x:a{2}"), (Kind::UnclosedBrace, "{"));
    assert_eq!(mistake("/a/x}/{y}"), (Kind::UnopenedBrace, "}"));
    assert_eq!(mistake("/{x}}"), (Kind::UnopenedBrace, "}"));
}

#[test]
fn escaped_braces_belong_to_the_regex() {
    assert!(parse(r"/{x:\{a\}}/b", '/', Regexes::Allowed).is_ok());
    assert_eq!(mistake(r"/{x:\}"), (Kind::UnclosedBrace, "{"));
}

#[test]
fn names() {
    for text in ["/{x}", "/{_}", "/{größe}", "/{event-id}", "/{a_1}"] {
        assert!(parse(text, '/', Regexes::Allowed).is_ok(), "{text}");
    }
    assert_eq!(mistake("/a/{}"), (Kind::EmptyName, "{}"));
    assert_eq!(mistake("/a/{:a}"), (Kind::EmptyName, "{:a}"));
    for invalid in ["1", "-a", "a b", "a/b", "a.b", " x", "a*", "a{b}"] {
        let text = format!("/a/{{{invalid}}}");
        let name = invalid.to_owned();
        assert_eq!(mistake(&text), (Kind::InvalidName { name }, invalid));
    }
}

#[test]
fn ap_8_capturing_groups() {
    assert_eq!(
        mistake("/{x:a(b)c}"),
        (Kind::CapturingGroup { name: name() }, "(b)")
    );
    assert_eq!(
        mistake("/{x:(?<y>b)}"),
        (Kind::CapturingGroup { name: name() }, "(?<y>b)")
    );
    assert_eq!(
        mistake("/topic/PRICE.STOCK.*.{x:(IBM|MSFT)}"),
        (Kind::CapturingGroup { name: name() }, "(IBM|MSFT)")
    );
    assert!(
        Kind::CapturingGroup { name: name() }
            .to_string()
            .contains("(?:..)")
    );
    assert!(parse(r"/{x:(?:a)\(b\)[(]}", '/', Regexes::Allowed).is_ok());
}

#[test]
fn ap_10_capture_rest() {
    assert_eq!(mistake("/a/{*rest}"), (Kind::CaptureRest, "{*rest}"));
}

#[test]
fn ap_11_ours_a_variable_used_twice() {
    assert_eq!(
        mistake("/{x}/{x:a}"),
        (Kind::DuplicateVariable { name: name() }, "{x:a}")
    );
    assert_eq!(
        mistake("/{x}-{x}"),
        (Kind::DuplicateVariable { name: name() }, "{x}")
    );
}

#[test]
fn invalid_regexes() {
    assert_eq!(mistake("/{x:}"), (Kind::EmptyRegex { name: name() }, ""));
    for (text, place) in [
        ("/{x:a[bc}", "["),
        ("/{x:a**)}", ")"),
        (r"/{x:\p{Nonsense}}", r"\p{Nonsense}"),
    ] {
        let (kind, found) = mistake(text);
        assert!(
            matches!(&kind, Kind::InvalidRegex { message, .. } if !message.is_empty()),
            "{text}"
        );
        assert_eq!(found, place, "{text}");
    }
}

#[test]
fn the_error_says_what_and_where() {
    let error = DestinationPattern::parse("/a/{x", Separator::Slash).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid destination pattern `/a/{x`, at byte 3: this `{` is never closed; write `{name}` \
         or `{name:regex}`, and escape a brace that a regex matches literally, as in `\\{`"
    );
}

#[test]
fn the_separator_does_not_decide_what_is_valid() {
    for text in [
        "/{x:[^/]+}/y",
        "{x:[^.]+}.y",
        "/a/{x",
        "{a.b}",
        "{a/b}",
        "/{x}.{x}",
    ] {
        let with_slash = parse(text, '/', Regexes::Allowed).map(drop);
        let with_dot = parse(text, '.', Regexes::Allowed).map(drop);
        assert_eq!(with_slash, with_dot, "{text}");
    }
}

/// AP-14.
#[test]
fn t_21_no_regex_from_a_client() {
    // The regex is not even looked at: this one is invalid.
    let error = DestinationPattern::parse_from_client("/a/{x:(}", Separator::Slash).unwrap_err();
    assert!(
        matches!(error, PatternError::RegexFromClient { offset: 6, .. }),
        "{error}"
    );
    let pattern = DestinationPattern::parse_from_client("/a/{x}-*?/**", Separator::Slash).unwrap();
    assert!(pattern.matches("/a/b-c/d"));
}

#[test]
fn a_regex_has_a_size_limit() {
    let error = DestinationPattern::parse(r"/a/{x:\w{100}}", Separator::Slash).unwrap_err();
    assert!(
        matches!(error, PatternError::RegexTooLarge { limit: 65536, .. }),
        "{error}"
    );
    for usual in [
        r"\w+",
        r"[\w-]+",
        r"\d{4}-\d{2}-\d{2}",
        "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        r"\S+@\S+",
    ] {
        let text = format!("/a/{{x:{usual}}}");
        assert!(
            DestinationPattern::parse(&text, Separator::Slash).is_ok(),
            "{text}"
        );
    }
}
