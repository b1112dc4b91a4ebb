//! The rest of a predicate for rows of which only the bounds are known: a conjunct that they prove true
//! for every row is not evaluated, and the columns that only it reads are not decoded.
//!
//! An error is never hidden: an operand that can fail stays, unless an operand written before it decides
//! every row, as it does when rows are evaluated.

use super::bounds::{Bounds, ColumnBounds, Possible};
use crate::expression::bind::predicate::Predicate;
use crate::expression::evaluate::node::Node;

/// The rest of a predicate.
#[derive(Debug, Clone)]
pub enum Reduced {
    /// No row can be true.
    Never,
    /// Every row is true.
    Always,
    /// The rows are true for which this is.
    When(Predicate),
}

impl Predicate {
    /// Drops the conjuncts that bounds prove true for all of a set of rows; `bounds[i]` belongs to
    /// `columns()[i]`.
    ///
    /// Bounds may be truncated, as Parquet's are. A value may be NaN whatever the bounds, and null unless
    /// the null count is 0.
    pub fn reduced(&self, bounds: &[ColumnBounds]) -> Reduced {
        if bounds.iter().any(|column| column.rows == 0) {
            return Reduced::Never;
        }
        let bounds = Bounds { columns: &self.columns, bounds };
        let conjuncts = match &*self.node {
            Node::And(operands) => operands.as_slice(),
            node => std::slice::from_ref(node),
        };
        let mut rest = Vec::new();
        for conjunct in conjuncts {
            let possible = bounds.possible(conjunct);
            if !possible.yes {
                return Reduced::Never;
            }
            if !bounds.is_proven(conjunct, possible) {
                rest.push(conjunct);
            }
        }
        match rest[..] {
            [] => Reduced::Always,
            [one] => Reduced::When(Self::of(one.clone())),
            _ if rest.len() == conjuncts.len() => Reduced::When(self.clone()),
            _ => Reduced::When(Self::of(Node::And(rest.into_iter().cloned().collect()))),
        }
    }
}

impl Bounds<'_> {
    /// Whether an expression is true for every row, and evaluating it would raise no error.
    fn is_proven(&self, node: &Node, possible: Possible) -> bool {
        if !possible.is_certain() {
            return false;
        }
        match node {
            node if !node.can_fail() => true,
            Node::Or(operands) => {
                let before = operands.iter().take_while(|operand| !operand.can_fail());
                before.into_iter().any(|operand| self.possible(operand).is_certain())
            }
            _ => false,
        }
    }
}
