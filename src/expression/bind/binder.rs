//! The binder and the terms that it makes of a syntax tree.

use super::group_scope::GroupScope;
use crate::expression::evaluate::cast::FinerTime;
use crate::expression::evaluate::literal_placement::{self, Literal, Place, place_literal};
use crate::expression::evaluate::node::Node;
use crate::expression::syntax::error_place::Source;
use crate::expression::values::kind::{Kind, describe};
use crate::expression::values::literal_text::read_instant;
use crate::expression::values::number::Number;
use crate::time::parse::{Form, TimeOfDay};
use arrow::array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray, new_null_array,
};
use arrow::datatypes::{DataType, Schema, TimeUnit, i256};
use sqlparser::tokenizer::Span;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Binds names and types.
pub(crate) struct Binder<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) schema: &'a Schema,
    pub(crate) finer_time: FinerTime,
    /// Whether names must match whole columns exactly.
    pub(crate) is_exact: bool,
    pub(crate) depth: usize,
    pub(crate) operands: usize,
    /// The place of each column whose name is its own, made when the first name is looked up: a
    /// select list may name each of 20,000 columns.
    places: OnceCell<HashMap<&'a str, Option<usize>>>,
    /// The columns that were named, and where.
    pub(crate) references: RefCell<Vec<Reference>>,
    /// For expressions over groups: what they may use.
    pub(crate) groups: Option<&'a GroupScope<'a>>,
    /// Whether the expression is an argument of a function of many rows.
    pub(crate) is_in_aggregate: bool,
}

/// A column that a text names, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reference {
    pub(crate) span: Span,
    pub(crate) column: usize,
}

/// A bound subexpression; a literal waits for the type it is combined with.
#[derive(Debug, Clone)]
pub(crate) enum Term {
    Literal(Literal),
    Node(Node),
}

impl<'a> Binder<'a> {
    pub(crate) fn new(source: Source<'a>, schema: &'a Schema, finer_time: FinerTime) -> Self {
        Self {
            source,
            schema,
            finer_time,
            is_exact: false,
            depth: 0,
            operands: 0,
            places: OnceCell::new(),
            references: RefCell::default(),
            groups: None,
            is_in_aggregate: false,
        }
    }

    /// The column of exactly this name, if there is only one.
    pub(crate) fn exact_column(&self, name: &str) -> Option<usize> {
        let places = self.places.get_or_init(|| {
            let mut places = HashMap::with_capacity(self.schema.fields().len());
            for (place, field) in self.schema.fields().iter().enumerate() {
                let several = |known: &mut Option<usize>| *known = None;
                places.entry(field.name().as_str()).and_modify(several).or_insert(Some(place));
            }
            places
        });
        places.get(name).copied().flatten()
    }
}

impl Term {
    /// The term in words, for messages.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Node(node) => describe(node.data_type()),
            Self::Literal(Literal::Number(_)) => "a number".to_owned(),
            Self::Literal(Literal::Instant(_)) => "a timestamp".to_owned(),
            Self::Literal(Literal::Text(_) | Literal::Null) => "text".to_owned(),
        }
    }

    /// Whether the term is known to be null.
    pub(crate) fn is_null(&self) -> bool {
        match self {
            Self::Literal(literal) => literal == &Literal::Null,
            Self::Node(Node::Constant(value)) => value.is_null(0),
            Self::Node(node) => Kind::of(node.data_type()) == Kind::Null,
        }
    }
}

pub(crate) fn negated(node: Node) -> Node {
    Node::Not(Box::new(node))
}

pub(crate) fn constant_condition(answer: Option<bool>) -> Node {
    Node::Constant(Arc::new(BooleanArray::from(vec![answer])))
}

/// Evaluates an expression that reads only one dictionary or run-end encoded column once per
/// distinct value.
pub(crate) fn once_per_stored_value(node: Node, schema: &Schema) -> Node {
    let mut read = BTreeSet::new();
    node.reads(&mut read);
    let Some(index) = read.pop_first() else { return node };
    let data_type = schema.field(index).data_type();
    let encoded = matches!(data_type, DataType::Dictionary(..) | DataType::RunEndEncoded(..));
    let known = matches!(node, Node::Column(_) | Node::PerStoredValue(..));
    if !read.is_empty() || !encoded || known {
        return node;
    }
    Node::PerStoredValue(index, Box::new(node))
}

/// A literal as a value of its own type, as in DuckDB: Int64, decimal, double, text.
pub(crate) fn default_constant(literal: &Literal) -> Node {
    Node::Constant(match literal {
        Literal::Null => new_null_array(&DataType::Null, 1),
        Literal::Text(text) => Arc::new(StringArray::from(vec![text.as_str()])),
        Literal::Number(number) => default_number(number),
        Literal::Instant(text) => {
            let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
            match place_literal(literal, &with_digits_of(text, utc.clone())) {
                Ok(Some(Place::At { value, .. })) => value,
                _ => new_null_array(&utc, 1),
            }
        }
    })
}

fn default_number(number: &Number) -> ArrayRef {
    let double = || -> ArrayRef { Arc::new(Float64Array::from(vec![number.to_f64()])) };
    if number.scientific {
        return double();
    }
    let (precision, scale) = number.written_precision_and_scale();
    let exact = |scale: i8| number.rounded(scale);
    if scale == 0
        && let Some(integer) = exact(0).and_then(i256::to_i128)
        && let Ok(integer) = i64::try_from(integer)
    {
        return Arc::new(Int64Array::from(vec![integer]));
    }
    let (Ok(precision), Ok(scale)) = (u8::try_from(precision), i8::try_from(scale)) else {
        return double();
    };
    let data_type = match precision {
        // An integer beyond Int64 is DuckDB's HUGEINT.
        ..=38 if scale == 0 => DataType::Decimal128(38, 0),
        ..=38 => DataType::Decimal128(precision, scale),
        39..=76 => DataType::Decimal256(precision, scale),
        _ => return double(),
    };
    exact(scale)
        .and_then(|units| literal_placement::stored(units, &data_type))
        .unwrap_or_else(double)
}

/// The nanosecond type, if the type has microseconds and the text has more digits: a literal keeps
/// them, and the column decides how to treat them.
pub(crate) fn with_digits_of(text: &str, data_type: DataType) -> DataType {
    const MICRO: TimeUnit = TimeUnit::Microsecond;
    let is_finer = match &data_type {
        DataType::Timestamp(MICRO, _) => {
            read_instant(text, &data_type).is_ok_and(|at| at % 1000 != 0)
        }
        DataType::Time64(MICRO) => {
            TimeOfDay::parse(text, Form::Sql).is_some_and(|time| !time.fits(MICRO))
        }
        _ => false,
    };
    match data_type {
        DataType::Timestamp(_, zone) if is_finer => DataType::Timestamp(TimeUnit::Nanosecond, zone),
        DataType::Time64(_) if is_finer => DataType::Time64(TimeUnit::Nanosecond),
        other => other,
    }
}

/// A literal that is not combined with anything has a type of its own.
pub(crate) fn into_node(term: Term) -> Node {
    match term {
        Term::Node(node) => node,
        Term::Literal(literal) => default_constant(&literal),
    }
}
