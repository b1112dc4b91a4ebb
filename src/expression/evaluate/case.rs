//! `CASE` and `COALESCE` (and `NULLIF`, which is a `CASE`): a value chosen from several, row by
//! row.
//!
//! A later operand is computed only for rows that the earlier ones left undecided, so `CASE WHEN b
//! <> 0 THEN a // b END` never divides by zero.

use super::logic::{is, is_null, scatter};
use super::node::Node;
use super::rows::Rows;
use crate::error::{Error, Result, guard};
use crate::expression::values::value_reader::Values;
use arrow::array::{Array, ArrayRef, new_null_array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::interleave;
use arrow::datatypes::DataType;
use std::collections::BTreeSet;

/// A `CASE` or `COALESCE`, whose values all have been converted to one type.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) choice: Choice,
    pub(crate) data_type: DataType,
}

/// How a value is chosen.
#[derive(Debug, Clone)]
pub(crate) enum Choice {
    /// The value of the first condition that is true, else the last value, else null.
    Case { branches: Vec<(Node, Node)>, otherwise: Option<Node> },
    /// The first value that is not null.
    Coalesce(Vec<Node>),
}

impl Case {
    /// The chosen value of each row.
    ///
    /// # Errors
    /// Errors of the operands, for rows that reach them.
    pub(crate) fn values(&self, rows: &Rows) -> Result<Values> {
        if self.data_type == DataType::Null {
            return Ok(Values { array: new_null_array(&DataType::Null, 1), constant: true });
        }
        let array = match &self.choice {
            Choice::Case { branches, otherwise } => {
                self.case(branches, otherwise.as_ref(), rows)?
            }
            Choice::Coalesce(operands) => self.coalesce(operands, rows)?,
        };
        Ok(Values { array, constant: false })
    }

    /// Whether a value may be null, given whether the operands may be.
    pub(crate) fn may_be_null(&self, of: &dyn Fn(&Node) -> bool) -> bool {
        match &self.choice {
            Choice::Case { branches, otherwise } => {
                otherwise.as_ref().is_none_or(of) || branches.iter().any(|(_, value)| of(value))
            }
            Choice::Coalesce(operands) => operands.iter().all(of),
        }
    }

    pub(crate) fn children(&self) -> Box<dyn Iterator<Item = &Node> + '_> {
        match &self.choice {
            Choice::Case { branches, otherwise } => {
                let branches = branches.iter().flat_map(|(condition, value)| [condition, value]);
                Box::new(branches.chain(otherwise))
            }
            Choice::Coalesce(operands) => Box::new(operands.iter()),
        }
    }

    fn case(
        &self,
        branches: &[(Node, Node)],
        otherwise: Option<&Node>,
        rows: &Rows,
    ) -> Result<ArrayRef> {
        let mut chosen = Chosen::new(&self.data_type, rows.count);
        let mut open = BooleanBuffer::new_set(rows.count);
        for (condition, value) in branches {
            if open.count_set_bits() == 0 {
                break;
            }
            let answers = on(&open, rows, condition, Node::answers)?;
            let yes = is(&scatter(&answers, &open), true).values().clone();
            open = &open & &!&yes;
            if yes.count_set_bits() > 0 {
                chosen.take(&yes, on(&yes, rows, value, Node::values)?);
            }
        }
        if let Some(value) = otherwise.filter(|_| open.count_set_bits() > 0) {
            chosen.take(&open, on(&open, rows, value, Node::values)?);
        }
        chosen.finish()
    }

    fn coalesce(&self, operands: &[Node], rows: &Rows) -> Result<ArrayRef> {
        let mut chosen = Chosen::new(&self.data_type, rows.count);
        let mut open = BooleanBuffer::new_set(rows.count);
        for operand in operands {
            let open_rows = open.count_set_bits();
            if open_rows == 0 {
                break;
            }
            let values = on(&open, rows, operand, Node::values)?;
            let missing = is(&scatter(&is_null(&values, open_rows), &open), true);
            chosen.take(&open, values);
            open = missing.values().clone();
        }
        chosen.finish()
    }
}

/// The array from which each row gets its value.
struct Chosen {
    /// The first array holds one null.
    arrays: Vec<ArrayRef>,
    from: Vec<(usize, usize)>,
}

impl Chosen {
    fn new(data_type: &DataType, rows: usize) -> Self {
        Self { arrays: vec![new_null_array(data_type, 1)], from: vec![(0, 0); rows] }
    }

    /// Assigns the values to these rows, in order.
    fn take(&mut self, rows: &BooleanBuffer, values: Values) {
        let array = self.arrays.len();
        for (place, row) in rows.set_indices().enumerate() {
            self.from[row] = (array, values.place(place));
        }
        self.arrays.push(values.array);
    }

    fn finish(self) -> Result<ArrayRef> {
        // If one operand has answered all rows in order, its array is the result.
        if let [_, only] = &self.arrays[..]
            && only.len() == self.from.len()
            && self.from.iter().enumerate().all(|(row, from)| *from == (1, row))
        {
            return Ok(only.clone());
        }
        let arrays: Vec<&dyn Array> = self.arrays.iter().map(AsRef::as_ref).collect();
        guard("cannot choose values", || {
            interleave(&arrays, &self.from)
                .map_err(|error| Error::failed(format!("cannot choose values: {error}")))
        })
    }
}

/// Computes an operand for these rows only.
fn on<T>(
    wanted: &BooleanBuffer,
    rows: &Rows,
    operand: &Node,
    compute: impl FnOnce(&Node, &Rows) -> Result<T>,
) -> Result<T> {
    if wanted.count_set_bits() == rows.count {
        return compute(operand, rows);
    }
    let mut read = BTreeSet::new();
    operand.reads(&mut read);
    compute(operand, &rows.narrowed(wanted, &read)?)
}
