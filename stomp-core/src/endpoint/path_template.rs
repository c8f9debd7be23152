//! The paths of endpoints, which may have parameters as those of axum do. A router panics at a path that it can't read, so
//! that `build()` reads it first, for WebSockets without STOMP, too.

use std::{borrow::Cow, collections::HashSet};

/// One segment: plain text, with or without a parameter at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// As it was written.
    text: &'a str,
    parameter: Option<Parameter<'a>>,
}

/// A parameter, and how much of a path it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Whether it takes all that is left of the path.
    pub is_rest: bool,
}

impl<'a> Segment<'a> {
    fn parse(segment: &'a str) -> Result<Self, String> {
        if let Some(name) = segment.strip_prefix(':') {
            return Err(format!("write `{{{name}}}` instead of `{segment}`"));
        }
        if let Some(name) = segment.strip_prefix('*') {
            return Err(format!("write `{{*{name}}}` instead of `{segment}`"));
        }
        let Some(start) = opening_brace(segment)? else {
            return Ok(Self {
                text: segment,
                parameter: None,
            });
        };
        let (text, parameter) = (&segment[..start], &segment[start + 1..]);
        let Some((name, behind)) = parameter.split_once('}') else {
            return Err(format!(
                "a `}}` is missing in `{segment}`; write `{{name}}` for a parameter, and `{{{{` for the character"
            ));
        };
        let (name, is_rest) = match name.strip_prefix('*') {
            Some(name) => (name, true),
            None => (name, false),
        };
        if name.is_empty() || name.contains(['{', '*']) {
            return Err(format!(
                "`{segment}` names no parameter; write a name in the braces: `{{name}}`"
            ));
        }
        if !behind.is_empty() {
            return Err(format!(
                "nothing can stand behind the parameter in `{segment}`; write `{text}{{{name}}}`, and let the handler take \
                 it apart"
            ));
        }
        if is_rest && !text.is_empty() {
            return Err(format!(
                "nothing can stand before what takes the rest of the path in `{segment}`; write `{{*{name}}}`"
            ));
        }
        let parameter = Some(Parameter { name, is_rest });
        Ok(Self { text, parameter })
    }

    /// The text before the parameter, as it is in paths.
    pub fn text(&self) -> Cow<'a, str> {
        if self.text.contains(['{', '}']) {
            Cow::Owned(self.text.replace("{{", "{").replace("}}", "}"))
        } else {
            Cow::Borrowed(self.text)
        }
    }

    /// Its parameter.
    pub fn parameter(&self) -> Option<Parameter<'a>> {
        self.parameter
    }
}

/// Where the parameter of a segment begins. Braces that stand for themselves are doubled.
fn opening_brace(segment: &str) -> Result<Option<usize>, String> {
    let mut from = 0;
    while let Some(at) = segment[from..].find(['{', '}']) {
        let brace = &segment[from + at..];
        if brace.starts_with("{{") || brace.starts_with("}}") {
            from += at + 2;
        } else if brace.starts_with('{') {
            return Ok(Some(from + at));
        } else {
            return Err(format!(
                "a `{{` is missing in `{segment}`; write `{{name}}` for a parameter, and `}}}}` for the character"
            ));
        }
    }
    Ok(None)
}

/// The segments of a template that has no mistakes; of others, those that have none.
pub fn segments(path: &str) -> impl Iterator<Item = Segment<'_>> {
    path.split('/').flat_map(Segment::parse)
}

/// The parameters of a template.
pub fn parameters(path: &str) -> impl Iterator<Item = Parameter<'_>> {
    segments(path).filter_map(|segment| segment.parameter)
}

/// What is wrong with the path of an endpoint, for `build()` to report.
pub fn mistakes(path: &str, with_sockjs: bool) -> Vec<String> {
    let mut mistakes = Vec::new();
    if !path.starts_with('/') {
        mistakes.push("a path starts with `/`".to_owned());
    }
    if path.contains(['?', '#']) {
        mistakes.push("a query or fragment is no part of a path; leave it out".to_owned());
    }
    let mut names = HashSet::new();
    let mut rest_taken = None;
    for segment in path.split('/').map(Segment::parse) {
        let parameter = match segment {
            Ok(segment) => segment.parameter,
            Err(mistake) => {
                mistakes.push(mistake);
                continue;
            }
        };
        let Some(Parameter { name, is_rest }) = parameter else {
            continue;
        };
        if !names.insert(name) {
            mistakes.push(format!(
                "two parameters of the path are called `{name}`; give each its own name"
            ));
        }
        if is_rest {
            rest_taken = rest_taken.or(Some(name));
        }
        if with_sockjs && name == "sockjs" {
            mistakes.push(
                "with SockJS, no parameter of the path can be called `sockjs`; give it another name"
                    .to_owned(),
            );
        }
    }
    if let Some(name) = rest_taken {
        let taker = format!("{{*{name}}}");
        if with_sockjs {
            mistakes.push(format!(
                "with SockJS, which has what is below the path, `{taker}` can't take it; write `{{{name}}}` for one segment"
            ));
        } else if !path.ends_with(&taker) {
            mistakes.push(format!(
                "nothing can come behind `{taker}`, which takes the rest of the path; write `{{{name}}}` for one segment"
            ));
        }
    }
    mistakes
}

