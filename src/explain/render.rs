//! An explanation as a table for people, and as JSON.

use super::{Amounts, Cause, Explanation, NamedHint, Unit};
use crate::io::Transferred;
use crate::text::{Align, count, counted, size, table};
use serde_json::{Map, Value as Json, json};

impl Cause {
    fn label(self) -> &'static str {
        match self {
            Self::Columns => "columns not needed",
            Self::Limit => "skip and limit",
            Self::Keys => "partition keys",
            Self::Statistics => "statistics",
            Self::Proven => "always true",
            Self::Bloom => "bloom filter",
            Self::PageIndex => "page index",
            Self::Late => "late decoding",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Columns => "columns",
            Self::Limit => "limit",
            Self::Keys => "partition_keys",
            Self::Statistics => "statistics",
            Self::Proven => "always_true",
            Self::Bloom => "bloom_filter",
            Self::PageIndex => "page_index",
            Self::Late => "late_decoding",
        }
    }
}

impl Unit {
    fn label(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::RowGroups => "row groups",
            Self::Batches => "batches",
            Self::Pages => "pages",
            Self::Rows => "rows",
            Self::Bytes => "bytes",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::RowGroups => "row_groups",
            Self::Batches => "record_batches",
            _ => self.label(),
        }
    }
}

impl Explanation {
    /// A table, and the hints below it, in lines.
    pub fn text(&self) -> String {
        let mut rows = vec![self.row(self.tool, |unit| unit.label().to_owned())];
        let amount = |amounts: &Amounts, unit: Unit| match unit {
            Unit::Bytes => size(amounts.bytes),
            _ => count(amounts.of(unit)),
        };
        rows.push(self.row("total", |unit| amount(&self.tally.total, unit)));
        for cause in self.causes {
            let pruned = self.tally[*cause];
            rows.push(self.row(cause.label(), |unit| match pruned.of(unit) {
                0 => "-".to_owned(),
                _ => amount(&pruned, unit),
            }));
        }
        let read = self.tally.read();
        rows.push(self.row("read", |unit| amount(&read, unit)));
        rows.push(self.row("written", |unit| match unit {
            Unit::Rows => count(self.written_rows),
            _ => "-".to_owned(),
        }));
        let aligned = std::iter::repeat_n(Align::Right, self.units.len());
        let aligned: Vec<Align> = std::iter::once(Align::Left).chain(aligned).collect();
        let mut lines = table(&aligned, &rows);
        if let Some(Transferred { requests, bytes }) = self.transferred {
            lines.push(format!("transferred: {} in {}", size(bytes), counted(requests, "request")));
        }
        lines.extend(hint_lines("the reader needs", Some(&self.reader)));
        lines.extend(hint_lines("told to the writer", self.writer.as_ref()));
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn row(&self, label: &str, cell: impl Fn(Unit) -> String) -> Vec<String> {
        std::iter::once(label.to_owned()).chain(self.units.iter().map(|unit| cell(*unit))).collect()
    }

    /// One object on one line.
    pub fn json(&self) -> String {
        let amounts = |amounts: &Amounts| -> Json {
            let unit = |unit: &Unit| (unit.key().to_owned(), json!(amounts.of(*unit)));
            Json::Object(self.units.iter().map(unit).collect())
        };
        let pruned = |cause: &Cause| (cause.key().to_owned(), amounts(&self.tally[*cause]));
        let pruned: Map<String, Json> = self.causes.iter().map(pruned).collect();
        let mut object = json!({
            "tool": self.tool,
            "total": amounts(&self.tally.total),
            "pruned": pruned,
            "read": amounts(&self.tally.read()),
            "written": { "rows": self.written_rows },
            "reader": hint_object(&self.reader),
        });
        if let Some(Transferred { requests, bytes }) = self.transferred {
            object["transferred"] = json!({ "requests": requests, "bytes": bytes });
        }
        if let Some(writer) = &self.writer {
            object["writer"] = hint_object(writer);
        }
        format!("{object}\n")
    }
}

/// The most characters of a list of columns or an expression.
const MOST_SHOWN: usize = 58;

fn hint_lines(title: &str, hint: Option<&NamedHint>) -> Vec<String> {
    let Some(hint) = hint else { return Vec::new() };
    let everything = NamedHint { encodings: hint.encodings, ..NamedHint::default() };
    if *hint == everything {
        let how = if hint.encodings { "; columns may be encoded" } else { "" };
        return vec![format!("{title}: everything{how}")];
    }
    let mut lines = Vec::new();
    if let Some(columns) = &hint.columns {
        lines.push(vec!["columns".to_owned(), column_list(columns)]);
    }
    if let Some(predicate) = &hint.predicate {
        lines.push(vec!["where".to_owned(), shortened(&one_line(predicate))]);
    }
    if let Some(limit) = &hint.limit {
        lines.push(vec!["rows".to_owned(), format!("the first {}", count(*limit))]);
    }
    if hint.encodings {
        lines.push(vec!["encoded".to_owned(), "columns may be encoded".to_owned()]);
    }
    let lines = table(&[Align::Left, Align::Left], &lines);
    let lines = lines.into_iter().map(|line| format!("  {line}"));
    std::iter::once(format!("{title}:")).chain(lines).collect()
}

/// As many columns as fit into a line, and the number of the others.
fn column_list(columns: &[String]) -> String {
    if columns.is_empty() {
        return "none".to_owned();
    }
    let mut shown = String::new();
    for (place, column) in columns.iter().enumerate() {
        let gap = if place == 0 { "" } else { ", " };
        let is_long = MOST_SHOWN < shown.chars().count() + gap.len() + column.chars().count();
        if place > 0 && is_long {
            return format!("{shown} and {} more", count((columns.len() - place) as u64));
        }
        shown.extend([gap, &shortened(column)]);
    }
    shown
}

/// Expressions that tools have joined have line breaks, which end comments.
fn one_line(text: &str) -> String {
    text.replace("\n)", ")").replace('\n', " ")
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= MOST_SHOWN {
        return text.to_owned();
    }
    text.chars().take(MOST_SHOWN - 1).chain(['…']).collect()
}

fn hint_object(hint: &NamedHint) -> Json {
    json!({
        "columns": hint.columns,
        "where": hint.predicate,
        "limit": hint.limit,
        "encodings": hint.encodings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::Tally;

    fn explanation() -> Explanation {
        let mut tally = Tally {
            total: Amounts { parts: 4, rows: 4000, bytes: 4096, ..Amounts::default() },
            ..Tally::default()
        };
        tally[Cause::Statistics] =
            Amounts { parts: 1, rows: 1000, bytes: 1024, ..Amounts::default() };
        Explanation {
            tool: "tool",
            units: &[Unit::RowGroups, Unit::Rows, Unit::Bytes],
            causes: &[Cause::Statistics, Cause::Late],
            tally,
            written_rows: 12,
            reader: NamedHint {
                columns: Some(vec!["user".to_owned(), "city".to_owned()]),
                predicate: Some("(id < 3\n) AND (city = 'x'\n)".to_owned()),
                limit: Some(1000),
                encodings: true,
            },
            writer: Some(NamedHint::default()),
            transferred: Some(Transferred { requests: 3, bytes: 2 << 20 }),
        }
    }

    #[test]
    fn a_table_reads_well() {
        assert_eq!(
            explanation().text(),
            "tool           row groups   rows    bytes\n\
             total                   4  4,000  4.0 KiB\n\
             statistics              1  1,000  1.0 KiB\n\
             late decoding           -      -        -\n\
             read                    3  3,000  3.0 KiB\n\
             written                 -     12        -\n\
             transferred: 2.0 MiB in 3 requests\n\
             the reader needs:\n  \
               columns  user, city\n  \
               where    (id < 3) AND (city = 'x')\n  \
               rows     the first 1,000\n  \
               encoded  columns may be encoded\n\
             told to the writer: everything\n"
        );
        let many: Vec<String> = (0..100).map(|number| format!("column{number}")).collect();
        assert_eq!(
            column_list(&many),
            "column0, column1, column2, column3, column4, column5 and 94 more"
        );
        assert_eq!(column_list(&[]), "none");
    }

    #[test]
    fn an_object_has_stable_keys() {
        let expected = r#"{"tool":"tool","total":{"row_groups":4,"rows":4000,"bytes":4096},"#
            .to_owned()
            + r#""pruned":{"statistics":{"row_groups":1,"rows":1000,"bytes":1024},"#
            + r#""late_decoding":{"row_groups":0,"rows":0,"bytes":0}},"#
            + r#""read":{"row_groups":3,"rows":3000,"bytes":3072},"written":{"rows":12},"#
            + r#""reader":{"columns":["user","city"],"#
            + r#""where":"(id < 3\n) AND (city = 'x'\n)","limit":1000,"encodings":true},"#
            + r#""transferred":{"requests":3,"bytes":2097152},"#
            + r#""writer":{"columns":null,"where":null,"limit":null,"encodings":false}}"#;
        assert_eq!(explanation().json(), expected + "\n");
    }
}
