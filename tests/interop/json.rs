//! JSON: what stream-to-json writes comes back as it was, and other readers read the same values.

use super::types::streams_of_every_type;
use crate::support::{Python, Workplace};
use arrow_ipc::reader::StreamReader;
use arrow_pipes::schema::schema_text;

/// Where compare.py lies.
const SUPPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support");

#[test]
fn every_type_comes_back_by_its_schema() {
    let (place, names) = streams_of_every_type();
    let mut came_back = Vec::new();
    for name in &names {
        let to_json =
            place.shell(&format!("stream-to-json --nan string {name}.arrows >{name}.json"));
        if name.contains("union") {
            to_json.exits_with(1).one_line_on_stderr().stderr_has("column \"value\": a union");
            continue;
        }
        to_json.succeeds();
        let file = std::fs::File::open(place.file(&format!("{name}.arrows"))).unwrap();
        let schema = StreamReader::try_new(file, None).unwrap().schema();
        place.write("schema", schema_text(&schema));
        for (options, array) in [("", ""), ("--binary hex", "--array")] {
            let line = format!(
                "set -o pipefail
                 stream-to-json --nan string {options} {array} {name}.arrows |
                 json-to-stream --schema schema {options} -o {name}.back.arrows &&
                 stream-to-json --nan string {name}.back.arrows | cmp - {name}.json"
            );
            place.shell(&line).succeeds();
        }
        came_back.push(name.clone());
    }
    assert!(40 < came_back.len(), "{came_back:?}");
    let check = "
import sys
sys.path.insert(0, sys.argv[1])
import compare
for name in sys.argv[2:]:
    whole, back = compare.read(name + '.arrows'), compare.read(name + '.back.arrows')
    found = list(compare.differences(whole, back, check_metadata=False))
    assert not found, (name, found)
";
    let arguments = [SUPPORT.to_owned()].into_iter().chain(came_back);
    Python::run(check, place.path(), arguments).succeeds();
}

#[test]
fn text_with_an_inferred_schema_comes_back_byte_for_byte() {
    let place = Workplace::new();
    let lines = "{\"id\":-9223372036854775808,\"name\":\"\\u0000 \\\" \\\\ é 😀\",\"x\":0.1,\"at\":\"2024-02-29\",\"l\":[{\"a\":[]}],\"n\":null}\n\
                 {\"id\":1,\"name\":null,\"x\":-1.0,\"at\":\"\",\"l\":[],\"n\":null}\n";
    place.write("in.json", lines);
    place
        .shell("set -o pipefail; json-to-stream in.json | stream-to-json")
        .succeeds()
        .stdout_is(lines);
}

#[test]
fn other_readers_read_the_same_values() {
    let place = Workplace::new();
    let program = include_str!("json_tables.py");
    Python::run(program, place.path(), ["write"]).succeeds();
    for line in [
        "stream-to-json table.arrows -o lines.json",
        "stream-to-json --array table.arrows -o array.json",
    ] {
        place.shell(line).succeeds();
    }
    Python::run(program, place.path(), ["read"]).succeeds();
}

#[test]
fn what_other_writers_wrote_is_read() {
    let place = Workplace::new();
    let program = include_str!("json_tables.py");
    Python::run(program, place.path(), ["write"]).succeeds();
    Python::run(program, place.path(), ["export"]).succeeds();
    let schema =
        "id int64, name utf8, x float64, flag bool, l list<int64>, s struct<a int64, b utf8>";
    for name in ["pandas", "polars", "duckdb", "duckdb_array", "python", "python_array"] {
        let line = format!("json-to-stream --schema '{schema}' {name}.json -o {name}.arrows");
        place.shell(&line).succeeds();
    }
    Python::run(program, place.path(), ["check"]).succeeds();
}

#[test]
fn types_inside_types_come_back_byte_for_byte() {
    let place = Workplace::new();
    for (data_type, values) in [
        ("map<int64, utf8>", r#"[{"key":1,"value":"x"},{"key":-2,"value":null}] [] null"#),
        ("map<utf8, map<utf8, list<int8>>>", r#"{"a":{"b":[1,null]},"c":null} {} null"#),
        ("list<dictionary<int32, utf8>>", r#"["x",null,"x"] [] null"#),
        ("dictionary<int8, decimal128(5, 1)>", "1.5 null 1.5 -2.0"),
        ("run_end_encoded<int32, float64>", "1.5 1.5 null null 2.0"),
        (
            "struct<a run_end_encoded<int16, utf8>, b list_view<binary>>",
            r#"{"a":"x","b":["AA=="]} null {"a":null,"b":null}"#,
        ),
        (
            "list<struct<a int64 not null, b struct<c date32>>>",
            r#"[{"a":1,"b":{"c":"2024-02-29"}},null] null []"#,
        ),
        ("fixed_size_list<struct<a list<int8>>>[2]", r#"[{"a":[1]},{"a":null}] null [null,null]"#),
        ("large_list<large_list_view<uint64>>", "[[18446744073709551615],[]] null [null]"),
        (
            "list<timestamp[ns, America/New_York]>",
            r#"["2024-07-01T12:00:00.000000001-04:00",null] null"#,
        ),
        ("month_interval", r#""P-14M" null "P0M""#),
        ("day_time_interval", r#""P1DT-0.5S" null "P0DT0S""#),
        ("decimal32(9, 2)", "-1234567.89 null 0.00"),
        ("decimal64(18, -2)", "1200 null -100"),
        ("timestamp[s]", r#""-0044-03-15T12:00:00" null "+292277026596-12-04T15:30:07""#),
    ] {
        let lines: String = values.split(' ').map(|value| format!("{{\"v\":{value}}}\n")).collect();
        place.write("in.json", &lines);
        place.write("schema", format!("v {data_type}"));
        let line = "set -o pipefail; json-to-stream --schema schema in.json | stream-to-json";
        place.shell(line).succeeds().stdout_is(&lines);
    }
}
