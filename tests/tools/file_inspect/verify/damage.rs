//! Kinds of damage, each planted in a sound file that the tools wrote, and the line that reports it.

use super::super::inspect;
use crate::support::{Python, Workplace};
use Depth::{Full, Quick};
use std::path::Path;

/// Whether the damage is found without decoding values.
#[derive(Clone, Copy, PartialEq)]
enum Depth {
    Quick,
    Full,
}

/// Damage to Parquet files: the damaged part, the file, and how a line about it begins.
const PARQUET: [(&str, Depth, &str, &str); 46] = [
    (
        "magic at the start",
        Quick,
        "first_magic.parquet",
        "damaged Parquet file: it does not begin with PAR1",
    ),
    (
        "magic at the end",
        Quick,
        "last_magic.parquet",
        "truncated Parquet file: the footer is missing at its end",
    ),
    (
        "length of the footer",
        Quick,
        "footer_length.parquet",
        "cannot read the Parquet metadata: it claims 1073741824 bytes",
    ),
    (
        "structure of the footer",
        Quick,
        "footer_bytes.parquet",
        "cannot read the Parquet metadata: ",
    ),
    (
        "rows of the file",
        Quick,
        "file_rows.parquet",
        "footer: it counts 3001 rows, but the row groups have 3000 together",
    ),
    (
        "rows of a row group",
        Quick,
        "group_rows.parquet",
        "row group 0, column \"id\": it has 1000 values, but the row group has 999 rows",
    ),
    (
        "a missing column chunk",
        Quick,
        "missing_column.parquet",
        "cannot read the Parquet metadata: ",
    ),
    (
        "values of a chunk",
        Quick,
        "chunk_values.parquet",
        "row group 0, column \"list.list.item\": its pages have 1750 values, but the footer says 12345",
    ),
    (
        "a chunk outside the file",
        Quick,
        "chunk_outside.parquet",
        "row group 0, column \"n\": it is outside the file",
    ),
    (
        "chunks that overlap",
        Quick,
        "chunk_overlap.parquet",
        "row group 0, column \"n\": 40 of its bytes are also in row group 0, column \"id\"",
    ),
    (
        "uncompressed size of a chunk",
        Quick,
        "chunk_uncompressed.parquet",
        "row group 0, column \"n\": its pages have 3958 bytes uncompressed, the footer says 3959",
    ),
    (
        "a page header",
        Quick,
        "header_bytes.parquet",
        "row group 0, column \"n\", page 5: it does not begin with a page header",
    ),
    (
        "a page beyond its chunk",
        Quick,
        "page_beyond.parquet",
        "row group 0, column \"u\", page 6: it extends beyond its column chunk",
    ),
    (
        "values of a page",
        Quick,
        "page_values.parquet",
        "row group 0, column \"n\": its pages have 1001 values, but the footer says 1000",
    ),
    (
        "sizes of a page",
        Quick,
        "page_size.parquet",
        "row group 0, column \"u\", page 0: its 607 bytes are not compressed, but claim to be 608",
    ),
    (
        "encoding of a page",
        Quick,
        "page_encoding.parquet",
        "row group 0, column \"u\", page 0: its encoding is unknown",
    ),
    (
        "bytes of a page",
        Full,
        "checksum.parquet",
        "row group 0, column \"u\", page 1: its checksum is ",
    ),
    (
        "a second dictionary",
        Quick,
        "second_dictionary.parquet",
        "row group 0, column \"u\", page 1: a dictionary page that is not the first page",
    ),
    (
        "a dictionary index",
        Full,
        "dictionary_index.parquet",
        "row group 0, column \"city\", page 1: it cannot be decoded: dictionary index out of bounds",
    ),
    (
        "text",
        Full,
        "utf8.parquet",
        "row group 0, column \"city\", page 1: text that is not valid UTF-8: 0xff6269646a616e",
    ),
    (
        "compressed bytes",
        Full,
        "compressed_bytes.parquet",
        "row group 0, column \"n\", page 0: it cannot be decoded: ",
    ),
    (
        "definition levels",
        Full,
        "levels.parquet",
        "row group 0, column \"n\", page 1: it cannot be decoded: ",
    ),
    (
        "minimum of a chunk",
        Full,
        "minimum.parquet",
        "row group 0, column \"id\": the minimum is 0, but the statistics say 5",
    ),
    (
        "maximum of a chunk, text",
        Full,
        "maximum.parquet",
        "row group 0, column \"city\": the maximum is Łódź, but the statistics say Kyoto",
    ),
    (
        "maximum of a chunk, unsigned",
        Full,
        "unsigned_maximum.parquet",
        "row group 0, column \"u\": the maximum is 4293012843, but the statistics say 7",
    ),
    (
        "minimum of a chunk, decimal",
        Full,
        "decimal_minimum.parquet",
        "row group 0, column \"price\": the minimum is -15.00, but the statistics say -10.00",
    ),
    (
        "length of a bound",
        Quick,
        "bound_length.parquet",
        "row group 0, column \"price\": the minimum or maximum has the wrong length",
    ),
    (
        "bounds in the wrong order",
        Quick,
        "bounds_inverted.parquet",
        "row group 0, column \"id\": the minimum is greater than the maximum",
    ),
    (
        "a bound that claims to be exact",
        Full,
        "exact_bound.parquet",
        "row group 0, column \"id\": the minimum is 0, but the statistics say exactly -5",
    ),
    (
        "null count of a chunk",
        Full,
        "null_count.parquet",
        "row group 0, column \"n\": it has 100 nulls, but 7 are stated",
    ),
    (
        "more nulls than values",
        Quick,
        "null_count_above.parquet",
        "row group 0, column \"n\": 5,000 nulls among 1,000 values",
    ),
    (
        "distinct count of a chunk",
        Full,
        "distinct_count.parquet",
        "row group 0, column \"city\": it has 3 distinct values, but the statistics say 50",
    ),
    (
        "a bloom filter",
        Full,
        "bloom_filter.parquet",
        "row group 0, column \"city\": the bloom filter misses 1,000 of its values, such as Abidjan",
    ),
    (
        "a bloom filter outside the file",
        Quick,
        "bloom_filter_outside.parquet",
        "row group 0, column \"city\", bloom filter: it is outside the file",
    ),
    (
        "minimum in the column index",
        Full,
        "page_minimum.parquet",
        "row group 0, column \"id\", page 0: the minimum is 0, but the statistics say 3",
    ),
    (
        "null count in the column index",
        Full,
        "page_null_count.parquet",
        "row group 0, column \"n\", page 1: it has 16 nulls, but 17 are stated",
    ),
    (
        "a page of nulls",
        Full,
        "null_page.parquet",
        "row group 0, column \"id\", page 1: the column index says that it has only nulls",
    ),
    (
        "order of pages",
        Full,
        "page_order.parquet",
        "row group 0, column \"id\": the column index says that its pages are descending",
    ),
    (
        "structure of the page index",
        Quick,
        "index_bytes.parquet",
        "row group 0, column \"id\": the page index cannot be read",
    ),
    (
        "offset of a page",
        Quick,
        "page_offset.parquet",
        "row group 0, column \"id\", page 1: it is at offset 637, but the offset index says 640",
    ),
    (
        "length of a page",
        Quick,
        "page_length.parquet",
        "row group 0, column \"id\", page 0: it has 633 bytes, but the offset index says 632",
    ),
    (
        "first row of a page",
        Quick,
        "first_row.parquet",
        "row group 0, column \"id\", page 1: its first row is 75, but the offset index says 76",
    ),
    (
        "first row of a page of lists",
        Full,
        "first_row_of_lists.parquet",
        "row group 0, column \"list.list.item\", page 1: its first row is 101, but the offset index says 102",
    ),
    (
        "a page that the index lacks",
        Quick,
        "index_entries.parquet",
        "row group 0, column \"id\": 13 locations in the page index for 14 data pages",
    ),
    (
        "order of rows",
        Full,
        "sort_order.parquet",
        "row group 1: row 1 is not in the declared sort order",
    ),
    (
        "column of the order",
        Quick,
        "sort_column.parquet",
        "row group 1: it is sorted by column 77, which does not exist",
    ),
];

