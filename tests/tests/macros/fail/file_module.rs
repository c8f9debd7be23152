//! The macro can't see into another file; the first error is the compiler's own.

use stomp_axum::prelude::*;

#[message_mapping("/a")]
mod other_file;

fn main() {}
