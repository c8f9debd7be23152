use proptest::prelude::*;
use tungstenite::Utf8Bytes;

use super::encoding::any_text;
use crate::sockjs::codec::{DecodeError, decode_message, decode_messages};

fn decode(body: impl AsRef<[u8]>) -> Result<Vec<String>, DecodeError> {
    decode_messages(body.as_ref(), 128).map(|messages| strings(&messages))
}

fn strings(messages: &[Utf8Bytes]) -> Vec<String> {
    messages.iter().map(ToString::to_string).collect()
}

#[test]
fn sj_send_03_what_is_no_array_is_a_mistake() {
    for body in ["", "{}", "\"x\"", "null", "1", " true ", r#"{"a":["x"]}"#] {
        assert_eq!(decode(body), Err(DecodeError::PayloadExpected), "{body}");
    }
    assert_eq!(
        DecodeError::PayloadExpected.to_string(),
        "Payload expected."
    );
}

#[test]
fn sj_send_03_what_is_no_json_is_another() {
    for body in [
        "[\"x",
        "[\"x\"",
        "[\"x\",]",
        "[\"x\"]]",
        "[x]",
        "{\"a\":1",
        "\"x",
        "['x']",
        " ",
        "[\"\n\"]",
        "[\"\\x\"]",
        "[\"\\u12\"]",
        "[\"\\ud800\n\"]",
        "[\"\\ud800\"",
        "[\"a\" \"b\"]",
        "\u{feff}[\"x\"]",
    ] {
        assert_eq!(decode(body), Err(DecodeError::BrokenJson), "{body}");
    }
    assert_eq!(DecodeError::BrokenJson.to_string(), "Broken JSON encoding.");
}

#[test]
fn sj_send_04_an_empty_array_has_no_messages() {
    assert_eq!(decode("[]"), Ok(vec![]));
    assert_eq!(decode(" [ \r\n\t] "), Ok(vec![]));
}

