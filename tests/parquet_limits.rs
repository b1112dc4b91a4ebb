//! Parquet files that are large or unusual, but valid: limits against files that claim more than they hold
//! do not refuse them.

use crate::support::parquet_bytes::{
    Column, Structure, data_header, levels, page, page_of, run, varint,
};
use crate::support::{Python, Workplace};

/// The memory and time of each process.
const LIMITS: &str = "ulimit -v 4194304; set -o pipefail";

/// The physical type of text.
const TEXT: i64 = 6;

/// A leaf of a physical type and a repetition, as an element of the schema.
fn leaf(name: &str, kind: i64, repetition: i64) -> Vec<u8> {
    let leaf = Structure::default().i32(1, kind).i32(3, repetition).text(4, name);
    if kind == TEXT { leaf.i32(6, 0).end() } else { leaf.end() }
}

/// The elements of an optional list of a leaf.
fn list_of(leaf: Vec<u8>) -> [Vec<u8>; 3] {
    let list = Structure::default().i32(3, 1).text(4, "a").i32(5, 1).i32(6, 3).end();
    let repeated = Structure::default().i32(3, 2).text(4, "list").i32(5, 1).end();
    [list, repeated, leaf]
}

/// A page that is not compressed may claim any size, as in pyarrow.
#[test]
fn a_page_that_is_not_compressed_has_its_size_in_the_file() {
    let numbers: Vec<u8> = [7_i64, -3, 1 << 40].iter().flat_map(|n| n.to_le_bytes()).collect();
    let runs = [vec![2], run(2, 0), run(1, 2), run(2, 1)].concat();
    let dictionary_header = Structure::default().i32(1, 3).i32(2, 0).end();
    // Without levels, with as many nulls as there are.
    let header_2 = Structure::default().i32(1, 5).i32(2, 0).i32(3, 5).i32(4, 8).i32(5, 0).i32(6, 0);
    let (data, data_2) = ((5, data_header(5, 8)), (8, header_2.end()));
    let (schema, path, kind) = (&[leaf("a", 2, 0)], &["a"], 2);
    let column = Column { schema, path, kind, values: 5, rows: 5 };
    let place = Workplace::new();
    for claimed in [0, 1, 24, 1000, i64::from(i32::MAX)] {
        for (kind, data) in [(0, &data), (3, &data_2)] {
            let dictionary = page_of(2, claimed, (7, dictionary_header.clone()), &numbers);
            let data = page_of(kind, claimed, data.clone(), &runs);
            place.write("in.parquet", column.file(&dictionary, &data));
            let line = "parquet-to-stream in.parquet | stream-to-csv";
            let run = place.shell(&format!("{LIMITS}; {line}"));
            run.succeeds().stdout_is("a\n7\n7\n1099511627776\n-3\n-3\n");
            let line = "parquet-to-stream --skip 2 --dictionary a in.parquet | stream-to-csv";
            let run = place.shell(&format!("{LIMITS}; {line}"));
            run.succeeds().stdout_is("a\n1099511627776\n-3\n-3\n");
            let read = "import pyarrow.parquet as pq\n\
                        print(pq.read_table('in.parquet')['a'].to_pylist())";
            let read = Python::run(read, place.path(), [""; 0]).succeeds();
            read.stdout_is("[7, 7, 1099511627776, -3, -3]\n");
        }
    }
}

#[test]
fn the_bytes_after_the_values_of_a_page_with_nulls_are_not_read() {
    // Texts, null every other time, and padding that would be a length of 2^32 - 1.
    let text = |value: &str| [&1_u32.to_le_bytes()[..], value.as_bytes()].concat();
    let values = [text("a"), text("b"), text("c"), text("d"), vec![0xff; 9]].concat();
    let definitions = levels(&[vec![3, 0b0101_0101]]);
    let data = page(0, 5, data_header(8, 0), &[definitions, values].concat());
    let (schema, path) = (&[leaf("a", TEXT, 1)], &["a"]);
    let file = Column { schema, path, kind: TEXT, values: 8, rows: 8 }.file(&[], &data);
    let place = Workplace::new();
    place.write("in.parquet", file);
    for (skip, expected) in [(0, "a,,b,,c,,d,"), (3, ",c,,d,"), (5, ",d,")] {
        let line =
            format!("parquet-to-stream --skip {skip} in.parquet | stream-to-csv --no-header");
        let run = place.shell(&format!("{LIMITS}; {line} | paste -sd,")).succeeds();
        run.stdout_is(&format!("{expected}\n"));
    }
}

