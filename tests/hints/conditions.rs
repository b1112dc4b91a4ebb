//! Random expressions over the columns of a table.

use super::tables::{Column, Kind};
use crate::support::mutate::Random;

/// A condition, and whether some row may raise an error.
pub(super) struct Condition {
    pub(super) text: String,
    pub(super) may_fail: bool,
}

/// A random condition; `may_fail` allows one that may raise an error.
pub(super) fn condition(columns: &[Column], random: &mut Random, may_fail: bool) -> Condition {
    let first = comparison(columns, random, may_fail);
    match random.below(8) {
        0 | 1 => joined(columns, random, first, "AND"),
        2 => joined(columns, random, first, "OR"),
        3 => Condition { text: format!("NOT ({})", first.text), ..first },
        4 => Condition { text: format!("/* ( */ {} -- )", first.text), ..first },
        _ => first,
    }
}

fn joined(columns: &[Column], random: &mut Random, first: Condition, word: &str) -> Condition {
    let second = comparison(columns, random, false);
    let text = format!("({}) {word} {}", first.text, second.text);
    Condition { text, may_fail: first.may_fail }
}

fn comparison(columns: &[Column], random: &mut Random, may_fail: bool) -> Condition {
    let place = random.below(columns.len());
    let column = &columns[place];
    let name = reference(columns, place, random);
    if may_fail && let Some(text) = failing(column.kind, &name, random) {
        return Condition { text, may_fail: true };
    }
    Condition { text: sure(column.kind, &name, random), may_fail: false }
}

/// A column by its name, or by its number.
fn reference(columns: &[Column], place: usize, random: &mut Random) -> String {
    let column = &columns[place];
    let is_twice = columns.iter().filter(|other| other.name == column.name).count() > 1;
    if is_twice || random.below(6) == 0 { format!("#{}", place + 1) } else { column.quoted() }
}

/// A condition that no row fails.
fn sure(kind: Kind, name: &str, random: &mut Random) -> String {
    let number = random.one_of(&[0, 1, 2, 3, 100, 1200, 2000]);
    let compared = random.one_of(&["=", "<>", "<", "<=", ">", ">="]);
    let text = random.one_of(&["v1", "V1", "", "O''Slo", "m", "naïve", "12"]);
    let choices = match kind {
        Kind::Int => vec![
            format!("{name} {compared} {number}"),
            format!("{name} % 3 = 1"),
            format!("{name} IN (1, 5, {number})"),
            format!("{name} BETWEEN 1 AND {number}"),
        ],
        Kind::Float => vec![
            format!("{name} {compared} {number}"),
            format!("{name} {compared} -0.0"),
            format!("isnan({name})"),
            format!("{name} * 2 > 1.5"),
        ],
        Kind::Decimal => vec![format!("{name} {compared} 12.5"), format!("{name} IN (1, 2.25)")],
        Kind::Text => vec![
            format!("{name} {compared} '{text}'"),
            format!("{name} LIKE 'v%'"),
            format!("upper({name}) = 'V1'"),
            format!("length({name}) > 2"),
            format!("TRY_CAST({name} AS INTEGER) > 1"),
        ],
        Kind::Bool => vec![name.to_owned(), format!("{name} IS NOT TRUE")],
        Kind::Date => vec![format!("{name} {compared} DATE '2021-03-01'")],
        Kind::List => vec![format!("len({name}) > 1")],
        Kind::Struct if name.starts_with('"') => vec![format!("{name}.x {compared} 4")],
        Kind::Timestamp | Kind::Struct | Kind::Other => vec![format!("{name} IS NOT NULL")],
    };
    match random.below(8) {
        0 => format!("{name} IS NULL"),
        1 => format!("coalesce({name} IS NOT NULL, FALSE)"),
        _ => choices[random.below(choices.len())].clone(),
    }
}

/// A condition that may fail in some row.
fn failing(kind: Kind, name: &str, random: &mut Random) -> Option<String> {
    Some(match kind {
        Kind::Int => random
            .one_of(&["7 // NAME > 2", "CAST(NAME AS TINYINT) > 3", "NAME * 3 > 20"])
            .replace("NAME", name),
        Kind::Float => format!("CAST({name} AS INTEGER) > 1"),
        Kind::Text => format!("CAST({name} AS INTEGER) > 1"),
        _ => return None,
    })
}
