//! The columns of a file as Arrow types.

use super::hint::{self, Hints, hints};
use super::leaf_fields::{self, leaf_count};
use super::options::{Checks, ReadOptions, Reading};
use super::raw::{self, ColumnPlan};
use super::{annotate, decoded_field, stored};
use crate::error::Error;
use crate::parquet_file::footer::Oddities;
use crate::parquet_file::storable::readable_field;
use crate::text::escaped;
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use parquet::file::metadata::FileMetaData;
use parquet::schema::types::{Type, TypePtr};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The maximum nesting depth of a column. Deeper schemas cannot be read from a stream: pyarrow
/// reads 64 levels (`kMaxNestingDepth`), and the verifier of flatbuffers as many tables, two of
/// which enclose the fields.
pub(crate) const MOST_LEVELS: usize = 62;

/// The writer of pyarrow, R and many others: it stores seconds as milliseconds.
pub(crate) const ANNOTATING_WRITER: &str = "parquet-cpp-arrow";

/// The columns of a file.
#[derive(Debug)]
pub(crate) struct FileColumns {
    /// The schema, with the metadata of the file. A column that cannot be read has type `Null`.
    pub(crate) schema: SchemaRef,
    pub(crate) columns: Vec<FileColumn>,
    pub(crate) checks: Checks,
    /// Why parts of the Arrow schema in the file are ignored.
    pub(crate) ignored: Vec<String>,
}

/// A top-level column.
#[derive(Debug)]
pub(crate) struct FileColumn {
    /// The type of the values as they are decoded.
    pub(crate) stored: TypePtr,
    /// The field requested from the decoder.
    pub(crate) decoded: FieldRef,
    /// The leaves that are converted after decoding, numbered within the column, and their final
    /// types.
    pub(crate) raw: BTreeMap<usize, DataType>,
    /// Its leaves in the file.
    pub(crate) leaves: Range<usize>,
    /// Why it cannot be read.
    pub(crate) unreadable: Option<String>,
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
    pub(crate) fn is_decoded_whole(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(|column| column.raw.is_empty())
    }

    /// Checks that a column can be read.
    ///
    /// # Errors
    /// A column that cannot be read; the message names it.
    pub(crate) fn check(&self, column: usize) -> Result<(), Error> {
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
        if leaf_fields::levels(root) > MOST_LEVELS {
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
            match decoded_field::field(&stored, hint) {
                Ok(field) => {
                    if number == 1 {
                        let name = escaped(root.name());
                        ignored.push(format!("column \"{name}\": {failure}"));
                    }
                    let annotated = annotate::annotated(&field, root, reading.pairs);
                    let ColumnPlan { stored, decoded, field, raw } =
                        raw::plan(&stored, &annotated, leaves.start, reading);
                    return (field, Self { stored, decoded, raw, leaves, unreadable: None });
                }
                Err(why) => failure = why,
            }
        }
        Self::unreadable(root, leaves, failure)
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
