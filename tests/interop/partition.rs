//! Rows of every type that Parquet holds, shared out among partitions by way of temporary files.

use super::types::{NOT_IN_PARQUET, OTHER_IN_PARQUET, streams_of_every_type};
use crate::support::Python;

#[test]
fn every_type_goes_through_temporary_files() {
    let (place, names) = streams_of_every_type();
    let mut pairs = String::new();
    for name in names.iter().filter(|name| !NOT_IN_PARQUET.contains(&name.as_str())) {
        // With next to no memory everything is put in order and written to temporary files.
        place
            .shell(&format!(
                "set -o pipefail; stream-select 'number % 3 AS key, number, value' {name}.arrows |
                 stream-to-parquet --partition-by key --memory 1 -o {name}"
            ))
            .succeeds();
        for key in 0..3 {
            let (wanted, found) =
                (format!("{name}.{key}.arrows"), format!("{name}.{key}.back.arrows"));
            let back = if OTHER_IN_PARQUET.contains(&name.as_str()) {
                "| stream-to-parquet | parquet-to-stream"
            } else {
                ""
            };
            place
                .shell(&format!(
                    "set -o pipefail; stream-filter 'number % 3 = {key}' {name}.arrows {back} >{wanted} &&
                     parquet-to-stream {name}/key={key}/part-00000.parquet -o {found}"
                ))
                .succeeds();
            let file = |name: &str| place.file(name).display().to_string();
            pairs.push_str(&format!("{}\t{}\n", file(&wanted), file(&found)));
        }
    }
    Python::compare(&pairs).exits_with(0).stdout_is("");
}

/// Dictionaries that differ from batch to batch, and are inside of others types.
#[test]
fn dictionaries_of_many_batches_meet_in_a_file() {
    let (place, _) = streams_of_every_type();
    let write = "
import pyarrow as pa
def batch(first):
    words = pa.DictionaryArray.from_arrays(pa.array([n * 7 % 5 for n in range(1000)], pa.int16()), [f'w{first * 5 + n}' for n in range(5)])
    lists = pa.ListArray.from_arrays(pa.array(range(1001), pa.int32()), words)
    inner = pa.StructArray.from_arrays([words, words.cast(pa.utf8()).cast(pa.string_view())], ['d', 'v'])
    return pa.record_batch({'key': [n % 3 for n in range(1000)], 'id': range(first * 1000, first * 1000 + 1000), 'word': words, 'words': lists, 's': inner})
batches = [batch(first) for first in range(60)]
with pa.OSFile('in.arrows', 'wb') as sink, pa.ipc.new_stream(sink, batches[0].schema) as writer:
    for one in batches: writer.write_batch(one)
";
    Python::run(write, place.path(), [""]).succeeds();
    let check = "
import pyarrow as pa, pyarrow.parquet as pq, sys
table = pa.ipc.open_stream('in.arrows').read_all()
for key in range(3):
    there = pq.read_table(f'out/key={key}/part-00000.parquet', partitioning=None).to_pylist()
    wanted = [{k: v for k, v in row.items() if k != 'key'} for row in table.to_pylist() if row['key'] == key]
    assert there == wanted, key
";
    for options in ["--memory 1", "--memory 1MiB -j 3", "-j 1"] {
        let line =
            format!("rm -rf out; stream-to-parquet --partition-by key {options} -o out in.arrows");
        place.shell(&line).succeeds();
        Python::run(check, place.path(), [""]).succeeds();
    }
}
