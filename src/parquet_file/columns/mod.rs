//! The columns of a file as Arrow types, according to the Parquet schema and the Arrow schema that
//! a writer may have stored with it.
//!
//! Each top-level column is converted by itself, so that an unusual one does not block the others,
//! and a file of many columns costs no more than the columns that are read. Types that the
//! `parquet` crate would read wrongly (INT96, INTERVAL) are decoded as bytes and converted in
//! `raw`.

mod annotate;
mod decimal;
mod hint;
mod int96;
mod interval;
mod leaf_fields;
mod map_keys;
mod raw;
mod reader;
mod stored;

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use parquet::file::metadata::FileMetaData;
use parquet::schema::types::{Type, TypePtr};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::footer::Oddities;
use super::storable::readable_field;
use crate::error::Error;
use crate::text::escaped;
use hint::{Hints, hints};
pub(super) use int96::finest_unit;
use leaf_fields::leaf_count;
pub(super) use map_keys::check_keys;
pub(super) use raw::converted;
pub(super) use reader::ColumnReader;

/// Options for reading columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The unit of INT96 timestamps. Default: the one of the Arrow schema in the file, else
    /// nanoseconds, or a coarser unit if a dictionary holds a value that does not fit.
    pub int96: Option<TimeUnit>,
    /// The treatment of text that is not UTF-8.
    pub invalid_text: InvalidText,
    /// Whether pages with wrong checksums are read.
    pub ignores_checksums: bool,
    /// Whether text is decoded as bytes and checked here: slower, but errors name the row.
    pub(super) checks_text: bool,
}

/// Options and facts for reading the columns of one file.
#[derive(Debug, Clone, Copy)]
struct Reading<'a> {
    options: ReadOptions,
    /// The finest unit of INT96 timestamps.
    int96_unit: TimeUnit,
    /// Leaves that hold decimals although their type in the file does not say so.
    decimals: &'a BTreeMap<usize, (u8, i8)>,
    /// The key-value metadata of the file.
    pairs: &'a HashMap<String, String>,
    /// Whether the writer annotates each time and timestamp: a hint that turns a plain integer into
    /// one then belongs to another file.
    writes_annotations: bool,
}

/// The maximum nesting depth of a column. Deeper schemas cannot be read from a stream: pyarrow
/// reads 64 levels (`kMaxNestingDepth`), and the verifier of flatbuffers as many tables, two of
/// which enclose the fields.
const MOST_LEVELS: usize = 62;

/// The writer of pyarrow, R and many others: it stores seconds as milliseconds.
const ANNOTATING_WRITER: &str = "parquet-cpp-arrow";

/// The treatment of text that is not UTF-8.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InvalidText {
    /// Report an error.
    #[default]
    Error,
    /// Read text columns as binary.
    Binary,
    /// Replace each invalid sequence by U+FFFD.
    Replace,
}

/// The columns of a file.
#[derive(Debug)]
pub(crate) struct FileColumns {
    /// The schema, with the metadata of the file. A column that cannot be read has type `Null`.
    pub(super) schema: SchemaRef,
    columns: Vec<FileColumn>,
    checks: Checks,
    /// Why parts of the Arrow schema in the file are ignored.
    pub(crate) ignored: Vec<String>,
}

/// The faults that are errors when decoded values are converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Checks {
    /// Text that is not UTF-8; otherwise it is replaced.
    pub(super) text: bool,
    /// An INT96 timestamp with more digits than the unit has; otherwise it is truncated.
    int96: bool,
}

/// A top-level column.
#[derive(Debug)]
struct FileColumn {
    /// The type of the values as they are decoded.
    stored: TypePtr,
    /// The field requested from the decoder.
    decoded: FieldRef,
    /// The leaves that are converted after decoding, numbered within the column, and their final
    /// types.
    raw: BTreeMap<usize, DataType>,
    /// Its leaves in the file.
    leaves: Range<usize>,
    /// Why it cannot be read.
    unreadable: Option<String>,
}

