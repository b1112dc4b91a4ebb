//! Parquet files: the footer, and the pages.

use super::MOST_BATCHES;
use crate::input::file_of;
use arrow_pipes::Result;
use arrow_pipes::inspect::{Answers, Counted, Form, InspectOptions, Probe, Show, View};
use arrow_pipes::io::open_mapped;
use arrow_pipes::options::Operand;
use arrow_pipes::parquet_file::{EncodedColumns, ParquetFile, Scan, ScanOptions};
use arrow_pipes::threads::Threads;

/// What is read without a page: a file, and what `file-inspect` shows of it.
pub(super) fn footer(bytes: &[u8]) -> Result<()> {
    let (_file, operand) = file_of(bytes);
    inspect(&operand);
    open(&operand).map(drop)
}

/// The rows, in several ways, and the pages as `file-inspect` shows them.
pub(super) fn pages(bytes: &[u8]) -> Result<()> {
    let (_file, operand) = file_of(bytes);
    for show in [Show::Pages, Show::Dictionary] {
        drop(answers(View::Rows(show, Form::Stream), &operand));
    }
    for options in scans() {
        // A file that cannot be read in one way may be read in another.
        drop(scan(&operand, ScanOptions { threads: Threads::new(1), ..options }));
    }
    Ok(())
}

fn scans() -> [ScanOptions; 5] {
    let whole = ScanOptions::default;
    [
        whole(),
        ScanOptions { predicate: Some("#1 IS NOT NULL AND #1 = #1".into()), ..whole() },
        ScanOptions { predicate: Some("#1 = 3 OR #1 > 5".into()), ..whole() },
        ScanOptions { dictionary: EncodedColumns::Auto, runs: EncodedColumns::Auto, ..whole() },
        ScanOptions { skip: 1, limit: Some(3), batch_rows: Some(2), ..whole() },
    ]
}

/// Files of more rows are not scanned.
const MOST_ROWS: u64 = 1 << 24;

fn open(operand: &Operand) -> Result<ParquetFile> {
    ParquetFile::open(open_mapped(operand, None)?, "input".into())
}

fn scan(operand: &Operand, options: ScanOptions) -> Result<()> {
    let file = open(operand)?;
    // A few bytes can have 2^36 rows, and a filter that keeps none of them reads them all.
    if MOST_ROWS < file.rows() {
        return Ok(());
    }
    let mut scan = Scan::try_new(vec![file.into()], options)?;
    for _ in 0..MOST_BATCHES {
        if scan.next_batch()?.is_none() {
            break;
        }
    }
    Ok(())
}

/// All views that read no page.
pub(super) fn inspect(operand: &Operand) {
    let text = Form::Text { width: Some(100) };
    let shown = [Show::Files, Show::RowGroups, Show::Columns, Show::Schema, Show::Metadata];
    let rows =
        shown.iter().flat_map(|show| [View::Rows(*show, text), View::Rows(*show, Form::Stream)]);
    let probe = Probe::parse("#1=3").ok().map(|probe| View::Probe(probe, Form::Json));
    let views = [View::Everything, View::Count { counted: Counted::Rows, total: true }];
    for view in rows.chain(views).chain(probe) {
        drop(answers(view, operand));
    }
}

fn answers(view: View, operand: &Operand) -> Result<()> {
    let options = InspectOptions::default();
    let answers = Answers::new(view, std::slice::from_ref(operand), &options);
    for answer in answers.take(MOST_BATCHES) {
        answer?;
    }
    Ok(())
}
