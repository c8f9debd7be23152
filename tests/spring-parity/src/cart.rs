//! `Cart.java`: one for each session.

use std::sync::{Mutex, PoisonError};

#[derive(Debug, Default)]
pub(crate) struct Cart {
    items: Mutex<Vec<String>>,
}

impl Cart {
    pub(crate) fn add(&self, item: String) -> String {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.push(item);
        items.join(" ")
    }
}
