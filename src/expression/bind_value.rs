//! Binds values: names, literals, arithmetic, casts.

use super::arithmetic::{Arithmetic, Operation};
use super::bind::{Binder, Term, negated};
use super::bind_compare::into_node;
use super::cast::Conversion;
use super::coerce::{Literal, Place, place_literal, read_instant};
use super::compare::Operator;
use super::functions::uuid;
use super::instant::Instant;
use super::kind::{Kind, describe, plain_type};
use super::name::{Found, resolve};
use super::node::{Column, Node};
use super::number::Number;
use super::parse::{is_reserved, must_be_quoted};
use super::sql_type::{SqlTarget, arrow_type};
use super::uuid::is_uuid;
use crate::error::{Error, Result};
use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, TimeUnit, i256};
use sqlparser::ast::{
    BinaryOperator, CastKind, DataType as SqlType, Expr, Ident, TypedString, UnaryOperator, Value,
};
use std::sync::Arc;

impl Binder<'_> {
    /// Binds names, literals and casts.
    pub(super) fn value(&mut self, expression: &Expr) -> Result<Term> {
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

    pub(super) fn column(&self, parts: &[Ident]) -> Result<Term> {
        let found = self.found(parts)?;
        let data_type = plain_type(&found.data_type).clone();
        Ok(Term::Node(Node::Column(Column { index: found.column, path: found.path, data_type })))
    }

    /// The column that a name refers to.
    pub(super) fn found(&self, parts: &[Ident]) -> Result<Found> {
        if let [name] = parts
            && name.quote_style.is_none()
            && is_reserved(&name.value)
        {
            return Err(must_be_quoted(&self.source, name.span, &name.value));
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
    pub(super) fn with_uuid_as_text(&self, node: Node, expression: &Expr) -> Node {
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
            Some(SqlTarget::Uuid) => Ok(Some(uuid::UUID)),
            Some(SqlTarget::Dictionary(_) | SqlTarget::RunEnds) => Ok(None),
            None => Err(self.unknown_type(expression, data_type)),
        }
    }

    fn unknown_type(&self, expression: &Expr, data_type: &SqlType) -> Error {
        self.error(expression, format!("the type {data_type} is not supported"))
    }

    /// `-x` and `+x`.
    pub(super) fn signed(
        &mut self,
        expression: &Expr,
        sign: UnaryOperator,
        operand: &Expr,
    ) -> Result<Term> {
        if sign == UnaryOperator::BitwiseNot {
            return self.apply_named(expression, "bit_not", &[operand]);
        }
        if !matches!(sign, UnaryOperator::Minus | UnaryOperator::Plus) {
            return Err(self.error(expression, format!("the operator {sign} is not supported")));
        }
        let minus = sign == UnaryOperator::Minus;
        let node = match self.term(operand)? {
            Term::Literal(Literal::Number(number)) => {
                let number = if minus { number.negated() } else { number };
                return Ok(Term::Literal(Literal::Number(number)));
            }
            Term::Literal(Literal::Null) => return Ok(Term::Literal(Literal::Null)),
            Term::Literal(text) => default_constant(&text),
            Term::Node(node) => node,
        };
        if minus && let Some(negated) = super::functions::interval::negated(&node) {
            return Ok(Term::Node(negated));
        }
        if !Kind::of(node.data_type()).is_number() {
            let what = describe(node.data_type());
            return Err(self.error(operand, format!("{sign} needs a number, not {what}")));
        }
        if !minus {
            return Ok(Term::Node(node));
        }
        let negated = Arithmetic::negation(node, shown(expression));
        let negated = negated.ok_or_else(|| self.error(operand, "this cannot be negated"))?;
        Ok(Term::Node(Node::Arithmetic(Box::new(negated))))
    }

    /// Operators between two operands, except `AND` and `OR`.
    pub(super) fn binary(
        &mut self,
        expression: &Expr,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
    ) -> Result<Term> {
        let operation = match operator {
            BinaryOperator::Plus => Operation::Add,
            BinaryOperator::Minus => Operation::Subtract,
            BinaryOperator::Multiply => Operation::Multiply,
            BinaryOperator::Divide => Operation::Divide,
            BinaryOperator::DuckIntegerDivide => Operation::IntegerDivide,
            BinaryOperator::Modulo => Operation::Modulo,
            other => {
                if let Some(name) = function_of(other) {
                    return self.apply_named(expression, name, &[left, right]);
                }
                if let BinaryOperator::PGRegexNotMatch = other {
                    let found = self.apply_named(expression, "regexp_matches", &[left, right])?;
                    return Ok(Term::Node(negated(into_node(found))));
                }
                let operator = comparison_operator(other).ok_or_else(|| {
                    self.error(right, format!("the operator {other} is not supported"))
                })?;
                return Ok(Term::Node(self.comparison(left, operator, right)?));
            }
        };
        let (left_term, right_term) = (self.term(left)?, self.term(right)?);
        if let Operation::Add | Operation::Subtract = operation {
            let subtract = operation == Operation::Subtract;
            if let Some(sum) = self.time_sum(expression, &left_term, subtract, &right_term)? {
                return Ok(sum);
            }
        }
        let (left, right) = (self.operand(left, left_term)?, self.operand(right, right_term)?);
        let (Some(left), Some(right)) = (left, right) else {
            return Ok(Term::Literal(Literal::Null));
        };
        self.arithmetic(expression, left, operation, right)
    }

    /// A number operand; None for null.
    fn operand(&self, expression: &Expr, term: Term) -> Result<Option<Node>> {
        let node = match term {
            Term::Literal(Literal::Null) => return Ok(None),
            Term::Literal(literal) => default_constant(&literal),
            Term::Node(node) => node,
        };
        match Kind::of(node.data_type()) {
            Kind::Null => Ok(None),
            kind if kind.is_number() => Ok(Some(node)),
            _ => {
                let what = describe(node.data_type());
                Err(self.error(expression, format!("a number is expected here, not {what}")))
            }
        }
    }

    fn arithmetic(
        &self,
        expression: &Expr,
        left: Node,
        operation: Operation,
        right: Node,
    ) -> Result<Term> {
        let bound =
            Arithmetic::new(left, operation, right, shown(expression)).ok_or_else(|| {
                self.error(expression, "the result would have more than 76 decimal places")
            })?;
        Ok(Term::Node(Node::Arithmetic(Box::new(bound))))
    }
}

/// A literal as a value of its own type, as in DuckDB: Int64, decimal, double, text.
pub(super) fn default_constant(literal: &Literal) -> Node {
    Node::Constant(match literal {
        Literal::Null => arrow::array::new_null_array(&DataType::Null, 1),
        Literal::Text(text) => Arc::new(StringArray::from(vec![text.as_str()])),
        Literal::Number(number) => default_number(number),
        Literal::Instant(text) => {
            let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
            match place_literal(literal, &with_digits_of(text, utc.clone())) {
                Ok(Some(Place::At { value, .. })) => value,
                _ => arrow::array::new_null_array(&utc, 1),
            }
        }
    })
}

/// The nanosecond type, if the type has microseconds and the text has more digits: a literal keeps
/// them, and the column decides how to treat them.
fn with_digits_of(text: &str, data_type: DataType) -> DataType {
    match (&data_type, read_instant(text, &data_type)) {
        (DataType::Timestamp(TimeUnit::Microsecond, zone), Ok(at)) if at % 1000 != 0 => {
            DataType::Timestamp(TimeUnit::Nanosecond, zone.clone())
        }
        _ => data_type,
    }
}

/// The literal of a text without an offset, if the type is a timestamp with a time zone.
fn zoneless(text: &str, data_type: &DataType) -> Option<Literal> {
    let DataType::Timestamp(TimeUnit::Microsecond, Some(_)) = data_type else { return None };
    // A year out of range is reported with its type.
    place_literal(&Literal::Text(text.to_owned()), data_type)
        .is_ok_and(|place| matches!(place, Some(Place::At { .. })))
        .then(|| Instant::parse(text).filter(|instant| instant.offset_seconds.is_none()))
        .flatten()
        .map(|_| Literal::Instant(text.to_owned()))
}

/// The encoding of the result, if the expression is a cast to a dictionary or run-end encoding.
pub(super) fn encoding(expression: &Expr, values: &DataType) -> Option<DataType> {
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
    exact(scale).and_then(|units| super::coerce::decimal(units, &data_type)).unwrap_or_else(double)
}

/// The function that an operator stands for.
fn function_of(operator: &BinaryOperator) -> Option<&'static str> {
    Some(match operator {
        BinaryOperator::BitwiseAnd => "bit_and",
        BinaryOperator::BitwiseOr => "bit_or",
        BinaryOperator::PGBitwiseShiftLeft => "bit_shift_left",
        BinaryOperator::PGBitwiseShiftRight => "bit_shift_right",
        // As in DuckDB, not as in other dialects.
        BinaryOperator::BitwiseXor => "power",
        BinaryOperator::PGRegexMatch => "regexp_matches",
        BinaryOperator::Glob => "glob",
        _ => return None,
    })
}

fn comparison_operator(operator: &BinaryOperator) -> Option<Operator> {
    Some(match operator {
        BinaryOperator::Eq => Operator::Equal,
        BinaryOperator::NotEq => Operator::NotEqual,
        BinaryOperator::Lt => Operator::Less,
        BinaryOperator::LtEq => Operator::LessOrEqual,
        BinaryOperator::Gt => Operator::Greater,
        BinaryOperator::GtEq => Operator::GreaterOrEqual,
        _ => return None,
    })
}

/// The text of an expression for a message about a row, cut to a readable length.
pub(super) fn shown(expression: &Expr) -> String {
    const LONGEST: usize = 60;
    let text = crate::text::escaped(&expression.to_string());
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}
