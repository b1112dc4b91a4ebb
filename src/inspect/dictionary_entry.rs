//! A value of a dictionary page.

use super::value::Value;

/// An entry of a dictionary.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its value.
    pub value: Value,
    /// Its size in the decompressed page.
    pub bytes: u64,
}
