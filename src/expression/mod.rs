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

mod bind;
mod evaluate;
mod functions;
mod prune;
mod syntax;
#[cfg(test)]
mod tests;
mod values;

pub use bind::key_set::KeySet;
pub use bind::predicate::Predicate;
pub use bind::select_list::SelectList;
pub use prune::bloom::Absent;
pub use prune::bounds::ColumnBounds;
pub use prune::partial::PartialPredicate;
pub use syntax::condition::Condition;
pub(crate) use values::instant::Instant;

/// The signature of each function, one per line: `substr(text, start [, length])`.
pub fn function_signatures() -> String {
    let mut lines: Vec<String> =
        functions::table().map(functions::function::Function::line).collect();
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
