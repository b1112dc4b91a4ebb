//! A boolean expression over the columns of a schema.

use super::dispatch::bind;
use crate::error::Result;
use crate::expression::evaluate::node::Node;
use crate::expression::evaluate::rows::Rows;
use crate::expression::syntax::parse::Condition;
use arrow::array::{BooleanArray, RecordBatch};
use arrow::datatypes::Schema;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A boolean expression bound to a schema. Cheap to clone and to share between threads.
///
/// ```
/// use arrow::array::{Int8Array, RecordBatch};
/// use arrow_pipes::expression::Predicate;
/// use std::sync::Arc;
///
/// let ids = Arc::new(Int8Array::from(vec![Some(1), None, Some(7)]));
/// let batch = RecordBatch::try_from_iter([("id", ids as _)])?;
/// let predicate = Predicate::bind("id < 300 AND id <> 1", &batch.schema())?;
/// let answers: Vec<Option<bool>> = predicate.evaluate(&batch)?.iter().collect();
/// assert_eq!(answers, [Some(false), None, Some(true)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Predicate {
    pub(crate) node: Arc<Node>,
    pub(crate) columns: Arc<[usize]>,
}

impl Predicate {
    /// Parses a condition and binds it to the columns of a schema.
    ///
    /// # Errors
    /// Exit status 2, with the expression and a caret below the message: text that is not a single
    /// expression, unknown or ambiguous names, types that do not fit.
    pub fn bind(text: &str, schema: &Schema) -> Result<Self> {
        Self::of_condition(&Condition::parse(text)?, schema)
    }

    /// Binds a parsed condition to the columns of a schema.
    ///
    /// # Errors
    /// As [`bind`](Self::bind), but for the syntax.
    pub fn of_condition(condition: &Condition, schema: &Schema) -> Result<Self> {
        Ok(Self::of(bind(condition.source(), condition.expression(), schema, false)?))
    }

    pub(crate) fn of(node: Node) -> Self {
        let mut columns = BTreeSet::new();
        node.reads(&mut columns);
        Self { node: Arc::new(node), columns: columns.into_iter().collect() }
    }

    /// The schema indices of the top-level columns that are read, ascending and distinct.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Whether evaluating it may raise an error.
    pub fn can_fail(&self) -> bool {
        self.node.can_fail()
    }

    /// True, false or null ("unknown") for each row of a batch that holds exactly the columns of
    /// [`columns`](Self::columns), in that order.
    ///
    /// # Errors
    /// As [`evaluate_from`](Self::evaluate_from), with rows counted from the start of the batch.
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        self.evaluate_from(batch, 0)
    }

    /// Evaluates a batch whose first row has the number `first` in messages (the first row of all
    /// is 0, as for `--skip`).
    ///
    /// # Errors
    /// Exit status 1: integer overflow, division by zero with `//` or `%`, a value that `CAST`
    /// cannot convert; naming the row, the expression and the value. Rows that an earlier operand
    /// of `AND` or `OR` has decided raise no errors.
    pub fn evaluate_from(&self, batch: &RecordBatch, first: u64) -> Result<BooleanArray> {
        self.node.answers(&Rows::of_batch(batch, &self.columns, first))
    }
}
