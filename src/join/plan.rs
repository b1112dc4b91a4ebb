//! The columns that a join reads and writes.

use super::as_of::AsOf;
use super::keys::KeyColumns;
use super::names::Name;
use super::options::{How, JoinOptions};
use super::result::{named, stream_field, table_field};
use crate::error::{Error, Result};
use crate::schema::locate_columns;
use crate::text::escaped;
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The columns that a join reads and writes.
#[derive(Debug, Clone)]
pub struct JoinPlan {
    pub(super) options: JoinOptions,
    /// The number of columns of the stream.
    width: usize,
    /// The columns of the stream that are written.
    pub(super) stream: Vec<usize>,
    /// The columns of the table that are written, and their names.
    pub(super) table: Vec<(usize, String)>,
    /// Pairs of columns of the stream and the table.
    pairs: Vec<(usize, usize)>,
    as_of: Option<(usize, usize)>,
    /// The column of the stream with the numbers of its rows, if they come in another order.
    pub(super) row_number: Option<usize>,
    bound: Bound,
}

/// The parts of a plan that follow from the types of the columns.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub(super) stream_schema: SchemaRef,
    pub(super) table_schema: SchemaRef,
    pub(super) schema: SchemaRef,
    pub(super) stream_keys: KeyColumns,
    pub(super) table_keys: KeyColumns,
    pub(super) as_of: Option<AsOf>,
}

impl JoinPlan {
    /// Finds the columns.
    ///
    /// # Errors
    /// Unknown columns; keys that cannot be compared; names that both sides have; options that
    /// cannot be combined (usage errors).
    pub fn bind(options: &JoinOptions, stream: &Schema, table: &Schema) -> Result<Self> {
        check(options)?;
        let name = escaped(&options.table_name);
        let place = |left: &Name, right: &Name, option: &str| {
            let left = left.find(stream).map_err(|e| e.with(option))?;
            let right = right.find(table).map_err(|e| e.with(format!("{option}: {name}")))?;
            Ok((left, right))
        };
        let pairs = options.on.iter().map(|on| place(&on.stream, &on.table, "--on"));
        let pairs: Vec<(usize, usize)> = pairs.collect::<Result<_>>()?;
        let as_of = options.as_of.as_ref();
        let as_of = as_of.map(|names| place(&names.stream, &names.table, "--as-of")).transpose()?;
        let of_table = match &options.columns {
            _ if !options.how.has_table() => Vec::new(),
            Some(names) => {
                locate_columns(table, names).map_err(|e| e.with(format!("--columns: {name}")))?
            }
            None => {
                let is_key = |column: &usize| pairs.iter().any(|(_, key)| key == column);
                (0..table.fields().len()).filter(|column| !is_key(column)).collect()
            }
        };
        let named = named(options, &of_table, stream, table)?;
        let all = (0..stream.fields().len()).collect();
        Self::new(options.clone(), all, named, pairs, as_of, (stream, table))
    }

    fn new(
        options: JoinOptions,
        stream: Vec<usize>,
        table: Vec<(usize, String)>,
        pairs: Vec<(usize, usize)>,
        as_of: Option<(usize, usize)>,
        (left, right): (&Schema, &Schema),
    ) -> Result<Self> {
        let (stream_keys, table_keys) = KeyColumns::pair(&pairs, left, right, options.nulls_equal)?;
        let bound_as_of = match (as_of, &options.as_of) {
            (Some((from, to)), Some(names)) => Some(AsOf::bind(
                names.operator,
                (from, left.field(from)),
                (to, right.field(to)),
                options.tolerance.as_deref(),
            )?),
            _ => None,
        };
        let fields = stream.iter().map(|place| stream_field(&options, &pairs, *place, left, right));
        let fields = fields.chain(table.iter().map(|(place, name)| {
            let field = right.field(*place).clone().with_name(name);
            Ok(Arc::new(table_field(field, options.how)?))
        }));
        let schema = Schema::new_with_metadata(
            fields.collect::<Result<Vec<FieldRef>>>()?,
            left.metadata().clone(),
        );
        let bound = Bound {
            stream_schema: Arc::new(left.clone()),
            table_schema: Arc::new(right.clone()),
            schema: Arc::new(schema),
            stream_keys,
            table_keys,
            as_of: bound_as_of,
        };
        let (width, row_number) = (left.fields().len(), None);
        Ok(Self { options, width, stream, table, pairs, as_of, row_number, bound })
    }

    /// The schema of the result: the columns of the stream, then those of the table.
    pub fn schema(&self) -> &SchemaRef {
        &self.bound.schema
    }

    /// Whether both sides are sorted.
    pub fn is_sorted(&self) -> bool {
        self.options.sorted
    }

    /// The same join with only these columns of its result, in ascending order.
    #[must_use]
    pub fn narrowed(&self, columns: &[usize]) -> Self {
        let written = self.stream.len();
        let stream = columns.iter().filter_map(|column| self.stream.get(*column));
        let table =
            columns.iter().filter_map(|column| self.table.get(column.checked_sub(written)?));
        let (stream, table) = (stream.copied().collect(), table.cloned().collect());
        Self { stream, table, ..self.clone() }
    }

