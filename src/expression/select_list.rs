//! Select lists: columns passed through, renamed, computed or cast.
//!
//! Rows are selected by a [`Predicate`](super::Predicate). A plain column passes through unchanged,
//! whatever its type, and keeps its field's metadata.

use super::bind::{Binder, FinerTime, per_stored_value};
use super::bind_value::encoding;
use super::error_place::Source;
use super::kind::{Kind, describe, plain_type};
use super::name::{Found, place_of};
use super::node::{Column, Node, Rows};
use super::output_name::output_name;
use super::parse::Tree;
use super::parse_list::{Changes, Item, parse_list};
use super::uuid::is_uuid;
use crate::error::{Error, Result, guard};
use crate::schema::has_equal_names;
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Metadata, Schema, SchemaRef};
use arrow::error::ArrowError;
use sqlparser::ast::{Expr, Ident};
use sqlparser::tokenizer::Location;
use std::collections::BTreeSet;
use std::iter::once;
use std::sync::Arc;

/// A list such as follows `SELECT`, bound to a schema. Cheap to clone and to share between threads.
///
/// ```
/// use arrow::array::{AsArray, Int8Array, RecordBatch};
/// use arrow_pipes::expression::SelectList;
/// use std::sync::Arc;
///
/// let ids = Arc::new(Int8Array::from(vec![Some(1), None, Some(7)]));
/// let batch = RecordBatch::try_from_iter([("id", ids as _)])?;
/// let list = SelectList::bind("id, id * 2 AS twice", &batch.schema(), false)?;
/// let twice = list.evaluate(&batch)?.column(1).clone();
/// assert_eq!(twice.as_primitive::<arrow::datatypes::Int64Type>().value(2), 14);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SelectList {
    outputs: Arc<[Output]>,
    columns: Arc<[usize]>,
    schema: SchemaRef,
    warnings: Arc<[String]>,
}

/// The source of an output column.
#[derive(Debug)]
enum Output {
    /// A column of the input, by its index in the schema, or a field inside one; unchanged.
    Stored(Column),
    /// A computed value, and the encoding of the result.
    Computed(Node, Option<DataType>),
}

/// An output with its field, and its place in the list.
type Named = (Output, Field, Location);

impl SelectList {
    /// Parses a list and binds it to the columns of a schema. With `truncate`, a cast to a coarser
    /// time unit cuts off what the unit cannot hold; otherwise that is an error.
    ///
    /// # Errors
    /// Exit status 2, with the list and a caret below the message: text that is not a list, unknown
    /// or ambiguous names, types that do not fit, duplicate names in the result.
    pub fn bind(text: &str, schema: &Schema, truncate: bool) -> Result<Self> {
        let finer_time = match truncate {
            true => FinerTime::CutOff,
            false => FinerTime::Refused("use --truncate"),
        };
        let source = Source::new(text);
        let binder = Binder::new(source, schema, finer_time);
        let mut list = Binding { binder, schema, warnings: Vec::new() };
        let mut named = Vec::new();
        for item in parse_list(text)? {
            named.extend(list.item(&item)?);
        }
        refuse_doubles(&source, schema, &named)?;
        let (mut outputs, mut fields) = (Vec::new(), Vec::new());
        let mut columns = BTreeSet::new();
        for (output, field, _) in named {
            match &output {
                Output::Stored(column) => _ = columns.insert(column.index),
                Output::Computed(node, _) => node.reads(&mut columns),
            }
            outputs.push(output);
            fields.push(field);
        }
        let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        let columns = columns.into_iter().collect();
        let warnings = list.warnings.into();
        Ok(Self { outputs: outputs.into(), columns, schema, warnings })
    }

    /// The schema indices of the top-level columns that are read, ascending and distinct.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Warnings about parts of the list that may be mistakes.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The schema of the output.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The results for a batch that holds exactly the columns of [`columns`](Self::columns), in
    /// that order.
    ///
    /// # Errors
    /// As [`evaluate_from`](Self::evaluate_from), with rows counted from the start of the batch.
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.evaluate_from(batch, 0)
    }

    /// Evaluates a batch whose first row has the number `first` in messages.
    ///
    /// # Errors
    /// Exit status 1: a value that cannot be computed or cast; naming the output column, the row,
    /// the expression and the value.
    pub fn evaluate_from(&self, batch: &RecordBatch, first: u64) -> Result<RecordBatch> {
        debug_assert_eq!(batch.num_columns(), self.columns.len());
        let rows = Rows {
            indices: self.columns.clone(),
            columns: batch.columns().to_vec(),
            count: batch.num_rows(),
            numbers: None,
            first,
        };
        let outputs = self.outputs.iter().zip(self.schema.fields());
        let columns = outputs.map(|(output, field)| {
            let column = output.evaluate(&rows);
            column.map_err(|e| e.with(format!("column \"{}\"", escaped(field.name()))))
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.count));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
            .map_err(|error| Error::failed(format!("cannot make a batch: {error}")))
    }
}

