use std::fmt;

/// An ordered list of headers; a name may occur more than once.
///
/// Names are case-sensitive (COD-038), and where one name occurs several times the first one counts (COD-032).
/// All names and values share one buffer, so a list of any length costs two allocations.
///
/// `Debug` hides the values of headers that hold secrets, such as `passcode` and `authorization` (ERR-014).
///
/// ```
/// use stomp_axum::codec::Headers;
///
/// let mut headers: Headers = [("foo", "World"), ("foo", "Hello")].into_iter().collect();
/// assert_eq!(headers.get("foo"), Some("World"));
/// assert_eq!(headers.get_all("foo").collect::<Vec<_>>(), ["World", "Hello"]);
///
/// headers.set("foo", "again");
/// assert_eq!(headers.iter().collect::<Vec<_>>(), [("foo", "again")]);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// Name, value, name, value, ... without anything between them.
    text: String,
    ends: Vec<Ends>,
}

/// Where one header ends in the shared text. It starts where the one before it ends.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ends {
    name: usize,
    value: usize,
}

impl Headers {
    /// An empty list. Does not allocate.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            text: String::new(),
            ends: Vec::new(),
        }
    }

    /// An empty list with room for that many headers, and that many bytes of names and values together.
    #[must_use]
    pub fn with_capacity(headers: usize, bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            ends: Vec::with_capacity(headers),
        }
    }

    /// The value of the first header with this name (COD-032).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next()
    }

    /// The values of all headers with this name, in order.
    pub fn get_all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter_map(move |(found, value)| (found == name).then_some(value))
    }

    /// Whether there is a header with this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds a header behind all others. One of the same name stays and goes on to win.
    pub fn append(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let name = self.text.len();
        self.text.push_str(value);
        self.ends.push(Ends {
            name,
            value: self.text.len(),
        });
    }

    /// Gives the header this one value: replaces the first of that name in its place and removes the others,
    /// or adds it at the end.
    pub fn set(&mut self, name: &str, value: &str) {
        if !self.contains(name) {
            return self.append(name, value);
        }
        let mut changed = Self::with_capacity(self.len(), self.text.len() + value.len());
        let mut replacement = Some(value);
        for (other, old) in &*self {
            if other != name {
                changed.append(other, old);
            } else if let Some(value) = replacement.take() {
                changed.append(name, value);
            }
        }
        *self = changed;
    }

    /// Removes every header with this name. Returns whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let found = self.contains(name);
        if found {
            self.retain(|other, _| other != name);
        }
        found
    }

    /// Keeps only the headers for which `keep(name, value)` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &str) -> bool) {
        let mut kept = Self::with_capacity(self.len(), self.text.len());
        kept.extend(self.iter().filter(|(name, value)| keep(name, value)));
        *self = kept;
    }

    /// All headers as `(name, value)`, in order.
    #[must_use]
    pub fn iter(&self) -> HeaderIter<'_> {
        HeaderIter {
            text: &self.text,
            start: 0,
            ends: self.ends.iter(),
        }
    }

    /// How many headers there are; repeated names count each time.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no header.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a header whose name and value are written straight into the shared text. After an error the list is
    /// as it was.
    pub(super) fn try_append_with<E>(
        &mut self,
        write_name: impl FnOnce(&mut String) -> Result<(), E>,
        write_value: impl FnOnce(&mut String) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.text.len();
        let written = write_name(&mut self.text).and_then(|()| {
            let name = self.text.len();
            write_value(&mut self.text)?;
            Ok(name)
        });
        match written {
            Ok(name) => {
                self.ends.push(Ends {
                    name,
                    value: self.text.len(),
                });
                Ok(())
            }
            Err(error) => {
                self.text.truncate(start);
                Err(error)
            }
        }
    }
}

/// Whether the value of this header must not be seen in logs (ERR-014).
///
/// Too much is hidden rather than too little: any name that contains one of these words counts.
fn is_secret(name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "passcode",
        "password",
        "secret",
        "authorization",
        "cookie",
        "csrf",
        "xsrf",
        "token",
        "api-key",
    ];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let visible = |(name, value)| (name, if is_secret(name) { "***" } else { value });
        f.debug_map().entries(self.iter().map(visible)).finish()
    }
}

