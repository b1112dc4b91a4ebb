//! Facts about all files before the first batch: the schema under which they are read, and the
//! decisions that depend on footers.
//!
//! As few footers as possible are read: one if schemas must be equal, and all of them, in threads,
//! if columns are matched by name or footers decide on encodings. Only schemas and sums are kept.

use super::encoded::{ColumnCounts, EncodedColumns};
use super::options::ScanOptions;
use super::scan_files::{Files, Verdict};
use crate::error::{Error, Result};
use crate::parquet_file::file::ParquetFile;
use crate::parquet_file::storable::found_schema;
use crate::schema::{
    MergeSchema, MergedZones, merge_strict_or, merge_union_noted, nullable, strictly_merged,
};
use crate::threads::in_order::{Effort, Given, InOrder};
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The schema under which all files are read, and facts from the footers read for it.
pub(crate) struct CommonSchema {
    /// All columns; constants replace the columns of the same name, or follow at the end.
    pub(crate) schema: SchemaRef,
    /// The origin of each column.
    pub(crate) columns: Vec<Column>,
    /// The columns that come from files only.
    pub(crate) own: Schema,
    /// The counts of columns that may be encoded, by name.
    pub(crate) counts: BTreeMap<String, ColumnCounts>,
    /// The number of rows to read, if it is known.
    pub(crate) rows: Option<u64>,
    /// The columns whose time zones differ between files.
    pub(crate) zones: MergedZones,
    /// The number of the first file that is read; the number of files if all are pruned.
    pub(crate) begin: usize,
    /// Columns that cannot be read in that file, by index in the schema, and why.
    pub(crate) unreadable: BTreeMap<usize, Error>,
}

/// The origin of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// From the files: its index among the columns that come from files.
    File(usize),
    /// One value per file: its index among the constants.
    Constant(usize),
}

/// Facts about one file.
struct FileFacts {
    name: String,
    own: Schema,
    rows: u64,
    counts: BTreeMap<String, ColumnCounts>,
}

/// Reads as many footers as are needed.
///
/// # Errors
/// A file that cannot be opened, schemas that cannot be read as one, a missing row group.
pub(crate) fn common_schema(files: &Arc<Files>) -> Result<CommonSchema> {
    let options = &files.options;
    let is_union = options.merge_schema == MergeSchema::Union;
    let ruled_out = |number: &usize| files.verdict(*number) == Verdict::Pruned;
    let begin = (0..files.len()).find(|number| !ruled_out(number)).unwrap_or(files.len());
    // A pruned file has the same schema, unless columns are matched by name: then its schema
    // counts, because a predicate must not change the columns.
    let number = if is_union || begin == files.len() { 0 } else { begin };
    let first = files.open(number)?;
    let mut seen = look(files, number, &first)?;
    let mut zones = MergedZones::default();
    let mut rows = Some(seen.rows);
    if is_union || needs_counts(options) {
        let mut others = look_ahead(files, number + 1);
        while let Given::Result(other) = others.next(Effort::Wait) {
            if let Some(other) = other? {
                seen.add(other, options.merge_schema, &mut zones)?;
            }
        }
        rows = Some(seen.rows);
    } else if files.len() > 1 {
        // The other files are unknown so far, and a predicate must not change the schema.
        seen.own = nullable(&seen.own);
        rows = rows.filter(|_| files.len() <= begin + 1);
    }
    let (schema, columns) = with_constants(&seen.own, &files.schema(&first), files);
    let mut unreadable = BTreeMap::new();
    if number == begin {
        unreadable = unreadable_columns(files, &first, &seen.own, &columns)?;
        files.keep(number, first);
    }
    let (own, counts) = (seen.own, seen.counts);
    Ok(CommonSchema { schema, columns, own, counts, rows, zones, begin, unreadable })
}

/// The columns that cannot be read in the first file, so that they are refused before a schema is
/// written. Those of later files are refused when they are opened.
fn unreadable_columns(
    files: &Files,
    first: &ParquetFile,
    own: &Schema,
    columns: &[Column],
) -> Result<BTreeMap<usize, Error>> {
    let in_first = files.own_columns(first)?;
    let unreadable = columns.iter().enumerate().filter_map(|(number, column)| {
        let Column::File(place) = column else { return None };
        let root = files.root(&in_first, own, *place)?;
        let error = first.columns().check(root).err()?;
        Some((number, error.with(first.name())))
    });
    Ok(unreadable.collect())
}

