//! Binds casts to SQL types, and the encodings that they ask for.

use super::binder::{Binder, Term, default_constant, into_node};
use super::literals::zoneless;
use crate::error::{Error, Result};
use crate::expression::evaluate::cast::Conversion;
use crate::expression::evaluate::literal_placement::Literal;
use crate::expression::evaluate::node::Node;
use crate::expression::evaluate::uuid::is_uuid;
use crate::expression::functions::uuid;
use crate::expression::syntax::error_place::shown;
use crate::expression::syntax::sql_type::{CastTarget, arrow_type};
use crate::expression::values::kind::{Kind, describe};
use crate::expression::values::uuid::UUID;
use arrow::array::new_null_array;
use arrow::datatypes::{DataType, Field};
use sqlparser::ast::{DataType as SqlType, Expr};
use std::sync::Arc;

impl Binder<'_> {
    pub(crate) fn cast(
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
                let null = new_null_array(&to, 1);
                return Ok(Term::Node(Node::Constant(null)));
            }
            Term::Literal(Literal::Text(text)) => match zoneless(&text, &to, &to) {
                Some(literal) => return Ok(Term::Literal(literal)),
                None => default_constant(&Literal::Text(text)),
            },
            other => into_node(other),
        };
        let is_uuid = arrow_type(data_type) == Some(CastTarget::Uuid);
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
        let whole = arrow_type(data_type) == Some(CastTarget::HugeInteger);
        let finer_time = self.finer_time;
        let conversion = Conversion { operand, to, null_on_failure, finer_time, whole, text };
        Ok(Term::Node(Node::Convert(Box::new(conversion))))
    }

    /// Converts UUIDs to text; leaves other values unchanged.
    pub(crate) fn with_uuid_as_text(&self, node: Node, expression: &Expr) -> Node {
        if is_uuid(&node, self.schema) {
            Node::Call(Box::new(uuid::write(node, shown(expression))))
        } else {
            node
        }
    }

    pub(crate) fn sql_type(&self, expression: &Expr, data_type: &SqlType) -> Result<DataType> {
        let plain = self.target(expression, data_type)?;
        plain.ok_or_else(|| self.unknown_type(expression, data_type))
    }

    /// The plain type of a cast's values; none if the cast only encodes them.
    fn target(&self, expression: &Expr, data_type: &SqlType) -> Result<Option<DataType>> {
        match arrow_type(data_type) {
            Some(CastTarget::Plain(data_type)) => Ok(Some(data_type)),
            Some(CastTarget::HugeInteger) => Ok(Some(DataType::Decimal128(38, 0))),
            Some(CastTarget::Uuid) => Ok(Some(UUID)),
            Some(CastTarget::Dictionary(_) | CastTarget::RunEnds) => Ok(None),
            None => Err(self.unknown_type(expression, data_type)),
        }
    }

    fn unknown_type(&self, expression: &Expr, data_type: &SqlType) -> Error {
        self.error(expression, format!("the type {data_type} is not supported"))
    }
}

/// The encoding of the result, if the expression is a cast to a dictionary or run-end encoding.
pub(crate) fn encoding(expression: &Expr, values: &DataType) -> Option<DataType> {
    let Expr::Cast { data_type, .. } = expression else { return None };
    match arrow_type(data_type)? {
        CastTarget::Plain(_) | CastTarget::HugeInteger | CastTarget::Uuid => None,
        CastTarget::Dictionary(keys) => {
            Some(DataType::Dictionary(Box::new(keys), Box::new(values.clone())))
        }
        CastTarget::RunEnds => {
            let ends = Field::new("run_ends", DataType::Int32, false);
            let values = Field::new("values", values.clone(), true);
            Some(DataType::RunEndEncoded(Arc::new(ends), Arc::new(values)))
        }
    }
}
