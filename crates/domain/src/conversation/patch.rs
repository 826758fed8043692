//! What an edit does to a value.

/// What an edit does to a value: it keeps it, takes it away, or sets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// The value stays as it is.
    #[default]
    Keep,
    /// There is none from now on.
    Clear,
    /// This is it from now on.
    Set(T),
}

impl<T> Patch<T> {
    /// The same of another type; what there is none of is kept, for its fault was noted.
    pub fn and_then<U>(self, make: impl FnOnce(T) -> Option<U>) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => make(value).map_or(Patch::Keep, Patch::Set),
        }
    }

    /// Changes a value that may not be there.
    pub fn apply(self, value: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *value = None,
            Self::Set(new) => *value = Some(new),
        }
    }
}

impl<T: Default> Patch<T> {
    /// Changes a value of which nothing is its empty form.
    pub fn apply_or_empty(self, value: &mut T) {
        match self {
            Self::Keep => {}
            Self::Clear => *value = T::default(),
            Self::Set(new) => *value = new,
        }
    }
}
