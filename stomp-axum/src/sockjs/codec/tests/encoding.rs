use proptest::prelude::*;

use crate::sockjs::codec::{close_frame, messages_frame};

fn encode(messages: &[&str]) -> String {
    String::from_utf8(messages_frame(messages)).unwrap()
}

#[test]
fn sj_frm_01_messages_are_an_array_of_strings() {
    assert_eq!(encode(&["x"]), r#"a["x"]"#);
    assert_eq!(encode(&["a", "", "b"]), r#"a["a","","b"]"#);
}

#[test]
fn sj_frm_04_the_reason_of_a_close_is_escaped() {
    assert_eq!(close_frame(3000, "Go away!"), br#"c[3000,"Go away!"]"#);
    assert_eq!(close_frame(1011, ""), br#"c[1011,""]"#);
    assert_eq!(
        close_frame(4000, "a \"quote\"\n"),
        br#"c[4000,"a \"quote\"\n"]"#
    );
}

#[test]
fn sj_esc_01_what_browsers_garble_is_escaped_in_lower_case() {
    let garbled = [
        0x200C..=0x200F,
        0x2028..=0x202F,
        0x2060..=0x206F,
        0xFFF0..=0xFFFF,
    ];
    for unit in 0x80..=0xFFFF_u32 {
        let Some(character) = char::from_u32(unit) else {
            continue;
        };
        let expected = if garbled.iter().any(|range| range.contains(&unit)) {
            format!("a[\"\\u{unit:04x}\"]")
        } else {
            format!("a[\"{character}\"]")
        };
        assert_eq!(encode(&[&character.to_string()]), expected);
    }
}

#[test]
fn sj_esc_02_control_characters_have_short_forms_or_escapes() {
    assert_eq!(
        encode(&["\u{8}\t\n\u{c}\r\"\\/"]),
        r#"a["\b\t\n\f\r\"\\/"]"#
    );
    assert_eq!(
        encode(&["\0\u{b}\u{1f}\u{7f}"]),
        "a[\"\\u0000\\u000b\\u001f\u{7f}\"]"
    );
}

#[test]
fn sj_esc_03_what_is_beyond_the_first_plane_is_two_surrogates() {
    assert_eq!(encode(&["\u{1f600}"]), r#"a["\ud83d\ude00"]"#);
    assert_eq!(
        encode(&["\u{10ffff}\u{10000}"]),
        r#"a["\udbff\udfff\ud800\udc00"]"#
    );
}

#[test]
fn what_is_no_utf_8_harms_nobody() {
    // Sockets don't pass it on; whoever does gets no panic.
    for broken in [
        &b"\xe2"[..],
        b"\xe2\x80",
        b"\xf0\x9f\x98",
        b"\xff\xfe",
        b"\xf4\xff\xff\xff",
    ] {
        let frame = messages_frame(&[broken]);
        assert!(frame.starts_with(b"a[\"") && frame.ends_with(b"\"]"));
    }
}

proptest! {
    /// SJ-ESC-04, T-18: it means the same to any reader of JSON, and nothing in it breaks what is around it.
    #[test]
    fn sj_esc_04_any_text_comes_through(messages in prop::collection::vec(any_text(), 0..5)) {
        let frame = messages_frame(&messages);
        let decoded: Vec<String> = serde_json::from_slice(&frame[1..]).unwrap();
        prop_assert_eq!(&decoded, &messages);
        let frame = String::from_utf8(frame).unwrap();
        for character in frame.chars() {
            let unit = u32::from(character);
            prop_assert!((0x20..0xFFF0).contains(&unit), "{unit:x}");
            prop_assert!(!matches!(unit, 0x200C..=0x200F | 0x2028..=0x202F | 0x2060..=0x206F), "{unit:x}");
        }
    }
}

/// Text in which what must be escaped is no rare thing.
pub(super) fn any_text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        any::<char>(),
        prop::char::range('\0', '\u{7f}'),
        prop::char::range('\u{2000}', '\u{2070}'),
        prop::char::range('\u{ffe0}', '\u{1000f}'),
        prop::sample::select(vec!['"', '\\', '\n', '%', '<', '>', '/']),
    ];
    prop::collection::vec(character, 0..40).prop_map(String::from_iter)
}
