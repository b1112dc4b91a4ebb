//! A top-level column that is decoded from one file.

use crate::error::Result;
use crate::parquet_file::columns::ColumnReader;
use crate::parquet_file::file::ParquetFile;
use crate::schema::Kept;
use std::collections::BTreeMap;

/// A column that is decoded.
pub(crate) struct SourceColumn {
    /// Its index in the file.
    pub(crate) root: usize,
    pub(crate) reader: ColumnReader,
}

impl SourceColumn {
    /// A complete top-level column.
    ///
    /// # Errors
    /// A column that cannot be read.
    pub(crate) fn whole(file: &ParquetFile, root: usize) -> Result<Self> {
        let kept = BTreeMap::from([(root, Kept::Whole)]);
        Ok(Self { root, reader: file.columns().reader(&kept)? })
    }
}