    /// The columns of the stream that are read, ascending.
    pub fn stream_columns(&self) -> Vec<usize> {
        // Rows that are put aside have all columns.
        if self.options.unmatched {
            return (0..self.width).collect();
        }
        let keys = self.pairs.iter().chain(&self.as_of).map(|(stream, _)| *stream);
        let all: BTreeSet<usize> = keys.chain(self.stream.iter().copied()).collect();
        all.into_iter().collect()
    }

    /// The columns of the table that are read, ascending.
    pub fn table_columns(&self) -> Vec<usize> {
        let keys = self.pairs.iter().chain(&self.as_of).map(|(_, table)| *table);
        let all: BTreeSet<usize> = keys.chain(self.table.iter().map(|(place, _)| *place)).collect();
        all.into_iter().collect()
    }

    /// The same join of a stream and a table that have only the columns that are read, which may
    /// now be encoded.
    ///
    /// # Errors
    /// None in practice: the types are the same.
    pub fn projected(&self, stream: &Schema, table: &Schema) -> Result<Self> {
        let (left, right) = (self.stream_columns(), self.table_columns());
        let place = |columns: &[usize], column: usize| {
            let place = columns.binary_search(&column).ok();
            place.ok_or_else(|| Error::failed("a column of the join is missing"))
        };
        let pair =
            |(one, other): &(usize, usize)| Ok((place(&left, *one)?, place(&right, *other)?));
        let own = self.stream.iter().map(|column| place(&left, *column));
        let others =
            self.table.iter().map(|(column, name)| Ok((place(&right, *column)?, name.clone())));
        Self::new(
            self.options.clone(),
            own.collect::<Result<_>>()?,
            others.collect::<Result<_>>()?,
            self.pairs.iter().map(pair).collect::<Result<_>>()?,
            self.as_of.as_ref().map(pair).transpose()?,
            (stream, table),
        )
    }

    /// The same join of a stream with the numbers of its rows after all columns, in a column that is
    /// written after the columns of the stream.
    pub(super) fn with_row_numbers(self) -> Result<Self> {
        if self.row_number.is_some() {
            return Ok(self);
        }
        let Bound { stream_schema, table_schema, .. } = &self.bound;
        let is_known = |name: &str| {
            let schemas = [stream_schema, self.schema()];
            schemas.iter().any(|schema| schema.column_with_name(name).is_some())
        };
        let mut name = "row".to_owned();
        while is_known(&name) {
            name.push('_');
        }
        let place = stream_schema.fields().len();
        let number = Arc::new(Field::new(name, DataType::UInt64, false));
        let fields = stream_schema.fields().iter().cloned().chain([number]);
        let metadata = stream_schema.metadata().clone();
        let schema = Schema::new_with_metadata(fields.collect::<Vec<_>>(), metadata);
        let mut stream = self.stream;
        stream.push(place);
        let sides = (&schema, &**table_schema);
        let plan = Self::new(self.options, stream, self.table, self.pairs, self.as_of, sides)?;
        Ok(Self { row_number: Some(place), ..plan })
    }

    /// The position of the row numbers in the result.
    pub(super) fn row_number_written(&self) -> usize {
        self.stream.len() - 1
    }

    pub(super) fn bound(&self) -> &Bound {
        &self.bound
    }

    /// Whether columns of the stream may be encoded in transit: not if rows of the table are
    /// written as rows of the stream, or rows of the stream are put aside.
    pub fn may_be_encoded(&self) -> bool {
        self.options.how != How::Full && !self.options.unmatched
    }

    /// For each column of the stream that is written, the key column of the table whose values are
    /// written for rows of the table without a partner.
    pub(super) fn key_of_written(&self, written: usize) -> Option<usize> {
        let column = self.stream.get(written)?;
        self.pairs.iter().find(|(stream, _)| stream == column).map(|(_, table)| *table)
    }

    /// The positions of the stream's key columns, for messages.
    pub(super) fn key_places(&self) -> impl Iterator<Item = usize> {
        self.pairs.iter().chain(&self.as_of).map(|(stream, _)| *stream)
    }
}

/// # Errors
/// Options that cannot be combined.
fn check(options: &JoinOptions) -> Result<()> {
    let message = if options.on.is_empty() && options.as_of.is_none() {
        "missing --on COLUMNS (try --on id, or --on 'a = x, b = y')"
    } else if options.tolerance.is_some() && options.as_of.is_none() {
        "--tolerance requires --as-of"
    } else if options.as_of.is_some() && options.how == How::Full {
        "--as-of cannot be combined with --how full"
    } else if options.sorted
        && options.tolerance.is_none()
        && options.as_of.as_ref().is_some_and(|as_of| !as_of.operator.is_before())
    {
        "--sorted with --as-of and <= or < would read TABLE to its end for a key that has no later \
         row; limit it with --tolerance, or leave out --sorted"
    } else if options.unmatched && options.how == How::Anti {
        "--unmatched cannot be combined with --how anti, which writes the same rows"
    } else if options.expect.is_some() && options.how == How::Anti {
        "--expect cannot be combined with --how anti"
    } else if !options.how.has_table() && options.columns.is_some() {
        "--columns selects columns of TABLE, of which --how semi and anti write none"
    } else {
        return Ok(());
    };
    Err(Error::usage(message))
}
