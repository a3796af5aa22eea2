//! Why an evidence file cannot be used, and where in it.

use std::fmt;

/// What is wrong with an evidence file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenError {
    path: String,
    reason: String,
}

impl FrozenError {
    pub(super) fn new(reason: impl Into<String>) -> FrozenError {
        FrozenError { path: String::new(), reason: reason.into() }
    }

    /// The same error one member or element further out.
    pub(super) fn under(self, member: &str) -> FrozenError {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        FrozenError { path: format!("{member}{dot}{}", self.path), ..self }
    }

    /// Where in the file, e.g. `evidence.signatures[0].signed.signer`; empty if it is about the file as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong, without a full stop.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for FrozenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for FrozenError {}

/// Says where an error lies.
pub(super) trait Within<T> {
    /// In the member of an object.
    fn within(self, member: &str) -> Result<T, FrozenError>;
    /// In the element of a list.
    fn element(self, index: usize) -> Result<T, FrozenError>;
}

impl<T> Within<T> for Result<T, FrozenError> {
    fn within(self, member: &str) -> Result<T, FrozenError> {
        self.map_err(|error| error.under(member))
    }

    fn element(self, index: usize) -> Result<T, FrozenError> {
        self.map_err(|error| error.under(&format!("[{index}]")))
    }
}

/// Every element turned, with its place if it cannot be.
pub(super) fn each<T, U>(
    list: &[T],
    mut turn: impl FnMut(&T) -> Result<U, FrozenError>,
) -> Result<Vec<U>, FrozenError> {
    list.iter().enumerate().map(|(index, item)| turn(item).element(index)).collect()
}
