//! Command lines whose expressions, names, patterns, types and sizes are damaged.

use super::arrays;
use super::runs::Job;
use crate::support::mutate::{Damage, Random};

/// Command lines; the word to damage is `TEXT`, for which one of the texts stands.
const LINES: &[(&[&str], &[&str])] = &[
    (&["stream-filter", "TEXT"], CONDITIONS),
    (&["stream-filter", "-v", "TEXT"], CONDITIONS),
    (&["stream-select", "TEXT"], LISTS),
    (&["csv-to-stream", "--schema", "TEXT", "--no-header"], TYPES),
    (&["csv-to-stream", "--types", "TEXT"], TYPES),
    (&["json-to-stream", "--schema", "TEXT"], TYPES),
    (&["stream-generate", "--rows", "3", "TEXT"], SPECIFICATIONS),
    (&["parquet-to-stream", "TEXT"], PATTERNS),
    (&["parquet-to-stream", "--hive-types", "TEXT", "*.parquet"], TYPES),
    (&["file-inspect", "TEXT"], PATTERNS),
    (&["stream-sort", "--by", "TEXT"], ORDERS),
    (&["stream-count", "--by", "TEXT"], ORDERS),
    (&["stream-to-parquet", "--sorted-by", "TEXT", "-o", "output"], ORDERS),
    (&["stream-to-parquet", "--row-group-bytes", "TEXT", "-o", "output"], SIZES),
    (&["stream-to-parquet", "-z", "TEXT", "-o", "output"], SIZES),
    (&["stream-rechunk", "--batch-rows", "TEXT"], SIZES),
    (&["stream-rechunk", "--batch-bytes", "TEXT"], SIZES),
    (&["stream-head", "-n", "TEXT"], SIZES),
    (&["stream-tail", "-n", "TEXT"], SIZES),
    (&["stream-sample", "--seed", "1", "--fraction", "TEXT"], SIZES),
    (&["stream-sample", "--seed", "1", "--rows", "TEXT"], SIZES),
    (&["stream-sort", "--by", "id", "--memory", "TEXT"], SIZES),
    (&["file-to-stream", "--batches", "TEXT", "INPUT"], SIZES),
    (&["csv-to-stream", "--timestamp-format", "TEXT"], FORMATS),
    (&["csv-to-stream", "-d", "TEXT"], FORMATS),
    (
        &["stream-to-parquet", "--name-template", "TEXT", "--partition-by", "id", "-o", "output"],
        FORMATS,
    ),
    (&["stream-to-parquet", "--encode", "TEXT", "-o", "output"], FORMATS),
];

const CONDITIONS: &[&str] = &[
    "id < 5 AND name IS NOT NULL",
    "name LIKE '%a_' ESCAPE '!' OR name IN ('ab', '')",
    "price BETWEEN 1.50 AND 9e2 AND NOT ok",
    "CASE WHEN id % 3 = 0 THEN price ELSE -ratio END > 1",
    "CAST(day AS TIMESTAMP) >= TIMESTAMP '2024-02-29 12:30:00' - INTERVAL '1 day'",
    "date_trunc('month', at) = DATE '1970-01-01' AND length(substr(name, 2, 3)) = 1",
    "round(ratio, 2) + id * 2 - 9223372036854775807 / 3 <> 0",
    "upper(name) || 'x' ~ '^[A-Z]+(x|y)*$'",
    "TRY_CAST(name AS DECIMAL(9, 2)) IS NULL",
    "((((((((((id = 1))))))))))",
];

const LISTS: &[&str] = &[
    "*",
    "id, name AS \"n,1\", price * 2 AS twice",
    "* EXCLUDE (day, at), coalesce(name, 'x') AS y",
    "* REPLACE (CAST(id AS SMALLINT) AS id)",
    "unnest([1, 2, id]) AS u",
    "sum(id) AS s",
];

