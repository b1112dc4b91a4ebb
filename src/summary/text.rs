//! A summary as tables for people: one of all columns, then of numbers, times and frequent values.

use super::cells::shown;
use super::found::{ColumnSummary, Estimate, Histogram};
use super::rounded::{rounded, short, without_fraction};
use crate::error::Result;
use crate::schema::{type_name, type_text};
use crate::text::count;
use crate::text::fit::{Column as Of, fitted};
use arrow::datatypes::DataType;

/// The lines of a summary of `rows` rows, at most `width` columns of a terminal wide if possible.
///
/// # Errors
/// None in practice: all values can be shown.
pub fn lines(rows: u64, columns: &[ColumnSummary], width: Option<usize>) -> Result<Vec<String>> {
    let plural =
        |number: usize, word: &str| format!("{word}{}", if number == 1 { "" } else { "s" });
    let row_word = plural(usize::try_from(rows).unwrap_or(usize::MAX), "row");
    let column_word = plural(columns.len(), "column");
    let head = format!("{} {row_word}, {} {column_word}", count(rows), columns.len());
    let mut lines = vec![head];
    for table in [overview(columns), numbers(columns)?, quantiles(columns)?, times(columns)?] {
        append(&table, width, &mut lines);
    }
    for table in [texts(columns)?, frequent(columns)?] {
        append(&table, width, &mut lines);
    }
    Ok(lines)
}

/// The columns of a table and its rows.
type Table = (Vec<Of>, Vec<Vec<String>>);

fn append((columns, rows): &Table, width: Option<usize>, lines: &mut Vec<String>) {
    if !rows.is_empty() {
        lines.push(String::new());
        lines.extend(fitted(columns, rows, width));
    }
}

fn overview(columns: &[ColumnSummary]) -> Table {
    let heads = vec![
        Of::path("column"),
        Of::value("type"),
        Of::number("nulls"),
        Of::number("distinct"),
        Of::text("values"),
    ];
    let rows = columns.iter().map(|column| {
        vec![
            column.name.clone(),
            type_shown(column.field.data_type()),
            with_share(column.nulls, column.rows),
            column.distinct.map_or_else(|| "-".to_owned(), estimate),
            values(column),
        ]
    });
    (heads, rows.collect())
}

/// A type; without the fields of a struct, which are columns of their own.
fn type_shown(data_type: &DataType) -> String {
    match data_type {
        DataType::Struct(_) => type_name(data_type),
        other => type_text(other),
    }
}

/// The distribution of the values in a few characters.
fn values(column: &ColumnSummary) -> String {
    if let Some(histogram) = &column.histogram {
        return bars(histogram);
    }
    let values = column.rows - column.nulls;
    match (column.trues, column.lengths) {
        (Some(trues), _) if values > 0 => format!("{} true", share(trues, values)),
        (_, Some(lengths)) if lengths.shortest == lengths.longest => {
            let unit = match lengths.longest {
                1 => lengths.unit.trim_end_matches('s'),
                _ => lengths.unit,
            };
            format!("{} {unit}", count(lengths.longest))
        }
        (_, Some(lengths)) => {
            format!("{} to {} {}", count(lengths.shortest), count(lengths.longest), lengths.unit)
        }
        _ => String::new(),
    }
}

/// A bar for each bin, in proportion to the largest; none for an empty one.
fn bars(histogram: &Histogram) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = histogram.rows.iter().copied().max().unwrap_or(0).max(1);
    let bar = |rows: &u64| match rows {
        0 => ' ',
        _ => BARS[(*rows as f64 / most as f64 * BARS.len() as f64).ceil() as usize - 1],
    };
    histogram.rows.iter().map(bar).collect()
}

fn is_time(column: &ColumnSummary) -> bool {
    column.field.data_type().is_temporal()
}

fn with_spread(
    columns: &[ColumnSummary],
    times: bool,
) -> Result<Vec<(&ColumnSummary, Vec<String>, bool)>> {
    let columns = columns.iter().filter(|column| is_time(column) == times);
    let columns = columns.filter_map(|column| Some((column, column.spread.as_ref()?)));
    let rows = columns.map(|(column, spread)| {
        Ok((column, shown(&column.field, &spread.values)?, spread.is_exact))
    });
    rows.collect()
}

/// A number of values that a column may have.
type Count = fn(&ColumnSummary) -> Option<u64>;

