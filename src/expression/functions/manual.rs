//! The functions in the manual `man/arrow-expressions.7`, made from the rows of the table.

use super::SECTIONS;
use super::aggregate_table::{AGGREGATES, Aggregate};
use super::function::Function;
use crate::text::mdoc;

/// An entry of more functions names those by name alone whose parameters are the preceding one's.
const MOST_SIGNATURES: usize = 4;

/// The entries of each section in mdoc, between two comments by which `scripts/update-generated`
/// finds their place in the manual.
pub fn function_manual() -> String {
    let sections = SECTIONS.iter().map(|(title, tables)| {
        let rows: Vec<&Function> = tables.iter().copied().flatten().collect();
        let entries = rows.chunk_by(|_, next| next.description.is_empty()).map(entry);
        format!(
            ".\\\" Begin {title}: by scripts/update-generated from src/expression/functions\n\
             {}.\\\" End {title}\n",
            entries.collect::<String>()
        )
    });
    sections.chain([of_many_rows()]).collect()
}

/// The section of the functions of many rows.
fn of_many_rows() -> String {
    let entry = |row: &Aggregate| {
        let others = match row.names {
            [] | [_] => String::new(),
            [_, others @ ..] => format!(" ({})", others.join(", ")),
        };
        format!(".It Li {}\n{}\n", row.signature, mdoc(&format!("{}{others}", row.help)))
    };
    format!(
        ".\\\" Begin Groups of rows: by scripts/update-generated from src/expression/functions\n\
         {}.\\\" End Groups of rows\n",
        AGGREGATES.iter().map(entry).collect::<String>()
    )
}

/// The functions that share a description, with their other names and examples.
fn entry(rows: &[&Function]) -> String {
    let mut last = None;
    let mut signatures = Vec::new();
    let mut aliases = Vec::new();
    for row in rows {
        let list = row.parameter_list();
        let is_repeated = rows.len() > MOST_SIGNATURES && list.is_some() && list == last;
        signatures.push(if is_repeated { row.names[0] } else { row.signature });
        let others = &row.names[usize::from(list.is_some())..];
        let of = if rows.len() > 1 && list.is_some() {
            format!(" for {}", row.names[0])
        } else {
            String::new()
        };
        aliases.extend(others.iter().map(|name| format!("{name}{of}")));
        last = list;
    }
    let mut description = rows[0].description.to_owned();
    if !aliases.is_empty() {
        description.push_str(&format!(" ({})", aliases.join(", ")));
    }
    let examples = rows.iter().flat_map(|row| row.examples);
    let examples = examples.map(|example| format!(".Dl {}\n", example.replace('\\', "\\e")));
    let examples: String = examples.collect();
    format!(".It Li {}\n{}\n{examples}", signatures.join(", "), mdoc(&description))
}