/// Reads the other footers in threads. Their schemas are merged in order.
fn look_ahead(files: &Arc<Files>, from: usize) -> InOrder<Option<FileFacts>> {
    let (count, threads) = (files.len() - from, &files.options.threads);
    let is_union = files.options.merge_schema == MergeSchema::Union;
    let files = Arc::clone(files);
    InOrder::new(count, threads, move |number| {
        let number = from + number;
        if !is_union && files.verdict(number) == Verdict::Pruned {
            return Ok(None);
        }
        look(&files, number, &files.open(number)?).map(Some)
    })
}

/// Collects the facts about a file from its footer.
fn look(files: &Files, number: usize, file: &ParquetFile) -> Result<FileFacts> {
    let own = files.own_columns(file)?;
    let is_read = files.verdict(number) != Verdict::Pruned;
    let rows = if is_read { files.chosen_rows(file)? } else { 0 };
    let mut counts: BTreeMap<String, ColumnCounts> = BTreeMap::new();
    for (field, place) in own.schema.fields().iter().zip(&own.places) {
        if is_read && is_counted(&files.options, field.name()) {
            // With several columns of one name, the keys must be wide enough for each.
            let sums = counts.entry(field.name().clone()).or_default();
            sums.add(&ColumnCounts::of(file, *place));
        }
    }
    Ok(FileFacts { name: file.name().to_owned(), own: own.schema, rows, counts })
}

impl FileFacts {
    /// Adds the facts about a later file.
    fn add(&mut self, other: Self, merge: MergeSchema, zones: &mut MergedZones) -> Result<()> {
        if self.own.fields() != other.own.fields() {
            let merged = match merge {
                MergeSchema::Strict => {
                    unite_files(&self.own, &other.own).map(|own| (own, MergedZones::default()))
                }
                MergeSchema::Union => merge_union_noted(&self.own, &other.own),
            };
            let (own, found) = merged.map_err(|error| error.with(&other.name))?;
            self.own = own;
            zones.add(found, &other.name);
        }
        self.rows += other.rows;
        for (name, counts) in other.counts {
            self.counts.entry(name).or_default().add(&counts);
        }
        Ok(())
    }
}

/// Merges schemas that must be equal.
///
/// # Errors
/// A different column, order or type.
pub(crate) fn unite_files(first: &Schema, other: &Schema) -> Result<Schema> {
    merge_strict_or(first, other, "--merge-schema union takes both")
}

/// Checks that a file and one that will be written with this schema can be read as one. The columns
/// `except` come from their paths.
///
/// # Errors
/// A different column, order or type.
pub fn check_same_columns(file: &ParquetFile, schema: &Schema, except: &[String]) -> Result<()> {
    let own = |schema: &Schema| {
        let fields = schema.fields().iter().filter(|field| !except.contains(field.name()));
        Schema::new(fields.cloned().collect::<Vec<_>>())
    };
    strictly_merged(&own(file.schema()), &own(&found_schema(schema)?)).map(drop)
}

/// Places constants where the first file has columns of their names, the others at the end.
fn with_constants(own: &Schema, first: &Schema, files: &Files) -> (SchemaRef, Vec<Column>) {
    let constants = files.constant_fields();
    let (mut fields, mut columns): (Vec<FieldRef>, Vec<Column>) = (Vec::new(), Vec::new());
    let mut left = own.fields().iter().enumerate();
    for field in first.fields() {
        match constants.find(field.name()) {
            Some((constant, field)) if !columns.contains(&Column::Constant(constant)) => {
                fields.push(field.clone());
                columns.push(Column::Constant(constant));
            }
            Some(_) => {}
            None => fields.extend(left.next().map(|(place, field)| {
                columns.push(Column::File(place));
                field.clone()
            })),
        }
    }
    for (place, field) in left {
        fields.push(field.clone());
        columns.push(Column::File(place));
    }
    for (constant, field) in constants.iter().enumerate() {
        if !columns.contains(&Column::Constant(constant)) {
            fields.push(field.clone());
            columns.push(Column::Constant(constant));
        }
    }
    (Arc::new(Schema::new_with_metadata(fields, own.metadata().clone())), columns)
}

/// Whether the encoding of a column depends on footers.
fn needs_counts(options: &ScanOptions) -> bool {
    options.runs == EncodedColumns::Auto || !options.dictionary.is_none()
}

/// Whether the encoding of this column does.
fn is_counted(options: &ScanOptions, name: &String) -> bool {
    let comes_out = options.columns.as_ref().is_none_or(|columns| columns.contains(name));
    let is_chosen = match &options.dictionary {
        EncodedColumns::Named(names) => names.contains(name),
        EncodedColumns::Auto => true,
        EncodedColumns::IfUnderstood | EncodedColumns::None => false,
    };
    comes_out && (is_chosen || options.runs == EncodedColumns::Auto)
}
