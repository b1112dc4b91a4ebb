//! Errors of the module.

use crate::error::Error;

/// An error that says what is wrong with values or states.
pub(super) fn failed(cause: impl std::fmt::Display) -> Error {
    Error::failed(format!("cannot summarize: {cause}"))
}
