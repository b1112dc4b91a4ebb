//! SQL expressions: parsed, bound to a schema, evaluated over record batches, and bounded by
//! statistics.
//!
//! DuckDB's dialect and answers are the reference; `arrow-expressions.7` lists the supported syntax
//! and every difference. An expression is processed as follows:
//!
//! 1. `parse`: text to syntax tree (`sqlparser`, named only here); `error_place` draws the caret.
//! 2. `bind`, `bind_value`, `bind_compare`, `bind_choose`, `bind_call`, `bind_time`: names become
//!    columns (`name`), types are reconciled (`common_type`), constants are placed among a column's
//!    values (`number`, `instant`, `coerce`, `sql_type`).
//! 3. `node`: the bound expression, evaluated by `logic`, `compare`, `among`, `pattern`,
//!    `contains`, `arithmetic`, `cast`, `choose`, `concatenate`, `functions`, which read values
//!    through `kind` and `read`; `per_stored_value` spreads answers over dictionaries and run-end
//!    encoded columns, `cost` puts cheap operands first.
//! 4. `bounds`: the possible answers for a row group, from its statistics; `partial`: those for a
//!    file, from the columns that are constant in all its rows.
//!
//! Reading data and choosing columns are not done here: the caller projects.

mod absent;
mod among;
mod arithmetic;
mod bind;
mod bind_call;
mod bind_choose;
mod bind_compare;
mod bind_time;
mod bind_value;
mod bounds;
mod cast;
mod cast_nested;
mod cast_value;
mod choose;
mod coerce;
mod column_numbers;
mod common_type;
mod compare;
mod concatenate;
mod contains;
mod cost;
mod dialect;
mod error_place;
mod functions;
mod instant;
mod key_set;
mod kind;
mod logic;
mod name;
mod node;
mod number;
mod output_name;
mod parse;
mod parse_list;
mod partial;
mod pattern;
mod per_stored_value;
mod read;
mod select_list;
mod show;
mod show_nested;
mod sql_type;
#[cfg(test)]
mod tests;
mod tokens;
mod uuid;
mod zone;

pub use absent::Absent;
pub use bounds::ColumnBounds;
pub(crate) use instant::Instant;
pub use key_set::KeySet;
pub use partial::PartialPredicate;
pub use select_list::SelectList;

/// The signature of each function, one per line: `substr(text, start [, length])`.
pub fn function_signatures() -> String {
    let mut lines: Vec<String> = functions::table().map(functions::Function::line).collect();
    lines.extend(
        [
            "coalesce(value, ...)",
            "if(condition, a, b)",
            "ifnull(a, b)",
            "mod(a, b)",
            "nullif(a, b)",
        ]
        .map(str::to_owned),
    );
    lines.sort_unstable();
    lines.join("\n") + "\n"
}

use crate::error::Result;
use arrow::array::{BooleanArray, RecordBatch};
use arrow::datatypes::Schema;
use error_place::Source;
use node::{Node, Rows};
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
    node: Arc<Node>,
    columns: Arc<[usize]>,
}

impl Predicate {
    /// Parses a condition and binds it to the columns of a schema.
    ///
    /// # Errors
    /// Exit status 2, with the expression and a caret below the message: text that is not a single
    /// expression, unknown or ambiguous names, types that do not fit.
    pub fn bind(text: &str, schema: &Schema) -> Result<Self> {
        let tree = parse::parse(text)?;
        Ok(Self::of(bind::bind(Source::new(text), tree.expression(), schema)?))
    }

    fn of(node: Node) -> Self {
        let mut columns = BTreeSet::new();
        node.reads(&mut columns);
        Self { node: Arc::new(node), columns: columns.into_iter().collect() }
    }

    /// The schema indices of the top-level columns that are read, ascending and distinct.
    pub fn columns(&self) -> &[usize] {
        &self.columns
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
        debug_assert_eq!(batch.num_columns(), self.columns.len());
        self.node.answers(&Rows {
            indices: self.columns.clone(),
            columns: batch.columns().to_vec(),
            count: batch.num_rows(),
            numbers: None,
            first,
        })
    }

    /// Whether any row of a set of rows could be true; `bounds[i]` belongs to `columns()[i]`.
    ///
    /// Never false if a row could be true. Bounds of floats are not assumed to cover NaN, and
    /// bounds may be truncated, as Parquet's are.
    pub fn can_match(&self, bounds: &[ColumnBounds]) -> bool {
        if bounds.iter().any(|column| column.rows == 0) {
            return false;
        }
        bounds::Bounds { columns: &self.columns, bounds }.possible(&self.node).yes
    }
}
