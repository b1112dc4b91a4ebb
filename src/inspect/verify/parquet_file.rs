//! Verifies a Parquet file: the footer first, then each column chunk and the order of each row group,
//! in threads.

use super::Depth;
use super::fault::{Faults, Kind, Place};
use super::parquet_footer::{self, is_elsewhere};
use crate::error::{Result, guard};
use crate::inspect::exactness::{self, Flags};
use crate::io::MappedFile;
use crate::parquet_file::footer::{ReadFooter, TAIL_BYTES, Tail};
use crate::parquet_file::pages::FilePages;
use crate::parquet_file::statistics_validity::FileTrust;
use crate::parquet_file::{KeyFile, ParquetFile, ReadOptions};
use crate::threads::Threads;
use bytes::Bytes;
use parquet::file::metadata::ParquetMetaData;

/// A file whose footer was read.
pub(super) struct Verified {
    pub(super) bytes: Bytes,
    pub(super) pages: FilePages,
    pub(super) footer: ReadFooter,
    /// The exactness of bounds, by row group and leaf.
    pub(super) flags: Vec<Vec<Flags>>,
    pub(super) trust: FileTrust,
    pub(super) depth: Depth,
    /// Whether the bytes of the file were counted when it was copied from a pipe.
    pub(super) is_counted: bool,
    /// The file as it is opened to be read; none if the values are not decoded.
    pub(super) file: Option<ParquetFile>,
}

/// A part that one thread verifies.
#[derive(Debug, Clone, Copy)]
pub(super) enum Task {
    Chunk(usize, usize),
    Order(usize),
}

/// Verifies a file; returns the number of rows as well.
///
/// # Errors
/// A file whose footer cannot be read.
pub(super) fn verify(
    mapping: &MappedFile,
    depth: Depth,
    keys: Option<&KeyFile>,
    threads: &Threads,
) -> Result<(Faults, u64)> {
    let bytes = mapping.bytes();
    let tail = Tail::read(&bytes)?;
    let opened = tail.opened(keys)?;
    let plain = opened.as_ref().map_or(&tail.footer[..], |opened| &opened.footer);
    let flags = exactness::flags(plain);
    let footer_start = bytes.len().saturating_sub(TAIL_BYTES + tail.footer.len());
    let footer = tail.read_footer(opened)?;
    let mut faults = parquet_footer::check(&bytes, footer_start, &footer.metadata);
    let rows = footer.metadata.row_groups().iter().map(|group| group.num_rows()).filter(|n| *n > 0);
    let rows = rows.fold(0_u64, |sum, rows| sum.saturating_add(rows.unsigned_abs()));
    let mut verified = Verified {
        pages: FilePages::new(mapping.clone().into()),
        trust: FileTrust::of(footer.metadata.file_metadata()),
        footer,
        flags,
        depth,
        is_counted: mapping.is_counted(),
        file: None,
        bytes,
    };
    verified.report_unreadable(&mut faults);
    if depth == Depth::Full && verified.has_values() {
        // Checksums are verified page by page, so that a wrong one does not hide other faults.
        let options = ReadOptions { ignores_checksums: true, ..ReadOptions::default() };
        match ParquetFile::open_with(mapping.clone().into(), String::new(), options, keys, None) {
            Ok(file) => verified.file = Some(file),
            Err(_) if !faults.is_empty() => {}
            Err(error) => {
                let what = error.to_string();
                let what = what.strip_prefix(": ").unwrap_or(&what);
                faults.add(Kind::Structure, Place::part("footer"), what);
            }
        }
    }
    verified.run(threads, &mut faults)?;
    Ok((faults, rows))
}

impl Verified {
    pub(super) fn metadata(&self) -> &ParquetMetaData {
        &self.footer.metadata
    }

    /// Whether any values are in this file.
    fn has_values(&self) -> bool {
        let mut chunks = self.metadata().row_groups().iter().flat_map(|group| group.columns());
        chunks.any(|chunk| !is_elsewhere(chunk))
    }

    fn report_unreadable(&self, faults: &mut Faults) {
        let root = self.metadata().file_metadata().schema();
        let fields = if root.is_group() { root.get_fields() } else { &[] };
        for (place, why) in &self.footer.oddities.unreadable {
            let name = fields.get(*place).map_or("", |field| field.name());
            let (place, what) = parquet_footer::unverified(name, why);
            faults.add(Kind::Unverified, place, what);
        }
    }

    /// Whether a column is reported as unreadable.
    pub(super) fn is_unreadable(&self, leaf: usize) -> bool {
        let root = self.metadata().file_metadata().schema_descr().get_column_root_idx(leaf);
        self.footer.oddities.unreadable.contains_key(&root)
    }

    fn tasks(&self) -> impl Iterator<Item = Task> + Send {
        let leaves = self.metadata().file_metadata().schema_descr().num_columns();
        let groups = self.metadata().row_groups().iter().enumerate();
        // A row group with other columns than the schema is a fault of the footer.
        let groups = groups.filter(move |(_, group)| group.num_columns() == leaves);
        groups.flat_map(move |(number, _)| {
            (0..leaves).map(move |leaf| Task::Chunk(number, leaf)).chain([Task::Order(number)])
        })
    }

    fn run(&self, threads: &Threads, faults: &mut Faults) -> Result<()> {
        let mut states = vec![(); threads.count()];
        let found = threads.each("verify", &mut states, self.tasks(), |(), task| {
            let mut faults = Faults::default();
            let place = self.place(task);
            let done = guard("damaged", || {
                self.task(task, &mut faults);
                Ok(())
            });
            if let Err(error) = done {
                faults.add(Kind::Values, place, error.to_string());
            }
            Ok(faults)
        })?;
        found.into_iter().for_each(|part| faults.append(part));
        Ok(())
    }

    pub(super) fn place(&self, task: Task) -> Place {
        match task {
            Task::Order(row_group) => Place::row_group(row_group),
            Task::Chunk(row_group, leaf) => {
                let chunk = self.metadata().row_group(row_group).column(leaf);
                Place::row_group(row_group).column(&chunk.column_path().string())
            }
        }
    }

    fn task(&self, task: Task, faults: &mut Faults) {
        match task {
            Task::Chunk(row_group, leaf) => self.chunk(row_group, leaf, faults),
            Task::Order(row_group) => self.order(row_group, faults),
        }
    }
}
