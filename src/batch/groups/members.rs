//! Keys within groups, of which each group remembers some.

use super::column::{are_words, words};
use super::key_columns::{key_fields, plain_type};
use super::nulls::null_words;
use super::rows::RowKeys;
use super::runs::GroupRange;
use super::table::{CHUNK, Table, Wide};
use crate::error::Result;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::Schema;

/// The keys that are remembered, each in its group.
#[derive(Debug)]
pub(in crate::batch) enum Members {
    /// A column of values of up to eight bytes, each followed by its group and whether it is null.
    Words(Table<Wide>),
    Rows(Box<RowKeys>),
}

const NULL: u64 = 1 << u32::BITS;

impl Members {
    /// For keys in the columns with these numbers.
    ///
    /// # Errors
    /// A column whose type cannot be compared, or that does not exist.
    pub(in crate::batch) fn try_new(schema: &Schema, columns: &[usize]) -> Result<Self> {
        let fields = key_fields(schema, columns)?;
        let is_word = |column| plain_type(schema, column).is_some_and(|plain| are_words(&plain));
        match columns {
            [column] if is_word(*column) => Ok(Self::Words(Table::new())),
            _ => Ok(Self::Rows(Box::new(RowKeys::try_new(fields)?))),
        }
    }

    /// The number of remembered keys.
    #[cfg(test)]
    pub(in crate::batch) fn len(&self) -> usize {
        match self {
            Self::Words(table) => table.values().len(),
            Self::Rows(keys) => keys.len(),
        }
    }

    /// Looks up the key of each run; the arrays have one row for each. `decide` gets the run and
    /// whether its key is remembered in its group; if not, it decides whether it shall be.
    ///
    /// # Errors
    /// More keys than can be remembered.
    pub(in crate::batch) fn look_up(
        &mut self,
        arrays: &[ArrayRef],
        runs: &mut [GroupRange],
        mut decide: impl FnMut(&GroupRange, bool) -> bool,
    ) -> Result<()> {
        match (self, arrays) {
            (Self::Words(table), [array]) => {
                let values = words(array)?;
                let nulls = array.logical_nulls();
                let mut nulls = null_words(nulls.as_ref());
                let mut keys = [Wide::default(); CHUNK];
                for (values, runs) in values.chunks(CHUNK).zip(runs.chunks(CHUNK)) {
                    let nulls = nulls.next().unwrap_or(0);
                    for (place, (value, run)) in values.iter().zip(runs).enumerate() {
                        let is_null = nulls >> place & 1 == 1;
                        let group = u64::from(run.group);
                        keys[place] = if is_null { [0, group | NULL] } else { [*value, group] };
                    }
                    table
                        .look_up(&keys[..runs.len()], |place, known| decide(&runs[place], known))?;
                }
                Ok(())
            }
            (Self::Words(_), _) => Ok(()),
            (Self::Rows(keys), _) => keys.each(arrays, runs, |numbering, key, run| {
                let is_known = numbering.contains(key);
                if decide(run, is_known) && !is_known {
                    numbering.insert(key)?;
                }
                Ok(())
            }),
        }
    }
}
