use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::Arc,
};

use parking_lot::RwLock;

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