fn numbers(columns: &[ColumnSummary]) -> Result<Table> {
    let mut heads = vec![
        Of::path("column"),
        Of::number("min"),
        Of::number("mean"),
        Of::number("deviation").unless_narrow(2),
        Of::number("max"),
    ];
    // A count that is 0 in all columns is left out.
    let counts: Vec<(&str, Count)> = vec![("NaN", |c| c.nans), ("infinite", |c| c.infinities)];
    let is_shown = |of: Count| columns.iter().any(|column| of(column).is_some_and(|it| it > 0));
    let counts: Vec<_> = counts.into_iter().filter(|(_, of)| is_shown(*of)).collect();
    for ((name, _), order) in counts.iter().zip([1, 0]) {
        heads.push(Of::number(name).unless_narrow(order));
    }
    let rows = with_spread(columns, false)?.into_iter().map(|(column, values, _)| {
        let mut row = vec![
            column.name.clone(),
            rounded(&values[0], column.field.data_type()),
            column.mean.map_or_else(none, short),
            column.deviation.map_or_else(none, short),
            rounded(&values[values.len() - 1], column.field.data_type()),
        ];
        row.extend(counts.iter().map(|(_, of)| of(column).map_or_else(none, count)));
        row
    });
    Ok((heads, rows.collect()))
}

fn none() -> String {
    "-".to_owned()
}

/// The heads of the quantiles.
const QUANTILES: [&str; 5] = ["5 %", "25 %", "50 %", "75 %", "95 %"];

/// The columns of quantiles. On a narrow terminal those at the ends are left out first.
fn narrowing(column: impl Fn(&'static str) -> Of) -> impl Iterator<Item = Of> {
    let columns = QUANTILES.into_iter().zip([0, 2, 4, 3, 1]);
    columns.map(move |(name, order)| column(name).unless_narrow(order))
}

fn quantiles(columns: &[ColumnSummary]) -> Result<Table> {
    let heads = [Of::path("column")].into_iter().chain(narrowing(Of::number));
    let rows = with_spread(columns, false)?.into_iter().map(|(column, values, is_exact)| {
        let inner = values[1..values.len() - 1].iter();
        let inner = inner
            .map(|value| format!("{}{}", mark(is_exact), rounded(value, column.field.data_type())));
        [column.name.clone()].into_iter().chain(inner).collect()
    });
    Ok((heads.collect(), rows.collect()))
}

/// The mark before a number that is estimated.
fn mark(is_exact: bool) -> &'static str {
    if is_exact { "" } else { "~" }
}

fn times(columns: &[ColumnSummary]) -> Result<Table> {
    let heads = [Of::path("column"), Of::text("earliest")].into_iter();
    let heads = heads.chain(narrowing(Of::text));
    let heads = heads.chain([Of::text("latest")]).collect();
    let rows = with_spread(columns, true)?.into_iter().map(|(column, values, is_exact)| {
        let last = values.len() - 1;
        let [first_second, last_second] = [0, last].map(|end| without_fraction(&values[end]));
        let is_short = first_second == last_second;
        let cells = values.iter().enumerate().map(|(place, value)| {
            let mark = if place == 0 || place == last { "" } else { mark(is_exact) };
            let value = if is_short { value.clone() } else { without_fraction(value) };
            format!("{mark}{value}")
        });
        [column.name.clone()].into_iter().chain(cells).collect()
    });
    Ok((heads, rows.collect()))
}

fn texts(columns: &[ColumnSummary]) -> Result<Table> {
    let heads = vec![
        Of::path("column"),
        Of::number("mean length"),
        Of::value("smallest"),
        Of::value("largest"),
    ];
    let columns = columns.iter().filter_map(|column| Some((column, column.ends.as_ref()?)));
    let rows = columns.map(|(column, ends)| {
        let mean = column.lengths.map_or_else(none, |lengths| short(lengths.mean));
        let head = [column.name.clone(), mean].into_iter();
        Ok(head.chain(shown(&column.field, ends)?).collect())
    });
    Ok((heads, rows.collect::<Result<_>>()?))
}

fn frequent(columns: &[ColumnSummary]) -> Result<Table> {
    /// The number of values shown.
    const SHOWN: usize = 5;
    let heads = vec![Of::path("column"), Of::value("most frequent values (rows)")];
    // Values that occur once are not frequent, and booleans have their share.
    let repeats = |column: &&ColumnSummary| {
        let top = column.top.as_ref().and_then(|top| top.rows.first());
        column.trues.is_none() && top.is_some_and(|rows| *rows > 1)
    };
    let rows = columns.iter().filter(repeats).filter_map(|column| {
        let top = column.top.as_ref()?;
        let line = shown(&column.field, &top.values).map(|values| {
            let pairs = values.iter().zip(&top.rows).take(SHOWN);
            let pair = |(value, rows): (&String, &u64)| {
                let value = rounded(value, column.field.data_type());
                format!("{value} ({}{})", mark(top.is_exact), count(*rows))
            };
            vec![column.name.clone(), pairs.map(pair).collect::<Vec<_>>().join(", ")]
        });
        Some(line)
    });
    Ok((heads, rows.collect::<Result<_>>()?))
}

fn estimate(number: Estimate) -> String {
    format!("{}{}", mark(number.is_exact), count(number.value))
}

fn share(part: u64, whole: u64) -> String {
    format!("{:.1} %", 100.0 * part as f64 / whole.max(1) as f64)
}

fn with_share(part: u64, whole: u64) -> String {
    if part == 0 { "0".to_owned() } else { format!("{} ({})", count(part), share(part, whole)) }
}
