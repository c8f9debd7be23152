//! Many patterns over an alphabet of numbers, and which of them match a sequence.

use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};
use smallvec::SmallVec;

/// One step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// This symbol.
    Exactly(u32),
    /// A symbol of this class. A symbol may be of many.
    Class(u32),
    /// One symbol, whatever it is.
    One,
    /// Any number of symbols, also none.
    Any,
}

/// A node, by its place. The place of a removed node is used again.
pub(super) type NodeId = u32;

const ROOT: NodeId = 0;
/// The root is nobody's child.
const NONE: NodeId = ROOT;

/// Patterns with a common beginning share the nodes of it; where a pattern ends, there is a value.
///
/// # Time
///
/// Matching keeps the set of nodes that the symbols so far lead to, each once. For each symbol, each node in the set
/// costs one look-up for all the symbols that may follow it, however many those are. So patterns that agree with
/// the sequence at no node cost nothing, and no sequence costs more than its length times the number of nodes: nothing
/// is ever tried again (T-21).
#[derive(Debug)]
pub(super) struct WildcardTrie<V> {
    nodes: Vec<Node<V>>,
    free: Vec<NodeId>,
    /// The children behind [`Element::Exactly`] of all nodes that have several. The keys are numbers that this process
    /// hands out, so hashbrown's fast hash with a random seed is enough.
    exact: HashMap<(NodeId, u32), NodeId>,
}

#[derive(Debug)]
struct Node<V> {
    parent: NodeId,
    /// What leads here from the parent.
    element: Element,
    /// One of the children behind [`Element::Exactly`], and its symbol: most nodes have no other.
    exact: Option<(u32, NodeId)>,
    /// How many others are in the map.
    more_exact: u32,
    one: NodeId,
    any: NodeId,
    /// The children behind [`Element::Class`].
    classes: BTreeMap<u32, NodeId>,
    /// Whether an `Any` leads to here or to a node above: only then a walk may come here more than once.
    is_below_any: bool,
    value: Option<V>,
}

impl<V> Node<V> {
    fn new(parent: NodeId, element: Element, is_below_any: bool) -> Self {
        Self {
            parent,
            element,
            exact: None,
            more_exact: 0,
            one: NONE,
            any: NONE,
            classes: BTreeMap::new(),
            is_below_any,
            value: None,
        }
    }

    fn is_unused(&self) -> bool {
        self.value.is_none()
            && self.exact.is_none()
            && self.more_exact == 0
            && self.one == NONE
            && self.any == NONE
            && self.classes.is_empty()
    }
}

impl<V> Default for WildcardTrie<V> {
    fn default() -> Self {
        Self {
            nodes: vec![Node::new(NONE, Element::Any, false)],
            free: Vec::new(),
            exact: HashMap::default(),
        }
    }
}

impl<V> WildcardTrie<V> {
    /// Whether there is no pattern.
    pub(super) fn is_empty(&self) -> bool {
        self.nodes[ROOT as usize].is_unused()
    }

    /// The end of a pattern that was inserted.
    pub(super) fn find(&self, path: &[Element]) -> Option<NodeId> {
        path.iter()
            .try_fold(ROOT, |node, element| self.child(node, *element))
    }

    /// The end of a pattern. A new one has no value, and must get one.
    ///
    /// Nothing in `path` that follows an `Any` may be an `Any` or a `One`: a walk would not come to it. What it means is
    /// the same the other way round.
    pub(super) fn insert(&mut self, path: &[Element]) -> NodeId {
        path.iter().fold(ROOT, |node, element| {
            self.child(node, *element)
                .unwrap_or_else(|| self.add(node, *element))
        })
    }

    /// What is at the end of a pattern.
    pub(super) fn value(&self, node: NodeId) -> Option<&V> {
        self.nodes[node as usize].value.as_ref()
    }

    /// As [`value`](Self::value). A value that is taken away must be followed by [`prune`](Self::prune).
    pub(super) fn value_mut(&mut self, node: NodeId) -> &mut Option<V> {
        &mut self.nodes[node as usize].value
    }

    /// Frees the node, and those above it, up to the first that is still used.
    pub(super) fn prune(&mut self, mut node: NodeId) {
        while node != ROOT && self.nodes[node as usize].is_unused() {
            let Node {
                parent, element, ..
            } = self.nodes[node as usize];
            let above = &mut self.nodes[parent as usize];
            match element {
                Element::Exactly(symbol) => {
                    if above.exact.is_some_and(|(_, child)| child == node) {
                        above.exact = None;
                    } else {
                        above.more_exact -= 1;
                        self.exact.remove(&(parent, symbol));
                    }
                }
                Element::Class(class) => {
                    above.classes.remove(&class);
                }
                Element::One => above.one = NONE,
                Element::Any => above.any = NONE,
            }
            self.free.push(node);
            node = parent;
        }
        if self.is_empty() {
            // Everything is free; so is its memory.
            *self = Self::default();
        }
    }

