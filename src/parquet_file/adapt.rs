//! How one file provides the columns of the dataset: which of its leaves are decoded for each
//! column, how the values are converted, and which columns are constant.

use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::coded::Shape;
use super::columns::ColumnReader;
use super::constants::Constant;
use super::decode::{Source, SourceColumn};
use super::file::ParquetFile;
use super::files::{Files, OwnColumns, Verdict};
use super::pages::Pages;
use super::survey::{Column, unite_files};
use crate::error::{Error, Result};
use crate::expression::Predicate;
use crate::schema::{Kept, MergeSchema, Projection, convert, widen};
use crate::text::escaped;

/// The dataset that all files are read as.
pub(super) struct Dataset {
    pub(super) files: Arc<Files>,
    pub(super) merge: MergeSchema,
    /// The columns that come from files.
    pub(super) own: Schema,
    /// All columns, and where each comes from.
    pub(super) schema: Arc<Schema>,
    pub(super) columns: Vec<Column>,
    pub(super) projection: Projection,
    /// The output encoding of each kept column, in the order of the schema.
    pub(super) shapes: Vec<Shape>,
    pub(super) predicate: Option<Arc<Predicate>>,
}

/// The origin of an output column.
pub(super) enum Origin {
    /// The decoded column with this number.
    Decoded(usize),
    Constant(Constant),
}

/// The origin of a column that the predicate uses.
pub(super) enum Asked {
    /// The top-level column of the file with this index, converted to this type.
    Column(usize, DataType),
    Constant(Constant),
}

impl Dataset {
    /// Opens a file for its rows; `None` if the file is pruned.
    ///
    /// # Errors
    /// Not a Parquet file or a damaged one, a different schema, a missing row group.
    pub(super) fn source(&self, number: usize) -> Result<Option<Source>> {
        let verdict = self.files.verdict(number);
        if verdict == Verdict::RuledOut {
            return Ok(None);
        }
        let file = self.files.open(number)?;
        let own = self.files.own_columns(&file)?;
        self.check(&own.schema).map_err(|error| error.with(file.name()))?;
        let adapting = Adapting {
            dataset: self,
            constants: self.files.constants(number),
            row_groups: self.files.chosen(&file)?,
            is_unread: self.files.is_unread(number),
            file,
            own,
        };
        adapting.source(verdict == Verdict::Open).map(Some)
    }

