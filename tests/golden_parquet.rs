//! The official Parquet files (`PARQUET_TEST_DATA`): each gives all its rows, or the error below.
#![allow(clippy::print_stderr)]

use arrow_pipes::error::Result;
use arrow_pipes::io::MappedFile;
use arrow_pipes::parquet_file::{ParquetFile, Scan, ScanOptions};
use std::path::{Path, PathBuf};

/// Files that give an error, by the end of their path. All others give the rows they claim.
const ERRORS: &[(&str, &str)] = &[
    (
        "data/encrypt_columns_plaintext_footer.parquet.encrypted",
        "row group 0: column \"float_field\" is encrypted or damaged: it does not begin with a page header",
    ),
    (
        "aes256/encrypt_columns_plaintext_footer.parquet.encrypted",
        "row group 0: column \"boolean_field\" is encrypted or damaged: it does not begin with a page header",
    ),
    (".parquet.encrypted", "the file is encrypted, and decryption is not supported"),
    // arrow-rs insists on the footer's types; the first is damaged, the second is wrong in one list.
    (
        "ARROW-GH-41317.parquet",
        "cannot read the Parquet metadata: expected list element type of I32 but got I16",
    ),
    (
        "dict-page-offset-zero.parquet",
        "cannot read the Parquet metadata: expected list element type of I64 but got I16",
    ),
    ("PARQUET-1481.parquet", "cannot read the Parquet metadata: unexpected Type -7"),
    ("ARROW-GH-41321.parquet", "row group 0: damaged page: values of 254 bits"),
    ("ARROW-GH-45185.parquet", "row group 0: first repetition level of batch must be 0"),
    (
        "ARROW-GH-47662.parquet",
        "row group 0: invalid FIXED_LEN_BYTE_ARRAY PLAIN data page payload length: expected 400 bytes (100 values of 4 bytes), got 364",
    ),
    (
        "ARROW-RS-GH-6229-DICTHEADER.parquet",
        "row group 0: column \"region_key\" is encrypted or damaged: it does not begin with a page header",
    ),
    (
        "ARROW-RS-GH-6229-LEVELS.parquet",
        "row group 0: insufficient repetition levels read from column",
    ),
    ("nation.dict-malformed.parquet", "row group 0: invalid page header"),
];

/// Two strings of 2 GiB: more memory and time than a test should take.
const TOO_LARGE: &str = "large_string_map.brotli.parquet";

#[test]
fn every_official_file_gives_its_rows_or_the_listed_error() {
    let beside =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/parquet-testing/data");
    let data = std::env::var_os("PARQUET_TEST_DATA").map_or(beside, PathBuf::from);
    if !data.is_dir() {
        eprintln!("skipped: no Parquet files in {}; set PARQUET_TEST_DATA", data.display());
        return;
    }
    let mut files = parquet_files(&data);
    files.extend(parquet_files(&data.with_file_name("bad_data")));
    assert!(60 < files.len(), "{}: only {} files", data.display(), files.len());
    let wrong: Vec<String> = files.iter().filter_map(|path| difference(path)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is not as expected with a file.
fn difference(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let expected = ERRORS
        .iter()
        .find(|(ending, _)| path.to_string_lossy().ends_with(ending))
        .map(|(_, message)| format!("{name}: {message}"));
    let outcome = claimed_and_read_rows(path, &name);
    match (expected, outcome) {
        (None, Ok((claimed, read))) if claimed == read => None,
        (Some(expected), Err(error)) if expected == error.to_string() => None,
        (_, outcome) => Some(format!("{name}: {outcome:?}")),
    }
}

fn claimed_and_read_rows(path: &Path, name: &str) -> Result<(u64, u64)> {
    let file = ParquetFile::open(MappedFile::open(path)?, name.to_owned())?;
    let claimed = file.rows();
    let mut scan = Scan::try_new(vec![file.into()], ScanOptions::default())?;
    let mut read = 0;
    while let Some(batch) = scan.next_batch()? {
        assert_eq!(batch.schema_ref(), scan.schema(), "{name}");
        for column in batch.columns() {
            column.to_data().validate_full().unwrap();
        }
        read += batch.num_rows() as u64;
    }
    Ok((claimed, read))
}

fn parquet_files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(parquet_files(&path));
        } else if (name.ends_with(".parquet") || name.ends_with(".parquet.encrypted"))
            && name != TOO_LARGE
        {
            files.push(path);
        }
    }
    files
}
