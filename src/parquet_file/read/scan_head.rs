//! A scan before its first row: the schema is known, and what is read may still be reduced.

use super::common_schema::{Column, CommonSchema, common_schema};
use super::encoded::output_encoding::OutputEncoding;
use super::encoded::{ColumnCounts, EncodedColumns, encodings};
use super::options::{ScanFile, ScanOptions};
use super::scan_files::Files;
use crate::error::{Error, Result};
use crate::expression::{Condition, Predicate};
use crate::schema::{MergedZones, Projection};
use arrow::datatypes::SchemaRef;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A scan that has not begun.
pub struct ScanHead {
    pub(super) schema: SchemaRef,
    pub(super) files: Arc<Files>,
    pub(super) known: CommonSchema,
    pub(super) projection: Projection,
    pub(super) predicate: Option<Arc<Predicate>>,
    /// The encoding of each kept column, in the order of the dataset's schema.
    pub(super) output_encodings: Vec<OutputEncoding>,
}

impl ScanHead {
    /// Checks everything that can be checked with the footers that must be read first: one, or all
    /// if columns are matched by name or encodings must be chosen.
    ///
    /// # Errors
    /// A file that cannot be opened, files with different schemas, an unknown column, an invalid
    /// expression, a missing row group, batches of 0 rows.
    pub fn open(files: Vec<ScanFile>, options: ScanOptions) -> Result<Self> {
        if options.batch_rows == Some(0) {
            return Err(Error::usage("batches of 0 rows would never end; give at least 1"));
        }
        let condition = options.predicate.as_deref().map(Condition::parse).transpose()?;
        let pruning = condition.as_ref().filter(|_| !options.no_pushdown);
        let files = Arc::new(Files::try_new(files, &options, pruning)?);
        let known = common_schema(&files)?;
        let projection = Projection::try_new(&known.schema, options.columns.as_deref())?;
        let bind = |condition| Predicate::of_condition(condition, &known.schema);
        let predicate = condition.as_ref().map(bind).transpose()?.map(Arc::new);
        let asked = predicate.iter().flat_map(|predicate| predicate.columns());
        let mut read = projection.kept().keys().chain(asked);
        if let Some(error) = read.find_map(|column| known.unreadable.get(column)) {
            return Err(error.clone());
        }
        let is_constant = |column: usize| matches!(known.columns[column], Column::Constant(_));
        let (dictionary, runs) = (&options.dictionary, &options.runs);
        let (schema, output_encodings) =
            encodings(&projection, dictionary, runs, &known.counts, is_constant)?;
        Ok(Self { schema, files, known, projection, predicate, output_encodings })
    }

    /// The schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The columns whose time zones differ between files.
    pub fn merged_zones(&self) -> &MergedZones {
        &self.known.zones
    }

    /// Reads only some of the output columns, given as ascending positions.
    pub fn keep_columns(&mut self, columns: &[usize]) {
        let kept: Vec<usize> = self.projection.kept().keys().copied().collect();
        let narrowed = self.projection.narrowed(&self.known.schema, columns);
        let encoding = |column: &usize| {
            let place = kept.binary_search(column).unwrap_or_default();
            self.output_encodings[place].clone()
        };
        self.output_encodings = narrowed.kept().keys().map(encoding).collect();
        if let Ok(schema) = self.schema.project(columns) {
            self.schema = Arc::new(schema);
        }
        self.projection = narrowed;
    }

    /// Leaves out the rows for which a condition on the output columns is not true, too. Returns
    /// whether that is possible without changing what else is output: not if rows are counted, if
    /// an expression may fail, or if a name refers to another column of the files.
    pub fn keep_rows(&mut self, text: &str) -> bool {
        let Some(condition) = self.added(text) else { return false };
        let Some(files) = Arc::get_mut(&mut self.files) else { return false };
        let Ok(predicate) = Predicate::of_condition(&condition, &self.known.schema) else {
            return false;
        };
        files.restrict(&condition);
        self.predicate = Some(Arc::new(predicate));
        true
    }

    /// Encodes the columns that are better sent so to a reader that understands it, unless the
    /// options choose: in runs, or also as dictionaries, of text or also of numbers. The choice is
    /// made from the footer of the first file.
    ///
    /// # Errors
    /// A file that cannot be opened.
    pub fn encode(&mut self, also_dictionaries: bool, of_numbers: bool) -> Result<()> {
        let options = &self.files.options;
        let (mut dictionary, runs) = (options.dictionary.understood(), options.runs.understood());
        if !also_dictionaries {
            dictionary = dictionary.map(|_| EncodedColumns::None);
        }
        let (Some(dictionary), Some(runs)) = (dictionary, runs) else { return Ok(()) };
        if self.known.begin == self.files.len() {
            return Ok(());
        }
        let file = self.files.open(self.known.begin)?;
        let own = self.files.own_columns(&file)?;
        let is_all = self.known.begin + 1 == self.files.len();
        let mut counts: BTreeMap<String, ColumnCounts> = BTreeMap::new();
        for field in self.projection.schema().fields() {
            if let Some(place) = own.by_name.get(field.name()) {
                let column = ColumnCounts::of(&file, own.places[*place]);
                counts.insert(field.name().clone(), column.for_reader(is_all, of_numbers));
            }
        }
        self.files.keep(self.known.begin, file);
        let columns = &self.known.columns;
        let is_constant = |column: usize| matches!(columns[column], Column::Constant(_));
        (self.schema, self.output_encodings) =
            encodings(&self.projection, &dictionary, &runs, &counts, is_constant)?;
        Ok(())
    }

    /// Reads no more rows than this, if the rows are not chosen by a condition.
    pub fn keep_first(&mut self, rows: u64) {
        if self.predicate.is_none()
            && let Some(files) = Arc::get_mut(&mut self.files)
        {
            let limit = &mut files.options.limit;
            *limit = Some(limit.map_or(rows, |limit| limit.min(rows)));
        }
    }

    /// The condition of the options and another one, if both may be evaluated together.
    fn added(&self, text: &str) -> Option<Condition> {
        let options = &self.files.options;
        let counts_rows = options.skip > 0 || options.limit.is_some();
        if counts_rows || self.predicate.as_ref().is_some_and(|own| own.can_fail()) {
            return None;
        }
        let output = Predicate::bind(text, self.projection.schema()).ok()?;
        let whole = Predicate::bind(text, &self.known.schema).ok()?;
        if whole.can_fail() || !self.projection.is_same(output.columns(), whole.columns()) {
            return None;
        }
        let both = match &options.predicate {
            Some(own) => format!("({own}\n) AND ({text}\n)"),
            None => text.to_owned(),
        };
        Condition::parse(&both).ok()
    }
}

impl std::fmt::Debug for ScanHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScanHead").field("schema", &self.schema).finish_non_exhaustive()
    }
}
