//! One line per file, with footnotes for the warnings.

use super::cells::codecs;
use super::notes::named;
use super::{FileReport, Format};
use crate::text::fit::{Column, fitted};
use crate::text::{count, size};

/// A summary with one line per file. Only the parts of a report that are shown are kept.
#[derive(Debug, Default)]
pub(super) struct Summary {
    rows: Vec<Vec<String>>,
    has_row_groups: bool,
    has_batches: bool,
    total_rows: u64,
    total_parts: u64,
    total_bytes: u64,
    /// Each distinct warning, with the files that it is about.
    warnings: Vec<(String, Vec<String>)>,
}

impl Summary {
    /// Adds a file.
    pub(super) fn add(&mut self, report: &FileReport) {
        match report.format {
            Format::Parquet { .. } => self.has_row_groups = true,
            _ => self.has_batches = true,
        }
        self.total_rows = self.total_rows.saturating_add(report.rows);
        self.total_parts = self.total_parts.saturating_add(report.parts.len() as u64);
        self.total_bytes = self.total_bytes.saturating_add(report.bytes);
        self.rows.push(vec![
            report.path.clone(),
            report.format.name().to_owned(),
            count(report.rows),
            count(report.parts.len() as u64),
            count(report.fields.len() as u64),
            size(report.bytes),
            codecs(&report.codecs),
            if report.warnings.is_empty() { "" } else { "!" }.to_owned(),
        ]);
        for warning in &report.warnings {
            let path = report.path.clone();
            match self.warnings.iter_mut().find(|(known, _)| known == warning) {
                Some((_, paths)) => paths.push(path),
                None => self.warnings.push((warning.clone(), vec![path])),
            }
        }
    }

    /// The table with its heading, a line of totals if there are several files, and a footnote for
    /// each warning; nothing without files. `width` is that of the terminal, if there is one: long
    /// paths are shortened to fit it.
    pub(super) fn lines(mut self, width: Option<usize>) -> Vec<String> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        if self.rows.len() > 1 {
            self.rows.push(self.total());
        }
        let parts = match (self.has_row_groups, self.has_batches) {
            (true, false) => "row groups",
            (false, _) => "batches",
            (true, true) => "groups/batches",
        };
        let columns = [
            Column::path("path"),
            Column::text("format").unless_narrow(2),
            Column::number("rows"),
            Column::number(parts),
            Column::number("columns").unless_narrow(0),
            Column::number("bytes"),
            Column::text("codec").unless_narrow(1),
            Column::text(""),
        ];
        let mut lines = fitted(&columns, &self.rows, width);
        lines.extend(
            self.warnings.iter().map(|(warning, paths)| format!("! {}: {warning}", named(paths))),
        );
        lines
    }

    fn total(&self) -> Vec<String> {
        vec![
            format!("({} files)", count(self.rows.len() as u64)),
            String::new(),
            count(self.total_rows),
            count(self.total_parts),
            String::new(),
            size(self.total_bytes),
            String::new(),
            String::new(),
        ]
    }
}
