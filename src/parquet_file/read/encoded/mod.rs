//! Flat columns decoded without undoing the encoding of the file: dictionaries and runs are kept if
//! they are requested, and expanded in bulk if they are not.
//!
//! `encoded_columns` chooses the [`OutputEncoding`](output_encoding::OutputEncoding) in which each
//! column is output, by `column_counts`. [`EncodedColumnReader`] walks the pages of one column:
//! `rle_bit_packed` reads its indices, and `page_values` has the `parquet` crate decode its values.
//! `column_builder` passes both to `dictionary_builder`, `run_end_builder` or `plain_builder`,
//! which build the array. Not for nested columns.

mod column;
mod column_builder;
mod column_counts;
mod dictionary_builder;
mod dictionary_page;
mod encoded_columns;
pub(crate) mod output_encoding;
mod page_values;
mod plain_builder;
mod rle_bit_packed;
mod run_end_builder;
#[cfg(test)]
mod tests;

pub(crate) use column::EncodedColumnReader;
pub(crate) use column_counts::ColumnCounts;
pub(crate) use dictionary_page::claims_too_much;
pub use encoded_columns::EncodedColumns;
pub(crate) use encoded_columns::encodings;
pub(crate) use page_values::FlatColumn;