/// Damage to Arrow files and streams, likewise.
const ARROW: [(&str, Depth, &str, &str); 32] = [
    (
        "magic at the end",
        Quick,
        "arrow_last_magic.arrow",
        "truncated Arrow file: its footer, which comes last, is missing",
    ),
    (
        "length of the footer",
        Quick,
        "arrow_footer_length.arrow",
        "damaged Arrow file: its footer claims 1073741824 bytes",
    ),
    ("structure of the footer", Quick, "arrow_footer.arrow", "damaged Arrow file: footer: "),
    (
        "offset of a block",
        Quick,
        "arrow_block_offset.arrow",
        "record batch 2: its header has 20 bytes, but the footer says 512",
    ),
    (
        "header of a block",
        Quick,
        "arrow_block_header.arrow",
        "record batch 2: the footer points outside the file",
    ),
    (
        "body of a block",
        Quick,
        "arrow_block_body.arrow",
        "record batch 1: its body has 4096 bytes, but the footer says 4032",
    ),
    (
        "a block outside the file",
        Quick,
        "arrow_block_outside.arrow",
        "record batch 2: the footer points outside the file",
    ),
    (
        "kind of a message",
        Quick,
        "arrow_block_kind.arrow",
        "dictionary 0: the footer points to another kind of message",
    ),
    (
        "a block that occurs twice",
        Quick,
        "arrow_block_twice.arrow",
        "record batch 2: 4,608 of its bytes are also in record batch 1",
    ),
    (
        "schema",
        Quick,
        "arrow_schema.arrow",
        "schema message: it differs from the schema in the footer",
    ),
    ("schema message", Quick, "arrow_schema_message.arrow", "schema message: "),
    ("end marker of a file", Quick, "arrow_end_marker.arrow", "end: the end marker is damaged"),
    ("end marker of a stream", Quick, "stream_end_marker.arrows", "end: the end marker is missing"),
    (
        "a stream that is cut",
        Quick,
        "stream_cut.arrows",
        "record batch 2: the stream stops in the middle of a message",
    ),
    ("a message header", Quick, "stream_header.arrows", "record batch 2: "),
    (
        "a message prefix",
        Quick,
        "stream_prefix.arrows",
        "record batch 2: expected a message and found other bytes",
    ),
    (
        "a second schema",
        Quick,
        "stream_second_schema.arrows",
        "a second schema before the end marker",
    ),
    (
        "bytes after the end",
        Quick,
        "stream_after_end.arrows",
        "3 stray bytes after the end of the stream",
    ),
    (
        "rows of a record batch",
        Quick,
        "rows.arrows",
        "record batch 2, column \"n\": it has 100 values, but the record batch has 98 rows",
    ),
    (
        "length of a column",
        Quick,
        "node_length.arrows",
        "record batch 2, column \"n\": it has 99 values, but the record batch has 100 rows",
    ),
    (
        "null count of a column",
        Full,
        "node_nulls.arrows",
        "record batch 2, column \"n\": it has 10 nulls, but its header says 11",
    ),
    (
        "nulls that are not counted",
        Full,
        "node_no_nulls.arrows",
        "record batch 2, column \"n\": it has 10 nulls, but its header says 0",
    ),
    (
        "more nulls than values",
        Quick,
        "node_nulls_above.arrows",
        "record batch 2, column \"n\": 101 nulls among 100 values",
    ),
    (
        "a buffer outside the body",
        Quick,
        "buffer_outside.arrows",
        "record batch 2: buffer 0 is outside the body",
    ),
    (
        "buffers that overlap",
        Quick,
        "buffer_overlap.arrows",
        "record batch 2: buffers 0 and 1 overlap",
    ),
    (
        "text",
        Full,
        "arrow_utf8.arrows",
        "record batch 2, column \"text\": Invalid UTF8 sequence at string index 0",
    ),
    (
        "offsets",
        Full,
        "offsets.arrows",
        "record batch 2, column \"text\": Offset invariant failure",
    ),
    (
        "run ends",
        Full,
        "run_ends.arrows",
        "record batch 2, column \"run\": The values in run_ends array should be strictly increasing",
    ),
    (
        "union type IDs",
        Full,
        "union_type.arrows",
        "record batch 2, column \"union\": Type Ids values must match one of the field type ids",
    ),
    (
        "a dictionary index",
        Full,
        "arrow_dictionary_index.arrows",
        "record batch 2, column \"code\": Value at position 0 out of bounds: 99",
    ),
    (
        "a missing dictionary",
        Full,
        "dictionary_missing.arrows",
        "record batch 0, column \"code\": ",
    ),
    ("compressed bytes", Full, "arrow_compressed.arrows", "record batch 2, column \"n\": "),
];

