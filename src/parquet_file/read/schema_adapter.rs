//! How one file provides the columns of the dataset: which of its leaves are decoded for each
//! column, how the values are converted, and which columns are constant.

use super::common_schema::{Column, unite_files};
use super::constants::Constant;
use super::encoded::output_encoding::OutputEncoding;
use super::prune_requests;
use super::row_filter::{PredicateColumn, RowFilter};
use super::scan_files::{Files, OwnColumns, Verdict};
use super::source::{OpenFile, Origin, SourceColumn, united};
use crate::error::{Error, Result};
use crate::expression::Predicate;
use crate::parquet_file::columns::ColumnReader;
use crate::parquet_file::file::ParquetFile;
use crate::parquet_file::pages::FilePages;
use crate::schema::{Kept, MergeSchema, Projection, holds_dictionary, merge_union};
use arrow::array::{ArrayRef, new_null_array};
use arrow::datatypes::{DataType, Schema};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The dataset that all files are read as.
pub(crate) struct ScanSchema {
    pub(crate) files: Arc<Files>,
    /// The columns that come from files.
    pub(crate) own: Schema,
    /// All columns, and where each comes from.
    pub(crate) schema: Arc<Schema>,
    pub(crate) columns: Vec<Column>,
    pub(crate) projection: Projection,
    /// The output encoding of each kept column, in the order of the schema.
    pub(crate) output_encodings: Vec<OutputEncoding>,
    pub(crate) predicate: Option<Arc<Predicate>>,
}

impl ScanSchema {
    /// Opens a file for its rows; `None` if the file is pruned.
    ///
    /// # Errors
    /// Not a Parquet file or a damaged one, a different schema, a missing row group.
    pub(crate) fn source(&self, number: usize) -> Result<Option<OpenFile>> {
        let verdict = self.files.verdict(number);
        if verdict == Verdict::Pruned {
            self.files.pass_over(number);
            return Ok(None);
        }
        let file = self.files.open(number)?;
        let own = self.files.own_columns(&file)?;
        self.check(&own.schema).map_err(|error| error.with(file.name()))?;
        let adapting = SchemaAdapter {
            dataset: self,
            constants: self.files.constants(number),
            row_groups: self.files.chosen(&file)?,
            is_unread: self.files.is_unread(number),
            file,
            own,
        };
        let source = adapting.source(verdict == Verdict::Open)?;
        prune_requests::fetch_filters(&source);
        Ok(Some(source))
    }

    /// Checks that the columns of a file are those that were announced.
    fn check(&self, own: &Schema) -> Result<()> {
        if own.fields() == self.own.fields() {
            return Ok(());
        }
        match self.files.options.merge_schema {
            MergeSchema::Strict => unite_files(&self.own, own).map(drop),
            MergeSchema::Union if merge_union(&self.own, own)?.fields() == self.own.fields() => {
                Ok(())
            }
            MergeSchema::Union => Err(Error::failed("the file changed while it was being read")),
        }
    }

    /// The plain type of each kept column.
    fn types(&self) -> Vec<DataType> {
        let fields = self.projection.schema().fields();
        let mut types = vec![DataType::Null; fields.len()];
        for (place, field) in fields.iter().enumerate() {
            let kept = self.projection.order().map_or(place, |order| order[place]);
            types[kept] = field.data_type().clone();
        }
        types
    }
}

/// A file that is being opened.
struct SchemaAdapter<'a> {
    dataset: &'a ScanSchema,
    file: ParquetFile,
    own: OwnColumns,
    constants: Vec<ArrayRef>,
    row_groups: Vec<usize>,
    is_unread: bool,
}