impl Output {
    fn evaluate(&self, rows: &Rows) -> Result<ArrayRef> {
        match self {
            Self::Stored(column) => column.read_as_stored(rows),
            Self::Computed(node, None) => node.values(rows)?.into_array(rows.count),
            Self::Computed(node, Some(packed)) => {
                let plain = node.values(rows)?.into_array(rows.count)?;
                guard("cannot encode", || {
                    cast(&plain, packed).map_err(|error| match error {
                        ArrowError::DictionaryKeyOverflowError => Error::failed(
                            "a batch has more values than the dictionary's keys can count; \
                             use wider ones: DICTIONARY(INT32)",
                        ),
                        error => Error::failed(format!("cannot encode as {packed}: {error}")),
                    })
                })
            }
        }
    }
}

/// The state while binding a list.
struct Binding<'a> {
    binder: Binder<'a>,
    schema: &'a Schema,
    warnings: Vec<String>,
}

impl Binding<'_> {
    /// `user price` renames one column to the other, which is rarely intended.
    fn warn_of_comma(&mut self, expression: &Expr, name: &str) {
        if self.schema.fields().iter().any(|field| field.name() == name) {
            let (first, name) = (escaped(&expression.to_string()), escaped(name));
            self.warnings.push(format!(
                "{first} is renamed to \"{name}\", which is another column: is a comma missing? \
                 (write AS \"{name}\" if not)"
            ));
        }
    }

    fn item(&mut self, item: &Item) -> Result<Vec<Named>> {
        match item {
            Item::Value { tree, name, is_bare, start } => {
                let name = name.as_ref().map(|name| name.value.as_str());
                if *is_bare && let Some(name) = name {
                    self.warn_of_comma(tree.expression(), name);
                }
                let (output, field) = self.value(tree.expression(), name)?;
                Ok(vec![(output, field, *start)])
            }
            Item::Star { of, changes, start } => {
                let all = self.all(of)?;
                let fields: Fields = all.iter().map(|(_, field)| field.clone()).collect();
                self.changed(all, &fields, changes, *start)
            }
        }
    }

    fn value(&mut self, expression: &Expr, name: Option<&str>) -> Result<(Output, Field)> {
        let mut inner = expression;
        while let Expr::Nested(nested) = inner {
            inner = nested;
        }
        let stored = match inner {
            Expr::Identifier(name) => Some(self.binder.found(std::slice::from_ref(name))?),
            Expr::CompoundIdentifier(parts) => Some(self.binder.found(parts)?),
            _ => None,
        };
        if let Some(found) = stored {
            let field = stored_field(self.schema, &found);
            let name = name.unwrap_or(field.name()).to_owned();
            return Ok((stored_output(found), field.with_name(name)));
        }
        let node = self.binder.node(inner)?;
        let name = name.map_or_else(|| output_name(inner, self.schema), str::to_owned);
        let packed = encoding(inner, node.data_type());
        if let Some(DataType::Dictionary(..)) = packed
            && let Kind::Null | Kind::Boolean | Kind::Duration | Kind::Interval | Kind::Other =
                Kind::of(node.data_type())
        {
            let message = format!("cannot encode {} as a dictionary", describe(node.data_type()));
            return Err(self.binder.error(inner, message));
        }
        let data_type = packed.clone().unwrap_or_else(|| node.data_type().clone());
        let field = Field::new(name, data_type, may_be_null(&node, self.schema));
        let kept = match packed.is_none() && is_uuid(&node, self.schema) {
            true => once(("ARROW:extension:name".to_owned(), "arrow.uuid".to_owned())).collect(),
            false => kept_metadata(inner, &node, self.schema),
        };
        let node = per_stored_value(node, self.schema);
        Ok((Output::Computed(node, packed), field.with_metadata(kept)))
    }

    /// The columns of a `*`: those of the schema, or of a struct.
    fn all(&mut self, of: &[Ident]) -> Result<Vec<(Output, FieldRef)>> {
        let Some(first) = of.first() else {
            let columns = self.schema.fields().iter().enumerate();
            return Ok(columns
                .map(|(column, field)| {
                    let data_type = plain_type(field.data_type()).clone();
                    let column = Column { index: column, path: Vec::new(), data_type };
                    (Output::Stored(column), field.clone())
                })
                .collect());
        };
        let found = self.binder.found(of)?;
        let DataType::Struct(children) = &found.data_type else {
            let message =
                format!("\"{}\" is not a struct, so it has no columns", escaped(&first.value));
            return Err(self.binder.source.error_at(first.span, message));
        };
        let child = |place: usize| {
            let path = [found.path.as_slice(), &[place]].concat();
            let data_type = children[place].data_type().clone();
            let found = Found { column: found.column, path, data_type };
            let field = stored_field(self.schema, &found);
            (stored_output(found), Arc::new(field))
        };
        Ok((0..children.len()).map(child).collect())
    }

    fn changed(
        &mut self,
        all: Vec<(Output, FieldRef)>,
        fields: &Fields,
        changes: &Changes,
        start: Location,
    ) -> Result<Vec<Named>> {
        let place = |name: &Ident| place_of(&self.binder.source, fields, name);
        let mut changed: Vec<Option<Named>> =
            all.into_iter().map(|(o, field)| Some((o, (*field).clone(), start))).collect();
        let mut renamed = Vec::new();
        for (old, new) in &changes.renamed {
            renamed.push((place(old)?, new));
        }
        let excluded = changes.excluded.iter().map(place).collect::<Result<Vec<_>>>()?;
        let replaced: Vec<(usize, &Tree, &Ident)> = changes
            .replaced
            .iter()
            .map(|(tree, name)| Ok((place(name)?, tree, name)))
            .collect::<Result<_>>()?;
        for (place, tree, name) in replaced {
            if excluded.contains(&place) {
                let message = format!("\"{}\" is already excluded", escaped(&name.value));
                return Err(self.binder.source.error_at(name.span, message));
            }
            let own = fields[place].name();
            let (output, field) = self.value(tree.expression(), Some(own))?;
            changed[place] = Some((output, field, start));
        }
        for (place, new) in renamed {
            if let Some((_, field, _)) = &mut changed[place] {
                field.set_name(&new.value);
            }
        }
        excluded.iter().for_each(|place| changed[*place] = None);
        let left: Vec<Named> = changed.into_iter().flatten().collect();
        if left.is_empty() {
            return Err(self.binder.source.error(start, "no column of * is left"));
        }
        Ok(left)
    }
}

