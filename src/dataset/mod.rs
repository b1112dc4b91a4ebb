//! What directories, patterns and lists stand for: files in natural order, and the keys that their
//! paths hold (`year=2024/month=07`).
//!
//! Not for what is in the files: it opens only those whose names do not say what they are.
//!
//! - [`Dataset`]: the files, and their keys as columns.
//! - [`files`]: the files alone.
//! - [`hive`]: keys as parts of paths, in both directions.

pub mod hive;
mod keys;
mod list;
mod natural_order;
mod pattern;
mod walk;

use crate::endpoint::{DatasetOptions, Operand};
use crate::error::{Error, Result};
use crate::io::SeenDirectory;
use crate::schema::given_schema;
use arrow::array::ArrayRef;
use arrow::datatypes::Field;
use list::{HiveKeys, List};
pub use natural_order::compare as compare_naturally;
pub use pattern::is_hidden;
use std::sync::Arc;
use walk::Content;

/// The files that an operand stands for, of any format: see [`Dataset::list`].
///
/// # Errors
/// Those of [`Dataset::list`] that are not about keys or formats.
pub fn files(operand: &Operand) -> Result<Vec<Operand>> {
    let mut found = List::new(HiveKeys::Never, Content::Any);
    found.add_operand(operand)?;
    Ok(found.files.into_iter().map(|file| file.operand).collect())
}

/// Files, and what their paths say of their rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The files in the order in which they are read.
    pub files: Vec<Operand>,
    /// For each file whether it is a regular one, which may be opened when its turn comes.
    pub is_regular: Vec<bool>,
    /// For each file the directory in which it was found; none if it was named itself.
    pub directories: Vec<Option<Arc<SeenDirectory>>>,
    /// The columns of the keys; none if the paths have none.
    pub key_fields: Vec<Arc<Field>>,
    /// A column for each key with a row for each file.
    pub key_columns: Vec<ArrayRef>,
}

impl Dataset {
    /// Finds the files that the operands and the list stand for. Those of an operand are in natural
    /// order (`part-2` before `part-10`), operands in the order given, those of the list last.
    ///
    /// Below directories, names that begin with `.` or `_` are passed over unless they are keys
    /// (`_year=2024`), as in Spark. Links are followed.
    ///
    /// # Errors
    /// A directory without files, a pattern that means none, a directory that cannot be read, a file below
    /// one that is no Parquet file, keys that differ from file to file or do not fit the types given.
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
            for path in list::read_list(list)? {
                found.add_entry(path)?;
            }
        }
        let (key_fields, key_columns) = match hive {
            HiveKeys::Never => (Vec::new(), Vec::new()),
            _ => keys::key_columns(&found.files, types.as_ref())?,
        };
        let parts = |file: list::Listed| (file.operand, (file.is_regular, file.directory));
        let (files, (is_regular, directories)) = found.files.into_iter().map(parts).unzip();
        Ok(Self { files, is_regular, directories, key_fields, key_columns })
    }
}

fn which_keys(options: &DatasetOptions) -> Result<HiveKeys> {
    let refused =
        |other| Err(Error::usage(format!("--no-hive and {other} make no sense together")));
    match (options.no_hive, options.hive) {
        (true, true) => refused("--hive"),
        (true, false) if options.hive_types.is_some() => refused("--hive-types"),
        (true, false) => Ok(HiveKeys::Never),
        (false, true) => Ok(HiveKeys::All),
        (false, false) => Ok(HiveKeys::Below),
    }
}
