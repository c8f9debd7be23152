use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::Arc,
};

use parking_lot::RwLock;

use super::scope::drop_of_session;

/// What handlers keep for the time of one session: one value per type, shared by everything that runs
/// for the session (WS-6). Spring keys its attribute map by name; here the type is the name.
///
/// ```
/// use stomp_axum::session::SessionAttributes;
///
/// #[derive(Clone, PartialEq, Debug)]
/// struct Locale(&'static str);
///
/// let attributes = SessionAttributes::default();
/// attributes.insert(Locale("de"));
/// assert_eq!(attributes.get::<Locale>(), Some(Locale("de")));
/// assert_eq!(attributes.remove::<Locale>(), Some(Locale("de")));
/// assert_eq!(attributes.get::<Locale>(), None);
/// ```
///
/// When the session has ended, they are emptied, and keep nothing any more.
#[derive(Clone, Default)]
pub struct SessionAttributes(Arc<RwLock<Values>>);

#[derive(Default)]
struct Values {
    by_type: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
    /// A handler that runs longer than its session could keep the session alive for ever, by its own attributes.
    are_gone: bool,
}

impl SessionAttributes {
    /// Keeps `value`, and returns the value of this type that it replaces.
    pub fn insert<T: Any + Send + Sync>(&self, value: T) -> Option<T> {
        let mut attributes = self.0.write();
        if attributes.are_gone {
            drop(attributes);
            drop(value);
            return None;
        }
        let value = Box::new(value);
        let replaced = attributes.by_type.insert(TypeId::of::<T>(), value);
        replaced
            .and_then(|value| value.downcast().ok())
            .map(|value| *value)
    }

    /// A clone of the value of this type.
    pub fn get<T: Any + Clone>(&self) -> Option<T> {
        let attributes = self.0.read();
        attributes
            .by_type
            .get(&TypeId::of::<T>())?
            .downcast_ref()
            .cloned()
    }

    /// A clone of the value of this type, which is made if there is none yet: once, however many handlers ask for it at
    /// the same time.
    ///
    /// `make` must not use these attributes: they are locked meanwhile.
    pub fn get_or_insert_with<T: Any + Clone + Send + Sync>(&self, make: impl FnOnce() -> T) -> T {
        if let Some(value) = self.get() {
            return value;
        }
        let mut attributes = self.0.write();
        if attributes.are_gone {
            drop(attributes);
            return make();
        }
        let value = attributes.by_type.entry(TypeId::of::<T>());
        let value = value.or_insert_with(|| Box::new(make()));
        value
            .downcast_ref::<T>()
            .expect("a value stands under its own type")
            .clone()
    }

    /// Changes the value of this type where it stands, and returns what `change` returns; `None` if there is no value.
    ///
    /// Nobody sees or changes it meanwhile. `change` must not use these attributes: they are locked.
    ///
    /// ```
    /// # use stomp_axum::session::SessionAttributes;
    /// struct Attempts(u32);
    ///
    /// let attributes = SessionAttributes::default();
    /// attributes.insert(Attempts(1));
    /// let attempts = attributes.update(|attempts: &mut Attempts| {
    ///     attempts.0 += 1;
    ///     attempts.0
    /// });
    /// assert_eq!(attempts, Some(2));
    /// ```
    pub fn update<T: Any, R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut attributes = self.0.write();
        let value = attributes.by_type.get_mut(&TypeId::of::<T>())?;
        value.downcast_mut().map(change)
    }

    /// Whether there is a value of this type.
    pub fn contains<T: Any>(&self) -> bool {
        self.0.read().by_type.contains_key(&TypeId::of::<T>())
    }

    /// Drops all values, and keeps none any more: for who has ended a session.
    #[doc(hidden)]
    pub fn clear(&self) {
        let gone = Values {
            are_gone: true,
            ..Values::default()
        };
        let values = std::mem::replace(&mut *self.0.write(), gone).by_type;
        values.into_values().for_each(drop_of_session);
    }

    /// Takes the value of this type out.
    pub fn remove<T: Any>(&self) -> Option<T> {
        let value = self.0.write().by_type.remove(&TypeId::of::<T>())?;
        value.downcast().ok().map(|value| *value)
    }
}

impl fmt::Debug for SessionAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionAttributes")
            .field("len", &self.0.read().by_type.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ws_4_nothing_is_kept_when_the_session_has_ended() {
        let attributes = SessionAttributes::default();
        let value = Arc::new(1);
        attributes.insert(value.clone());
        attributes.clear();
        assert_eq!(attributes.get::<Arc<i32>>(), None);
        assert_eq!(attributes.insert(value.clone()), None);
        assert_eq!(attributes.get_or_insert_with(|| value.clone()), value);
        assert!(!attributes.contains::<Arc<i32>>());
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
