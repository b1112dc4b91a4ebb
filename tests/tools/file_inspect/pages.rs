//! file-inspect --show pages: compared with the page reader of the `parquet` crate, which
//! decompresses every page, and with what pyarrow was told to write.

use super::{corpus, files, inspect, samples};
use crate::support::{Python, Tool, Workplace};
use parquet::basic::{Encoding, PageType};
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;
use std::path::Path;

#[test]
fn pages_are_a_table() {
    let place = samples();
    inspect(&place, &["--show", "pages", "d.parquet"]).succeeds().stdout_is(
        "group  column  page  kind        encoding  rows  values  nulls  bytes  ratio  offset  crc  min  max\n    \
             0  id         0  dictionary  plain        -      10      -   80 B    1.0       4  -    -    -\n    \
             0  id         1  data        dict        10      10      0   10 B    1.0     100  -    0    9\n    \
             0  b          0  dictionary  plain        -       1      -    8 B    1.0     127  -    -    -\n    \
             0  b          1  data        dict        10      10      0    2 B    1.0     149  -    7    7\n",
    );
}

#[test]
fn several_files_stand_under_their_names_and_others_have_no_pages() {
    let place = samples();
    place.shell("cp d.parquet e.parquet").succeeds();
    let alone = inspect(&place, &["--show", "pages", "d.parquet"]).succeeds().stdout_text();
    inspect(&place, &["--show", "pages", "d.parquet", "d.arrow", "d.arrows", "e.parquet"])
        .exits_with(1)
        .stdout_is(&format!("d.parquet:\n{alone}\ne.parquet:\n{alone}"))
        .stderr_is(
            "file-inspect: d.arrow: an Arrow file has no pages: only Parquet files have them\n\
             file-inspect: d.arrows: an Arrow stream has no pages: only Parquet files have them\n",
        );
}

/// Every page of every official file that can be decompressed: its kind, encoding, values and size.
#[test]
fn pages_are_those_that_a_reader_finds() {
    let Some(directory) = corpus("PARQUET_TEST_DATA", "parquet-testing/data") else { return };
    let mut compared = 0;
    for path in files(&directory, &["parquet"]) {
        let Some(expected) = pages_as_read(&path) else { continue };
        let shown = listed(&path);
        let place = path.display();
        assert_eq!(shown.len(), expected.len(), "{place}");
        for (shown, expected) in shown.iter().zip(&expected) {
            let found = ["row_group", "kind", "encoding", "values", "uncompressed_bytes"]
                .map(|name| shown[name].to_string().trim_matches('"').to_owned());
            assert_eq!(found, *expected, "{place}: {shown}");
        }
        compared += expected.len();
    }
    assert!(1000 < compared, "only {compared} pages");
}

/// What the parquet crate says of each page; nothing of files it cannot read.
fn pages_as_read(path: &Path) -> Option<Vec<[String; 5]>> {
    let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).ok()?;
    let mut found = Vec::new();
    for number in 0..reader.num_row_groups() {
        let group = reader.get_row_group(number).ok()?;
        for column in 0..group.num_columns() {
            let mut pages = group.get_column_page_reader(column).ok()?;
            while let Some(page) = pages.get_next_page().ok()? {
                let kind = match page.page_type() {
                    PageType::DICTIONARY_PAGE => "dictionary",
                    PageType::DATA_PAGE => "data",
                    PageType::DATA_PAGE_V2 => "data-v2",
                    PageType::INDEX_PAGE => "index",
                };
                let encoding: Encoding = page.encoding();
                found.push([
                    number.to_string(),
                    kind.to_owned(),
                    encoding.to_string(),
                    page.num_values().to_string(),
                    page.buffer().len().to_string(),
                ]);
            }
        }
    }
    Some(found)
}

fn listed(path: &Path) -> Vec<Value> {
    let run = Tool::new("file-inspect").args(["--show", "pages", "--json"]).arg(path).run();
    let text = run.succeeds().stdout_text();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_pyarrow_wrote_is_told() {
    let place = Workplace::new();
    let write = "
import pyarrow as pa, pyarrow.parquet as pq
ids = list(range(5000))
table = pa.table({'id': ids, 'name': [None if i % 10 == 0 else f'n{i:05}' for i in ids],
                  'list': [[i] * (i % 3) for i in ids]})
common = dict(data_page_size=4096, max_rows_per_page=1000, use_dictionary=False, row_group_size=5000)
pq.write_table(table, 'v1.parquet', write_page_index=True, write_page_checksum=True, compression='none', **common)
pq.write_table(table, 'v2.parquet', data_page_version='2.0', write_page_index=False, compression='zstd', **common)
";
    Python::run(write, place.path(), [""]).succeeds();
    for (file, kind, checksum) in [("v1.parquet", "data", true), ("v2.parquet", "data-v2", false)] {
        let pages = listed(&place.file(file));
        assert!(pages.iter().all(|page| page["kind"] == kind && page["checksum"] == checksum));
        let of = |column: &str| {
            pages.iter().filter(|page| page["column_name"] == column).collect::<Vec<_>>()
        };
        let sum = |column: &str, name: &str| {
            of(column).iter().map(|page| page[name].as_i64().unwrap()).sum::<i64>()
        };
        // The rows of lists are counted by the page index, or by headers of the newer kind.
        for column in ["id", "name", "list.list.element"] {
            assert!(1 < of(column).len(), "{file}: {column}");
            assert_eq!(sum(column, "rows"), 5000, "{file}: {column}");
        }
        assert_eq!((sum("id", "nulls"), sum("name", "nulls")), (0, 500), "{file}");
        let mut next = 0;
        for page in of("id") {
            assert_eq!(page["min"], next.to_string(), "{file}");
            next += page["rows"].as_i64().unwrap();
            assert_eq!(page["max"], (next - 1).to_string(), "{file}");
        }
        assert_eq!(of("name")[0]["min"], "n00001", "{file}");
        // Each page begins where the one before it ends.
        for pair in of("id").windows(2) {
            let number = |name: &str| pair[0][name].as_i64().unwrap();
            let end = number("file_offset") + number("header_bytes") + number("bytes");
            assert_eq!(pair[1]["file_offset"], end, "{file}");
        }
    }
}

#[test]
fn no_damage_ends_the_process() {
    let place = Workplace::new();
    let write = "
import pyarrow as pa, pyarrow.parquet as pq
pq.write_table(pa.table({'id': range(9), 'name': ['x'] * 9}), 'w.parquet', write_page_index=True, compression='none')
";
    Python::run(write, place.path(), [""]).succeeds();
    let whole = std::fs::read(place.file("w.parquet")).unwrap();
    let mut names = Vec::new();
    for number in 4..whole.len() {
        let mut damaged = whole.clone();
        damaged[number] ^= 0xff;
        place.write(&format!("{number:05}"), damaged);
        names.push(format!("{number:05}"));
    }
    let run = place.tool("file-inspect").args(["--show", "pages"]).args(names).run().exits_with(1);
    assert!(!run.stderr.contains("internal error"), "{}", run.stderr);
    for line in run.stderr.lines() {
        assert!(line.starts_with("file-inspect: 0"), "{line}");
    }
}
