//! Flat columns decoded without undoing the encoding of the file: dictionaries and runs are kept if
//! they are requested, and expanded in bulk if they are not.
//!
//! `encoded_columns` chooses the [`Shape`] in which each column is output, by `column_counts`.
//! [`CodedColumn`] walks the pages of one column: `hybrid` reads its indices, and `page_values` has
//! the `parquet` crate decode its values. `output` passes both to `keys`, `runs` or `values`, which
//! build the array. Not for nested columns.

mod column;
mod column_counts;
mod dictionary_page;
mod encoded_columns;
mod hybrid;
mod keys;
mod output;
mod page_values;
mod runs;
#[cfg(test)]
mod tests;
mod values;

pub(super) use column::CodedColumn;
pub(super) use column_counts::ColumnCounts;
pub(super) use dictionary_page::claims_too_much;
pub use encoded_columns::EncodedColumns;
pub(super) use encoded_columns::encodings;
pub(super) use output::Shape;
pub(super) use page_values::FlatColumn;
