use std::{any::Any, fmt, sync::Arc};

/// The user of a session: Java's `Principal`.
///
/// A principal has a name, which is also the `{user}` in `/user/{user}/...` destinations unless it says
/// [another](Self::with_destination_user_name), and may carry whatever the application knows about the user.
///
/// ```
/// use stomp_axum::message::Principal;
///
/// struct Account { id: u64 }
///
/// let principal = Principal::new("joe").with_details(Account { id: 7 });
/// assert_eq!(principal.name(), "joe");
/// assert_eq!(principal.details::<Account>().unwrap().id, 7);
/// ```
///
/// Cheap to clone: each message of a session has one.
#[derive(Clone)]
pub struct Principal(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    name: Arc<str>,
    roles: Arc<[String]>,
    destination_user_name: Option<Arc<str>>,
    details: Option<Arc<dyn Any + Send + Sync>>,
}

impl Principal {
    /// A user of that name.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(Arc::new(Inner {
            name: name.into(),
            roles: Arc::default(),
            destination_user_name: None,
            details: None,
        }))
    }

    /// Adds what the application knows about the user; handlers read it with [`details`](Principal::details).
    #[must_use]
    pub fn with_details<T: Any + Send + Sync>(mut self, details: T) -> Self {
        Arc::make_mut(&mut self.0).details = Some(Arc::new(details));
        self
    }

    /// Says which roles the user has, for authorization rules (SEC-14).
    ///
    /// ```
    /// use stomp_axum::message::Principal;
    ///
    /// let principal = Principal::new("joe").with_roles(["USER", "TRADER"]);
    /// assert!(principal.has_role("TRADER"));
    /// assert!(!principal.has_role("trader"));
    /// ```
    #[must_use]
    pub fn with_roles<S: Into<String>>(mut self, roles: impl IntoIterator<Item = S>) -> Self {
        Arc::make_mut(&mut self.0).roles = roles.into_iter().map(Into::into).collect();
        self
    }

    /// The user's roles.
    pub fn roles(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.roles.iter().map(String::as_str)
    }

    /// Whether the user has this role. Roles are compared as they are, without a prefix.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles().any(|other| other == role)
    }

    /// Gives the user another name in destinations, and in the user registry: Spring's `DestinationUserNameProvider`
    /// (RV-20). For names that are not unique, or that nobody should see.
    ///
    /// The client still gets the principal's [name](Self::name) in the `user-name` header of CONNECTED.
    ///
    /// ```
    /// use stomp_axum::message::Principal;
    ///
    /// // Messages for this user go to `/user/42/queue/...`.
    /// let principal = Principal::new("Joe").with_destination_user_name("42");
    /// assert_eq!(principal.name(), "Joe");
    /// assert_eq!(principal.destination_user_name(), "42");
    /// ```
    #[must_use]
    pub fn with_destination_user_name(mut self, name: impl Into<Arc<str>>) -> Self {
        Arc::make_mut(&mut self.0).destination_user_name = Some(name.into());
        self
    }

    /// The `{user}` of `/user/{user}/...` destinations, by which the user registry knows the user, too.
    pub fn destination_user_name(&self) -> &str {
        self.0
            .destination_user_name
            .as_ref()
            .unwrap_or(&self.0.name)
    }

    /// The user's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// [`details`](Self::details), shared.
    pub(crate) fn shared_details<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.0.details.clone()?.downcast().ok()
    }

    /// What [`with_details`](Principal::with_details) added, if it was of this type.
    pub fn details<T: Any>(&self) -> Option<&T> {
        self.0.details.as_deref()?.downcast_ref()
    }
}

/// Principals of one name are the same user, whatever their details.
impl PartialEq for Principal {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Principal {}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The details may be a token or a password hash.
        f.debug_struct("Principal")
            .field("name", &self.0.name)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name)
    }
}

impl From<&str> for Principal {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}
