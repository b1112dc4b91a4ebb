//! Counts what was written, partition by partition.

use crate::dataset::compare_naturally;
use crate::error::{Error, Result};
use crate::io::Output;
use crate::text::{Align, count, size, table};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::IoSlice;
use std::path::{Path, PathBuf};

/// The numbers of files, rows and bytes in a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TreeSummary {
    /// By the paths of the partitions' directories in the tree; a flat tree has one, with an empty
    /// path.
    pub partitions: BTreeMap<PathBuf, PartitionSummary>,
    /// Something to report although the tree is written: the old one cannot be removed.
    pub warning: Option<Error>,
}

/// The files of a partition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartitionSummary {
    /// The number of files.
    pub files: u64,
    /// The number of rows in all of them.
    pub rows: u64,
    /// Their total length.
    pub bytes: u64,
}

impl TreeSummary {
    /// A table for people: a heading, a line for each partition, and their sum if there are
    /// several.
    pub fn lines(&self) -> Vec<String> {
        let heading = ["partition", "files", "rows", "bytes"].map(str::to_owned).to_vec();
        let row = |name: String, one: &PartitionSummary| {
            vec![name, count(one.files), count(one.rows), size(one.bytes)]
        };
        let mut sum = PartitionSummary::default();
        let mut rows = vec![heading];
        for (name, partition) in self.named() {
            sum.add(*partition);
            rows.push(row(name, partition));
        }
        if self.partitions.len() > 1 {
            rows.push(row("total".to_owned(), &sum));
        }
        table(&[Align::Left, Align::Right, Align::Right, Align::Right], &rows)
    }

    /// The same information for programs: a JSON object for each partition.
    pub fn json_lines(&self) -> Vec<String> {
        let line = |(name, one): (String, &PartitionSummary)| {
            let (files, rows, bytes) = (one.files, one.rows, one.bytes);
            json!({"partition": name, "files": files, "rows": rows, "bytes": bytes}).to_string()
        };
        self.named().into_iter().map(line).collect()
    }

    /// Writes the summary, for people or for programs.
    ///
    /// # Errors
    /// I/O errors.
    pub fn print(&self, mut output: Output, json: bool) -> Result<()> {
        let lines = if json { self.json_lines() } else { self.lines() };
        let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        output.write_gathered(&mut [IoSlice::new(text.as_bytes())])?;
        output.commit()
    }

    /// The partitions in natural order: month=9 before month=10.
    fn named(&self) -> Vec<(String, &PartitionSummary)> {
        let name = |path: &Path| {
            if path.as_os_str().is_empty() {
                ".".to_owned()
            } else {
                path.to_string_lossy().into_owned()
            }
        };
        let mut named: Vec<_> =
            self.partitions.iter().map(|(path, partition)| (name(path), partition)).collect();
        named.sort_by(|(a, _), (b, _)| compare_naturally(a.as_bytes(), b.as_bytes()));
        named
    }

    pub(super) fn add(&mut self, partition: &Path, rows: u64, bytes: u64) {
        let one = PartitionSummary { files: 1, rows, bytes };
        self.partitions.entry(partition.to_owned()).or_default().add(one);
    }
}

impl PartitionSummary {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.rows += other.rows;
        self.bytes += other.bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_counted_in_the_order_of_people() {
        let mut summary = TreeSummary::default();
        summary.add(Path::new("month=10"), 5, 1 << 20);
        summary.add(Path::new("month=9/\u{202e}"), 1_000_000, 300);
        summary.add(Path::new("month=10"), 7, 1 << 20);
        assert_eq!(
            summary.lines(),
            [
                "partition         files       rows    bytes",
                "month=9/\\u{202e}      1  1,000,000    300 B",
                "month=10              2         12  2.0 MiB",
                "total                 3  1,000,012  2.0 MiB",
            ]
        );
        assert_eq!(
            summary.json_lines()[1],
            r#"{"partition":"month=10","files":2,"rows":12,"bytes":2097152}"#
        );
    }
}
