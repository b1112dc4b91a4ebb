//! Tables of dictionaries and of bloom filter answers.

use super::Probed;
use super::cells::{known, shown_ratio, shown_value};
use super::contents::ratio;
use super::dictionary::Dictionary;
use super::fit::{Column as Of, fitted};
use super::notes::named;
use super::tables::PARQUET_TYPE;
use crate::text::{count, size};

/// The dictionaries of one file as table rows; their entries are not kept.
#[derive(Debug, Default)]
pub(super) struct DictionaryTable {
    rows: Vec<Vec<String>>,
}

/// The number of entries shown of each dictionary.
const FIRST_ENTRIES: usize = 5;

impl DictionaryTable {
    pub(super) fn add(&mut self, dictionary: &Dictionary) {
        let Dictionary { stored_bytes, values, entries, .. } = dictionary;
        let number = entries.len() as u64;
        let share = dictionary.chunk_bytes.filter(|chunk| 0 < *chunk).map(|chunk| {
            let percent = 100.0 * *stored_bytes as f64 / chunk as f64;
            format!("{percent:.0} %")
        });
        let mut first: Vec<String> =
            entries.iter().take(FIRST_ENTRIES).map(|entry| shown_value(&entry.value)).collect();
        first.extend((FIRST_ENTRIES < entries.len()).then(|| "…".to_owned()));
        self.rows.push(vec![
            dictionary.row_group.to_string(),
            dictionary.column.clone(),
            dictionary.type_name.clone(),
            count(number),
            size(*stored_bytes),
            known(ratio(dictionary.uncompressed_bytes, *stored_bytes), shown_ratio),
            known(share, |share| share),
            known(entries.iter().map(|entry| entry.bytes).max(), size),
            count(*values),
            known(ratio(*values, number), shown_ratio),
            first.join(", "),
        ]);
    }

    /// The table with its heading, followed by the columns with a chunk that has no dictionary.
    pub(super) fn lines(self, without: &[String], width: Option<usize>) -> Vec<String> {
        let columns = [
            Of::number("group"),
            Of::path("column"),
            Of::text(PARQUET_TYPE).unless_narrow(0),
            Of::number("entries"),
            Of::number("bytes"),
            Of::number("ratio").unless_narrow(1),
            Of::number("share").unless_narrow(4),
            Of::number("longest").unless_narrow(3),
            Of::number("values").unless_narrow(2),
            Of::number("per entry"),
            Of::value("first entries"),
        ];
        let mut lines = fitted(&columns, &self.rows, width);
        if !without.is_empty() {
            lines.push(format!("(no dictionary: {})", named(without)));
        }
        lines
    }
}

/// The bloom filter answers, one line per row group.
pub(super) fn probed(probed: &Probed, width: Option<usize>) -> Vec<String> {
    let columns = [
        Of::number("row group"),
        Of::number("rows"),
        Of::number("filter"),
        Of::text("may contain the value"),
    ];
    let rows = probed.row_groups.iter().enumerate().map(|(number, row_group)| {
        let answer = row_group.may_contain.map(|may| if may { "yes" } else { "no" });
        vec![
            number.to_string(),
            count(row_group.rows),
            known(row_group.filter_bytes, size),
            answer.unwrap_or("-").to_owned(),
        ]
    });
    fitted(&columns, &rows.collect::<Vec<_>>(), width)
}
