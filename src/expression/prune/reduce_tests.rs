//! Tests of predicates reduced by bounds: the same rows are true, no error is hidden, and much is proven.

use super::bounds::ColumnBounds;
use super::bounds::tests::{batch, bounds, expressions};
use super::reduce::Reduced;
use crate::expression::bind::predicate::Predicate;
use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow::compute::prep_null_mask_filter;
use arrow::datatypes::{DataType, Field, Schema};
use std::sync::Arc;

/// The rows of a batch of all columns for which a predicate is true.
fn true_rows(predicate: &Predicate, batch: &RecordBatch) -> BooleanArray {
    let columns = batch.project(predicate.columns()).unwrap();
    let answers = predicate.evaluate(&columns).unwrap();
    if answers.nulls().is_some() { prep_null_mask_filter(&answers) } else { answers }
}

#[test]
fn a_reduced_predicate_is_true_for_the_same_rows() {
    let batch = batch();
    let (mut all_true, mut proven, mut parts) = (0, 0, 0);
    for expression in expressions() {
        let predicate = Predicate::bind(&expression, &batch.schema()).unwrap();
        for (start, count) in (0..40).map(|n| (n * 50, 50)).chain((0..100).map(|n| (n * 17, 3))) {
            let slice = batch.slice(start, count);
            let expected = true_rows(&predicate, &slice);
            let what = format!("{expression}, rows {start}+{count}");
            for known in [true, false] {
                let columns = predicate.columns().iter().map(|place| slice.column(*place));
                let bounds: Vec<_> = columns.map(|column| bounds(column, known)).collect();
                match predicate.reduced(&bounds) {
                    Reduced::Never => assert_eq!(expected.true_count(), 0, "{what}"),
                    Reduced::Always => {
                        assert_eq!(expected.true_count(), count, "{what}");
                        proven += 1;
                    }
                    Reduced::When(rest) => {
                        assert_eq!(true_rows(&rest, &slice), expected, "{what}");
                        parts += usize::from(rest.columns() != predicate.columns());
                    }
                }
                all_true += usize::from(expected.true_count() == count);
            }
        }
    }
    assert!(proven * 2 > all_true && parts > 500, "{proven} of {all_true}, {parts} parts");
}

/// Bounds of 9 values: integers from -5 to 20, in a column with nulls or without.
fn numbers(null_count: Option<u64>) -> ColumnBounds {
    let bound = |value: i64| -> Option<ArrayRef> {
        Some(Arc::new(arrow::array::Int64Array::from(vec![value])))
    };
    ColumnBounds { min: bound(-5), max: bound(20), absent: None, null_count, rows: 9 }
}

/// Columns `n` without nulls, `z` with nulls, `u` of which the null count is unknown, `f` of floats and
/// `s` of text with a truncated minimum and maximum.
fn reduced(text: &str) -> String {
    let float = |value: f64| -> Option<ArrayRef> {
        Some(Arc::new(arrow::array::Float64Array::from(vec![value])))
    };
    let word = |value: &str| -> Option<ArrayRef> { Some(Arc::new(StringArray::from(vec![value]))) };
    let nothing = ColumnBounds { min: None, max: None, absent: None, null_count: Some(0), rows: 9 };
    let columns = [
        ("n", DataType::Int64, numbers(Some(0))),
        ("z", DataType::Int64, numbers(Some(2))),
        ("u", DataType::Int64, numbers(None)),
        (
            "f",
            DataType::Float64,
            ColumnBounds { min: float(1.0), max: float(2.0), ..nothing.clone() },
        ),
        ("s", DataType::Utf8, ColumnBounds { min: word("be"), max: word("bf"), ..nothing }),
    ];
    let fields =
        columns.iter().map(|(name, data_type, _)| Field::new(*name, data_type.clone(), true));
    let schema = Schema::new(fields.collect::<Vec<_>>());
    let predicate = Predicate::bind(text, &schema).unwrap();
    let bounds: Vec<_> =
        predicate.columns().iter().map(|place| columns[*place].2.clone()).collect();
    match predicate.reduced(&bounds) {
        Reduced::Never => "never".to_owned(),
        Reduced::Always => "always".to_owned(),
        Reduced::When(rest) => rest.columns().iter().map(|place| columns[*place].0).collect(),
    }
}

#[test]
fn bounds_prove_comparisons_for_every_row() {
    for text in [
        "n >= -5",
        "n < 21",
        "n <> 21",
        "n BETWEEN -5 AND 20",
        "n NOT IN (21, 30)",
        "n IS NOT NULL",
        "n < 2.5e9",
        "NOT n > 20",
        "n IS DISTINCT FROM 21",
        "n >= 0 OR n < 100",
        "z = 1 OR n < 21",
        "z IS NULL OR n < 21",
        "(n < 21) IS TRUE",
        "n > 5 OR n < 21 AND s >= 'b'",
        "TRUE",
        // NaN is larger than all numbers.
        "f > 0.5",
        "f IS NOT NULL",
        "f <> 0.5",
        // Bounds of truncated text.
        "s >= 'be'",
        "s <= 'bf'",
        "s < 'c'",
        "s <> 'a'",
    ] {
        assert_eq!(reduced(text), "always", "{text}");
    }
    for text in ["n > 20", "n IS NULL", "n = 21", "n >= 0 AND n > 20", "s < 'be'"] {
        assert_eq!(reduced(text), "never", "{text}");
    }
}

#[test]
fn rows_that_may_be_null_or_nan_or_outside_are_evaluated() {
    for (text, columns) in [
        ("n > -5", "n"),
        ("n = 20", "n"),
        ("n IN (-5, 20)", "n"),
        ("n % 2 < 3", "n"),
        ("z >= -5", "z"),
        ("z IS NOT NULL", "z"),
        ("z <> 21", "z"),
        ("u >= -5", "u"),
        ("u IS NOT NULL", "u"),
        ("f < 3", "f"),
        ("f <= 2 OR f < 5", "f"),
        ("f BETWEEN 0 AND 3", "f"),
        ("s <> 'bea'", "s"),
        ("s LIKE 'b%'", "s"),
        ("s = 'be'", "s"),
        ("z < 21 OR u < 21", "zu"),
    ] {
        assert_eq!(reduced(text), columns, "{text}");
    }
}

#[test]
fn conjuncts_that_are_proven_are_dropped() {
    for (text, columns) in [
        ("n < 21 AND z = 1", "z"),
        ("z = 1 AND n < 21 AND u = 2", "zu"),
        ("n < 21 AND n > 3", "n"),
        ("n < 21 AND s < 'c' AND (z = 1 OR u = 1)", "zu"),
    ] {
        assert_eq!(reduced(text), columns, "{text}");
    }
}

#[test]
fn what_may_fail_is_dropped_only_where_it_would_not_be_evaluated() {
    for (text, columns) in [
        ("1 // n = 1 OR n < 21", "n"),
        ("n < 21 OR 1 // n = 1", "always"),
        ("1 // z = 1 AND n < 21", "z"),
        ("n < 21 AND 1 // z = 1", "z"),
        ("z = 1 OR 1 // u = 1 OR n < 21", "nzu"),
        ("z = 1 OR n < 21 OR 1 // u = 1", "always"),
        ("NOT (1 // z = 1 AND n > 20)", "nz"),
        ("CAST(s AS BIGINT) > 1 OR n < 21", "ns"),
        ("(1 // n) IS NULL OR n < 21", "n"),
        ("(n < 21 OR 1 // n = 1) IS TRUE", "n"),
    ] {
        assert_eq!(reduced(text), columns, "{text}");
    }
}
