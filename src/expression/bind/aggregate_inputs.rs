//! The columns that the aggregates of a list need of rows.

use super::group_scope::{BoundAggregate, OrderTerm, Parameter};
use super::select_list::SelectList;
use super::select_output::Output;
use crate::expression::evaluate::node::Node;
use crate::expression::functions::aggregate::AggregateFunction;
use arrow::datatypes::{DataType, Field, Schema};

/// An aggregate of a list; its columns are positions in the list of `AggregateList::inputs`.
#[derive(Debug, Clone)]
pub struct Aggregation {
    /// The function that is called.
    pub function: AggregateFunction,
    /// The columns of the arguments.
    pub arguments: Vec<usize>,
    /// Whether equal arguments count once.
    pub is_distinct: bool,
    /// The column of the condition that rows must fulfil.
    pub filter: Option<usize>,
    /// The order in which rows are taken.
    pub order: Vec<AggregateOrder>,
    /// The constant that the function takes.
    pub parameter: Parameter,
    /// The type of the result.
    pub result: DataType,
    /// The call as it was written, for messages.
    pub text: String,
}

/// A column by which the rows of an aggregate are ordered.
#[derive(Debug, Clone, Copy)]
pub struct AggregateOrder {
    /// The column.
    pub column: usize,
    /// Whether the largest value comes first.
    pub descending: bool,
    /// Whether nulls come first.
    pub nulls_first: bool,
}

/// The columns that aggregates need, and the aggregates with the positions of theirs.
pub(super) fn inputs(calls: &[BoundAggregate], schema: &Schema) -> (SelectList, Vec<Aggregation>) {
    let mut outputs: Vec<(Output, Field)> = Vec::new();
    let mut aggregates = Vec::with_capacity(calls.len());
    for call in calls {
        let mut add = |node: &Node| {
            // Several columns may have this name, by which messages call them.
            let field = Field::new(&call.text, node.data_type().clone(), true);
            outputs.push((Output::Computed(node.clone(), None), field));
            outputs.len() - 1
        };
        aggregates.push(Aggregation {
            function: call.function,
            arguments: call.arguments.iter().map(&mut add).collect(),
            is_distinct: call.is_distinct,
            filter: call.filter.as_ref().map(&mut add),
            order: call.order.iter().map(|term| term.placed(add(&term.node))).collect(),
            parameter: call.parameter.clone(),
            result: call.result.clone(),
            text: call.text.clone(),
        });
    }
    (SelectList::of(outputs, schema), aggregates)
}

impl OrderTerm {
    fn placed(&self, column: usize) -> AggregateOrder {
        let Self { descending, nulls_first, .. } = *self;
        AggregateOrder { column, descending, nulls_first }
    }
}
