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
#[derive(Clone, Default)]
pub struct SessionAttributes(Arc<RwLock<HashMap<TypeId, Box<dyn Any + Send + Sync>>>>);

impl SessionAttributes {
    /// Keeps `value`, and returns the value of this type that it replaces.
    pub fn insert<T: Any + Send + Sync>(&self, value: T) -> Option<T> {
        let replaced = self.0.write().insert(TypeId::of::<T>(), Box::new(value));
        replaced
            .and_then(|value| value.downcast().ok())
            .map(|value| *value)
    }

    /// A clone of the value of this type.
    pub fn get<T: Any + Clone>(&self) -> Option<T> {
        self.0
            .read()
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
        let value = attributes.entry(TypeId::of::<T>());
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
        let value = attributes.get_mut(&TypeId::of::<T>())?;
        value.downcast_mut().map(change)
    }

    /// Whether there is a value of this type.
    pub fn contains<T: Any>(&self) -> bool {
        self.0.read().contains_key(&TypeId::of::<T>())
    }

    /// Drops all values.
    pub(super) fn clear(&self) {
        let values = std::mem::take(&mut *self.0.write());
        values.into_values().for_each(drop_of_session);
    }

    /// Takes the value of this type out.
    pub fn remove<T: Any>(&self) -> Option<T> {
        self.0
            .write()
            .remove(&TypeId::of::<T>())?
            .downcast()
            .ok()
            .map(|value| *value)
    }
}

impl fmt::Debug for SessionAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionAttributes")
            .field("len", &self.0.read().len())
            .finish_non_exhaustive()
    }
}
