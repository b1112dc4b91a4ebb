//! The footers of many files as one file, `_metadata`: readers of a directory need not open all files
//! to know what is in them.

use parquet::file::metadata::{
    FileMetaData, ParquetMetaData, ParquetMetaDataWriter, RowGroupMetaData,
};
use std::collections::BTreeMap;
use std::io::Write;

use super::column_orders::declare_type_order;
use super::sink::Failure;
use crate::error::{Error, Result, guard};
use crate::io::Output;
use crate::parquet_file::footer::MAGIC;

/// What a finished file has in its footer.
#[derive(Debug)]
pub struct Footer(ParquetMetaData);

impl Footer {
    pub(super) fn new(metadata: ParquetMetaData) -> Self {
        Self(metadata)
    }

    /// The rows of the file.
    pub fn rows(&self) -> u64 {
        self.0.file_metadata().num_rows().unsigned_abs()
    }
}

/// The footers of files of one schema, by the paths of the files.
#[derive(Debug, Default)]
pub struct Footers {
    file: Option<FileMetaData>,
    /// By path, so that the result does not depend on which file was finished first.
    row_groups: BTreeMap<String, Vec<RowGroupMetaData>>,
    rows: i64,
}

impl Footers {
    /// Adds the footer of the file at `path`, which is relative to where `_metadata` will lie.
    ///
    /// # Errors
    /// Metadata that the library does not take back.
    pub fn add(&mut self, path: String, footer: Footer) -> Result<()> {
        let row_groups = footer.0.row_groups().iter();
        let row_groups: Result<Vec<_>> =
            row_groups.map(|row_group| located(row_group, &path)).collect();
        self.rows = self.rows.saturating_add(footer.0.file_metadata().num_rows());
        self.file.get_or_insert_with(|| footer.0.file_metadata().clone());
        self.row_groups.insert(path, row_groups?);
        Ok(())
    }

    /// Whether there is no footer at all: then there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.file.is_none()
    }

    /// Writes them as one file: a Parquet file with a footer alone. The output is returned whole.
    ///
    /// # Errors
    /// An output that refuses.
    pub fn write(self, mut output: Output) -> Result<Output> {
        let Some(first) = self.file else { return Ok(output) };
        let name = output.name().to_owned();
        let file = FileMetaData::new(
            first.version(),
            self.rows,
            first.created_by().map(str::to_owned),
            first.key_value_metadata().cloned(),
            first.schema_descr_ptr(),
            first.column_orders().cloned(),
        );
        let row_groups = self.row_groups.into_values().flatten().collect();
        let metadata = ParquetMetaData::new(file, row_groups);
        let mut bytes = MAGIC.to_vec();
        guard(&name, || {
            ParquetMetaDataWriter::new(&mut bytes, &metadata)
                .finish()
                .map_err(|error| Failure::default().told(&name, &error))
        })?;
        declare_type_order(&mut bytes, metadata.file_metadata().schema_descr());
        output.write_all(&bytes).map_err(|e| Error::write(&name, &e))?;
        Ok(output)
    }
}

/// A row group that says in which file it lies.
fn located(row_group: &RowGroupMetaData, path: &str) -> Result<RowGroupMetaData> {
    let told = |error| Failure::default().told(path, &error);
    let columns = row_group.columns().iter();
    let columns: Result<Vec<_>> = columns
        .map(|column| {
            column.clone().into_builder().set_file_path(path.to_owned()).build().map_err(told)
        })
        .collect();
    row_group.clone().into_builder().set_column_metadata(columns?).build().map_err(told)
}
