//! The interface of the functions of many rows: states of groups, to which rows are added.

use crate::batch::restored;
use crate::error::{Error, Result};
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field};
use arrow::error::ArrowError;
use std::fmt::Debug;
use std::ops::Range;

/// Rows that are added to their groups.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    /// The number of each row's group.
    pub(super) groups: &'a [u32],
    /// The number of groups; an accumulator has room for all of them.
    pub(super) count: usize,
    /// The arguments, without dictionary or run-end encoding.
    pub(super) arguments: &'a [ArrayRef],
}

/// An array of a state.
pub(super) type StateField = (&'static str, DataType);

/// The state of a function for every group.
///
/// States can be taken out as arrays and merged into the states of other groups, in any number of
/// steps: for groups in temporary files and for partial results.
pub(super) trait Accumulator: Debug + Send {
    /// Adds rows.
    ///
    /// # Errors
    /// A sum that overflows.
    fn add(&mut self, rows: Rows<'_>) -> Result<()>;

    /// The names and types of the arrays of a state.
    fn state_fields(&self) -> Vec<StateField>;

    /// Adds states: `states.arguments` has the arrays of a state, with a row for each group in
    /// `states.groups`.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    fn merge(&mut self, states: Rows<'_>) -> Result<()>;

    /// Prepares for [`states`](Self::states) and [`values`](Self::values), with this many groups.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    fn finish(&mut self, count: usize) -> Result<()>;

    /// The states of some groups.
    ///
    /// # Errors
    /// More bytes than an array can have.
    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>>;

    /// The results of some groups.
    ///
    /// # Errors
    /// A result that its type cannot hold; more bytes than an array can have.
    fn values(&self, groups: Range<usize>) -> Result<ArrayRef>;

    /// The memory in use.
    fn bytes(&self) -> usize;
}

/// An error of the arrow crate while groups are computed.
pub(super) fn failed(cause: ArrowError) -> Error {
    Error::failed(format!("cannot aggregate: {cause}"))
}

/// Makes room for this many groups.
pub(super) fn grow<T: Clone>(values: &mut Vec<T>, count: usize, value: T) {
    if values.len() < count {
        values.resize(count, value);
    }
}

/// A column in the type of a field.
///
/// # Errors
/// Values that the type cannot hold.
pub(super) fn as_type(field: &Field, column: ArrayRef) -> Result<ArrayRef> {
    restored(&column, field.data_type()).map_err(failed)
}