#[test]
fn each_kind_of_damage_to_parquet_is_found() {
    let place = sound();
    let support = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support");
    Python::run(include_str!("damage_parquet.py"), place.path(), [support]).succeeds();
    found(&place, &PARQUET);
}

#[test]
fn each_kind_of_damage_to_arrow_is_found() {
    let place = sound();
    Python::run(include_str!("damage_arrow.py"), place.path(), [""; 0]).succeeds();
    found(&place, &ARROW);
}

/// The files that are damaged, which the tools write.
fn sound() -> Workplace {
    let place = Workplace::new();
    Python::run(include_str!("base.py"), place.path(), [""; 0]).succeeds();
    let written = "set -e
        write() {
            stream-to-parquet --statistics page --row-group-rows 1000 --data-page-bytes 600 \
                --bloom city,id --sorted-by id --encode id=plain --encode n=plain \
                --encode u=plain --encode list.list.item=plain -z $1 -o $2 rows.arrows
        }
        write none base.parquet
        write zstd zstd.parquet
        stream-to-file -o base.arrow arrays.arrows
        stream-cat -o base.arrows arrays.arrows";
    place.shell(written).succeeds();
    let sound =
        ["--verify", "base.parquet", "zstd.parquet", "base.arrow", "base.arrows", "lz4.arrows"];
    let shown = inspect(&place, &sound).succeeds().stdout_text();
    assert_eq!(shown.lines().filter(|line| line.ends_with(": ok")).count(), 5, "{shown}");
    place
}

fn found(place: &Workplace, kinds: &[(&str, Depth, &str, &str)]) {
    let names: Vec<&str> = kinds.iter().map(|(_, _, name, _)| *name).collect();
    for (depth, option) in [(Quick, "--verify=quick"), (Full, "--verify=full")] {
        let arguments = [&[option][..], &names].concat();
        let shown = inspect(place, &arguments).exits_with(1).stderr_is("").stdout_text();
        for (kind, least, name, line) in kinds {
            let begins = format!("{name}: {line}");
            let is_found = shown.lines().any(|line| line.starts_with(&begins));
            let of_file: Vec<&str> =
                shown.lines().filter(|line| line.starts_with(&format!("{name}: "))).collect();
            assert!(!of_file.is_empty(), "no verdict on {name}");
            if depth == Full || *least == Quick {
                assert!(is_found, "{option}, {kind}: no {begins:?} in {of_file:#?}");
            } else {
                assert_eq!(of_file, [format!("{name}: ok")], "{option}, {kind}");
            }
        }
    }
}
