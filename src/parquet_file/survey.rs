//! What is known of all files before the first batch: under which schema they are read, and what
//! footers say that decides how.
//!
//! As little is looked at as will do: one footer where schemas must be equal, and all of them, in
//! threads, where columns are met by name or where columns come out as their footers advise. Of
//! what was looked at only schemas and sums are kept.

use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::coded::{ColumnCounts, EncodedColumns};
use super::file::ParquetFile;
use super::files::{Files, Verdict};
use super::in_order::{Effort, Given, InOrder};
use super::scan::ScanOptions;
use super::storable::found_schema;
use crate::error::{Error, Result};
use crate::schema::{MergeSchema, MergedZones, nullable, unite_or, united, widen_noted};

/// What is known.
pub(super) struct Survey {
    /// All columns, those of constants in the places of those that they replace, else at the end.
    pub(super) schema: SchemaRef,
    /// For each of them where it comes from.
    pub(super) columns: Vec<Column>,
    /// The columns that come from files alone.
    pub(super) own: Schema,
    /// For the columns that may come out encoded, by name.
    pub(super) counts: BTreeMap<String, ColumnCounts>,
    /// How many rows there are in what is read, where that is known.
    pub(super) rows: Option<u64>,
    /// The columns whose time zones differ between files.
    pub(super) zones: MergedZones,
    /// The number of the first file that is read; all are ruled out where there is none so high.
    pub(super) begin: usize,
    /// Columns that cannot be read in that file, by their place in the schema, and why.
    pub(super) unreadable: BTreeMap<usize, Error>,
}

/// Where a column comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// From the files: its place among the columns that do.
    File(usize),
    /// One value for a file: its place among the constants.
    Constant(usize),
}

/// What is known of a file.
struct Seen {
    name: String,
    own: Schema,
    rows: u64,
    counts: BTreeMap<String, ColumnCounts>,
}

/// Looks at as many footers as are needed.
///
/// # Errors
/// A file that cannot be opened, schemas that cannot be read as one, a row group that is not there.
pub(super) fn survey(files: &Arc<Files>, options: &ScanOptions) -> Result<Survey> {
    let is_union = options.merge_schema == MergeSchema::Union;
    let wanted = Arc::new(Wanted::new(options));
    let ruled_out = |number: &usize| files.verdict(*number) == Verdict::RuledOut;
    let begin = (0..files.len()).find(|number| !ruled_out(number)).unwrap_or(files.len());
    // What is ruled out has the same schema, unless columns are met by name: then it counts, since
    // a predicate is no reason for other columns.
    let number = if is_union || begin == files.len() { 0 } else { begin };
    let first = files.open(number)?;
    let mut seen = look(files, number, &first, &wanted)?;
    let mut zones = MergedZones::default();
    let mut rows = Some(seen.rows);
    if is_union || wanted.needs_counts() {
        let mut others = look_ahead(files, number + 1, options, &wanted);
        while let Given::Result(other) = others.next(Effort::Wait) {
            if let Some(other) = other? {
                seen.add(other, options.merge_schema, &mut zones)?;
            }
        }
        rows = Some(seen.rows);
    } else if 1 < files.len() {
        // What the others hold nobody knows yet; a predicate is no reason for another schema.
        seen.own = nullable(&seen.own);
        rows = rows.filter(|_| files.len() <= begin + 1);
    }
    let (schema, columns) = with_constants(&seen.own, &files.schema(&first), files);
    let mut unreadable = BTreeMap::new();
    if number == begin {
        unreadable = unreadable_columns(files, &first, &seen.own, &columns, is_union)?;
        files.keep(number, first);
    }
    let (own, counts) = (seen.own, seen.counts);
    Ok(Survey { schema, columns, own, counts, rows, zones, begin, unreadable })
}

/// The columns that cannot be read in the first file, so that they are refused before a schema goes
/// out. Those of other files are refused when their turn comes.
fn unreadable_columns(
    files: &Files,
    first: &ParquetFile,
    own: &Schema,
    columns: &[Column],
    is_union: bool,
) -> Result<BTreeMap<usize, Error>> {
    let in_first = files.own_columns(first)?;
    let unreadable = columns.iter().enumerate().filter_map(|(number, column)| {
        let Column::File(place) = column else { return None };
        let place = match is_union {
            true => in_first.by_name.get(own.field(*place).name())?,
            false => place,
        };
        let error = first.columns().check(*in_first.places.get(*place)?).err()?;
        Some((number, error.with(first.name())))
    });
    Ok(unreadable.collect())
}

