//! Warnings about a footer.

use super::Part;
use crate::parquet_file::footer::ReadFooter;
use crate::text::{count, escaped};
use std::collections::BTreeSet;

/// The number of columns to name; the others are counted.
const NAMED_COLUMNS: usize = 3;

/// Warnings that the user should see before trusting the file.
pub(super) fn of(footer: &ReadFooter, parts: &[Part]) -> Vec<String> {
    [other_files(parts), unreadable(footer), negative(footer)].into_iter().flatten().collect()
}

/// Warns of row groups in other files, as in a `_metadata` file.
fn other_files(parts: &[Part]) -> Option<String> {
    let files: BTreeSet<&str> = parts.iter().filter_map(|part| part.file.as_deref()).collect();
    let first = escaped(files.first()?);
    Some(match files.len() {
        1 => format!("its row groups are in another file, {first}"),
        number => {
            let number = count(number as u64);
            format!("its row groups are in {number} other files ({first} and others)")
        }
    })
}

/// Warns of columns that cannot be read.
fn unreadable(footer: &ReadFooter) -> Option<String> {
    let root = footer.metadata.file_metadata().schema();
    let fields = if root.is_group() { root.get_fields() } else { &[] };
    let unreadable = &footer.oddities.unreadable;
    let named = unreadable.iter().take(NAMED_COLUMNS).map(|(place, why)| {
        let name = fields.get(*place).map_or("", |field| field.name());
        format!("column \"{}\" cannot be read: {why}", escaped(name))
    });
    let named: Vec<String> = named.collect();
    let more = match unreadable.len().saturating_sub(NAMED_COLUMNS) {
        0 => String::new(),
        more => format!("; {} more cannot be read either", count(more as u64)),
    };
    (!named.is_empty()).then(|| named.join("; ") + &more)
}

/// Warns of negative counts and sizes.
fn negative(footer: &ReadFooter) -> Option<String> {
    let row_groups = footer.metadata.row_groups().iter().enumerate();
    let mut found = row_groups.filter_map(|(number, row_group)| {
        if row_group.num_rows() < 0 {
            let rows = row_group.num_rows();
            return Some(format!("row group {number} claims to have {rows} rows"));
        }
        let claims = |claim: i64| claim < 0;
        let chunk = row_group.columns().iter().find(|chunk| {
            let sizes = [chunk.num_values(), chunk.compressed_size(), chunk.uncompressed_size()];
            sizes.into_iter().any(claims)
        })?;
        let path = escaped(&chunk.column_path().string());
        Some(format!("row group {number}: column \"{path}\" claims a negative count or size"))
    });
    found.next()
}
