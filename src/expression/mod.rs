//! SQL expressions: parsed, bound to a schema, evaluated over record batches, and bounded by
//! statistics.
//!
//! DuckDB's dialect and answers are the reference; `arrow-expressions.7` lists what exists and
//! every difference. The submodules, each of which uses only those before it:
//!
//! 1. `values`: type families, numbers and points in time of any size, reading and showing arrays.
//! 2. `syntax`: text to syntax tree; `error_place` draws the caret, `name` finds columns.
//! 3. `evaluate`: bound expressions (`node`) and their values over the rows of a batch.
//! 4. `functions`: the table of functions.
//! 5. `bind`: names become columns, types are reconciled, and literals take the types of columns.
//! 6. `prune`: which answers are possible for rows of which only statistics or constants are known.
//!
//! Not for reading data or choosing columns: the caller projects.

mod bind;
mod evaluate;
mod functions;
mod prune;
mod syntax;
#[cfg(test)]
mod tests;
mod values;

pub use bind::aggregate_inputs::{AggregateOrder, Aggregation};
pub use bind::aggregate_list::{AggregateList, ListSource};
pub use bind::group_scope::Parameter;
pub use bind::key_set::KeySet;
pub use bind::predicate::Predicate;
pub use bind::renamed::renamed;
pub use bind::select_list::SelectList;
pub use evaluate::unnest::Selected;
pub use functions::aggregate::AggregateFunction;
pub use functions::aggregate_table::aggregate_signatures;
pub use functions::manual::function_manual;
pub use prune::Absent;
pub use prune::bounds::ColumnBounds;
pub use prune::partial::PartialPredicate;
pub use prune::reduce::Reduced;
pub(crate) use syntax::output_name::quoted as column_text;
pub use syntax::parse::Condition;
pub(crate) use values::common_type::common_type;
pub(crate) use values::kind::{Kind, describe};
pub(crate) use values::{interval, value_reader};

/// The signature of each function, one per line: `substr(text, start [, length])`.
pub fn function_signatures() -> String {
    let mut lines: Vec<String> =
        functions::table().map(functions::function::Function::line).collect();
    lines.extend(
        [
            "coalesce(value, ...)",
            "generate_subscripts(list, 1)  (in stream-select)",
            "if(condition, a, b)",
            "ifnull(a, b)",
            "mod(a, b)",
            "nullif(a, b)",
            "unnest(list)  (in stream-select)",
        ]
        .map(str::to_owned),
    );
    lines.sort_unstable();
    lines.join("\n") + "\n"
}