impl SchemaAdapter<'_> {
    /// Builds the source. `is_asked` is false if all rows are known to pass the predicate.
    ///
    /// # Errors
    /// A column that cannot be read.
    fn source(self, is_asked: bool) -> Result<OpenFile> {
        let ScanSchema { projection, predicate, output_encodings, .. } = self.dataset;
        let (mut columns, mut shared) = (Vec::new(), Vec::new());
        let predicate = predicate.as_ref().filter(|_| is_asked);
        let predicate_columns = predicate.map(|predicate| predicate.columns()).unwrap_or_default();
        let mut origins = Vec::with_capacity(projection.kept().len());
        let mut constant_row_bytes = 0;
        let kept_columns = projection.kept().iter().zip(self.dataset.types()).zip(output_encodings);
        for (((column, wanted), data_type), shape) in kept_columns {
            let Some(root) = self.root(*column) else {
                let constant = self.constant(*column, &data_type, shape.clone());
                constant_row_bytes += constant.row_bytes();
                origins.push(Origin::Constant(constant));
                continue;
            };
            let kept = BTreeMap::from([(root, self.kept(*column, root, wanted))]);
            let reader = self.reader(&kept)?;
            origins.push(Origin::Decoded(columns.len()));
            // Merging the kept values of several batches would make another dictionary.
            let is_same = *wanted == Kept::Whole
                && *shape == OutputEncoding::Plain
                && !holds_dictionary(&data_type);
            let place = predicate_columns.iter().position(|asked| asked == column);
            shared.push(place.filter(|_| is_same));
            columns.push(SourceColumn { root, reader, shape: shape.clone(), data_type });
        }
        let filter = predicate.map(|predicate| self.filter(predicate, shared)).transpose()?;
        let output: Vec<usize> =
            columns.iter().flat_map(|column| column.reader.leaves.iter().copied()).collect();
        let filtered = filter.as_ref().map_or(&[][..], |filter| &filter.reader.leaves);
        Ok(OpenFile {
            output: united(&output, &[]),
            read: united(&output, filtered),
            pages: FilePages::new(Arc::clone(self.file.bytes())),
            filter: filter.map(Arc::new),
            row_groups: self.row_groups,
            is_unread: self.is_unread,
            ledger: self.dataset.files.ledger.clone(),
            origins,
            columns,
            constant_row_bytes,
            file: self.file.clone(),
        })
    }

    /// The filter for all rows of the file.
    ///
    /// # Errors
    /// A column that cannot be read.
    fn filter(&self, predicate: &Predicate, shared: Vec<Option<usize>>) -> Result<RowFilter> {
        let columns = predicate.columns().iter().map(|column| {
            let data_type = self.dataset.schema.field(*column).data_type();
            let Some(root) = self.root(*column) else {
                let constant = self.constant(*column, data_type, OutputEncoding::Plain);
                return PredicateColumn::Constant(Arc::new(constant));
            };
            PredicateColumn::Column(root, data_type.clone())
        });
        let columns: Vec<PredicateColumn> = columns.collect();
        let reader = RowFilter::reader(&self.file, &columns)?;
        Ok(RowFilter { predicate: predicate.clone(), columns, reader, shared })
    }

    fn reader(&self, kept: &BTreeMap<usize, Kept>) -> Result<ColumnReader> {
        self.file.columns().reader(kept).map_err(|error| error.with(self.file.name()))
    }

    /// The index of a column in the file, if the file has it.
    fn root(&self, column: usize) -> Option<usize> {
        let Column::File(place) = self.dataset.columns[column] else { return None };
        self.dataset.files.root(&self.own, &self.dataset.own, place)
    }

    /// How much of a column of the file is kept.
    fn kept(&self, column: usize, root: usize, wanted: &Kept) -> Kept {
        match self.dataset.files.options.merge_schema {
            MergeSchema::Strict => wanted.clone(),
            MergeSchema::Union => {
                let data_type = self.dataset.schema.field(column).data_type();
                kept_by_name(wanted, data_type, self.file.schema().field(root).data_type())
            }
        }
    }

    /// A column with the same value in all rows.
    fn constant(&self, column: usize, data_type: &DataType, shape: OutputEncoding) -> Constant {
        match self.dataset.columns[column] {
            Column::Constant(place) => Constant::new(self.constants[place].clone(), shape),
            Column::File(_) => Constant::new(new_null_array(data_type, 1), shape),
        }
    }
}

/// The kept fields of a struct, found by name in the struct of the file.
fn kept_by_name(wanted: &Kept, data_type: &DataType, in_file: &DataType) -> Kept {
    let (Kept::Children(wanted), DataType::Struct(fields), DataType::Struct(own)) =
        (wanted, data_type, in_file)
    else {
        return Kept::Whole;
    };
    let parts = wanted.iter().filter_map(|(place, wanted)| {
        let (there, field) = own.find(fields[*place].name())?;
        Some((there, kept_by_name(wanted, fields[*place].data_type(), field.data_type())))
    });
    let parts: BTreeMap<usize, Kept> = parts.collect();
    // If the file has none of them, any other field still shows which structs are null.
    Kept::Children(if parts.is_empty() { BTreeMap::from([(0, Kept::Whole)]) } else { parts })
}