#[test]
fn sj_esc_05_all_escapes_are_decoded() {
    assert_eq!(
        decode(r#"["\u0000\u00e9\ufffe\uffff\"\\\/\b\f\n\r\t"]"#).unwrap(),
        ["\0\u{e9}\u{fffe}\u{ffff}\"\\/\u{8}\u{c}\n\r\t"]
    );
    assert_eq!(decode(r#"["\ud83d\ude00"]"#).unwrap(), ["\u{1f600}"]);
}

#[test]
fn sj_esc_06_lone_surrogates_are_replaced() {
    for (body, message) in [
        (r#"["\ud800"]"#, "\u{fffd}"),
        (r#"["\udfff"]"#, "\u{fffd}"),
        (r#"["a\ud83db"]"#, "a\u{fffd}b"),
        (r#"["\ude00\ud83d"]"#, "\u{fffd}\u{fffd}"),
        (r#"["\ud83d\ud83d\ude00"]"#, "\u{fffd}\u{1f600}"),
        (r#"["\ud83d\n\u00e9 \udc00"]"#, "\u{fffd}\n\u{e9} \u{fffd}"),
    ] {
        assert_eq!(decode(body).unwrap(), [message], "{body}");
    }
    assert_eq!(
        decode(r#"["x","\ud800","y"]"#).unwrap(),
        ["x", "\u{fffd}", "y"]
    );
    assert_eq!(decode(r#"["\ud800",1]"#), Err(DecodeError::BrokenJson));
}

#[test]
fn sj_esc_07_elements_that_are_no_strings_are_broken() {
    for body in ["[1]", "[null]", "[[\"x\"]]", "[{}]", "[\"x\",true]", "[[]]"] {
        assert_eq!(decode(body), Err(DecodeError::BrokenJson), "{body}");
    }
}

#[test]
fn sj_esc_08_what_is_no_utf_8_is_broken() {
    for body in [
        &b"[\"\xff\"]"[..],
        b"[\"\xed\xa0\x80\"]",
        b"[\"\xc3\"]",
        b"\xff",
        b"[\"\\ud800\xff\"]",
    ] {
        assert_eq!(decode(body), Err(DecodeError::BrokenJson), "{body:?}");
    }
}

#[test]
fn t_15_one_message_too_many_is_not_read() {
    let body = format!("[{}\"\"]", "\"\",".repeat(127));
    assert_eq!(decode(&body).unwrap().len(), 128);
    let body = format!("[{}\"\"]", "\"\",".repeat(128));
    assert_eq!(decode(&body), Err(DecodeError::TooMany));
    // Whatever comes behind.
    let body = format!("[{}[[[", "\"\",".repeat(128));
    assert_eq!(decode(&body), Err(DecodeError::TooMany));
    let body = format!("[{}\"\"]", "\"\\ud800\",".repeat(128));
    assert_eq!(decode(&body), Err(DecodeError::TooMany));
    assert_eq!(decode_messages(b"[\"\"]", 0), Err(DecodeError::TooMany));
    assert_eq!(decode_messages(b"[]", 0), Ok(vec![]));
}

#[test]
fn t_15_depth_costs_no_stack() {
    let deep = 1 << 20;
    for body in [
        "[".repeat(deep),
        "{\"a\":".repeat(deep),
        format!("[\"\\ud800\",{}", "[".repeat(deep)),
    ] {
        assert_eq!(decode(body), Err(DecodeError::BrokenJson));
    }
    let body = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
    assert_eq!(decode(body), Err(DecodeError::BrokenJson));
}

#[test]
fn t_15_white_space_is_no_message() {
    let body = format!("[{}]", "\n".repeat(8 << 20));
    assert_eq!(decode(body), Ok(vec![]));
}

#[test]
fn sj_ws_02_a_bare_string_is_a_message_of_a_web_socket() {
    let decode = |text: &str| decode_message(text.as_bytes(), 2).map(|messages| strings(&messages));
    assert_eq!(decode(r#""x""#).unwrap(), ["x"]);
    assert_eq!(decode(r#" "\ud800" "#).unwrap(), ["\u{fffd}"]);
    assert_eq!(decode(r#"["x","y"]"#).unwrap(), ["x", "y"]);
    assert_eq!(decode(r#"["\ud800"]"#).unwrap(), ["\u{fffd}"]);
    assert_eq!(decode(r#"["x","y","z"]"#), Err(DecodeError::TooMany));
    assert_eq!(decode("{}"), Err(DecodeError::PayloadExpected));
    assert_eq!(decode("\"x"), Err(DecodeError::BrokenJson));
    assert_eq!(decode("[\"x"), Err(DecodeError::BrokenJson));
}

#[test]
fn sj_ws_03_an_empty_text_has_no_messages() {
    assert_eq!(decode_message(b"", 2), Ok(vec![]));
    assert_eq!(decode_message(b"[]", 2), Ok(vec![]));
}

proptest! {
    #[test]
    fn sj_esc_05_what_json_can_say_is_decoded(messages in prop::collection::vec(any_text(), 0..5)) {
        let body = serde_json::to_vec(&messages).unwrap();
        prop_assert_eq!(decode(body).unwrap(), messages);
    }

    /// As `sockjs-client` sends it: with an escape for each unit, lone surrogates included (SJ-ESC-06).
    #[test]
    fn sj_esc_06_any_units_are_decoded(units in prop::collection::vec(any::<u16>(), 0..40)) {
        let escapes: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
        let message = String::from_utf16_lossy(&units);
        prop_assert_eq!(decode(format!("[\"{escapes}\"]")).unwrap(), vec![message]);
    }

    #[test]
    fn t_15_any_bytes_are_an_answer(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _any = decode(&body);
        let _any = decode_message(&body, 3);
    }

    /// Whatever the text in the array is, it is decoded, or broken for all readers of JSON.
    #[test]
    fn sj_send_03_it_is_strict(inside in r#"[a"\\u0d8,\[\]\n ]{0,12}"#) {
        let body = format!("[\"{inside}\"]");
        match (decode(&body), serde_json::from_str::<Vec<String>>(&body)) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
            // Lone surrogates, of which they have no opinion either.
            (Ok(ours), Err(_)) => {
                prop_assert!(ours.iter().any(|message| message.contains('\u{fffd}')), "{body}");
                prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(&body).is_ok());
            }
            (Err(_), theirs) => prop_assert!(theirs.is_err(), "{body}"),
        }
    }
}
