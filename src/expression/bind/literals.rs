//! Binds literals: `42`, `'text'`, `TIMESTAMP '…'`.

use super::binder::{Binder, Term, default_constant, with_digits_of};
use crate::error::{Error, Result};
use crate::expression::evaluate::cast::{Conversion, FinerTime};
use crate::expression::evaluate::cast_value::END_OF_DAY;
use crate::expression::evaluate::literal_placement::{Literal, Place, place_literal};
use crate::expression::evaluate::node::Node;
use crate::expression::evaluate::rows::Rows;
use crate::expression::syntax::sql_type::{CastTarget, arrow_type};
use crate::expression::values::kind::{Kind, describe};
use crate::expression::values::number::Number;
use crate::text::escaped;
use crate::time::parse::{Form, Timestamp};
use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::datatypes::{DataType, TimeUnit};
use sqlparser::ast::{Expr, TypedString, Value};
use std::sync::Arc;
use uuid::Uuid;

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

    /// `DATE '…'`, `TIMESTAMP '…'`: the value that a cast of the text gives. Text that the type
    /// cannot hold exactly is an error; only decimals round, as in a cast.
    pub(crate) fn typed_literal(&self, expression: &Expr, typed: &TypedString) -> Result<Term> {
        let Value::SingleQuotedString(text) = &typed.value.value else {
            return Err(self.error(expression, "this literal is not supported"));
        };
        let named = self.sql_type(expression, &typed.data_type)?;
        let has_precision = typed.data_type.to_string().contains('(');
        let held = if has_precision { named.clone() } else { with_digits_of(text, named.clone()) };
        if let Some(literal) = zoneless(text, &named, &held) {
            return Ok(Term::Literal(literal));
        }
        let value = self.value_of(text, &held, arrow_type(&typed.data_type).as_ref());
        let value = value.map_err(|error| self.placed(expression, error))?;
        Ok(Term::Node(Node::Constant(value)))
    }

    fn value_of(&self, text: &str, to: &DataType, target: Option<&CastTarget>) -> Result<ArrayRef> {
        let is_whole = target == Some(&CastTarget::HugeInteger);
        let shown = escaped(text);
        if !Conversion::is_possible(&DataType::Utf8, to) {
            return Err(Error::usage(format!("cannot convert text to {}", describe(to))));
        }
        if target == Some(&CastTarget::Uuid) && Uuid::try_parse(text).is_err() {
            return Err(Error::usage(format!("'{shown}' cannot be read as a UUID")));
        }
        let place = place_literal(&Literal::Text(text.to_owned()), to)?;
        if matches!(place, Some(Place::At { exact: false, .. }))
            && let Some(why) = loss(&shown, to, is_whole)
        {
            return Err(Error::usage(why));
        }
        let out_of_range = || match Kind::of(to) {
            // '24:00:00': any other text is read or unreadable.
            Kind::Time => format!("'{shown}': {END_OF_DAY}"),
            _ => format!("'{shown}' is out of the range of {}", describe(to)),
        };
        cast_text(place, text, to, is_whole)?.ok_or_else(|| Error::usage(out_of_range()))
    }
}

/// Why a type cannot hold a text that lies between two of its values, and a type that can; none if
/// a cast rounds.
fn loss(text: &str, to: &DataType, is_whole: bool) -> Option<String> {
    let coarse =
        |finer: &str| format!("'{text}' is finer than {}; write {finer} '{text}'", describe(to));
    Some(match to {
        DataType::Timestamp(_, None) => coarse("TIMESTAMP(9)"),
        DataType::Timestamp(_, Some(_)) => coarse("TIMESTAMPTZ(9)"),
        DataType::Time32(_) | DataType::Time64(_) => {
            format!("'{text}' is finer than the type; write TIME(9) '{text}'")
        }
        DataType::Date32 | DataType::Date64 => format!(
            "'{text}' has a time of day, which a date would lose; write TIMESTAMP '{text}', or \
             CAST('{text}' AS DATE) to drop it"
        ),
        _ if is_whole || to.is_integer() => format!(
            "'{text}' has a fractional part, which an integer would lose; write the number {} or \
             DOUBLE '{text}'",
            text.trim()
        ),
        _ => return None,
    })
}

/// The value that a cast of a placed text gives; none if it would be an error.
pub(crate) fn cast_text(
    place: Option<Place>,
    text: &str,
    to: &DataType,
    whole: bool,
) -> Result<Option<ArrayRef>> {
    // A placed decimal may have too many digits, and a placed time of day may be 24:00:00.
    if let Some(Place::At { value, exact: true }) = place
        && !matches!(Kind::of(to), Kind::Decimal | Kind::Time)
    {
        return Ok(Some(value));
    }
    let operand = default_constant(&Literal::Text(text.to_owned()));
    let (to, finer_time) = (to.clone(), FinerTime::Refused(""));
    let (null_on_failure, text) = (true, String::new());
    let conversion = Conversion { operand, to, null_on_failure, finer_time, whole, text };
    let value = conversion.values(&Rows::one())?.array;
    Ok(value.is_valid(0).then_some(value))
}

/// The literal of a text without an offset, if the type is a timestamp with a time zone and
/// microseconds. The text must be exact in `held`, which may be finer.
pub(crate) fn zoneless(text: &str, data_type: &DataType, held: &DataType) -> Option<Literal> {
    let DataType::Timestamp(TimeUnit::Microsecond, Some(_)) = data_type else { return None };
    // A year out of range is reported with its type.
    place_literal(&Literal::Text(text.to_owned()), held)
        .is_ok_and(|place| matches!(place, Some(Place::At { exact: true, .. })))
        .then(|| Timestamp::parse(text, Form::Sql))
        .flatten()
        .filter(|instant| instant.offset_seconds.is_none())
        .map(|_| Literal::Instant(text.to_owned()))
}
