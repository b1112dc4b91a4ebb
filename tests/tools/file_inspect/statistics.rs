//! file-inspect: bounds that were shortened or are very long, damaged page indexes and pages, footers
//! whose row groups are in other files.

use super::inspect;
use crate::support::{Python, Workplace};
use arrow::array::{ArrayRef, BinaryArray, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;
use std::fs::File;
use std::sync::Arc;

fn write(place: &Workplace, name: &str, values: ArrayRef, properties: WriterProperties) {
    let batch = RecordBatch::try_from_iter([("s", values)]).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    place.write(name, writer.into_inner().unwrap());
}

fn objects(place: &Workplace, arguments: &[&str]) -> Vec<Value> {
    let text = inspect(place, arguments).succeeds().stdout_text();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn shortened_bounds_are_marked() {
    let place = Workplace::new();
    let values: ArrayRef = Arc::new(StringArray::from(vec!["abc", "xxxxxc"]));
    let short = WriterProperties::builder().set_statistics_truncate_length(Some(4)).build();
    write(&place, "short.parquet", values, short);
    inspect(&place, &["--show", "columns", "short.parquet"]).succeeds().stdout_is(
        "column  parquet type  encodings  codec  bytes  ratio  nulls  index  bloom  min  max\n\
         s       string        dict       none    51 B    1.0      0   37 B      -  abc  <xxxy\n\
         (> and < mark bounds that the writer shortened)\n",
    );
    let [column] = &objects(&place, &["--show", "columns", "--json", "short.parquet"])[..] else {
        panic!("one column");
    };
    assert_eq!(column["max"], "xxxy");
    assert_eq!(column["is_min_value_exact"], true);
    assert_eq!(column["is_max_value_exact"], false);
    let everything = &objects(&place, &["--json", "short.parquet"])[0];
    assert_eq!(everything["columns"][0]["is_max_value_exact"], false);
    assert_eq!(everything["row_groups"][0]["columns"][0]["is_max_value_exact"], false);
    place
        .shell("file-inspect --show columns --stream short.parquet | stream-filter 'NOT is_max_value_exact' | stream-count")
        .succeeds()
        .stdout_is("1\n");
}

/// Writers before parquet-format 2.10 say nothing of it, and shortened nothing.
#[test]
fn bounds_of_unknown_exactness_are_not_marked() {
    let place = Workplace::new();
    let write = "
import pyarrow as pa, pyarrow.parquet as pq
pq.write_table(pa.table({'s': ['abc', 'xyz']}), 'p.parquet')
";
    Python::run(write, place.path(), [""]).succeeds();
    let shown = inspect(&place, &["--show", "columns", "p.parquet"]).succeeds();
    assert!(shown.stdout_has("abc  xyz\n").stdout_text().lines().count() == 2);
}

#[test]
fn a_bound_of_megabytes_is_shown_shortened() {
    let place = Workplace::new();
    let value = vec![0xff; 4 << 20];
    let values: ArrayRef = Arc::new(BinaryArray::from_vec(vec![&value[..]]));
    let whole = WriterProperties::builder()
        .set_statistics_truncate_length(None)
        .set_column_index_truncate_length(None)
        .build();
    write(&place, "long.parquet", values, whole);
    for view in ["columns", "pages"] {
        let shown = inspect(&place, &["--show", view, "long.parquet"]).succeeds().stdout_text();
        assert!(shown.len() < 1000, "{}", shown.len());
        let bound = format!("0x{}… (4,194,304 bytes)", "f".repeat(61));
        assert!(shown.contains(&bound), "{shown}");
    }
    let all = &objects(&place, &["--json", "long.parquet"])[0];
    assert_eq!(all["columns"][0]["max"].as_str().unwrap().len(), 2 + (8 << 20));
}

/// Two columns of several pages each, with a page index.
fn indexed(place: &Workplace) -> Vec<u8> {
    let write = "
import pyarrow as pa, pyarrow.parquet as pq
t = pa.table({'x': range(3000), 'y': range(3000)})
pq.write_table(t, 'i.parquet', data_page_size=4000, write_batch_size=1000, use_dictionary=False,
               write_page_index=True, compression='none')
";
    Python::run(write, place.path(), [""]).succeeds();
    std::fs::read(place.file("i.parquet")).unwrap()
}

fn first_chunk(place: &Workplace) -> parquet::file::metadata::ColumnChunkMetaData {
    let reader = SerializedFileReader::new(File::open(place.file("i.parquet")).unwrap()).unwrap();
    reader.metadata().row_group(0).column(0).clone()
}

#[test]
fn a_damaged_page_index_leaves_the_pages() {
    let place = Workplace::new();
    let mut file = indexed(&place);
    let chunk = first_chunk(&place);
    let start = chunk.column_index_offset().unwrap() as usize;
    file[start..start + chunk.column_index_length().unwrap() as usize].fill(0xff);
    place.write("d.parquet", file);
    inspect(&place, &["--show", "pages", "d.parquet"]).succeeds().stdout_is(
        "group  column  page  kind  encoding   rows  values  nulls    bytes  ratio  offset  crc  min   max\n    \
             0  x          0  data  plain     1,000   1,000      -  7.8 KiB    1.0       4  -    -     -\n    \
             0  x          1  data  plain     1,000   1,000      -  7.8 KiB    1.0    8031  -    -     -\n    \
             0  x          2  data  plain     1,000   1,000      -  7.8 KiB    1.0   16058  -    -     -\n    \
             0  y          0  data  plain     1,000   1,000      0  7.8 KiB    1.0   24085  -    0     999\n    \
             0  y          1  data  plain     1,000   1,000      0  7.8 KiB    1.0   32112  -    1000  1999\n    \
             0  y          2  data  plain     1,000   1,000      0  7.8 KiB    1.0   40139  -    2000  2999\n\
         ! x: min and max ignored: the page index is damaged\n",
    );
    let pages = objects(&place, &["--show", "pages", "--json", "d.parquet"]);
    assert_eq!(pages[0]["bounds_ignored"], "index");
    assert_eq!(pages[3]["bounds_ignored"], Value::Null);
}

#[test]
fn a_damaged_page_leaves_the_other_column_chunks() {
    let place = Workplace::new();
    let mut file = indexed(&place);
    let second = first_chunk(&place).data_page_offset() as usize + 8027;
    file[second..second + 4].fill(0xff);
    place.write("d.parquet", file);
    inspect(&place, &["--show", "pages", "d.parquet"])
        .exits_with(1)
        .stdout_has("\n    0  x          0  data")
        .stdout_has("\n    0  y          2  data")
        .one_line_on_stderr()
        .stderr_is(
            "file-inspect: d.parquet: row group 0: column \"x\": damaged: page 1 does not begin with a header\n",
        );
}

#[test]
fn a_metadata_file_is_told_as_what_it_is() {
    let place = Workplace::new();
    let write = "
import pyarrow as pa, pyarrow.parquet as pq
found = []
for k in ('a', 'b'):
    pq.write_table(pa.table({'n': [1, 2]}), f'{k}.parquet', metadata_collector=found)
    found[-1].set_file_path(f'{k}.parquet')
pq.write_metadata(pa.schema({'n': pa.int64()}), '_metadata', found)
";
    Python::run(write, place.path(), [""]).succeeds();
    inspect(&place, &["_metadata"])
        .succeeds()
        .stdout_has("! _metadata: its row groups are in 2 other files (a.parquet and others)\n");
    let shown = inspect(&place, &["--show", "row-groups", "_metadata"]).succeeds().stdout_text();
    assert!(shown.starts_with("row group  rows  bytes  uncompressed  ratio  file\n"), "{shown}");
    assert!(shown.contains("  b.parquet  "), "{shown}");
    let row_groups = objects(&place, &["--show", "row-groups", "--json", "_metadata"]);
    assert_eq!(row_groups[1]["file_path"], "b.parquet");
    inspect(&place, &["--show", "pages", "_metadata"]).exits_with(1).stdout_is("").stderr_is(
        "file-inspect: _metadata: it has no pages: its row groups are in other files, such as \"a.parquet\"\n",
    );
}