/// More booleans in a row than are read from a small file: the file has a bit for each.
#[test]
fn a_row_may_have_as_many_values_as_the_file_has_bytes_for() {
    const VALUES: u64 = (1 << 26) + 8;
    let bits: Vec<u8> = (0..VALUES / 8).map(|place| ((place * place) >> 8) as u8).collect();
    let repetitions = levels(&[run(1, 0), run(VALUES - 1, 1)]);
    let data = |bits: &[u8]| {
        let definitions = levels(&[run(VALUES, 3)]);
        let parts = [repetitions.clone(), definitions, bits.to_vec()].concat();
        page(0, 5, data_header(VALUES as i64, 0), &parts)
    };
    let (schema, path) = (&list_of(leaf("element", 0, 1)), &["a", "list", "element"]);
    let column = Column { schema, path, kind: 0, values: VALUES as i64, rows: 1 };
    let place = Workplace::new();
    place.write("in.parquet", column.file(&[], &data(&bits)));
    let line = "parquet-to-stream -o out.arrows in.parquet";
    place.shell(&format!("{LIMITS}; {line}")).succeeds();
    let read = "import pyarrow as pa, pyarrow.parquet as pq\n\
                ours = pa.ipc.open_stream(pa.memory_map('out.arrows')).read_all()\n\
                print(pq.read_table('in.parquet')['a'].equals(ours['a']))";
    Python::run(read, place.path(), [""; 0]).succeeds().stdout_is("True\n");
    // The same row in a few bytes.
    let small = [run(VALUES, 1)].concat();
    let small = [&u32::try_from(small.len()).unwrap().to_le_bytes()[..], &small].concat();
    let small = [repetitions.clone(), levels(&[run(VALUES, 3)]), small].concat();
    let small = page(0, 5, data_header(VALUES as i64, 3), &small);
    place.write("in.parquet", column.file(&[], &small));
    let run = place.shell(&format!("{LIMITS}; {line}")).exits_with(1).one_line_on_stderr();
    run.stderr_has(
        "page 0: row 0 has more than 67,108,864 values, the most that are read from a file",
    );
    place.shell("file-inspect --verify in.parquet").exits_with(1).stdout_has("not verified: ");
}

/// The lengths of a page are read if the file is not tiny, even if equal ones take no bytes.
#[test]
fn a_page_may_have_as_many_lengths_as_the_memory_of_pages() {
    let place = Workplace::new();
    // Blocks of some lengths, of which each is 0.
    let read = |values: u64, block: u64| {
        let blocks = (values - 1).div_ceil(block) as usize;
        let head = [varint(block), varint(4), varint(values), varint(0)].concat();
        let lengths = [head, [0; 5].repeat(blocks)].concat();
        let (schema, path, rows) = (&[leaf("a", TEXT, 0)], &["a"], values as i64);
        let data = page(0, 5, data_header(rows, 6), &lengths);
        let column = Column { schema, path, kind: TEXT, values: rows, rows };
        place.write("in.parquet", column.file(&[], &data));
        place.shell(&format!("{LIMITS}; parquet-to-stream -n 5 in.parquet | stream-to-csv"))
    };
    // All lengths are decoded for the first value.
    read((1 << 26) + 128, 128).succeeds().stdout_is("a\n\"\"\n\"\"\n\"\"\n\"\"\n\"\"\n");
    read(1 << 27, 1 << 27).exits_with(1).stderr_has(
        "page 0: the lengths of its values take 512.0 MiB; a file of this size may use 256.",
    );
}