    /// Starts at the beginning of all patterns.
    pub(super) fn walk(&self) -> Walk<'_, V> {
        let mut walk = Walk {
            trie: self,
            here: SmallVec::from_slice(&[ROOT]),
            next: SmallVec::new(),
            repeated: SmallVec::new(),
            reached: HashSet::default(),
        };
        walk.repeat();
        walk
    }

    fn child(&self, parent: NodeId, element: Element) -> Option<NodeId> {
        let node = &self.nodes[parent as usize];
        match element {
            Element::Exactly(symbol) => self.exact_child(parent, symbol),
            Element::Class(class) => node.classes.get(&class).copied(),
            Element::One => (node.one != NONE).then_some(node.one),
            Element::Any => (node.any != NONE).then_some(node.any),
        }
    }

    fn exact_child(&self, parent: NodeId, symbol: u32) -> Option<NodeId> {
        let node = &self.nodes[parent as usize];
        match node.exact {
            Some((other, child)) if other == symbol => Some(child),
            _ if node.more_exact > 0 => self.exact.get(&(parent, symbol)).copied(),
            _ => None,
        }
    }

    fn add(&mut self, parent: NodeId, element: Element) -> NodeId {
        let is_below_any = element == Element::Any || self.nodes[parent as usize].is_below_any;
        let node = Node::new(parent, element, is_below_any);
        let id = if let Some(id) = self.free.pop() {
            self.nodes[id as usize] = node;
            id
        } else {
            let id = u32::try_from(self.nodes.len()).expect("2^32 nodes fit into no memory");
            self.nodes.push(node);
            id
        };
        let above = &mut self.nodes[parent as usize];
        match element {
            Element::Exactly(symbol) if above.exact.is_none() => above.exact = Some((symbol, id)),
            Element::Exactly(symbol) => {
                above.more_exact += 1;
                self.exact.insert((parent, symbol), id);
            }
            Element::Class(class) => {
                above.classes.insert(class, id);
            }
            Element::One => above.one = id,
            Element::Any => above.any = id,
        }
        id
    }
}

/// What a sequence has led to so far.
pub(super) struct Walk<'t, V> {
    trie: &'t WildcardTrie<V>,
    /// The nodes that the sequence so far ends at, each once, but those of `repeated`.
    here: SmallVec<[NodeId; 16]>,
    /// Keeps the memory of the nodes before.
    next: SmallVec<[NodeId; 16]>,
    /// The nodes behind an `Any`: once reached, they stay.
    repeated: SmallVec<[NodeId; 16]>,
    /// Those of `repeated` that are below another `Any`, and could be reached again. It takes no memory as long as
    /// there are none, as with most patterns.
    reached: HashSet<NodeId>,
}

impl<V> Walk<'_, V> {
    /// Goes on by one symbol, which is of these classes, in order.
    pub(super) fn step(&mut self, exact: Option<u32>, classes: &[u32]) {
        let trie = self.trie;
        self.next.clear();
        for id in self.here.iter().chain(&self.repeated) {
            let node = &trie.nodes[*id as usize];
            if let Some(child) = exact.and_then(|symbol| trie.exact_child(*id, symbol)) {
                self.next.push(child);
            }
            if node.one != NONE {
                self.next.push(node.one);
            }
            if !node.classes.is_empty() && !classes.is_empty() {
                node.children_of(classes, &mut self.next);
            }
        }
        std::mem::swap(&mut self.here, &mut self.next);
        self.repeat();
    }

    /// Whether the classes of the next symbol make a difference.
    pub(super) fn wants_classes(&self) -> bool {
        self.nodes().any(|node| !node.classes.is_empty())
    }

    /// Whether nothing that follows can match any more.
    pub(super) fn is_over(&self) -> bool {
        self.here.is_empty() && self.repeated.is_empty()
    }

    /// The patterns that match the sequence, each once.
    pub(super) fn matching(&self) -> impl Iterator<Item = &V> {
        self.nodes().filter_map(|node| node.value.as_ref())
    }

    /// The patterns without `Any` that would match if one symbol more followed, and that end in a `One`.
    pub(super) fn matching_but_for_one(&self) -> impl Iterator<Item = &V> {
        let ones = self.here.iter().map(|id| self.trie.nodes[*id as usize].one);
        ones.filter(|one| *one != NONE)
            .filter_map(|one| self.trie.value(one))
    }

    fn nodes(&self) -> impl Iterator<Item = &Node<V>> {
        let ids = self.here.iter().chain(&self.repeated);
        ids.map(|id| &self.trie.nodes[*id as usize])
    }

    /// Adds what is behind an `Any` of those that are here. A node has one parent, and so is come to once for each symbol;
    /// only an `Any` may be come to from a parent that was here before.
    fn repeat(&mut self) {
        for id in &self.here {
            let node = &self.trie.nodes[*id as usize];
            if node.any != NONE && (!node.is_below_any || self.reached.insert(node.any)) {
                self.repeated.push(node.any);
            }
        }
    }
}