    /// Checks that the columns of a file are those that were announced.
    fn check(&self, own: &Schema) -> Result<()> {
        if own.fields() == self.own.fields() {
            return Ok(());
        }
        match self.merge {
            MergeSchema::Strict => unite_files(&self.own, own).map(drop),
            MergeSchema::Union if widen(&self.own, own)?.fields() == self.own.fields() => Ok(()),
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
struct Adapting<'a> {
    dataset: &'a Dataset,
    file: ParquetFile,
    own: OwnColumns,
    constants: Vec<ArrayRef>,
    row_groups: Vec<usize>,
    is_unread: bool,
}

impl Adapting<'_> {
    /// Builds the source. `is_asked` is false if all rows are known to pass the predicate.
    ///
    /// # Errors
    /// A column that cannot be read.
    fn source(self, is_asked: bool) -> Result<Source> {
        let Dataset { projection, predicate, shapes, .. } = self.dataset;
        let mut read = BTreeSet::new();
        let (mut columns, mut decoded_shapes, mut types) = (Vec::new(), Vec::new(), Vec::new());
        let mut origins = Vec::with_capacity(projection.kept().len());
        let kept_columns = projection.kept().iter().zip(self.dataset.types()).zip(shapes);
        for (((column, wanted), data_type), shape) in kept_columns {
            let Some(root) = self.root(*column) else {
                let constant = self.constant(*column, &data_type, shape.clone());
                origins.push(Origin::Constant(constant));
                continue;
            };
            let kept = BTreeMap::from([(root, self.kept(*column, root, wanted))]);
            let reader = self.reader(&kept)?;
            read.extend(&reader.leaves);
            origins.push(Origin::Decoded(columns.len()));
            columns.push(SourceColumn { root, reader });
            decoded_shapes.push(shape.clone());
            types.push(data_type);
        }
        let predicate_columns =
            predicate.iter().filter(|_| is_asked).flat_map(|predicate| predicate.columns());
        let asked_columns = predicate_columns.map(|column| {
            let data_type = self.dataset.schema.field(*column).data_type();
            match self.root(*column) {
                None => Asked::Constant(self.constant(*column, data_type, Shape::Plain)),
                Some(root) => Asked::Column(root, data_type.clone()),
            }
        });
        let asked_columns: Vec<Asked> = asked_columns.collect();
        let asked_roots = asked_columns.iter().filter_map(Asked::root);
        let asked = self.reader(&asked_roots.map(|root| (root, Kept::Whole)).collect())?;
        read.extend(&asked.leaves);
        let constant_row_bytes = origins.iter().map(Origin::constant_row_bytes).sum();
        Ok(Source {
            pages: Pages::new(self.file.mapping().clone()),
            asked,
            asked_columns: (predicate.is_some() && is_asked).then_some(asked_columns),
            row_groups: self.row_groups,
            is_unread: self.is_unread,
            origins,
            columns,
            shapes: decoded_shapes,
            types,
            constant_row_bytes,
            read: read.into_iter().collect(),
            file: self.file.clone(),
        })
    }

    fn reader(&self, kept: &BTreeMap<usize, Kept>) -> Result<ColumnReader> {
        self.file.columns().reader(kept).map_err(|error| error.with(self.file.name()))
    }

    /// The index of a column in the file, if the file has it.
    fn root(&self, column: usize) -> Option<usize> {
        let Column::File(place) = self.dataset.columns[column] else { return None };
        let place = match self.dataset.merge {
            MergeSchema::Strict => place,
            MergeSchema::Union => *self.own.by_name.get(self.dataset.own.field(place).name())?,
        };
        self.own.places.get(place).copied()
    }

    /// How much of a column of the file is kept.
    fn kept(&self, column: usize, root: usize, wanted: &Kept) -> Kept {
        match self.dataset.merge {
            MergeSchema::Strict => wanted.clone(),
            MergeSchema::Union => {
                let data_type = self.dataset.schema.field(column).data_type();
                kept_by_name(wanted, data_type, self.file.schema().field(root).data_type())
            }
        }
    }

    /// A column with the same value in all rows.
    fn constant(&self, column: usize, data_type: &DataType, shape: Shape) -> Constant {
        match self.dataset.columns[column] {
            Column::Constant(place) => Constant::new(self.constants[place].clone(), shape),
            Column::File(_) => Constant::null(data_type, shape),
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

impl Origin {
    fn constant_row_bytes(&self) -> usize {
        match self {
            Self::Decoded(_) => 0,
            Self::Constant(constant) => constant.row_bytes(),
        }
    }
}

/// Converts values of a file to the type of the dataset column.
///
/// # Errors
/// A value that the wider type cannot hold.
pub(super) fn adapted(array: ArrayRef, to: &DataType) -> Result<ArrayRef> {
    if array.data_type() == to {
        return Ok(array);
    }
    convert(&array, to)
        .map_err(|cause| Error::failed(format!("a value does not fit {to}: {cause}")))
}

impl Source {
    /// The columns of the predicate, from a batch that holds the columns decoded for it.
    ///
    /// # Errors
    /// A value that the wider type cannot hold.
    pub(super) fn asked_batch(&self, decoded: RecordBatch) -> Result<RecordBatch> {
        let Some(asked) = &self.asked_columns else { return Ok(decoded) };
        let roots: BTreeSet<usize> = asked.iter().filter_map(Asked::root).collect();
        let columns = asked.iter().map(|asked| match asked {
            Asked::Constant(constant) => constant.array(decoded.num_rows()),
            Asked::Column(root, data_type) => {
                let column = decoded.columns().get(roots.range(..root).count());
                let column = column.ok_or_else(|| Error::failed("a column was not decoded"))?;
                adapted(column.clone(), data_type).map_err(|error| {
                    error.with(format_args!(
                        "column \"{}\"",
                        escaped(self.file.schema().field(*root).name())
                    ))
                })
            }
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        // Columns are identified by index, not by name.
        let fields: Vec<Field> =
            columns.iter().map(|c| Field::new("", c.data_type().clone(), true)).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(decoded.num_rows()));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
            .map_err(|error| Error::failed(format!("cannot make a batch: {error}")))
    }
}

impl Asked {
    fn root(&self) -> Option<usize> {
        match self {
            Self::Column(root, _) => Some(*root),
            Self::Constant(_) => None,
        }
    }
}
