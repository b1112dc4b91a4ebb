//! Flat columns decoded without undoing what the file has done already: dictionaries and runs come
//! out as such where they are asked for, and are filled and gathered where they are not.
//!
//! `encoded_columns` decides which columns come out in which [`Shape`], by `column_counts`; [`CodedColumn`] walks the
//! pages of one, whose indices `hybrid` reads and whose values `page_values` has the library decode;
//! `output` hands both to `keys`, `runs` or `values`, which make the array. Not for nested columns.

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