impl FileColumns {
    /// Finds the Arrow type of each column. `int96_unit` is the finest unit of INT96 timestamps, if
    /// it is known.
    pub(crate) fn of(
        file: &FileMetaData,
        oddities: &Oddities,
        options: ReadOptions,
        int96_unit: Option<TimeUnit>,
    ) -> Self {
        let Hints { fields: mut hints, metadata, mut ignored } = hints(file);
        let writes_annotations =
            file.created_by().is_some_and(|writer| writer.starts_with(ANNOTATING_WRITER));
        let int96_unit = int96_unit.unwrap_or(TimeUnit::Nanosecond);
        let decimals = &oddities.decimals;
        let reading =
            Reading { options, int96_unit, decimals, pairs: &metadata, writes_annotations };
        let roots = file.schema_descr().root_schema().get_fields();
        let (mut fields, mut columns) = (Vec::with_capacity(roots.len()), Vec::new());
        let mut first_leaf = 0;
        for (place, root) in roots.iter().enumerate() {
            let leaves = first_leaf..first_leaf + leaf_count(root);
            first_leaf = leaves.end;
            let hint = hints.take(root.name());
            let (field, column) = match oddities.unreadable.get(&place) {
                Some(why) => FileColumn::unreadable(root, leaves, why.clone()),
                None => FileColumn::of(root, leaves, hint, reading, &mut ignored),
            };
            fields.push(field);
            columns.push(column);
        }
        ignored.extend(
            hints.left().map(|name| format!("the file has no column \"{}\"", escaped(name))),
        );
        let schema = Arc::new(Schema::new_with_metadata(fields, metadata));
        Self {
            schema,
            columns,
            checks: Checks { text: options.checks_text, int96: options.int96.is_none() },
            ignored,
        }
    }

    /// Whether the decoded values of a column need no conversion.
    pub(super) fn is_decoded_whole(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(|column| column.raw.is_empty())
    }

    /// Checks that a column can be read.
    ///
    /// # Errors
    /// A column that cannot be read; the message names it.
    pub(super) fn check(&self, column: usize) -> Result<(), Error> {
        let why = self.columns.get(column).and_then(|column| column.unreadable.as_ref());
        why.map_or(Ok(()), |why| {
            let name = escaped(self.schema.field(column).name());
            let why = format!("column \"{name}\" cannot be read: {why}; choose others with -c");
            Err(Error::failed(why))
        })
    }
}

impl FileColumn {
    /// The output field, and how to read it. Parts of the hint that do not fit are reported in
    /// `ignored`.
    fn of(
        root: &TypePtr,
        leaves: Range<usize>,
        hint: Option<FieldRef>,
        reading: Reading<'_>,
        ignored: &mut Vec<String>,
    ) -> (FieldRef, Self) {
        let hint = hint.map(|hint| readable_field(&hint));
        let normal = stored::normal(root);
        let hint = hint.filter(|hint| {
            let is_own = !reading.writes_annotations || !hint::annotates_plain(hint, &normal);
            if !is_own {
                let name = escaped(root.name());
                ignored.push(format!("column \"{name}\" is not a time in the Parquet schema"));
            }
            is_own
        });
        if MOST_LEVELS < leaf_fields::levels(root) {
            let why = format!(
                "it is nested more than {MOST_LEVELS} levels deep, and readers of Arrow streams \
                 refuse more"
            );
            return Self::unreadable(root, leaves, why);
        }
        let attempts = [
            (normal.clone(), hint.as_ref()),
            (normal.clone(), None),
            // By its physical types, as lists and structs of them.
            (stored::bare(root), None),
        ];
        let mut failure = String::new();
        for (number, (stored, hint)) in attempts.into_iter().enumerate() {
            match reader::field(&stored, hint) {
                Ok(field) => {
                    if number == 1 && hint.is_none() && !failure.is_empty() {
                        let name = escaped(root.name());
                        ignored.push(format!("column \"{name}\": {failure}"));
                    }
                    let annotated = annotate::annotated(&field, root, reading.pairs);
                    return Self::reading(&stored, &annotated, leaves, reading);
                }
                Err(why) => failure = why,
            }
        }
        Self::unreadable(root, leaves, failure)
    }

    /// A column that the crate converts to `field`.
    fn reading(
        stored: &TypePtr,
        field: &FieldRef,
        leaves: Range<usize>,
        reading: Reading<'_>,
    ) -> (FieldRef, Self) {
        let plan = raw::plan(stored, field, leaves.start, reading);
        let column = Self {
            stored: plan.stored,
            decoded: plan.decoded,
            raw: plan.raw,
            leaves,
            unreadable: None,
        };
        (plan.field, column)
    }

    fn unreadable(root: &Type, leaves: Range<usize>, why: String) -> (FieldRef, Self) {
        let field = Arc::new(Field::new(root.name(), DataType::Null, true));
        let column = Self {
            stored: Arc::new(root.clone()),
            decoded: Arc::clone(&field),
            raw: BTreeMap::new(),
            leaves,
            unreadable: Some(why),
        };
        (field, column)
    }
}
