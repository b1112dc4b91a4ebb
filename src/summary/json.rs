//! A summary as JSON: an object for each column.

use super::cells::{json, json_text};
use super::found::ColumnSummary;
use crate::error::Result;
use crate::schema::type_text;
use serde_json::Value;
use std::fmt::Write;

/// A line for each column. Facts that its type does not have are left out.
///
/// # Errors
/// None in practice: all values can be shown.
pub fn lines(columns: &[ColumnSummary]) -> Result<Vec<String>> {
    columns.iter().map(line).collect()
}

/// The names of the values of a spread.
pub(super) const SPREAD: [&str; 7] = ["min", "q05", "q25", "q50", "q75", "q95", "max"];

fn line(column: &ColumnSummary) -> Result<String> {
    let mut object = Object::default();
    object.add("column", json_text(&column.name));
    object.add("type", json_text(&type_text(column.field.data_type())));
    object.add("rows", column.rows);
    object.add("nulls", column.nulls);
    if let Some(distinct) = column.distinct {
        object.add("distinct", distinct.value);
        object.add("distinct_exact", distinct.is_exact);
    }
    object.optional("true", column.trues);
    if let Some(ends) = &column.ends {
        ["min", "max"].iter().zip(json(&column.field, ends)?).for_each(|(name, value)| {
            object.add(name, value);
        });
    }
    if let Some(spread) = &column.spread {
        let values = json(&column.field, &spread.values)?;
        SPREAD.iter().zip(values).for_each(|(name, value)| object.add(name, value));
        object.add("quantiles_exact", spread.is_exact);
    }
    object.optional("mean", column.mean.map(Value::from));
    object.optional("deviation", column.deviation.map(Value::from));
    object.optional("nan", column.nans);
    object.optional("infinite", column.infinities);
    if let Some(lengths) = &column.lengths {
        object.add("shortest", lengths.shortest);
        object.add("mean_length", Value::from(lengths.mean));
        object.add("longest", lengths.longest);
    }
    if let Some(top) = &column.top {
        let values = json(&column.field, &top.values)?;
        let rows = values.iter().zip(&top.rows);
        let rows = rows.map(|(value, rows)| format!("{{\"value\":{value},\"rows\":{rows}}}"));
        object.add("top", format!("[{}]", rows.collect::<Vec<_>>().join(",")));
        object.add("top_exact", top.is_exact);
    }
    if let Some(histogram) = &column.histogram {
        let ends = json(&column.field, &histogram.ends)?;
        let (from, to, rows) = (&ends[0], &ends[1], Value::from(histogram.rows.clone()));
        let bins = format!("{{\"from\":{from},\"to\":{to},\"rows\":{rows}}}");
        object.add("histogram", bins);
    }
    Ok(object.text + "}")
}

/// An object, whose values are written as they are: numbers with all their digits.
#[derive(Default)]
struct Object {
    text: String,
}

impl Object {
    fn add(&mut self, name: &str, value: impl std::fmt::Display) {
        let sign = if self.text.is_empty() { '{' } else { ',' };
        _ = write!(self.text, "{sign}\"{name}\":{value}");
    }

    fn optional(&mut self, name: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }
}
