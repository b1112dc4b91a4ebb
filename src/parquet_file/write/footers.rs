//! Writes the footers of many files as one file, `_metadata`, so that readers of a directory need
//! not open every file.

use super::column_orders::declare_type_order;
use super::sink::Failure;
use crate::error::{Error, Result, guard};
use crate::io::Output;
use crate::parquet_file::footer::{MAGIC, with_rows};
use parquet::file::metadata::{
    FileMetaData, ParquetMetaData, ParquetMetaDataWriter, RowGroupMetaData,
};
use std::collections::BTreeMap;
use std::io::Write;

/// The footer of a finished file.
#[derive(Debug)]
pub struct Footer(pub(crate) ParquetMetaData);

impl Footer {
    /// The number of rows in the file.
    pub fn rows(&self) -> u64 {
        self.0.file_metadata().num_rows().unsigned_abs()
    }
}

/// The footers of files with one schema, by path.
#[derive(Debug, Default)]
pub struct Footers {
    file: Option<FileMetaData>,
    /// The row groups of each file, by path: the result does not depend on which file finishes
    /// first.
    row_groups: BTreeMap<String, Vec<RowGroupMetaData>>,
    rows: i64,
}

impl Footers {
    /// Adds the footer of the file at `path`, which is relative to the directory of `_metadata`.
    ///
    /// # Errors
    /// Metadata that the library does not accept.
    pub fn add(&mut self, path: String, footer: Footer) -> Result<()> {
        let row_groups = footer.0.row_groups().iter();
        let row_groups: Result<Vec<_>> =
            row_groups.map(|row_group| located(row_group, &path)).collect();
        self.rows = self.rows.saturating_add(footer.0.file_metadata().num_rows());
        self.file.get_or_insert_with(|| footer.0.file_metadata().clone());
        self.row_groups.insert(path, row_groups?);
        Ok(())
    }

    /// Whether there are no footers, and so nothing to write.
    pub fn is_empty(&self) -> bool {
        self.file.is_none()
    }

    /// Writes the footers as one Parquet file that has only a footer. Returns the complete output.
    ///
    /// # Errors
    /// I/O errors.
    pub fn write(self, mut output: Output) -> Result<Output> {
        let Some(first) = self.file else { return Ok(output) };
        let name = output.name().to_owned();
        let row_groups = self.row_groups.into_values().flatten().collect();
        let metadata = ParquetMetaData::new(with_rows(&first, self.rows), row_groups);
        let mut bytes = MAGIC.to_vec();
        guard(&name, || {
            ParquetMetaDataWriter::new(&mut bytes, &metadata)
                .finish()
                .map_err(|error| Failure::default().error(&name, &error))
        })?;
        declare_type_order(&mut bytes, metadata.file_metadata().schema_descr());
        output.write_all(&bytes).map_err(|e| Error::write(&name, &e))?;
        Ok(output)
    }
}

/// The row group with the path of its file.
fn located(row_group: &RowGroupMetaData, path: &str) -> Result<RowGroupMetaData> {
    let columns = row_group.columns().iter();
    let columns =
        columns.map(|column| column.clone().into_builder().set_file_path(path.to_owned()).build());
    let located = columns
        .collect::<Result<_, _>>()
        .and_then(|columns| row_group.clone().into_builder().set_column_metadata(columns).build());
    located.map_err(|error| Failure::default().error(path, &error))
}