const TYPES: &[&str] = &[
    "id int64, name utf8 not null",
    "price decimal(9, 2), at timestamp[us, Europe/Berlin]",
    "l list<struct<a: int32, b: map<utf8, int64>>>",
    "d dictionary<int8, utf8>, f fixed_size_binary[16], x fixed_size_list<int8>[3]",
    "\"a b\" large_utf8, t time64[ns], i interval[month_day_nano]",
];

const SPECIFICATIONS: &[&str] = &[
    "group = 0..20, id = 0..3",
    "x = random(list(choice 9) 0..3)",
    "x = random(int64 0..1000000000)",
    "a = random(decimal(9, 2) 0..5), b = random(timestamp), c = 'text'",
];

const PATTERNS: &[&str] =
    &["*.parquet", "**/year=20{23,24}/[a-c]?.parquet", "a=1/b=%2F/*", "[!x]*", "\\*"];

const ORDERS: &[&str] =
    &["id", "id DESC, name", "\"na,me\" DESC NULLS FIRST", "#1,#2", "price ASC NULLS LAST"];

const SIZES: &[&str] =
    &["128MiB", "0", "1", "18446744073709551615", "-3", "+2", "0,3-5,-1", "0.5", "1e9", "zstd:3"];

const FORMATS: &[&str] = &[
    "%d.%m.%Y %H:%M:%S%.f %z",
    "%Y-%j",
    "part-{number}.parquet",
    "{uuid}-{key}",
    "id=plain",
    "\\t",
    ";",
];

/// Words and signs that damage inserts, so that it is not only seen by the parser of words.
const PIECES: &[&str] = &[
    "(",
    ")",
    "((((((((",
    "'",
    "\"",
    ",",
    "--",
    "/*",
    " AND ",
    " NOT ",
    "NULL",
    "-",
    "*",
    "9223372036854775808",
    "1e999",
    "\u{202e}",
    "\u{1b}[2J",
    "\u{7f}",
    "..",
    "/",
    "{",
    "}",
    "[",
    "]",
    "**",
    "%",
    "=",
    "\n",
    "\u{feff}",
    "0x",
    "::",
    "#0",
    "#999999999999",
    "CAST(",
    " AS ",
    "INTERVAL '1' ",
    "CASE WHEN ",
];

/// Job `number` with a stream as its input.
pub(super) fn job(stream: &[u8], number: usize) -> Job {
    let mut random = Random::new(super::seed(number));
    let (words, texts) = LINES[number % LINES.len()];
    let mut text = random.one_of(texts).as_bytes().to_vec();
    for _ in 0..=random.below(2) {
        damage(&mut text, texts, &mut random);
    }
    // Arguments have no NUL.
    let text = String::from_utf8_lossy(&text).replace('\0', "");
    let mut job = Job::new(words, &mut random);
    for word in job.words.iter_mut().filter(|word| *word == "TEXT") {
        word.clone_from(&text);
    }
    let (bytes, extension) = match words[0] {
        "csv-to-stream" => (b"id,name\n1,a\n2,\n".to_vec(), ".csv"),
        "json-to-stream" => (b"{\"id\":1,\"name\":\"a\"}\n".to_vec(), ".json"),
        "file-to-stream" => (arrays::mixed_file(), ".arrow"),
        _ => (stream.to_vec(), ".arrows"),
    };
    Job { name: format!("{}-{number}", words[0]), bytes, extension, ..job }
}

/// Small damage, so that a parser gets far: most bits of a letter make another letter.
fn damage(text: &mut Vec<u8>, texts: &[&str], random: &mut Random) {
    let at = random.below(text.len() + 1);
    match random.below(6) {
        0 => Damage::Havoc.apply(text, 0, random),
        1 => Damage::Bit.apply(text, random.below(1000), random),
        2 => {
            // The front of one text and the back of another.
            let other = random.one_of(texts).as_bytes();
            text.truncate(at);
            text.extend(&other[random.below(other.len())..]);
        }
        _ => {
            let piece = random.one_of(PIECES).as_bytes();
            let pieces = std::iter::repeat_n(piece, random.one_of(&[1, 1, 1, 2, 200]));
            drop(text.splice(at..at, pieces.flatten().copied()));
        }
    }
}
