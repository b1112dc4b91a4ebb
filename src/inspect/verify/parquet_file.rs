//! Verifies a Parquet file: the footer first, then each column chunk and the order of each row group,
//! in threads.

use super::Depth;
use super::fault::{Faults, Kind, Place};
use super::parquet_footer::{self, is_elsewhere};
use super::parquet_order::Order;
use super::parquet_pages::{Check, PageWalk};
use super::parquet_sorted::{self, SortColumn};
use super::parquet_statistics::ColumnType;
use super::parquet_values::Values;
use crate::error::{Error, Result, guard};
use crate::inspect::exactness::{self, Flags};
use crate::inspect::page_index::PageIndex;
use crate::inspect::parquet_type;
use crate::io::{MappedFile, bytes_read};
use crate::parquet_file::chunk::ChunkPages;
use crate::parquet_file::footer::{self, ReadFooter, TAIL_BYTES, cause};
use crate::parquet_file::pages::MappedPages;
use crate::parquet_file::statistics_validity::FileTrust;
use crate::parquet_file::writer_bugs::chunk_size_lacks_dictionary_header;
use crate::parquet_file::{KeyFile, ParquetFile, ReadOptions};
use crate::threads::Threads;
use bytes::Bytes;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

/// A file whose footer was read.
struct Verified {
    bytes: Bytes,
    pages: MappedPages,
    footer: ReadFooter,
    /// The exactness of bounds, by row group and leaf.
    flags: Vec<Vec<Flags>>,
    trust: FileTrust,
    depth: Depth,
    /// Whether the bytes of the file were counted when it was copied from a pipe.
    is_counted: bool,
    /// The file as it is opened to be read; none if the values are not decoded.
    file: Option<ParquetFile>,
}

/// A part that one thread verifies.
#[derive(Debug, Clone, Copy)]
enum Task {
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
    let (plain, opened) = footer::plain(&bytes, keys)?;
    let flags = exactness::flags(opened.as_ref().map_or(plain, |opened| &opened.footer));
    let footer_start = bytes.len().saturating_sub(TAIL_BYTES + plain.len());
    let footer = footer::read(&bytes, keys)?;
    let mut faults = parquet_footer::check(&bytes, footer_start, &footer.metadata);
    let rows = footer.metadata.row_groups().iter().map(|group| group.num_rows()).filter(|n| *n > 0);
    let rows = rows.fold(0_u64, |sum, rows| sum.saturating_add(rows.unsigned_abs()));
    let mut verified = Verified {
        pages: MappedPages::new(mapping.clone()),
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
        match ParquetFile::open_with(mapping.clone(), String::new(), options, keys, None) {
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
    fn metadata(&self) -> &ParquetMetaData {
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
    fn is_unreadable(&self, leaf: usize) -> bool {
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

    fn place(&self, task: Task) -> Place {
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

    fn chunk(&self, row_group: usize, leaf: usize, faults: &mut Faults) {
        let group = self.metadata().row_group(row_group);
        let chunk = group.column(leaf);
        if is_elsewhere(chunk) || self.is_unreadable(leaf) {
            return;
        }
        let place = self.place(Task::Chunk(row_group, leaf));
        let column = self.column_type(chunk, leaf);
        column.check_stated(chunk, &place, faults);
        // The headers of an encrypted chunk and its page index are encrypted, too.
        let is_encrypted = self.is_encrypted(row_group, leaf);
        let index =
            if is_encrypted { PageIndex::default() } else { PageIndex::read(&self.bytes, chunk) };
        let writer = self.metadata().file_metadata().created_by();
        let lacks_header = chunk_size_lacks_dictionary_header(writer);
        let rows = u64::try_from(group.num_rows()).unwrap_or(0);
        let mut has_pages = true;
        if !is_encrypted {
            let check = Check {
                file: &self.bytes,
                chunk,
                index: &index,
                place: place.clone(),
                lacks_header,
                depth: self.depth,
                row_group_rows: rows,
            };
            has_pages = check.pages(faults);
        }
        if self.depth == Depth::Quick || !has_pages {
            return;
        }
        let walk = (!is_encrypted).then(|| PageWalk::start(&self.bytes, chunk, lacks_header));
        let flags = self.flags.get(row_group).and_then(|flags| flags.get(leaf));
        let flags = flags.copied().unwrap_or_default();
        let (file, index, column, walk) = (&self.bytes, &index, &column, walk.flatten());
        let values = Values { file, chunk, index, column, flags, rows, place, walk };
        self.values(values, row_group, leaf, faults);
        if !self.is_counted {
            bytes_read::add(usize::try_from(chunk.compressed_size()).unwrap_or(0));
        }
    }

    fn values(&self, values: Values<'_>, row_group: usize, leaf: usize, faults: &mut Faults) {
        if values.chunk.num_values() == 0 {
            return;
        }
        let Some(pages) = self.open(row_group, leaf) else { return };
        match pages {
            Ok(pages) => values.check(pages, faults),
            Err(error) => {
                let what = format!("it cannot be decoded: {error}");
                faults.add(Kind::Values, values.place, what);
            }
        }
    }

    /// The pages of a chunk; none if values are not decoded.
    fn open(&self, row_group: usize, leaf: usize) -> Option<Result<ChunkPages>> {
        let file = self.file.as_ref()?;
        let pages = ChunkPages::open(file, &self.pages, row_group, leaf);
        Some(pages.map_err(|error| Error::failed(cause(&error))))
    }

    fn is_encrypted(&self, row_group: usize, leaf: usize) -> bool {
        self.footer.encryption.as_ref().is_some_and(|found| found.has(row_group, leaf))
    }

    fn column_type(&self, chunk: &ColumnChunkMetaData, leaf: usize) -> ColumnType {
        let meaning = parquet_type::meaning(chunk.column_descr().self_type());
        ColumnType {
            physical: chunk.column_type(),
            meaning,
            order: Order::of(meaning),
            trust: self.trust.column(self.metadata().file_metadata(), chunk, leaf),
        }
    }

    /// Checks the declared order of a row group.
    fn order(&self, row_group: usize, faults: &mut Faults) {
        let group = self.metadata().row_group(row_group);
        let mut columns = Vec::new();
        for declared in group.sorting_columns().into_iter().flatten() {
            let leaf = usize::try_from(declared.column_idx).ok();
            let Some(leaf) = leaf.filter(|leaf| *leaf < group.num_columns()) else {
                let number = declared.column_idx;
                let what = format!("it is sorted by column {number}, which does not exist");
                return faults.add(Kind::Order, Place::row_group(row_group), what);
            };
            let chunk = group.column(leaf);
            if is_elsewhere(chunk) || self.is_unreadable(leaf) {
                break;
            }
            let Some(Ok(pages)) = self.open(row_group, leaf) else { break };
            let (descriptor, order) =
                (chunk.column_descr_ptr(), self.column_type(chunk, leaf).order);
            let Some(column) = SortColumn::open(declared, descriptor, order, pages) else { break };
            columns.push(column);
        }
        if !columns.is_empty() {
            parquet_sorted::check(columns, Place::row_group(row_group), faults);
        }
    }
}
