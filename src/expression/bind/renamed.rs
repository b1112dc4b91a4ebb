//! The same condition for columns under other names.

use super::binder::{Binder, Reference};
use crate::expression::evaluate::cast::FinerTime;
use crate::expression::syntax::output_name::quoted;
use crate::expression::syntax::parse::Condition;
use arrow::datatypes::Schema;
use sqlparser::tokenizer::Location;
use std::collections::BTreeMap;

/// Rewrites a condition on the columns of a schema so that it uses other names for them; `None` if
/// it cannot be bound, or a column has no other name.
pub fn renamed(
    text: &str,
    schema: &Schema,
    name: impl Fn(usize) -> Option<String>,
) -> Option<String> {
    let condition = Condition::parse(text).ok()?;
    let mut binder = Binder::new(condition.source(), schema, FinerTime::Refused("use date_trunc"));
    binder.condition(condition.expression()).ok()?;
    // An operand may be bound several times.
    let mut references: BTreeMap<(u64, u64), Reference> = BTreeMap::new();
    for reference in binder.references.into_inner() {
        let Location { line, column } = reference.span.start;
        references.insert((line, column), reference);
    }
    let lines: Vec<usize> =
        std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let (mut result, mut done) = (String::new(), 0);
    for reference in references.into_values() {
        let start = offset(text, &lines, reference.span.start)?;
        let end = offset(text, &lines, reference.span.end)?;
        result.push_str(text.get(done..start)?);
        result.push_str(&quoted(&name(reference.column)?));
        done = end;
    }
    result.push_str(text.get(done..)?);
    Some(result)
}

/// The byte at a place, which counts lines and characters from 1.
fn offset(text: &str, lines: &[usize], place: Location) -> Option<usize> {
    let start = *lines.get(usize::try_from(place.line).ok()?.checked_sub(1)?)?;
    let letters = usize::try_from(place.column).ok()?.checked_sub(1)?;
    let rest = &text[start..];
    let place = rest.char_indices().nth(letters).map_or(rest.len(), |(at, _)| at);
    Some(start + place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Predicate;
    use arrow::datatypes::{DataType, Field, Fields};

    fn field(name: &str, data_type: DataType) -> Field {
        Field::new(name, data_type, true)
    }

    fn schema(names: [&str; 3]) -> Schema {
        let inner = Fields::from(vec![field("x", DataType::Int64)]);
        Schema::new(vec![
            field(names[0], DataType::Int64),
            field(names[1], DataType::Utf8),
            field(names[2], DataType::Struct(inner)),
        ])
    }

    #[test]
    fn names_are_replaced_where_they_stand_for_columns() {
        let (output, input) = (schema(["n", "Größe", "s"]), schema(["a b", "say \"n\"", "t"]));
        for (text, expected) in [
            ("n = 1", "\"a b\" = 1"),
            ("N IN (1, 2) AND größe = 'n'", "\"a b\" IN (1, 2) AND \"say \"\"n\"\"\" = 'n'"),
            ("(s.x > 3\n) OR \"s\".x = n", "(t.x > 3\n) OR t.x = \"a b\""),
            ("#1 < 2 AND #2 IS NULL", "\"a b\" < 2 AND \"say \"\"n\"\"\" IS NULL"),
            (
                "-- n\nn=1 /* n */ OR nullif(n, 2) = 3",
                "-- n\n\"a b\"=1 /* n */ OR nullif(\"a b\", 2) = 3",
            ),
            ("coalesce(\"Größe\", 'Größe') = ''", "coalesce(\"say \"\"n\"\"\", 'Größe') = ''"),
        ] {
            let name = |column: usize| Some(input.field(column).name().clone());
            let text = renamed(text, &output, name);
            assert_eq!(text.as_deref(), Some(expected));
            Predicate::bind(expected, &input).unwrap();
        }
        assert_eq!(renamed("n = 1", &output, |_| None), None);
        assert_eq!(renamed("n = ", &output, |_| Some(String::new())), None);
    }
}
