//! Binds values: names, literals and casts.

use super::binder::{Binder, Term, default_constant, with_digits_of};
use crate::error::{Error, Result};
use crate::expression::evaluate::cast::Conversion;
use crate::expression::evaluate::literal_placement::{Literal, Place, place_literal};
use crate::expression::evaluate::node::{Column, Node};
use crate::expression::evaluate::uuid::is_uuid;
use crate::expression::functions::uuid;
use crate::expression::syntax::error_place::shown;
use crate::expression::syntax::name::{Found, resolve};
use crate::expression::syntax::refused_syntax::must_be_quoted;
use crate::expression::syntax::sql_type::{SqlTarget, arrow_type};
use crate::expression::syntax::tokens::is_reserved;
use crate::expression::values::kind::{Kind, describe, plain_type};
use crate::expression::values::number::Number;
use crate::expression::values::uuid::UUID;
use crate::time::parse::{Form, Timestamp};
use arrow::array::BooleanArray;
use arrow::datatypes::{DataType, Field, TimeUnit};
use sqlparser::ast::{CastKind, DataType as SqlType, Expr, Ident, TypedString, Value};
use std::sync::Arc;

impl Binder<'_> {
    /// Binds names, literals and casts.
    pub(crate) fn value(&mut self, expression: &Expr) -> Result<Term> {
        match expression {
            Expr::Identifier(name) => self.column(std::slice::from_ref(name)),
            Expr::CompoundIdentifier(parts) => self.column(parts),
            Expr::Value(value) => self.literal(expression, &value.value),
            Expr::TypedString(typed) => self.typed_literal(expression, typed),
            Expr::Cast { kind, expr, data_type, format: None } => {
                let null_on_failure = match kind {
                    CastKind::Cast | CastKind::DoubleColon => false,
                    CastKind::TryCast | CastKind::SafeCast => true,
                };
                self.cast(expression, expr, data_type, null_on_failure)
            }
            _ => Err(self.error(expression, "this is not supported in an expression")),
        }
    }

    pub(crate) fn column(&self, parts: &[Ident]) -> Result<Term> {
        let found = self.found(parts)?;
        let data_type = plain_type(&found.data_type).clone();
        Ok(Term::Node(Node::Column(Column { index: found.column, path: found.path, data_type })))
    }

    /// The column that a name refers to.
    pub(crate) fn found(&self, parts: &[Ident]) -> Result<Found> {
        if let [name] = parts
            && name.quote_style.is_none()
            && is_reserved(&name.value)
        {
            return Err(must_be_quoted(&self.source, name.span, &name.value));
        }
        if let [name] = parts
            && let Some(column) = self.exact_column(&name.value)
        {
            let data_type = self.schema.field(column).data_type().clone();
            return Ok(Found { column, path: Vec::new(), data_type });
        }
        let found = resolve(&self.source, parts, self.schema)?;
        let name = parts.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".");
        if self.is_exact
            && (!found.path.is_empty() || *self.schema.field(found.column).name() != name)
        {
            return Err(self.source.error_at(parts[0].span, "not the name of a whole column"));
        }
        Ok(found)
    }

    fn literal(&self, expression: &Expr, value: &Value) -> Result<Term> {
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
    fn typed_literal(&self, expression: &Expr, typed: &TypedString) -> Result<Term> {
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

    fn cast(
        &mut self,
        expression: &Expr,
        operand: &Expr,
        data_type: &SqlType,
        null_on_failure: bool,
    ) -> Result<Term> {
        let Some(to) = self.target(expression, data_type)? else {
            // Encoding values does not change them.
            return self.term(operand);
        };
        let operand = match self.term(operand)? {
            Term::Literal(Literal::Null) => {
                let null = arrow::array::new_null_array(&to, 1);
                return Ok(Term::Node(Node::Constant(null)));
            }
            Term::Literal(Literal::Text(text)) => match zoneless(&text, &to) {
                Some(literal) => return Ok(Term::Literal(literal)),
                None => default_constant(&Literal::Text(text)),
            },
            Term::Literal(literal) => default_constant(&literal),
            Term::Node(node) => node,
        };
        let is_uuid = arrow_type(data_type) == Some(SqlTarget::Uuid);
        if is_uuid && Kind::of(operand.data_type()) == Kind::Text {
            let call = uuid::read(operand, null_on_failure, shown(expression));
            return Ok(Term::Node(Node::Call(Box::new(call))));
        }
        let operand = match Kind::of(&to) {
            Kind::Text => self.with_uuid_as_text(operand, expression),
            _ => operand,
        };
        // A cast to another unit keeps the time zone.
        let to = match (operand.data_type(), to) {
            (DataType::Timestamp(_, Some(zone)), DataType::Timestamp(unit, Some(_))) => {
                DataType::Timestamp(unit, Some(zone.clone()))
            }
            (_, to) => to,
        };
        if !Conversion::is_possible(operand.data_type(), &to) {
            let (from, to) = (describe(operand.data_type()), describe(&to));
            return Err(self.error(expression, format!("cannot convert {from} to {to}")));
        }
        let text = shown(expression);
        let whole = arrow_type(data_type) == Some(SqlTarget::HugeInteger);
        let finer_time = self.finer_time;
        let conversion = Conversion { operand, to, null_on_failure, finer_time, whole, text };
        Ok(Term::Node(Node::Convert(Box::new(conversion))))
    }

    /// Converts UUIDs to text; leaves other values unchanged.
    pub(crate) fn with_uuid_as_text(&self, node: Node, expression: &Expr) -> Node {
        match is_uuid(&node, self.schema) {
            true => Node::Call(Box::new(uuid::write(node, shown(expression)))),
            false => node,
        }
    }

    fn sql_type(&self, expression: &Expr, data_type: &SqlType) -> Result<DataType> {
        let plain = self.target(expression, data_type)?;
        plain.ok_or_else(|| self.unknown_type(expression, data_type))
    }

    /// The plain type of a cast's values; none if the cast only encodes them.
    fn target(&self, expression: &Expr, data_type: &SqlType) -> Result<Option<DataType>> {
        match arrow_type(data_type) {
            Some(SqlTarget::Plain(data_type)) => Ok(Some(data_type)),
            Some(SqlTarget::HugeInteger) => Ok(Some(DataType::Decimal128(38, 0))),
            Some(SqlTarget::Uuid) => Ok(Some(UUID)),
            Some(SqlTarget::Dictionary(_) | SqlTarget::RunEnds) => Ok(None),
            None => Err(self.unknown_type(expression, data_type)),
        }
    }

    fn unknown_type(&self, expression: &Expr, data_type: &SqlType) -> Error {
        self.error(expression, format!("the type {data_type} is not supported"))
    }
}

/// The literal of a text without an offset, if the type is a timestamp with a time zone.
fn zoneless(text: &str, data_type: &DataType) -> Option<Literal> {
    let DataType::Timestamp(TimeUnit::Microsecond, Some(_)) = data_type else { return None };
    // A year out of range is reported with its type.
    place_literal(&Literal::Text(text.to_owned()), data_type)
        .is_ok_and(|place| matches!(place, Some(Place::At { .. })))
        .then(|| Timestamp::parse(text, Form::Sql))
        .flatten()
        .filter(|instant| instant.offset_seconds.is_none())
        .map(|_| Literal::Instant(text.to_owned()))
}

/// The encoding of the result, if the expression is a cast to a dictionary or run-end encoding.
pub(crate) fn encoding(expression: &Expr, values: &DataType) -> Option<DataType> {
    let Expr::Cast { data_type, .. } = expression else { return None };
    match arrow_type(data_type)? {
        SqlTarget::Plain(_) | SqlTarget::HugeInteger | SqlTarget::Uuid => None,
        SqlTarget::Dictionary(keys) => {
            Some(DataType::Dictionary(Box::new(keys), Box::new(values.clone())))
        }
        SqlTarget::RunEnds => {
            let ends = Field::new("run_ends", DataType::Int32, false);
            let values = Field::new("values", values.clone(), true);
            Some(DataType::RunEndEncoded(Arc::new(ends), Arc::new(values)))
        }
    }
}
