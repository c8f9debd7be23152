use super::super::{CombineError, PatternError, Separator, combine, normalize};
use super::slash;

fn check(separator: Separator, table: &[(&str, &str, &str)]) {
    for (class, method, expected) in table {
        let combined = combine(class, method, separator).unwrap();
        assert_eq!(combined, *expected, "`{class}` + `{method}`");
    }
}

#[test]
fn ap_20_slash() {
    check(
        Separator::Slash,
        &[
            // (a)
            ("", "/b", "/b"),
            ("/a", "", "/a"),
            ("  ", "/b", "/b"),
            ("/a", " ", "/a"),
            ("", " ", ""),
            // (b)
            ("/a*", "/ab", "/ab"),
            ("/a/?", "/a/c", "/a/c"),
            ("/*", "/b", "/b"),
            ("/**", "/b", "/b"),
            ("/*.*", "/x.html", "/x.html"),
            // (c)
            ("/a/*", "/b", "/a/b"),
            ("/a/*", "b", "/a/b"),
            ("/a//*", "b", "/a/b"),
            ("/a/{x}/*", "/b", "/a/{x}/b"),
            ("/*", "b", "/b"),
            // (d)
            ("/a/**", "/b", "/a/**/b"),
            ("/a/**", "b", "/a/**/b"),
            // (e)
            ("/a", "/b", "/a/b"),
            ("/a", "b", "/a/b"),
            ("/a/", "/b", "/a/b"),
            ("/a/", "b", "/a/b"),
            ("/a", "/a", "/a/a"),
            ("/{x}", "/b", "/{x}/b"),
            ("/a*", "/b", "/a*/b"),
            ("/{x}/*.html", "/b", "/{x}/*.html/b"),
            // (f)
            ("/*.html", "/x", "/x.html"),
            ("/*.html", "/x.*", "/x.html"),
            ("/*.*", "/a/x.txt", "/a/x.txt"),
            ("/*.tar.gz", "/x", "/x.tar.gz"),
        ],
    );
}

#[test]
fn ap_20_f_two_different_extensions() {
    let error = combine("/*.html", "/x.txt", Separator::Slash).unwrap_err();
    let CombineError::DifferentExtensions { class, method } = &error else {
        panic!("{error}");
    };
    assert_eq!((class.as_str(), method.as_str()), ("/*.html", "/x.txt"));
    assert!(
        error.to_string().contains("different file extensions"),
        "{error}"
    );
}

#[test]
fn ap_20_dot() {
    check(
        Separator::Dot,
        &[
            ("a", "b", "a.b"),
            ("a", ".b", "a.b"),
            ("a", "/b", "a./b"),
            ("a.*", "b", "a.b"),
            ("a.**", "b", "a.**.b"),
            ("x*.html", "b", "x*.html.b"),
            ("a.", ".b", "a.b"),
        ],
    );
}

#[test]
fn an_invalid_class_pattern_is_reported() {
    let error = combine("/a}", "/b", Separator::Slash).unwrap_err();
    assert!(
        matches!(
            error,
            CombineError::Pattern(PatternError::Syntax { offset: 2, .. })
        ),
        "{error}"
    );
}

#[test]
fn tc_03_mm_8_a_class_pattern_without_slash() {
    let class = normalize("pre", Separator::Slash);
    let combined = combine(&class, "/binding/id/{id}", Separator::Slash).unwrap();
    let variables = slash(&combined).captures("/pre/binding/id/12").unwrap();
    assert_eq!(variables.get("id"), Some("12"));
}

#[test]
fn tc_04_two_classes_by_two_methods() {
    let combined: Vec<_> = ["/t1", "/t2"]
        .iter()
        .flat_map(|class| {
            ["/m1", "/m2"].map(|method| combine(class, method, Separator::Slash).unwrap())
        })
        .collect();
    assert_eq!(combined, ["/t1/m1", "/t1/m2", "/t2/m1", "/t2/m2"]);
}