impl<N: AsRef<str>, V: AsRef<str>> Extend<(N, V)> for Headers {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, headers: I) {
        for (name, value) in headers {
            self.append(name.as_ref(), value.as_ref());
        }
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        let mut list = Self::new();
        list.extend(headers);
        list
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = (&'a str, &'a str);
    type IntoIter = HeaderIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The `(name, value)` pairs of [`Headers`], in order. Made by [`Headers::iter`].
#[derive(Clone)]
pub struct HeaderIter<'a> {
    text: &'a str,
    start: usize,
    ends: std::slice::Iter<'a, Ends>,
}

impl<'a> Iterator for HeaderIter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let ends = self.ends.next()?;
        let header = (
            &self.text[self.start..ends.name],
            &self.text[ends.name..ends.value],
        );
        self.start = ends.value;
        Some(header)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ends.size_hint()
    }
}

impl ExactSizeIterator for HeaderIter<'_> {}

impl fmt::Debug for HeaderIter<'_> {
    // Not the headers themselves: they may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeaderIter")
            .field("remaining", &self.ends.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Headers;

    fn list(headers: &[(&str, &str)]) -> Headers {
        headers.iter().copied().collect()
    }

    #[test]
    fn cod_032_the_first_of_a_repeated_header_wins() {
        let headers = list(&[("foo", "World"), ("bar", ""), ("foo", "Hello")]);
        assert_eq!(headers.get("foo"), Some("World"));
        assert_eq!(
            headers.get_all("foo").collect::<Vec<_>>(),
            ["World", "Hello"]
        );
        assert_eq!(headers.get("bar"), Some(""));
        assert_eq!(headers.len(), 3);
    }

    #[test]
    fn cod_038_names_are_case_sensitive() {
        let headers = list(&[("Destination", "/q")]);
        assert_eq!(headers.get("destination"), None);
        assert!(headers.contains("Destination"));
    }

    #[test]
    fn set_replaces_the_first_in_place_and_removes_the_rest() {
        let mut headers = list(&[("a", "1"), ("b", "2"), ("a", "3"), ("c", "4")]);
        headers.set("a", "changed to something longer");
        assert_eq!(
            headers,
            list(&[("a", "changed to something longer"), ("b", "2"), ("c", "4")])
        );
        headers.set("d", "5");
        assert_eq!(headers.iter().last(), Some(("d", "5")));
    }

    #[test]
    fn remove_and_retain() {
        let mut headers = list(&[("a", "1"), ("b", "2"), ("a", "3")]);
        assert!(!headers.remove("x"));
        assert!(headers.remove("a"));
        assert_eq!(headers, list(&[("b", "2")]));
        headers.retain(|_, value| value != "2");
        assert!(headers.is_empty());
        assert_eq!(headers, Headers::new());
    }

    #[test]
    fn equality_compares_names_and_values_not_their_concatenation() {
        assert_ne!(list(&[("ab", "c")]), list(&[("a", "bc")]));
        assert_ne!(
            list(&[("a", "1"), ("b", "2")]),
            list(&[("b", "2"), ("a", "1")])
        );
    }

    #[test]
    fn a_failed_append_leaves_the_list_as_it_was() {
        let mut headers = list(&[("a", "1")]);
        let failed = headers.try_append_with(
            |text| {
                text.push_str("name");
                Ok(())
            },
            |text| {
                text.push_str("half");
                Err("broken")
            },
        );
        assert_eq!(failed, Err("broken"));
        assert_eq!(headers, list(&[("a", "1")]));
    }

    #[test]
    fn err_014_debug_masks_secrets() {
        for name in [
            "passcode",
            "Authorization",
            "COOKIE",
            "X-CSRF-TOKEN",
            "set-cookie",
            "access_token",
        ] {
            let text = format!("{:?}", list(&[("login", "guest"), (name, "s3cret")]));
            assert!(!text.contains("s3cret"), "{text}");
            assert!(text.contains("***") && text.contains("guest"), "{text}");
        }
    }
}