fn stored_output(found: Found) -> Output {
    let data_type = plain_type(&found.data_type).clone();
    Output::Stored(Column { index: found.column, path: found.path, data_type })
}

/// The field of a column or of a field inside it; nullable if a struct around it is.
fn stored_field(schema: &Schema, found: &Found) -> Field {
    let mut field = schema.field(found.column);
    let mut nullable = field.is_nullable();
    for place in &found.path {
        if let DataType::Struct(children) = field.data_type() {
            field = &children[*place];
            nullable |= field.is_nullable();
        }
    }
    field.clone().with_nullable(nullable)
}

/// The metadata that a cast column keeps. Extension types describe the old type, so they are
/// dropped.
fn kept_metadata(expression: &Expr, node: &Node, schema: &Schema) -> Metadata {
    let source = match node {
        Node::Convert(conversion) => &conversion.operand,
        other => other,
    };
    match (expression, source) {
        (Expr::Cast { .. }, Node::Column(column)) if column.path.is_empty() => {
            let mut metadata = schema.field(column.index).metadata().clone();
            // The result is not encoded for transport (`schema::encoded_field`) as the column may
            // be.
            metadata.retain(|key, _| {
                !key.starts_with("ARROW:extension:") && key != "arrow-pipes:encoded"
            });
            metadata
        }
        _ => Metadata::default(),
    }
}

/// Whether a value may be null; true is always safe.
fn may_be_null(node: &Node, schema: &Schema) -> bool {
    let any = |node: &Node| node.children().any(|child| may_be_null(child, schema));
    match node {
        Node::Column(column) => {
            let field = schema.field(column.index);
            // The field does not show nulls among a dictionary's values.
            !column.path.is_empty()
                || field.is_nullable()
                || plain_type(field.data_type()) != field.data_type()
        }
        // An array of type null has no bitmap to show its nulls.
        Node::Constant(value) => value.logical_null_count() > 0,
        Node::IsNull(_) | Node::Is(..) | Node::Same(..) => false,
        // A function may give null for values that are not null.
        Node::Call(_) => true,
        Node::Among(_, set) => set.has_null || any(node),
        Node::Convert(conversion) => conversion.null_on_failure || any(node),
        Node::Choose(choose) => choose.may_be_null(&|node| may_be_null(node, schema)),
        Node::Not(_)
        | Node::And(_)
        | Node::Or(_)
        | Node::Compare(..)
        | Node::Between(..)
        | Node::Like(_)
        | Node::Arithmetic(_)
        | Node::Concatenate(_)
        | Node::PerStoredValue(..) => any(node),
    }
}

fn refuse_doubles(source: &Source<'_>, schema: &Schema, named: &[Named]) -> Result<()> {
    let mut names = BTreeSet::new();
    for (_, field, start) in named {
        if !names.insert(field.name()) {
            let name = escaped(field.name());
            let hint = match has_equal_names(schema) {
                true => {
                    "rename or exclude one by its number, as in * RENAME (#2 AS z) or * EXCLUDE (#2), \
                     or number them with --unique-names"
                }
                false => "rename one with AS, or EXCLUDE it",
            };
            let message = format!("two columns would be named \"{name}\"; {hint}");
            return Err(source.error(*start, message));
        }
    }
    Ok(())
}
