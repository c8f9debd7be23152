use smallvec::SmallVec;

use super::{
    globs::Globs,
    literals::Literals,
    wildcard_trie::{Element, WildcardTrie},
};
use crate::pattern::{End, SegmentShape, Separator, Shape};

/// Destination patterns, each with a value, and which of them match a destination: those that
/// [`DestinationPattern::matches`](crate::pattern::DestinationPattern::matches) says.
///
/// A trie of segments. A segment that mixes text and wildcards, such as `a*b`, is a class of segments to it; of which
/// classes a segment of a destination is, is found out once for all patterns.
#[derive(Debug)]
pub(super) struct PatternTrie<T> {
    separator: char,
    literals: Literals,
    globs: Globs,
    /// Those without and those with a separator at the start.
    segments: [WildcardTrie<Ends<T>>; 2],
    len: usize,
}

/// What ends with the same segment: most often one pattern.
type Ends<T> = SmallVec<[(End, T); 1]>;

impl<T> PatternTrie<T> {
    pub(super) fn new(separator: Separator) -> Self {
        Self {
            separator: separator.as_char(),
            literals: Literals::default(),
            globs: Globs::default(),
            segments: Default::default(),
            len: 0,
        }
    }

    /// How many shapes there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, shape: &Shape) -> Option<&T> {
        let segments = &self.segments[usize::from(shape.starts_with_separator)];
        let ends = segments.value(segments.find(&self.path(shape)?)?)?;
        let (_, value) = ends.iter().find(|(end, _)| *end == shape.end)?;
        Some(value)
    }

    /// Puts a value in place of the one that is there, if any.
    pub(super) fn insert(&mut self, shape: &Shape, value: T) -> Option<T> {
        let path = self.acquire_path(shape);
        let segments = &mut self.segments[usize::from(shape.starts_with_separator)];
        let node = segments.insert(&path);
        let ends = segments.value_mut(node).get_or_insert_default();
        match ends.iter_mut().find(|(end, _)| *end == shape.end) {
            Some((_, present)) => {
                let replaced = std::mem::replace(present, value);
                self.release_path(shape);
                Some(replaced)
            }
            None => {
                ends.push((shape.end, value));
                self.len += 1;
                None
            }
        }
    }

    pub(super) fn remove(&mut self, shape: &Shape) -> Option<T> {
        let path = self.path(shape)?;
        let segments = &mut self.segments[usize::from(shape.starts_with_separator)];
        let node = segments.find(&path)?;
        let ends = segments.value_mut(node).as_mut()?;
        let index = ends.iter().position(|(end, _)| *end == shape.end)?;
        let (_, value) = ends.swap_remove(index);
        if ends.is_empty() {
            *segments.value_mut(node) = None;
            segments.prune(node);
        }
        self.len -= 1;
        self.release_path(shape);
        Some(value)
    }

    /// Calls `found` for each pattern that matches, once.
    pub(super) fn for_each_match(&self, destination: &str, mut found: impl FnMut(&T)) {
        let starts_with_separator = destination.starts_with(self.separator);
        let ends_with_separator = destination.ends_with(self.separator);
        let mut walk = self.segments[usize::from(starts_with_separator)].walk();
        let mut classes = SmallVec::<[u32; 16]>::new();
        for segment in destination
            .split(self.separator)
            .filter(|segment| !segment.is_empty())
        {
            classes.clear();
            if walk.wants_classes() {
                self.globs.classes_of(segment, &mut classes);
            }
            walk.step(self.literals.get(segment), &classes);
            if walk.is_over() {
                return;
            }
        }
        for (end, value) in walk.matching().flatten() {
            let matches = match end {
                End::Open => true,
                End::Agrees { with_separator } | End::Star { with_separator } => {
                    *with_separator == ends_with_separator
                }
            };
            if matches {
                found(value);
            }
        }
        if ends_with_separator {
            for (end, value) in walk.matching_but_for_one().flatten() {
                if matches!(end, End::Star { .. }) {
                    found(value);
                }
            }
        }
    }

    /// The way to a shape whose parts are all known.
    fn path(&self, shape: &Shape) -> Option<Vec<Element>> {
        let elements = shape.segments.iter().map(|segment| match segment {
            SegmentShape::AnySegments => Some(Element::Any),
            SegmentShape::AnySegment => Some(Element::One),
            SegmentShape::Literal(text) => self.literals.get(text).map(Element::Exactly),
            SegmentShape::Glob(pieces) => self.globs.get(pieces).map(Element::Class),
        });
        elements.collect()
    }

    /// The way to a shape, whose parts now have one use more.
    fn acquire_path(&mut self, shape: &Shape) -> Vec<Element> {
        let elements = shape.segments.iter().map(|segment| match segment {
            SegmentShape::AnySegments => Element::Any,
            SegmentShape::AnySegment => Element::One,
            SegmentShape::Literal(text) => Element::Exactly(self.literals.acquire(text)),
            SegmentShape::Glob(pieces) => Element::Class(self.globs.acquire(pieces)),
        });
        elements.collect()
    }

    fn release_path(&mut self, shape: &Shape) {
        for segment in &shape.segments {
            match segment {
                SegmentShape::AnySegments | SegmentShape::AnySegment => {}
                SegmentShape::Literal(text) => self.literals.release(text),
                SegmentShape::Glob(pieces) => self.globs.release(pieces),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert_eq, prop_oneof, proptest};

    use super::*;
    use crate::pattern::DestinationPattern;

    fn parse(text: &str, separator: Separator) -> Option<(DestinationPattern, Shape)> {
        let pattern = DestinationPattern::parse_from_client(text, separator).ok()?;
        let shape = Shape::of(&pattern).expect("clients have no regexes");
        Some((pattern, shape))
    }

    /// A trie whose values are the texts of the patterns of each shape.
    #[derive(Debug)]
    struct Texts {
        trie: PatternTrie<Vec<String>>,
        separator: Separator,
    }

    impl Texts {
        fn new(separator: Separator) -> Self {
            Self {
                trie: PatternTrie::new(separator),
                separator,
            }
        }

        fn insert(&mut self, text: &str) {
            let (_, shape) = parse(text, self.separator).unwrap();
            let mut texts = self.trie.get(&shape).cloned().unwrap_or_default();
            texts.push(text.to_owned());
            self.trie.insert(&shape, texts);
        }

        fn remove(&mut self, text: &str) {
            let (_, shape) = parse(text, self.separator).unwrap();
            let mut texts = self.trie.remove(&shape).unwrap();
            let index = texts.iter().position(|other| other == text).unwrap();
            texts.swap_remove(index);
            if !texts.is_empty() {
                self.trie.insert(&shape, texts);
            }
        }

        fn matching(&self, destination: &str) -> Vec<String> {
            let mut matching = Vec::new();
            self.trie
                .for_each_match(destination, |texts| matching.extend_from_slice(texts));
            matching.sort();
            matching
        }

        /// Whether nothing at all is left.
        fn is_empty(&self) -> bool {
            self.trie.len() == 0
                && self.trie.literals.is_empty()
                && self.trie.globs.is_empty()
                && self.trie.segments.iter().all(WildcardTrie::is_empty)
        }
    }

    /// The linear scan that the trie has to agree with.
    fn scan(patterns: &[String], destination: &str, separator: Separator) -> Vec<String> {
        let mut matching: Vec<String> = patterns
            .iter()
            .filter(|text| {
                let (pattern, _) = parse(text, separator).unwrap();
                pattern.matches(destination)
            })
            .cloned()
            .collect();
        matching.sort();
        matching
    }

    /// Few letters, so that patterns and destinations meet often. `#` is the separator, which may stand anywhere.
    fn pattern() -> impl Strategy<Value = String> {
        let segment = prop_oneof![
            3 => Just("**".to_owned()),
            3 => Just("*".to_owned()),
            2 => Just("{v}".to_owned()),
            3 => "[abé]{1,2}",
            4 => r"([abé?*]|\{v\}){1,5}",
            1 => Just(String::new()),
        ];
        let pattern = proptest::collection::vec(segment, 0..7).prop_map(|segments| {
            let text = segments.join("#");
            // Each variable gets a name of its own.
            let mut named = String::new();
            for (index, part) in text.split("{v}").enumerate() {
                if index > 0 {
                    named.push_str(&format!("{{v{index}}}"));
                }
                named.push_str(part);
            }
            named
        });
        prop_oneof![
            8 => pattern,
            1 => "[#ab?*]{0,12}",
        ]
    }

    fn destination() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => proptest::collection::vec("[abé]{0,3}", 0..7).prop_map(|segments| segments.join("#")),
            1 => "[#ab?*é]{0,12}",
        ]
    }

    fn separator() -> impl Strategy<Value = Separator> {
        prop_oneof![Just(Separator::Slash), Just(Separator::Dot)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn sr_3_as_each_pattern_alone(
            patterns in proptest::collection::vec(pattern(), 1..12),
            destinations in proptest::collection::vec(destination(), 1..8),
            removed in proptest::collection::vec(proptest::prelude::any::<proptest::sample::Index>(), 0..12),
            separator in separator(),
        ) {
            let replace = |text: &String| text.replace('#', &separator.as_char().to_string());
            let mut patterns: Vec<String> = patterns.iter().map(replace).collect();
            let mut destinations: Vec<String> = destinations.iter().map(replace).collect();
            // A pattern may be sent to, too.
            destinations.extend_from_slice(&patterns);
            let mut texts = Texts::new(separator);
            for text in &patterns {
                texts.insert(text);
            }
            for destination in &destinations {
                let expected = scan(&patterns, destination, separator);
                prop_assert_eq!(texts.matching(destination), expected, "{} of {:?}", destination, patterns);
            }
            for index in removed {
                if patterns.is_empty() {
                    break;
                }
                let text = patterns.swap_remove(index.index(patterns.len()));
                texts.remove(&text);
                for destination in &destinations {
                    let expected = scan(&patterns, destination, separator);
                    prop_assert_eq!(texts.matching(destination), expected, "{} of {:?} without {}", destination, patterns, text);
                }
            }
            for text in &patterns {
                texts.remove(text);
            }
            proptest::prop_assert!(texts.is_empty(), "{:?}", texts);
        }

        /// One message for each subscription, however many ways there are to match (SR-4).
        #[test]
        fn sr_4_each_shape_once(
            patterns in proptest::collection::vec(r"(#(\*\*|\*|a|a\*|\*a)){1,6}", 1..8),
            destination in "(#[ab]{1,2}){0,6}#?",
        ) {
            let mut trie = PatternTrie::new(Separator::Slash);
            for text in &patterns {
                let (_, shape) = parse(&text.replace('#', "/"), Separator::Slash).unwrap();
                trie.insert(&shape, shape.clone());
            }
            let mut found = HashMap::new();
            trie.for_each_match(&destination.replace('#', "/"), |shape| {
                *found.entry(shape.clone()).or_insert(0) += 1;
            });
            proptest::prop_assert!(found.values().all(|count| *count == 1), "{:?}", found);
        }
    }

    #[test]
    fn ap_5_and_ap_6_the_ends_of_patterns() {
        let patterns = [
            "/a/*", "/a/*/", "/a/{x}", "/a/?*", "/a/**", "/a/**/*", "/a/**/*/", "/*", "*", "/", "",
            "/**", "**", "//a//*", "/a", "/a/",
        ];
        for separator in [Separator::Slash, Separator::Dot] {
            let replace = |text: &str| text.replace('/', &separator.as_char().to_string());
            let patterns: Vec<String> = patterns.iter().map(|text| replace(text)).collect();
            let mut texts = Texts::new(separator);
            for text in &patterns {
                texts.insert(text);
            }
            for destination in [
                "", "/", "//", "/a", "a", "/a/", "a/", "/a//", "//a", "/a/b", "/a/b/", "/a/b/c",
                "b",
            ] {
                let destination = replace(destination);
                let expected = scan(&patterns, &destination, separator);
                assert_eq!(texts.matching(&destination), expected, "{destination}");
            }
        }
    }

    #[test]
    fn patterns_of_one_shape_share_their_place() {
        let mut trie = PatternTrie::new(Separator::Slash);
        for text in ["/a/{x}/b*", "//a/*//b{y}", "/a/?*/b*", "/a/{one}{two}/b**"] {
            let (_, shape) = parse(text, Separator::Slash).unwrap();
            trie.insert(&shape, text);
        }
        assert_eq!(trie.len(), 1);
        for text in ["/a/*/b", "/a/*/b*/", "a/*/b*"] {
            let (_, shape) = parse(text, Separator::Slash).unwrap();
            assert_eq!(trie.get(&shape), None, "{text}");
        }
    }
}