impl<V> Node<V> {
    /// Whichever is shorter, the children or the classes, is looked up in the other.
    fn children_of(&self, classes: &[u32], found: &mut SmallVec<[NodeId; 16]>) {
        if self.classes.len() <= classes.len() {
            let is_wanted = |class: &u32| classes.binary_search(class).is_ok();
            let children = self.classes.iter().filter(|(class, _)| is_wanted(class));
            found.extend(children.map(|(_, child)| *child));
        } else {
            let children = classes.iter().filter_map(|class| self.classes.get(class));
            found.extend(children.copied());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: u32 = 1;
    const B: u32 = 2;

    fn trie(paths: impl IntoIterator<Item = Vec<Element>>) -> WildcardTrie<usize> {
        let mut trie = WildcardTrie::default();
        for (value, path) in paths.into_iter().enumerate() {
            let end = trie.insert(&path);
            *trie.value_mut(end) = Some(value);
        }
        trie
    }

    /// The values of what matches, and how many nodes were looked at on the way.
    fn matching(trie: &WildcardTrie<usize>, sequence: &[u32]) -> (Vec<usize>, usize) {
        let mut walk = trie.walk();
        let mut visited = 0;
        for symbol in sequence {
            visited += walk.nodes().count();
            walk.step(Some(*symbol), &[]);
        }
        let mut values: Vec<_> = walk.matching().copied().collect();
        values.sort_unstable();
        (values, visited)
    }

    #[test]
    fn t_21_patterns_of_other_sequences_cost_nothing() {
        let others = (100..10_100).map(|other| vec![Element::Exactly(other), Element::Any]);
        let behind_one =
            (100..10_100).map(|other| vec![Element::One, Element::Exactly(other), Element::Any]);
        let behind_any =
            (100..10_100).map(|other| vec![Element::Any, Element::Exactly(other), Element::One]);
        let trie = trie(others.chain(behind_one).chain(behind_any));
        let (values, visited) = matching(&trie, &[A; 16]);
        assert!(values.is_empty());
        // The beginning, what is behind `One`, and in each step what is behind `Any`.
        assert_eq!(visited, 2 + 16);
    }

    #[test]
    fn t_21_nothing_is_tried_twice() {
        for repeated in [8, 16, 32] {
            let path = [Element::Any, Element::Exactly(A)].repeat(repeated);
            let one = trie([path.clone(), [path, vec![Element::Exactly(B)]].concat()]);
            let sequence = vec![A; 2 * repeated];
            let (values, visited) = matching(&one, &sequence);
            assert_eq!(values, [0]);
            assert!(
                visited <= sequence.len() * one.nodes.len(),
                "{visited} for {repeated}"
            );
        }
    }

    #[test]
    fn a_class_leads_to_its_children_whichever_are_more() {
        let classes: Vec<u32> = (0..100).collect();
        for children in [vec![7], (0..200).collect()] {
            let trie = trie(children.iter().map(|class| vec![Element::Class(*class)]));
            for classes in [&classes[..], &[7], &[]] {
                let mut walk = trie.walk();
                assert!(walk.wants_classes());
                walk.step(None, classes);
                let found = walk.matching().count();
                let expected = classes
                    .iter()
                    .filter(|class| children.contains(class))
                    .count();
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn sub_033_what_is_removed_is_used_again_and_freed_in_the_end() {
        let path = |number| {
            vec![
                Element::Exactly(number),
                Element::Any,
                Element::Class(number),
                Element::One,
            ]
        };
        let mut trie = trie((0..100).map(path));
        let nodes = trie.nodes.len();
        for number in 100..1000 {
            let old = trie.find(&path(number - 100)).unwrap();
            *trie.value_mut(old) = None;
            trie.prune(old);
            let end = trie.insert(&path(number));
            *trie.value_mut(end) = Some(0);
            assert_eq!(trie.nodes.len(), nodes);
        }
        for number in 900..1000 {
            let old = trie.find(&path(number)).unwrap();
            *trie.value_mut(old) = None;
            trie.prune(old);
        }
        assert!(trie.is_empty());
        assert_eq!(
            (trie.nodes.len(), trie.exact.capacity(), trie.free.len()),
            (1, 0, 0)
        );
    }
}
