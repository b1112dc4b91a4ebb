//! The table of the functions of many rows.

use super::aggregate::AggregateFunction as F;
use crate::text::similar as similar_names;

/// A row of the table of functions.
pub(crate) struct Aggregate {
    /// Its names, the usual one first.
    pub(crate) names: &'static [&'static str],
    pub(crate) signature: &'static str,
    pub(crate) function: F,
    /// The fewest and the most arguments.
    pub(crate) arguments: (usize, usize),
    pub(crate) help: &'static str,
}

/// The function with this name, regardless of case.
pub(crate) fn find_aggregate(name: &str) -> Option<&'static Aggregate> {
    AGGREGATES.iter().find(|row| row.names.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

/// The names that a misspelt one may mean.
pub(crate) fn similar_aggregates(name: &str) -> Vec<&'static str> {
    similar_names(name, AGGREGATES.iter().flat_map(|row| row.names.iter().copied()))
}

/// The signature of each function of many rows, and what it gives, one per line.
pub fn aggregate_signatures() -> String {
    let line = |row: &Aggregate| match row.names {
        [] | [_] => format!("{}: {}\n", row.signature, row.help),
        [_, others @ ..] => {
            format!("{} (also {}): {}\n", row.signature, others.join(", "), row.help)
        }
    };
    AGGREGATES.iter().map(line).collect()
}

const fn row(
    names: &'static [&'static str],
    signature: &'static str,
    function: F,
    arguments: (usize, usize),
    help: &'static str,
) -> Aggregate {
    Aggregate { names, signature, function, arguments, help }
}

/// The table of functions.
pub(crate) const AGGREGATES: &[Aggregate] = &[
    row(&["count"], "count(*), count(value)", F::Count, (0, 1), "the number of rows, of values"),
    row(
        &["count_if", "countif"],
        "count_if(condition)",
        F::CountIf,
        (1, 1),
        "the rows for which it is true",
    ),
    row(&["sum"], "sum(number)", F::Sum, (1, 1), "exact for integers and decimals"),
    row(&["avg", "mean"], "avg(number)", F::Average, (1, 1), "a double"),
    row(
        &["min"],
        "min(value [, n])",
        F::Minimum,
        (1, 2),
        "the smallest value; the N smallest as a list",
    ),
    row(
        &["max"],
        "max(value [, n])",
        F::Maximum,
        (1, 2),
        "the largest value; the N largest as a list",
    ),
    row(
        &["any_value"],
        "any_value(value)",
        F::AnyValue,
        (1, 1),
        "the first value that is not null",
    ),
    row(&["first"], "first(value)", F::First, (1, 1), "that of the first row, also if it is null"),
    row(&["last"], "last(value)", F::Last, (1, 1), "that of the last row, also if it is null"),
    row(
        &["arg_min", "min_by", "argmin"],
        "arg_min(value, by [, n])",
        F::ArgumentOfMinimum,
        (2, 3),
        "the value where BY is smallest; the N values as a list, of equal ones the first",
    ),
    row(
        &["arg_max", "max_by", "argmax"],
        "arg_max(value, by [, n])",
        F::ArgumentOfMaximum,
        (2, 3),
        "the value where BY is largest; the N values as a list, of equal ones the first",
    ),
    row(&["bool_and"], "bool_and(condition)", F::All, (1, 1), "whether it is true for all rows"),
    row(&["bool_or"], "bool_or(condition)", F::Any, (1, 1), "whether it is true for some row"),
    row(
        &["var_samp", "variance"],
        "var_samp(number)",
        F::Variance { of_sample: true, is_root: false },
        (1, 1),
        "the variance of a sample",
    ),
    row(
        &["var_pop"],
        "var_pop(number)",
        F::Variance { of_sample: false, is_root: false },
        (1, 1),
        "the variance of a population",
    ),
    row(
        &["stddev_samp", "stddev"],
        "stddev_samp(number)",
        F::Variance { of_sample: true, is_root: true },
        (1, 1),
        "the standard deviation of a sample",
    ),
    row(
        &["stddev_pop"],
        "stddev_pop(number)",
        F::Variance { of_sample: false, is_root: true },
        (1, 1),
        "the standard deviation of a population",
    ),
    row(&["corr"], "corr(number, number)", F::Correlation, (2, 2), "the correlation of pairs"),
    row(&["median"], "median(value)", F::QuantileBetween, (1, 1), "quantile_cont(value, 0.5)"),
    row(
        &["quantile_cont"],
        "quantile_cont(value, share)",
        F::QuantileBetween,
        (2, 2),
        "interpolated between values",
    ),
    row(
        &["quantile_disc", "quantile"],
        "quantile_disc(value, share)",
        F::QuantileOf,
        (2, 2),
        "one of the values",
    ),
    row(
        &["approx_quantile"],
        "approx_quantile(value, share)",
        F::QuantileEstimate,
        (2, 2),
        "quantile_disc in little memory; up to 8192 values exact, then off by at most 0.5 % of them",
    ),
    row(
        &["approx_count_distinct"],
        "approx_count_distinct(value)",
        F::DistinctEstimate,
        (1, 1),
        "count(DISTINCT value) in 4 KiB, with a standard error of 1.6 %",
    ),
    row(
        &["mode"],
        "mode(value)",
        F::Mode,
        (1, 1),
        "the most frequent value; the first of several, where DuckDB returns any of them",
    ),
    row(&["list", "array_agg"], "list(value)", F::List, (1, 1), "all values, also nulls"),
    row(
        &["string_agg", "group_concat", "listagg"],
        "string_agg(text [, separator])",
        F::Join,
        (1, 2),
        "all texts, with ',' between them",
    ),
];
