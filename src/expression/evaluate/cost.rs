//! The approximate cost of an expression per row, so that cheap operands are computed before
//! expensive ones.

use super::node::Node;
use crate::expression::values::kind::plain_type;
use arrow::datatypes::DataType;

/// Sorts the operands of an `AND` or `OR`, cheapest first. An operand that can raise an error keeps
/// its place, and no other moves past it: whether the error is raised depends on the operands
/// written before it.
pub(crate) fn cheapest_first(mut operands: Vec<Node>) -> Vec<Node> {
    for movable in operands.chunk_by_mut(|one, next| !one.can_fail() && !next.can_fail()) {
        movable.sort_by_cached_key(Node::cost);
    }
    operands
}

/// From this cost on (reading text, a cast, a function) it pays to evaluate only a few rows.
const SLOW: u32 = 24;

impl Node {
    /// Whether it is expensive enough to select the relevant rows first.
    pub(crate) fn is_slow(&self) -> bool {
        self.cost() >= SLOW
    }

    /// Bytes read per row; work on a value counts as the bytes that could be read in the same time.
    fn cost(&self) -> u32 {
        let own = match self {
            Self::Column(column) => bytes(&column.data_type),
            // Only the keys are read; there are few values.
            Self::PerStoredValue(..) => return 4,
            Self::Constant(_) => 0,
            Self::InList(_, list) => {
                1 + 2 * u32::try_from(list.constants.len()).unwrap_or(16).min(16)
            }
            Self::Arithmetic(_) => 8,
            Self::Convert(_) | Self::Case(_) => 30,
            Self::Like(_) | Self::Concatenate(_) | Self::Call(_) => 60,
            _ => 1,
        };
        self.children().map(Self::cost).fold(own, u32::saturating_add)
    }
}

fn bytes(data_type: &DataType) -> u32 {
    let plain = plain_type(data_type);
    match plain {
        DataType::Boolean | DataType::Null => 1,
        // An offset and some letters.
        plain => plain.primitive_width().and_then(|width| width.try_into().ok()).unwrap_or(24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::bind::dispatch::bind;
    use crate::expression::syntax::error_place::Source;
    use crate::expression::syntax::parse::parse;
    use arrow::datatypes::{Field, Schema};

    /// The columns that the operands read, in the order of evaluation.
    fn order(condition: &str) -> Vec<String> {
        let schema = Schema::new(vec![
            Field::new("text", DataType::Utf8, true),
            Field::new("long", DataType::Int64, true),
            Field::new("short", DataType::Int16, true),
            Field::new("flag", DataType::Boolean, true),
        ]);
        let tree = parse(condition).unwrap();
        let (Node::And(operands) | Node::Or(operands)) =
            bind(Source::new(condition), &tree, &schema, false).unwrap()
        else {
            panic!("{condition}");
        };
        let name = |operand: &Node| {
            let mut columns = std::collections::BTreeSet::new();
            operand.reads(&mut columns);
            columns.iter().map(|column| schema.field(*column).name().as_str()).collect()
        };
        operands.iter().map(name).collect()
    }

    #[test]
    fn cheap_operands_come_first() {
        let cheap = order("text LIKE '%a%' AND long = 5 AND short = 5 AND flag AND text = 'b'");
        assert_eq!(cheap, ["flag", "short", "long", "text", "text"]);
        assert_eq!(order("long % 3 = 0 OR short = 1"), ["short", "long"]);
    }

    #[test]
    fn no_operand_moves_past_one_that_can_fail() {
        let kept = order("text = 'a' AND long = 1 AND 7 // long = 2 AND text = 'b' AND flag");
        assert_eq!(kept, ["long", "text", "long", "flag", "text"]);
    }
}
