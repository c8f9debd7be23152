use proptest::prelude::*;

use super::{callback::InvalidCallback, *};

fn callback() -> Callback {
    Callback::parse("callback").unwrap()
}

fn formats() -> [Format; 5] {
    [
        Format::Xhr,
        Format::XhrStreaming,
        Format::EventSource,
        Format::HtmlFile(callback()),
        Format::Jsonp(callback()),
    ]
}

#[test]
fn sj_frm_05_each_transport_wraps_frames_in_its_way() {
    let wrapped = formats().map(|format| format.messages(&["x"]));
    assert_eq!(
        wrapped,
        [
            r#"a["x"]"#.to_owned() + "\n",
            r#"a["x"]"#.to_owned() + "\n",
            "data: a[\"x\"]\r\n\r\n".to_owned(),
            "<script>\np(\"a[\\\"x\\\"]\");\n</script>\r\n".to_owned(),
            "/**/callback(\"a[\\\"x\\\"]\");\r\n".to_owned(),
        ]
    );
}

#[test]
fn sj_frm_05_short_frames_are_wrapped_as_all_are() {
    for format in formats() {
        assert_eq!(format.open(), format.wrap(b"o"));
        assert_eq!(format.heart_beat(), format.wrap(b"h"));
        let messages = ["a", "50%", "<b>"];
        let frame = codec::messages_frame(&messages);
        assert_eq!(format.messages(&messages), format.wrap(&frame));
    }
}

#[test]
fn sj_xs_01_a_stream_starts_with_2048_letters() {
    let prelude = Format::XhrStreaming.prelude().unwrap();
    assert_eq!(prelude, "h".repeat(2048) + "\n");
}

#[test]
fn sj_es_01_an_event_stream_starts_with_an_empty_line() {
    assert_eq!(Format::EventSource.prelude().unwrap(), "\r\n");
}

#[test]
fn sj_hf_03_a_page_starts_with_its_head_and_white_space() {
    let prelude = Format::HtmlFile(callback()).prelude().unwrap();
    let prelude = std::str::from_utf8(&prelude).unwrap();
    assert!(prelude.len() > 1024);
    let head = prelude.trim_end();
    assert_eq!(head.len(), 370 + "callback".len());
    assert!(
        head.starts_with("<!doctype html>\n<html><head>\n"),
        "{head}"
    );
    assert!(
        head.contains("    var c = parent.callback;\n    c.start();\n"),
        "{head}"
    );
    assert!(head.ends_with("</script>"), "{head}");
}

#[test]
fn sj_xhr_01_polls_start_with_nothing_and_end_after_a_frame() {
    for format in formats() {
        let is_poll = matches!(format, Format::Xhr | Format::Jsonp(_));
        assert_eq!(format.prelude().is_none(), is_poll);
        assert_eq!(format.ends_after_frame(), is_poll);
        assert_eq!(format.kind() == TransportKind::HttpPolling, is_poll);
    }
}

#[test]
fn sj_es_03_percent_signs_are_escaped() {
    let wrapped = Format::EventSource.messages(&["50% off, 100%41"]);
    assert_eq!(wrapped, "data: a[\"50%25 off, 100%2541\"]\r\n\r\n");
    assert_eq!(Format::Xhr.messages(&["50%"]), "a[\"50%\"]\n");
}

#[test]
fn sj_hf_05_a_message_ends_no_script_element() {
    let wrapped = Format::HtmlFile(callback()).messages(&["</script><!--"]);
    let literal = r#"p("a[\"\u003c/script\u003e\u003c!--\"]");"#;
    assert_eq!(wrapped, format!("<script>\n{literal}\n</script>\r\n"));
}

#[test]
fn sj_hf_02_a_callback_has_no_other_characters() {
    for name in ["callback", "_jp.a1b2c3d", "a-b", "A.Z_0-9", &"x".repeat(32)] {
        assert_eq!(Callback::parse(name).unwrap().to_string(), name);
    }
    let long = "x".repeat(33);
    for name in [
        "", " ", "*", "abc(", "abc%28", "a\n", "a b", "\u{e4}", "<script>", &long,
    ] {
        assert_eq!(Callback::parse(name), Err(InvalidCallback), "{name}");
    }
    let text = InvalidCallback.to_string();
    assert_eq!(text, "invalid \"callback\" parameter");
}

proptest! {
    /// T-18: a message can't end its frame, whatever is in it.
    #[test]
    fn t_18_no_message_breaks_the_framing(
        messages in prop::collection::vec("[\\PC\n\r\"%<>\\\\/\u{2028}\0]{0,20}", 1..4),
    ) {
        let frame = String::from_utf8(codec::messages_frame(&messages)).unwrap();
        for format in formats() {
            let wrapped = format.messages(&messages);
            let wrapped = std::str::from_utf8(&wrapped).unwrap();
            let [before, behind] = match &format {
                Format::Xhr | Format::XhrStreaming => ["", "\n"],
                Format::EventSource => ["data: ", "\r\n\r\n"],
                Format::HtmlFile(_) => ["<script>\np(", ");\n</script>\r\n"],
                Format::Jsonp(_) => ["/**/callback(", ");\r\n"],
            };
            let inside = wrapped.strip_prefix(before).unwrap().strip_suffix(behind).unwrap();
            prop_assert!(!inside.contains(['\n', '\r', '\0', '\u{2028}']), "{inside}");
            let received = match &format {
                Format::Xhr | Format::XhrStreaming => inside.to_owned(),
                Format::EventSource => {
                    percent_decoded(inside)
                }
                Format::HtmlFile(_) => {
                    prop_assert!(!inside.contains(['<', '>']), "{inside}");
                    serde_json::from_str(inside).unwrap()
                }
                Format::Jsonp(_) => serde_json::from_str(inside).unwrap(),
            };
            prop_assert_eq!(&received, &frame);
        }
    }
}

/// As `decodeURIComponent`: an escape of another byte would not come through.
fn percent_decoded(text: &str) -> String {
    let pieces: Vec<_> = text.split('%').collect();
    assert!(pieces[1..].iter().all(|piece| piece.starts_with("25")));
    text.replace("%25", "%")
}
