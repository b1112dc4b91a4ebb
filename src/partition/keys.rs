//! The partition of each row, and the directory of that partition's files:
//! `city=K%C3%B6ln/year=2024`.

use crate::batch::KeyNumbers;
use crate::dataset::hive;
use crate::error::{Error, Result};
use crate::schema::locate_columns;
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use std::path::{Path, PathBuf};

/// The partitions so far, numbered in the order of their first occurrence.
#[derive(Debug)]
pub(super) struct PartitionKeys {
    numbers: KeyNumbers,
    columns: Vec<usize>,
    names: Vec<String>,
    paths: Vec<PathBuf>,
}

impl PartitionKeys {
    /// Returns the keys made of the columns with these names, without any partition yet.
    ///
    /// # Errors
    /// A column that does not exist, or whose values cannot be text (usage errors).
    pub(super) fn try_new(schema: &Schema, by: &[String]) -> Result<Self> {
        let columns = locate_columns(schema, by).map_err(|e| e.with("--partition-by"))?;
        for column in &columns {
            let field = schema.field(*column);
            if !has_text(field.data_type()) {
                return Err(Error::usage(format!(
                    "--partition-by: column \"{}\" has the type {}, whose values cannot be \
                     directory names: cast it to text first (stream-select)",
                    escaped(field.name()),
                    field.data_type()
                )));
            }
        }
        let numbers = KeyNumbers::try_new(schema, &columns)?;
        Ok(Self { numbers, columns, names: by.to_vec(), paths: Vec::new() })
    }

    /// The positions of the partition columns.
    pub(super) fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// The number of partitions so far.
    pub(super) fn len(&self) -> usize {
        self.paths.len()
    }

    /// The directory of a partition's files, relative to the top of the tree.
    pub(super) fn path(&self, partition: u32) -> &Path {
        self.paths.get(partition as usize).map_or(Path::new(""), PathBuf::as_path)
    }

    /// Appends the partition of each row.
    ///
    /// # Errors
    /// A value that is too long for a directory name, with its column.
    pub(super) fn number(&mut self, batch: &RecordBatch, partitions: &mut Vec<u32>) -> Result<()> {
        self.numbers.number(batch, partitions)?;
        let known = self.paths.len();
        if known == self.numbers.count() {
            return Ok(());
        }
        let values = self.numbers.values_from(known)?;
        let mut paths = vec![PathBuf::new(); self.numbers.count() - known];
        for (name, values) in self.names.iter().zip(&values) {
            for (path, text) in paths.iter_mut().zip(texts(name, values)?) {
                path.push(hive::encode(name, text.as_deref().map(str::as_bytes))?);
            }
        }
        self.paths.append(&mut paths);
        Ok(())
    }
}

/// Whether values of a type have a unique text that other programs read as the same value.
fn has_text(data_type: &DataType) -> bool {
    use DataType as T;
    match data_type {
        T::Dictionary(_, values) => has_text(values),
        T::RunEndEncoded(_, values) => has_text(values.data_type()),
        T::Null | T::Boolean | T::Utf8 | T::LargeUtf8 | T::Utf8View => true,
        T::Date32 | T::Date64 | T::Time32(_) | T::Time64(_) | T::Timestamp(_, _) => true,
        other => other.is_numeric(),
    }
}

/// The values as text: numbers in decimal (floats with the fewest digits that identify them), dates
/// as `2024-07-01`, timestamps as in ISO 8601, `true` and `false`.
fn texts(name: &str, values: &ArrayRef) -> Result<Vec<Option<String>>> {
    let cannot = |cause: &dyn std::fmt::Display| {
        Error::failed(format!(
            "column \"{}\": cannot make a directory name: {cause}",
            escaped(name)
        ))
    };
    let options = FormatOptions::new().with_display_error(false);
    let formatter = ArrayFormatter::try_new(values, &options).map_err(|e| cannot(&e))?;
    let text = |row| {
        if values.is_null(row) || *values.data_type() == DataType::Null {
            Ok(None)
        } else {
            formatter.value(row).try_to_string().map(Some).map_err(|e| cannot(&e))
        }
    };
    (0..values.len()).map(text).collect()
}
