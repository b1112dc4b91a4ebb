//! A column of the result of a select list: where it comes from, and its field.

use crate::error::{Error, Result, guard};
use crate::expression::evaluate::node::{Column, Node};
use crate::expression::evaluate::rows::Rows;
use crate::expression::evaluate::unnest::Unnest;
use crate::expression::syntax::name::Found;
use crate::expression::values::kind::plain_type;
use arrow::array::{Array, ArrayRef};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Metadata, Schema};
use arrow::error::ArrowError;
use sqlparser::ast::Expr;

/// The source of an output column.
#[derive(Debug)]
pub(crate) enum Output {
    /// A column of the input, by its index in the schema, or a field inside one; unchanged.
    Stored(Column),
    /// A computed value, and the encoding of the result.
    Computed(Node, Option<DataType>),
    /// A list, and what becomes of it.
    Unnested(Node, Unnest),
}

impl Output {
    /// Whether a row may raise an error.
    pub(crate) fn can_fail(&self) -> bool {
        match self {
            Self::Stored(_) => false,
            Self::Computed(node, encoding) => encoding.is_some() || node.can_fail(),
            Self::Unnested(node, _) => node.can_fail(),
        }
    }

    /// How rows are made of the lists of [`evaluate`](Self::evaluate).
    pub(crate) fn unnest(&self) -> Option<Unnest> {
        match self {
            Self::Unnested(_, unnest) => Some(*unnest),
            Self::Stored(_) | Self::Computed(..) => None,
        }
    }

    pub(crate) fn evaluate(&self, rows: &Rows) -> Result<ArrayRef> {
        match self {
            Self::Stored(column) => column.read_as_stored(rows),
            Self::Computed(node, None) | Self::Unnested(node, _) => {
                node.values(rows)?.into_array(rows.count)
            }
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

/// Whether a value may be null; true is always safe.
pub(crate) fn may_be_null(node: &Node, schema: &Schema) -> bool {
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
        Node::InList(_, list) => list.has_null || any(node),
        Node::Convert(conversion) => conversion.null_on_failure || any(node),
        Node::Case(case) => case.may_be_null(&|node| may_be_null(node, schema)),
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

/// The metadata that a cast column keeps. Extension types describe the old type, so they are
/// dropped.
pub(crate) fn kept_metadata(expression: &Expr, node: &Node, schema: &Schema) -> Metadata {
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

pub(crate) fn stored_output(found: Found) -> Output {
    let data_type = plain_type(&found.data_type).clone();
    Output::Stored(Column { index: found.column, path: found.path, data_type })
}

/// The field of a column or of a field inside it; nullable if a struct around it is.
pub(crate) fn stored_field(schema: &Schema, found: &Found) -> Field {
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