/// Looks at the other files in threads. Their schemas meet in order.
fn look_ahead(
    files: &Arc<Files>,
    from: usize,
    options: &ScanOptions,
    wanted: &Arc<Wanted>,
) -> InOrder<Option<Seen>> {
    let (files, wanted) = (Arc::clone(files), Arc::clone(wanted));
    let is_union = options.merge_schema == MergeSchema::Union;
    let threads = options.threads.map_or(1, std::num::NonZero::get);
    InOrder::new(files.len() - from, threads, move |number| {
        let number = from + number;
        if !is_union && files.verdict(number) == Verdict::RuledOut {
            return Ok(None);
        }
        look(&files, number, &files.open(number)?, &wanted).map(Some)
    })
}

/// What is known of a file once its footer was read.
fn look(files: &Files, number: usize, file: &ParquetFile, wanted: &Wanted) -> Result<Seen> {
    let own = files.own_columns(file)?;
    let is_read = files.verdict(number) != Verdict::RuledOut;
    let rows = if is_read { files.chosen_rows(file)? } else { 0 };
    let mut counts: BTreeMap<String, ColumnCounts> = BTreeMap::new();
    for (field, place) in own.schema.fields().iter().zip(&own.places) {
        if is_read && wanted.counts(field.name()) {
            // Keys shall number the values of each of several columns of one name.
            let sums = counts.entry(field.name().clone()).or_default();
            sums.add(&ColumnCounts::of(file, *place));
        }
    }
    Ok(Seen { name: file.name().to_owned(), own: own.schema, rows, counts })
}

impl Seen {
    /// Takes in what is known of a file that comes after this one.
    fn add(&mut self, other: Self, merge: MergeSchema, zones: &mut MergedZones) -> Result<()> {
        if self.own.fields() != other.own.fields() {
            let merged = match merge {
                MergeSchema::Strict => {
                    unite_files(&self.own, &other.own).map(|own| (own, MergedZones::default()))
                }
                MergeSchema::Union => widen_noted(&self.own, &other.own),
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

/// The schema of files that must be equal.
///
/// # Errors
/// A different column, order or type.
pub(super) fn unite_files(first: &Schema, other: &Schema) -> Result<Schema> {
    unite_or(first, other, "--merge-schema union takes both")
}

/// Whether a file and one that will be made of this schema can be read one after the other; the columns
/// `except` come from their paths.
///
/// # Errors
/// A different column, order or type.
pub fn check_same_columns(file: &ParquetFile, schema: &Schema, except: &[String]) -> Result<()> {
    let own = |schema: &Schema| {
        let fields = schema.fields().iter().filter(|field| !except.contains(field.name()));
        Schema::new(fields.cloned().collect::<Vec<_>>())
    };
    united(&own(file.schema()), &own(&found_schema(schema)?)).map(drop)
}

/// Puts constants where the first file has columns of their names, the others at the end.
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

/// For which columns footers decide how they come out.
struct Wanted {
    columns: Option<Vec<String>>,
    dictionary: EncodedColumns,
    runs: EncodedColumns,
}

impl Wanted {
    fn new(options: &ScanOptions) -> Self {
        Self {
            columns: options.columns.clone(),
            dictionary: options.dictionary.clone(),
            runs: options.runs.clone(),
        }
    }

    fn needs_counts(&self) -> bool {
        self.runs == EncodedColumns::Auto || self.dictionary != EncodedColumns::None
    }

    fn counts(&self, name: &String) -> bool {
        let comes_out = self.columns.as_ref().is_none_or(|columns| columns.contains(name));
        let is_auto = self.runs == EncodedColumns::Auto || self.dictionary == EncodedColumns::Auto;
        let is_named = match &self.dictionary {
            EncodedColumns::Named(names) => names.contains(name),
            _ => false,
        };
        comes_out && (is_auto || is_named)
    }
}
