/// Learns what happens while a pattern is matched.
///
/// One matching routine serves [`matches`](super::DestinationPattern::matches), which allocates nothing, and
/// [`captures`](super::DestinationPattern::captures).
pub(super) trait Observer<'d> {
    /// Whether the values of variables are wanted. A regex finds out faster whether it matches than where.
    const WANTS_VARIABLES: bool;

    /// A variable, by its place among all variables of the pattern, and its value. A later call for the same variable
    /// replaces the value: parts of a pattern are tried at several places.
    fn variable(&mut self, index: usize, value: &'d str);

    /// One piece of the pattern was compared with one piece of the destination.
    fn compared(&mut self) {}
}
