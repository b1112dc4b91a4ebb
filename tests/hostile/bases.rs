//! The valid inputs that are damaged: of every format, with every type, codec and encoding, and the
//! small ones of the official test data where it is at hand.

use super::arrays;
use crate::support::Tool;
use std::path::{Path, PathBuf};

/// Larger files are left alone: most of their bytes are values, in which damage is only seen.
const MOST_BYTES: u64 = 6 << 10;

/// Two texts of 1 GiB in 4 KB: a build without optimisation needs more than ten seconds for them.
const TOO_SLOW: &str = "large_string_map.brotli";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Stream,
    ArrowFile,
    Parquet,
    Csv,
    Json,
}

impl Format {
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Stream => ".arrows",
            Self::ArrowFile => ".arrow",
            Self::Parquet => ".parquet",
            Self::Csv => ".csv",
            Self::Json => ".json",
        }
    }
}

#[derive(Debug)]
pub(super) struct Base {
    pub(super) name: String,
    pub(super) format: Format,
    pub(super) bytes: Vec<u8>,
}

/// All of them, always in the same order.
pub(super) fn all() -> Vec<Base> {
    let mut bases = Vec::new();
    let mut add = |name: &str, format, bytes: Vec<u8>| {
        bases.push(Base { name: name.to_owned(), format, bytes });
    };
    for (name, stream) in arrays::streams() {
        let tool = |name: &str| Tool::new(name).pipe_in(stream.clone());
        add(name, Format::ArrowFile, tool("stream-to-file").run().succeeds().stdout);
        for (options, arguments) in PARQUET_OPTIONS {
            // Unions have no place in Parquet.
            if name != "unions" {
                let run = tool("stream-to-parquet").args(arguments.iter().copied()).run();
                add(&format!("{name}-{options}"), Format::Parquet, run.succeeds().stdout);
            }
        }
        add(name, Format::Stream, stream);
    }
    for (name, text) in CSV {
        add(name, Format::Csv, text.as_bytes().to_vec());
    }
    let wide = "id;name\n1;\u{e9}\n".encode_utf16().flat_map(u16::to_le_bytes);
    add("wide", Format::Csv, [0xff, 0xfe].into_iter().chain(wide).collect());
    for (name, text) in JSON {
        add(name, Format::Json, text.as_bytes().to_vec());
    }
    bases.extend(official("ARROW_TEST_DATA", "arrow-testing"));
    bases.extend(official("PARQUET_TEST_DATA", "parquet-testing"));
    bases
}

/// Ways to write a stream as Parquet.
const PARQUET_OPTIONS: &[(&str, &[&str])] = &[
    ("plain", &["-z", "none", "--encode-dictionary", "none", "--statistics", "page"]),
    ("snappy", &["-z", "snappy", "--row-group-rows", "3", "--bloom", "number"]),
    ("zstd", &["-z", "zstd", "--data-page-bytes", "40", "--no-checksums"]),
];

const CSV: &[(&str, &str)] = &[
    (
        "sales",
        "id,name,day,price,at,ok\n1,\"a, \"\"b\"\"\",2024-02-29,1.50,2024-01-01T00:00:00Z,true\n\
         2,,2024-03-01,-9e3,2024-01-01 10:00:00.123+02:00,false\n# 3\n4,\"two\nlines\",,,,\n",
    ),
    (
        "german",
        "id;name;day;price\r\n1;K\u{f6}ln;29.02.2024;1.234,5\r\n2;NA;01.03.2024;-0,5\r\n007;x;;\r\n",
    ),
    ("days", "id,day\n1,29.02.2024\n-7,01.03.2024\n"),
    (
        "numbers",
        "a,a,b\n9223372036854775807,1,0x\n-9223372036854775808,1e400,-0\n00,0.1,nan\n18446744073709551615,,inf\n",
    ),
];

const JSON: &[(&str, &str)] = &[
    (
        "lines",
        "{\"id\":1,\"name\":\"a\\u00e9\\ud83d\\ude00\",\"at\":\"2024-02-29T12:30:00Z\",\"list\":[1,null,2.5]}\n\
         {\"id\":-9007199254740993,\"name\":null,\"nested\":{\"a\":{\"b\":[{\"c\":true}]}}}\n{\"list\":[]}\n",
    ),
    (
        "array",
        "[{\"id\": 1e3, \"x\": \"\\\"\\\\\\/\\b\"}, {\"id\": 12.50, \"x\": \"AAEC\"},\n {\"id\": null}]\n",
    ),
    (
        "odd",
        "{\"id\":NaN,\"id2\":Infinity,\"\":[[],[[1]]],\"d\":\"2024-01-01\"}{\"id\":18446744073709551615}\n",
    ),
];

/// The small streams, Arrow and Parquet files below the directory that `variable` names.
fn official(variable: &str, folder: &str) -> Vec<Base> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora").join(folder);
    let root = std::env::var_os(variable).map_or(beside.join("data"), PathBuf::from);
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    if paths.is_empty() {
        eprintln!("skipped: no official files in {}; set {variable}", root.display());
    }
    paths.sort();
    let bases = paths.into_iter().filter_map(|path| {
        let format = match path.extension()?.to_str()? {
            "stream" => Format::Stream,
            "arrow_file" => Format::ArrowFile,
            "parquet" => Format::Parquet,
            _ => return None,
        };
        let name = path.file_stem()?.to_str()?.to_owned();
        if name == TOO_SLOW {
            return None;
        }
        Some(Base { name, format, bytes: std::fs::read(path).ok()? })
    });
    bases.collect()
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => collect(&path, found),
            Ok(metadata) if metadata.len() <= MOST_BYTES => found.push(path),
            _ => {}
        }
    }
}
