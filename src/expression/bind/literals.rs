//! Binds literals: `42`, `'text'`, `TIMESTAMP '…'`.

use super::binder::{Binder, Term, with_digits_of};
use crate::error::Result;
use crate::expression::evaluate::literal_placement::{Literal, Place, place_literal};
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::describe;
use crate::expression::values::number::Number;
use crate::time::parse::{Form, Timestamp};
use arrow::array::BooleanArray;
use arrow::datatypes::{DataType, TimeUnit};
use sqlparser::ast::{Expr, TypedString, Value};
use std::sync::Arc;

impl Binder<'_> {
    pub(crate) fn literal(&self, expression: &Expr, value: &Value) -> Result<Term> {
        Ok(match value {
            Value::Null => Term::Literal(Literal::Null),
            Value::Boolean(value) => {
                Term::Node(Node::Constant(Arc::new(BooleanArray::from(vec![*value]))))
            }
            Value::Number(text, _) => {
                let number = Number::parse(text)
                    .ok_or_else(|| self.error(expression, format!("{text} is not a number")))?;
                Term::Literal(Literal::Number(number))
            }
            Value::SingleQuotedString(text) | Value::EscapedStringLiteral(text) => {
                Term::Literal(Literal::Text(text.clone()))
            }
            Value::DollarQuotedString(text) => Term::Literal(Literal::Text(text.value.clone())),
            Value::Placeholder(_) => {
                return Err(self.error(expression, "placeholders are not supported"));
            }
            _ => return Err(self.error(expression, "this literal is not supported")),
        })
    }

    /// `DATE '…'`, `TIMESTAMP '…'`.
    pub(crate) fn typed_literal(&self, expression: &Expr, typed: &TypedString) -> Result<Term> {
        let Value::SingleQuotedString(text) = &typed.value.value else {
            return Err(self.error(expression, "this literal is not supported"));
        };
        let data_type = self.sql_type(expression, &typed.data_type)?;
        if let Some(literal) = zoneless(text, &data_type) {
            return Ok(Term::Literal(literal));
        }
        let data_type = with_digits_of(text, data_type);
        let literal = Literal::Text(text.clone());
        match place_literal(&literal, &data_type).map_err(|error| self.placed(expression, error))? {
            Some(Place::At { value, .. }) => Ok(Term::Node(Node::Constant(value))),
            _ => {
                let message = format!("'{text}' is out of the range of {}", describe(&data_type));
                Err(self.error(expression, message))
            }
        }
    }
}

/// The literal of a text without an offset, if the type is a timestamp with a time zone.
pub(crate) fn zoneless(text: &str, data_type: &DataType) -> Option<Literal> {
    let DataType::Timestamp(TimeUnit::Microsecond, Some(_)) = data_type else { return None };
    // A year out of range is reported with its type.
    place_literal(&Literal::Text(text.to_owned()), data_type)
        .is_ok_and(|place| matches!(place, Some(Place::At { .. })))
        .then(|| Timestamp::parse(text, Form::Sql))
        .flatten()
        .filter(|instant| instant.offset_seconds.is_none())
        .map(|_| Literal::Instant(text.to_owned()))
}
