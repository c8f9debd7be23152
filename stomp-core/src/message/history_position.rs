use std::sync::Arc;

/// Where a message stands in the history of its destination.
///
/// A client that has seen it can ask for what came behind it: the headers `epoch` and `offset` of its MESSAGE say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HistoryPosition {
    /// Names one life of the history. Offsets of another one say nothing.
    pub(crate) epoch: Arc<str>,
    /// The number of the message in it; the first is 1, and the next one more.
    pub(crate) offset: u64,
}
