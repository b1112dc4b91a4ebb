//! Expansion of directories, patterns and lists to files in natural order, with the partition keys
//! in their paths (`year=2024/month=07`).
//!
//! Does not read the files: it opens only those whose names do not show their format.
//!
//! - [`Dataset`]: the files, and their partition columns.
//! - [`files`]: the files alone.
//! - [`hive`]: partition keys as parts of paths, written and read.

pub mod hive;
mod keys;
mod list;
mod natural_order;
mod objects;
mod pattern;
mod walk;

use crate::error::{Error, Result};
use crate::options::{DatasetOptions, Operand};
use crate::schema::given_schema;
use arrow::array::ArrayRef;
use arrow::datatypes::Field;
pub use list::DatasetFile;
use list::{HiveKeys, List};
pub use natural_order::compare as compare_naturally;
pub use pattern::is_hidden;
use std::sync::Arc;
use walk::Content;

/// The files of an operand, in any format: see [`Dataset::list`].
///
/// # Errors
/// Those of [`Dataset::list`], except for keys and formats.
pub fn files(operand: &Operand) -> Result<Vec<Operand>> {
    let mut found = List::new(HiveKeys::Never, Content::Any);
    found.add_operand(operand)?;
    Ok(found.files.into_iter().map(|file| file.operand).collect())
}

/// The error of opening a listed file. Directories are listed as their files, so an operand that is a
/// directory by now was none before.
#[must_use]
pub fn since_listed(operand: &Operand, error: Error) -> Error {
    match operand {
        Operand::Path(path) if path.is_dir() => Error::failed(format!(
            "{}: the directory appeared after the files were listed; run the command again",
            operand.name()
        )),
        _ => error,
    }
}

/// Files, and the partition columns from their paths.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The files in the order in which they are read.
    pub files: Vec<DatasetFile>,
    /// The fields of the partition columns; empty if the paths have no keys.
    pub key_fields: Vec<Arc<Field>>,
    /// The partition columns, with a row for each file.
    pub key_columns: Vec<ArrayRef>,
}

impl Dataset {
    /// Finds the files of the operands and the list: operands in the order given, the list last.
    /// The files of an operand are in natural order (`part-2` before `part-10`).
    ///
    /// Below directories, names that begin with `.` or `_` are skipped unless they are partition
    /// keys (`_year=2024`), as in Spark. Links are followed.
    ///
    /// # Errors
    /// A directory without files; a pattern that matches none; a directory that cannot be read; a
    /// file below one that is not a Parquet file; keys that differ from file to file or do not fit
    /// the types given.
    pub fn list(operands: &[Operand], options: &DatasetOptions) -> Result<Self> {
        let hive = which_keys(options)?;
        let types = options.hive_types.as_deref().map(given_schema).transpose();
        let types = types.map_err(|error| error.with("--hive-types"))?;
        let mut found = List::new(hive, Content::Parquet);
        for operand in operands {
            found.add_operand(operand)?;
        }
        if let Some(list) = &options.files_from {
            if *list == Operand::Stdin && operands.contains(list) {
                return Err(Error::usage("standard input (-) is both the list and an operand"));
            }
            for name in list::read_list(list)? {
                found.add_listed(name)?;
            }
        }
        let (key_fields, key_columns) = match hive {
            HiveKeys::Never => (Vec::new(), Vec::new()),
            _ => keys::key_columns(&found.files, types.as_ref())?,
        };
        Ok(Self { files: found.files, key_fields, key_columns })
    }

    /// The inputs of all files.
    pub fn operands(&self) -> Vec<Operand> {
        self.files.iter().map(|file| file.operand.clone()).collect()
    }
}

fn which_keys(options: &DatasetOptions) -> Result<HiveKeys> {
    let refused = |other| Err(Error::usage(format!("--no-hive cannot be combined with {other}")));
    match (options.no_hive, options.hive) {
        (true, true) => refused("--hive"),
        (true, false) if options.hive_types.is_some() => refused("--hive-types"),
        (true, false) => Ok(HiveKeys::Never),
        (false, true) => Ok(HiveKeys::All),
        (false, false) => Ok(HiveKeys::Below),
    }
}