/// A path without the names of its parameters: endpoints of the same shape are the same for a router.
pub fn shape(path: &str, with_sockjs: bool) -> String {
    let shapes = path
        .split('/')
        .map(|text| match Segment::parse(text) {
            Ok(Segment {
                text,
                parameter: Some(Parameter { is_rest, .. }),
            }) => format!("{text}{}", if is_rest { "{*}" } else { "{}" }),
            _ => text.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("/");
    match shapes.trim_end_matches('/') {
        _ if !with_sockjs => shapes,
        "" => "/".to_owned(),
        // With and without a slash at its end, it is the same service.
        base => base.to_owned(),
    }
}

/// Whether an endpoint would be given what belongs to the SockJS service of another (SJ-URL-01). Both are
/// [shapes](shape).
pub fn is_below_sockjs(shape: &str, sockjs: &str) -> bool {
    if sockjs == "/" {
        // Everything is below it; that is meant to be.
        return shape == "/{*}";
    }
    let rest = shape.strip_prefix(sockjs);
    rest.is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_router_reads_has_no_mistakes() {
        for path in [
            "/",
            "/y",
            "/y/",
            "/y/{a}",
            "/y/{a}/{b}/c",
            "/y/id-{a}",
            "/y/{{a}}",
            "/y/a:b/c*",
            "/y/{*rest}",
        ] {
            assert_eq!(mistakes(path, false), [""; 0], "{path}");
        }
        assert_eq!(mistakes("/y/{a}", true), [""; 0]);
        assert_eq!(mistakes("/y/{sockjs}", false), [""; 0]);
    }

    #[test]
    fn each_mistake_says_what_to_write_instead() {
        for (path, with_sockjs, expected) in [
            ("y", false, "a path starts with `/`"),
            ("", false, "a path starts with `/`"),
            ("/y?a=b", false, "a query or fragment is no part of a path"),
            ("/y/:a", false, "write `{a}` instead of `:a`"),
            ("/y/*a", false, "write `{*a}` instead of `*a`"),
            ("/y/{a", false, "a `}` is missing in `{a`; write `{name}`"),
            ("/y/a}", false, "a `{` is missing in `a}`; write `{name}`"),
            ("/y/{}", false, "`{}` names no parameter"),
            ("/y/{*}", false, "`{*}` names no parameter"),
            ("/y/{a*}", false, "`{a*}` names no parameter"),
            ("/y/{a}-{b}", false, "write `{a}`, and let the handler"),
            ("/y/a{*b}", false, "write `{*b}`"),
            ("/y/{*a}/b", false, "write `{a}` for one segment"),
            ("/y/{*a}", true, "write `{a}` for one segment"),
            ("/y/{sockjs}", true, "give it another name"),
            ("/y/{a}/{a}", false, "called `a`; give each its own name"),
        ] {
            let mistakes = mistakes(path, with_sockjs);
            assert_eq!(mistakes.len(), 1, "{path}: {mistakes:?}");
            assert!(mistakes[0].contains(expected), "{path}: {mistakes:?}");
        }
    }

    #[test]
    fn jsr_10_templates_are_equivalent_whatever_their_parameters_are_called() {
        let shape = |path| shape(path, false);
        assert_eq!(shape("/chat/{room}/x"), shape("/chat/{name}/x"));
        assert_ne!(shape("/chat/{room}"), shape("/chat/room"));
        assert_ne!(shape("/chat/{room}"), shape("/{chat}/{room}"));
        assert_ne!(shape("/chat/{room}"), shape("/chat/{*room}"));
        assert_ne!(shape("/chat/{room}"), shape("/chat/{{}}"));
        let names = parameters("/a/{b}/{c}").map(|parameter| parameter.name);
        assert_eq!(names.collect::<Vec<_>>(), ["b", "c"]);
    }

    #[test]
    fn sj_url_01_what_is_below_a_service_belongs_to_it() {
        let sockjs = shape("/y/{a}/", true);
        assert_eq!(sockjs, shape("/y/{b}", false));
        for (path, is_below) in [
            ("/y/{b}/websocket", true),
            ("/y/{b}/", true),
            ("/y/{b}", false),
            ("/y/{b}z", false),
            ("/y/b/websocket", false),
        ] {
            assert_eq!(
                is_below_sockjs(&shape(path, false), &sockjs),
                is_below,
                "{path}"
            );
        }
        assert!(!is_below_sockjs("/y", &shape("/", true)));
        assert!(is_below_sockjs("/{*}", &shape("/", true)));
    }

    #[test]
    fn doubled_braces_stand_for_themselves() {
        let texts = segments("/{{a}}{b}/c").map(|segment| segment.text());
        assert_eq!(texts.collect::<Vec<_>>(), ["", "{a}", "c"]);
    }
}
