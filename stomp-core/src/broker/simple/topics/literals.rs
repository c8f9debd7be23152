use std::collections::HashMap;

/// Numbers for the texts that patterns are made of, so that a segment of a destination is hashed once, and then compared
/// as a number with all of them. A text that no pattern has gets no number: destinations leave nothing behind (T-33).
#[derive(Debug, Default)]
pub(super) struct Literals {
    /// The keys come from clients, hence the default hash.
    numbers: HashMap<Box<str>, Literal>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Literal {
    number: u32,
    uses: usize,
}

impl Literals {
    pub(super) fn get(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).map(|literal| literal.number)
    }

    /// The number of the text, which now has one use more.
    pub(super) fn acquire(&mut self, text: &str) -> u32 {
        if let Some(literal) = self.numbers.get_mut(text) {
            literal.uses += 1;
            return literal.number;
        }
        // Without a free number, all below the number of texts are taken.
        let number = self.free.pop().unwrap_or_else(|| {
            u32::try_from(self.numbers.len()).expect("2^32 texts fit into no memory")
        });
        self.numbers
            .insert(text.into(), Literal { number, uses: 1 });
        number
    }

    /// Gives one use back.
    pub(super) fn release(&mut self, text: &str) {
        let Some(literal) = self.numbers.get_mut(text) else {
            return;
        };
        literal.uses -= 1;
        if literal.uses == 0 {
            self.free.push(literal.number);
            self.numbers.remove(text);
        }
        if self.numbers.is_empty() {
            *self = Self::default();
        }
    }
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.free.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_free_when_its_last_use_is_given_back() {
        let mut literals = Literals::default();
        let (a, b) = (literals.acquire("a"), literals.acquire("b"));
        assert_ne!(a, b);
        assert_eq!(literals.acquire("a"), a);
        literals.release("a");
        assert_eq!(literals.get("a"), Some(a));
        literals.release("a");
        assert_eq!(literals.get("a"), None);
        assert_eq!(literals.acquire("c"), a);
        assert_ne!(literals.acquire("d"), b);
        for text in ["b", "c", "d", "unknown"] {
            literals.release(text);
        }
        assert!(literals.is_empty());
    }
}
