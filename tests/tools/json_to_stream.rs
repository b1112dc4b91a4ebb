//! json-to-stream: what it infers, what it makes of values, and what it says of those that do not fit.

use crate::support::{
    Outcome, Tool, Workplace, int64_batch, peak_kilobytes, read_stream, stream_of,
};
use arrow_pipes::schema::schema_text;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

fn to_stream(arguments: &[&str], json: &str) -> Outcome {
    Tool::new("json-to-stream").args(arguments.iter().copied()).pipe_in(json).run()
}

/// The rows as stream-to-json shows them.
fn rows(run: &Outcome) -> String {
    Tool::new("stream-to-json").pipe_in(run.stdout.clone()).run().succeeds().stdout_text()
}

#[track_caller]
fn told(arguments: &[&str], json: &str, why: &str) {
    let run = to_stream(arguments, json).exits_with(1);
    run.stderr_is(&format!("json-to-stream: standard input: {why}\n"));
}

#[test]
fn a_schema_is_inferred_from_the_first_rows() {
    for (json, schema) in [
        (r#"{"a":1,"b":true,"c":"x"}"#, "a int64, b bool, c utf8"),
        (r#"{"a":1}{"a":2.5}"#, "a float64"),
        (r#"{"a":18446744073709551615}{"a":1}"#, "a uint64"),
        (r#"{"a":18446744073709551615}{"a":-1}"#, "a decimal128(20, 0)"),
        (r#"{"a":null}{"b":1}"#, "a null, b int64"),
        (r#"{"a":[]}{"a":[1,null]}{"a":null}{"a":[2.5]}"#, "a list<float64>"),
        (r#"{"a":{"x":1}}{"a":{"y":[{"z":"t"}]}}"#, "a struct<x int64, y list<struct<z utf8>>>"),
        (r#"{"a":1}{"a":"x"}{"a":[1]}"#, "a utf8"),
        (r#"{"a":{"x":1}}{"a":2}"#, "a utf8"),
        // A string is text, whatever it looks like.
        (r#"{"a":"2024-02-29","b":"12"}"#, "a utf8, b utf8"),
    ] {
        let run = to_stream(&[], &json.replace("}{", "}\n{")).succeeds();
        assert_eq!(schema_text(&read_stream(&run.stdout)[0].schema()), schema, "{json}");
    }
}

#[test]
fn keys_that_are_values_become_a_map_or_are_refused() {
    // An object with a key of its own in each row: a column for each would take rows times rows.
    let json: String = (0..6000).map(|row| format!("{{\"k{row}\":{row}}}\n")).collect();
    told(
        &[],
        &json,
        "line 1001: the first 1,001 objects have 1,001 distinct keys, which seem to be data: use \
         --schema 'key type, ...' and --ignore-unknown to read only the keys you name",
    );
    let run = to_stream(&["--schema", "k7 int8, k5999 int16", "--ignore-unknown"], &json);
    let shown = rows(&run.succeeds());
    assert!(shown.contains("{\"k7\":7,") && shown.ends_with("\"k5999\":5999}\n"));
    for (values, data_type) in [
        ("ROW", "map<utf8, int64>"),
        ("ROW.5", "map<utf8, float64>"),
        ("\"x\"", "map<utf8, utf8>"),
        ("[ROW]", "map<utf8, list<int64>>"),
        ("{\"x\":ROW,\"yROW\":1}", "map<utf8, map<utf8, int64>>"),
        ("{\"k\":ROW}", "map<utf8, struct<k int64>>"),
    ] {
        let line = format!("{{\"id\":ROW,\"of\":{{\"kROW\":{values}}}}}\n");
        let json: String = (0..400).map(|row| line.replace("ROW", &row.to_string())).collect();
        let run = to_stream(&[], &json).succeeds();
        let schema = schema_text(&read_stream(&run.stdout)[0].schema());
        assert_eq!(schema, format!("id int64, of {data_type}"));
        assert_eq!(rows(&run), json);
    }
    // Keys that most objects have are fields, however many.
    let keys: Vec<String> = (0..300).map(|key| format!("\"k{key}\":1")).collect();
    let json = format!("{{\"of\":{{{}}}}}\n", keys.join(",")).repeat(30);
    let run = to_stream(&[], &json).succeeds();
    assert!(
        schema_text(&read_stream(&run.stdout)[0].schema()).starts_with("of struct<k0 int64, k1 ")
    );
    // A type that is given is not inferred.
    let keys: Vec<String> = (0..10_001).map(|key| format!("\"k{key}\":1")).collect();
    let json = format!("{{\"of\":{{{}}}}}\n", keys.join(","));
    to_stream(&[], &json).exits_with(1).stderr_has(
        "more than 10,000 keys; if the keys are data, give the \
        column a type: --types 'name map<utf8, ...>'",
    );
    assert_eq!(rows(&to_stream(&["--types", "of map<utf8, int8>"], &json).succeeds()), json);
}

#[test]
fn batches_of_many_columns_have_few_rows() {
    let keys: Vec<String> = (0..900).map(|key| format!("\"k{key}\":1")).collect();
    let json = format!("{{{}}}\n{}", keys.join(","), "{\"k1\":2}\n".repeat(9000));
    let run = to_stream(&[], &json).succeeds();
    let rows: Vec<usize> = read_stream(&run.stdout).iter().map(|batch| batch.num_rows()).collect();
    assert_eq!(rows, [4660, 4341]);
}

#[test]
fn lines_and_arrays_are_read_alike() {
    let expected = "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":null}\n{\"a\":null,\"b\":\"]},[{\"}\n";
    for json in [
        "{\"a\":1,\"b\":\"x\"}\n{\"a\":2}\n{\"b\":\"]},[{\"}\n",
        "\n\n  {\"a\":1,\"b\":\"x\"}\r\n\n{ \"b\" : null , \"a\":2}\n \n{\"b\":\"]},[{\"}",
        "\u{feff}{\"b\":\"x\",\"a\":1}\n{\"a\":2}\n{\"b\":\"]},[{\"}",
        " [ {\"a\":1,\n\"b\":\"x\"} ,{\"a\":2}, {\"b\":\"]},[{\"}\n]\n ",
        "[{\"a\":1,\"b\":\"x\"},{\"a\":2},{\"b\":\"\\u005d},[{\"}]",
    ] {
        let run = to_stream(&["--schema", "a int64, b utf8"], json).succeeds();
        assert_eq!(rows(&run), expected, "{json}");
    }
    for nothing in ["", "\n \n", "[]", " [ ] \n"] {
        let run = to_stream(&["--schema", "a int64"], nothing).succeeds();
        assert_eq!(rows(&run), "", "{nothing:?}");
    }
    assert_eq!(rows(&to_stream(&[], "{}\n{}\n").succeeds()), "{}\n{}\n");
}

#[test]
fn objects_are_laid_out_in_any_way() {
    let expected = "{\"a\":1,\"b\":{\"c\":\"}{\"}}\n{\"a\":2,\"b\":null}\n{\"a\":3,\"b\":null}\n";
    let (first, second, third) = ("{\"a\":1,\"b\":{\"c\":\"}{\"}}", "{\"a\":2}", "{\"a\":3}");
    let pretty = "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": \"}{\"\n  }\n}";
    for json in [
        format!("{first}{second}{third}"),
        format!("{first} {second}\t{third}\n"),
        format!("{first}{second}\n\n{third}"),
        format!("{pretty}\n{{\n  \"a\": 2\n}}\n{third}\n"),
        format!("{pretty}{second}{{\n\"a\":3}}"),
        format!("{first}\n{{\"a\":2,\"b\":\nnull}}{{\"a\":\n3}}\n"),
        format!("{{\"a\":1,\"b\":{{\"c\":\"}}{{\"}}\n}}\n{second}\n{third}\n"),
        format!("\u{1e}{first}\n\u{1e}{second}\n\u{1e}{third}\n"),
        format!("\u{1e}{pretty}\n\u{1e}{second}\u{1e}{third}"),
        format!("{pretty}\n \u{1e}{second}\n\u{1e} \u{1e}{third}"),
        format!("[{first},{second}]\n[{third}]\n"),
        format!("[{first}]{second}\n[]\n{third}").replacen("\n[]", "", 1),
        format!("[\n{pretty},\n{second}, {third}\n]\n"),
    ] {
        for arguments in
            [&[][..], &["--allow-nan"], &["--infer-rows", "all"], &["--infer-rows", "1"]]
        {
            let json = json.replace(",\"b\":null", "");
            let run = to_stream(arguments, &json).succeeds();
            assert_eq!(rows(&run), expected, "{json} {arguments:?}");
        }
    }
    // Whatever stands in a line or comes at once, lines are counted.
    for (json, line) in [
        (format!("{pretty}\n{second}{{\"a\":\"x\"}}"), 7),
        (format!("{second}{second}\n{pretty}{{\"a\":\"x\"}}"), 7),
        (format!("{second}\n{{\"a\":2,\n\"b\":null}}{{\n\"a\":\"x\"}}"), 3),
    ] {
        let schema = ["--schema", "a int8, b struct<c utf8>"];
        told(&schema, &json, &format!("line {line}: column \"a\": \"x\" is not a valid int8"));
    }
}

#[test]
fn numbers_that_json_lacks_are_read_if_allowed() {
    let json = "{\"a\":NaN,\"b\":[Infinity, -Infinity],\"c\":\"NaN\",\"d\":{\"e\":1}}\n{\"a\": 1.5,\"d\":NaN}";
    let run = to_stream(&["--allow-nan"], json).succeeds();
    let schema = schema_text(&read_stream(&run.stdout)[0].schema());
    assert_eq!(schema, "a float64, b list<float64>, c utf8, d utf8");
    let shown = Tool::new("stream-to-json").args(["--nan", "string"]).pipe_in(run.stdout).run();
    assert_eq!(
        shown.succeeds().stdout_text(),
        "{\"a\":\"NaN\",\"b\":[\"Infinity\",\"-Infinity\"],\"c\":\"NaN\",\"d\":\"{\\\"e\\\":1}\"}\n\
         {\"a\":1.5,\"b\":null,\"c\":null,\"d\":\"NaN\"}\n"
    );
    told(
        &["--allow-nan", "--schema", "a int8"],
        "{\"a\":-Infinity}",
        "line 1: column \"a\": -Infinity is not a valid int8",
    );
    // A number that is too large is none of them.
    told(
        &["--schema", "a float64"],
        "{\"a\":1e400}",
        "line 1: column \"a\": 1e400 is out of range for float64",
    );
}

#[test]
fn values_of_every_type_are_encoded() {
    for (values, json) in [
        ("bool", "true"),
        ("duration[s]", r#""PT1S""#),
        ("month_interval", r#""P1M""#),
        ("day_time_interval", r#""P1DT0S""#),
        ("month_day_nano_interval", r#""P1M2DT3S""#),
        ("list<int64>", "[1,null]"),
        ("map<utf8, bool>", r#"{"k":true}"#),
        ("struct<b bool>", r#"{"b":true}"#),
        ("utf8", r#""x""#),
    ] {
        for encoding in ["dictionary<int8, V>", "run_end_encoded<ends: int16, vals: V>"] {
            let schema = format!("a {}", encoding.replace('V', values));
            let text = format!("{{\"a\":{json}}}\n{{\"a\":null}}\n{{\"a\":{json}}}\n");
            let run = to_stream(&["--schema", &schema], &text).succeeds();
            assert_eq!(schema_text(&read_stream(&run.stdout)[0].schema()), schema);
            assert_eq!(rows(&run), text, "{schema}");
        }
    }
}

#[test]
fn all_rows_can_be_looked_at_for_the_schema() {
    let place = Workplace::new();
    let late = format!("{}{{\"a\":1.5,\"z\":\"x\"}}\n", "{\"a\":1}\n".repeat(70_000));
    place.write("late.json", &late);
    let told = "late.json: line 70001: column \"a\": 1.5 has more fractional digits";
    place.shell("json-to-stream late.json").exits_with(1).stderr_has(told);
    for line in [
        "json-to-stream --infer-rows all late.json",
        "json-to-stream --infer-rows all <late.json",
        "cat late.json | json-to-stream --infer-rows all",
        "json-to-stream --infer-rows 70001 late.json",
        "echo '{\"a\":0}' | json-to-stream --infer-rows all - late.json",
        "{ head -c 8; json-to-stream --infer-rows all; } <late.json | tail -c +9",
    ] {
        let run = place.shell(&format!("{line} | stream-tail -n 1 | stream-to-json"));
        run.succeeds().stdout_is("{\"a\":1.5,\"z\":\"x\"}\n");
    }
    place.shell("json-to-stream --infer-rows 70000 late.json").exits_with(1).stderr_has(told);
    for (value, why) in
        [("0", "\"0\" is neither"), ("some", "\"some\" is neither a number of rows nor all")]
    {
        to_stream(&["--infer-rows", value], "").exits_with(2).stderr_has(why);
    }
    to_stream(&["--infer-rows", "all", "--schema", "a int8"], "")
        .exits_with(2)
        .one_line_on_stderr();
    told_nothing(&["--infer-rows", "all"]);
}

/// There is nothing to infer from.
fn told_nothing(arguments: &[&str]) {
    told(arguments, "", "no rows to infer a schema from; give one with --schema");
}

#[test]
fn several_inputs_are_one() {
    let place = Workplace::new();
    place.write("a.json", "{\"a\":1}\n{\"a\":2}");
    place.write("b.json", "[{\"a\":2.5}]");
    let line = "json-to-stream a.json - b.json <a.json | stream-to-json";
    place
        .shell(line)
        .succeeds()
        .stdout_is("{\"a\":1.0}\n{\"a\":2.0}\n{\"a\":1.0}\n{\"a\":2.0}\n{\"a\":2.5}\n");
    place.write("bad.json", "{\"a\":1}\n\n{\"a\":\"x\"}\n");
    let run =
        place.tool("json-to-stream").args(["--schema", "a int64", "a.json", "bad.json"]).run();
    run.exits_with(1)
        .stderr_is("json-to-stream: bad.json: line 3: column \"a\": \"x\" is not a valid int64\n");
}

#[test]
fn numbers_are_exact_or_refused() {
    let schema = ["--schema", "i int64, d decimal128(12, 2), f float32"];
    let json = "{\"i\":9223372036854775807,\"d\":9999999999.99,\"f\":0.1}\n\
                {\"i\":1.0,\"d\":1e3,\"f\":1}\n{\"i\":\"-5\",\"d\":\"0.50\",\"f\":\"-1e3\"}\n";
    let expected = "{\"i\":9223372036854775807,\"d\":9999999999.99,\"f\":0.1}\n\
                    {\"i\":1,\"d\":1000.00,\"f\":1.0}\n{\"i\":-5,\"d\":0.50,\"f\":-1000.0}\n";
    assert_eq!(rows(&to_stream(&schema, json).succeeds()), expected);
    let column = "line 1: column";
    for (json, why) in [
        ("{\"i\":9223372036854775808}", "\"i\": 9223372036854775808 is out of range for int64"),
        ("{\"i\":1.5}", "\"i\": 1.5 has more fractional digits than int64"),
        ("{\"d\":0.001}", "\"d\": 0.001 has more fractional digits than decimal128(12, 2)"),
        ("{\"d\":1e10}", "\"d\": 1e10 is out of range for decimal128(12, 2)"),
        ("{\"f\":1e39}", "\"f\": 1e39 is out of range for float32"),
        ("{\"f\":true}", "\"f\": true is not a valid float32"),
        ("{\"i\":[1]}", "\"i\": [1] is not a valid int64"),
    ] {
        told(&schema, json, &format!("{column} {why}"));
    }
}

#[test]
fn a_value_that_does_not_fit_is_told_with_its_place() {
    let schema = ["--schema", "a struct<b list<int64>, m map<utf8, int8>>, t text not null"];
    let line = "{\"a\":{\"b\":[1],\"m\":{\"k\":1}},\"t\":\"\"}\n";
    for (json, why) in [
        ("{\"a\":{\"b\":[1,\"x\"]},\"t\":\"\"}", "column \"a.b[]\": \"x\" is not a valid int64"),
        (
            "{\"a\":{\"m\":{\"k\":1,\"l\":200}},\"t\":\"\"}",
            "column \"a.m{}\": 200 is out of range for int8",
        ),
        ("{\"a\":{\"b\":{}},\"t\":\"\"}", "column \"a.b\": {} is not a valid list<int64>"),
        ("{\"a\":null}", "column \"t\": null, but the column is declared not null"),
        ("{\"t\":null}", "column \"t\": null, but the column is declared not null"),
    ] {
        told(&schema, &format!("{line}{json}\n"), &format!("line 2: {why}"));
    }
    // In an array the line is that of the element, not of the array.
    told(
        &["--schema", "a int64"],
        "[\n{\"a\":1},\n\n{\"a\":\n\"x\"}]",
        "line 4: column \"a\": \"x\" is not a valid int64",
    );
    // Beyond the sample, too; and what was written before has no end marker.
    let many: String = (0..70_000).map(|number| format!("{{\"a\":{number}}}\n")).collect();
    told(
        &[],
        &format!("{many}{{\"a\":2.5}}\n"),
        "line 70001: column \"a\": 2.5 has more fractional digits than int64 (inferred from the \
         first 65,536 rows: --types 'a float64' accepts both)",
    );
    let late = format!("{}{{\"a\":7}}\n", "{\"a\":null}\n".repeat(70_000));
    told(
        &[],
        &late,
        "line 70001: column \"a\": 7 where only nulls were seen before (inferred from the first \
         65,536 rows: --types 'a int64' accepts both)",
    );
    assert_eq!(rows(&to_stream(&["--types", "a int8"], &late).succeeds()).len(), late.len());
}

#[test]
fn a_late_value_suggests_the_type_that_holds_it() {
    for (early, late, why) in [
        (
            "1",
            "\"007\"",
            "\": \"007\" would be changed by the inferred type int64 (inferred from the first 65,536 \
             rows: --types 'a utf8' reads the column as text, --types 'a int64' reads it as a number)",
        ),
        (
            "1.5",
            "\"+2\"",
            "\": \"+2\" would be changed by the inferred type float64 (inferred from ",
        ),
        (
            "{\"b\":[1]}",
            "{\"b\":[1.5]}",
            ".b[]\": 1.5 has more fractional digits than int64 (inferred from the first 65,536 rows: --types \
             'a struct<b list<float64>>' accepts both)",
        ),
        (
            "[1]",
            "[\"x\"]",
            "[]\": \"x\" is not a valid int64 (inferred from the first 65,536 rows: --types 'a list<utf8>' ",
        ),
        (
            "true",
            "\"1\"",
            "\": \"1\" is not a valid bool (inferred from the first 65,536 rows: --types 'a utf8' ",
        ),
    ] {
        let json = format!("{}{{\"a\":{late}}}\n", format!("{{\"a\":{early}}}\n").repeat(65_536));
        let run = to_stream(&[], &json).exits_with(1);
        run.stderr_has(&format!("line 65537: column \"a{why}"));
    }
    // What prints back as it came is a number, and so is everything in a column that is given as one.
    let json = format!("{}{{\"a\":\"7\"}}\n", "{\"a\":1}\n".repeat(65_536));
    assert!(rows(&to_stream(&[], &json).succeeds()).ends_with("{\"a\":7}\n"));
    let json = json.replace("\"7\"", "\"007\"");
    assert!(rows(&to_stream(&["--types", "a int64"], &json).succeeds()).ends_with("{\"a\":7}\n"));
    assert!(
        rows(&to_stream(&["--types", "a utf8"], &json).succeeds()).ends_with("{\"a\":\"007\"}\n")
    );
}

#[test]
fn keys_are_neither_lost_nor_taken_twice() {
    let way_out = "add one with --types or --schema, or skip such keys with --ignore-unknown";
    let json = "{\"a\":1,\"b\":{\"c\":1,\"d\":2},\"e\":3}\n";
    told(
        &["--schema", "a int64, b struct<c int64, d int64>"],
        json,
        &format!("line 1: no column for the key \"e\": {way_out}"),
    );
    told(
        &["--schema", "a int64, e int64, b struct<c int64>"],
        json,
        &format!("line 1: column \"b\": no column for the key \"d\": {way_out}"),
    );
    let run = to_stream(&["--ignore-unknown", "--schema", "e int64, b struct<c int64>"], json);
    assert_eq!(rows(&run.succeeds()), "{\"e\":3,\"b\":{\"c\":1}}\n");
    told(&[], "{\"a\":1,\"b\":2,\"a\":1}\n", "line 1: duplicate key \"a\"");
    told(&[], "{\"x\":{\"a\":1,\"a\":1}}\n", "line 1: column \"x\": duplicate key \"a\"");
    // A column that the sample does not show can be added.
    let run = to_stream(&["--types", "z utf8, a float64"], "{\"a\":1}\n").succeeds();
    assert_eq!(rows(&run), "{\"a\":1.0,\"z\":null}\n");
}

#[test]
fn text_takes_every_value() {
    let json = "{\"a\":\"\\u00e9\\n\\ud83d\\ude00\"}\n{\"a\":12.50}\n{\"a\":[1, {\"b\":null}]}\n{\"a\":true}\n";
    let expected = "{\"a\":\"é\\n😀\"}\n{\"a\":\"12.50\"}\n{\"a\":\"[1, {\\\"b\\\":null}]\"}\n{\"a\":\"true\"}\n";
    assert_eq!(rows(&to_stream(&[], json).succeeds()), expected);
}

#[test]
fn bytes_are_read_as_they_were_written() {
    for (arguments, text) in [(&[][..], "AP8="), (&["--binary", "hex"], "00ff")] {
        let arguments = [&["--schema", "a binary, b fixed_size_binary[2]"], arguments].concat();
        let run =
            to_stream(&arguments, &format!("{{\"a\":\"{text}\",\"b\":\"{text}\"}}")).succeeds();
        assert_eq!(rows(&run), "{\"a\":\"AP8=\",\"b\":\"AP8=\"}\n");
    }
    told(
        &["--schema", "a binary"],
        "{\"a\":\"AP8\"}",
        "line 1: column \"a\": \"AP8\" is not a valid binary",
    );
    told(
        &["--schema", "a fixed_size_binary[3]"],
        "{\"a\":\"AP8=\"}",
        "line 1: column \"a\": \"AP8=\" does not have the length of fixed_size_binary(3)",
    );
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    for (json, why) in [
        ("{\"a\":1}\nid,name\n", "line 2: not a JSON object: it starts with \"id,name\""),
        ("[1]", "line 1: expected an object in the array, found \"1\""),
        ("5", "line 1: not a JSON object: it starts with \"5\""),
        ("{\"a\":01}", "line 1: not JSON at byte 7: invalid number"),
        ("{\"a\":1}\n{\"a\":1} x\n", "line 2: not a JSON object: it starts with \"x\""),
        ("{\"a\":1},\n{\"a\":1}\n", "line 1: not a JSON object: it starts with \",\""),
        ("[{\"a\":1}]\n]", "line 2: unexpected \"]\" after the end of the array"),
        // A damaged object does not swallow those that follow it.
        ("{\"a\":1}\n{\"a\":2\n{\"a\":3}\n", "line 2: the object is not closed"),
        ("{\"a\":1}\n{\"a\":{}\n{\"a\":3}\n", "line 2: the object is not closed"),
        ("{\n\"a\":1\n", "line 1: the object is not closed"),
        ("\u{1e}{\"a\":1\n\u{1e}{\"a\":2}\n", "line 1: the object is not closed"),
        ("{\"a\":1}\n{\"a\":\"x\n\"}\n", "line 2: the object is not closed"),
        ("{\"a\":1}\n{\n\"a\":tru}\n", "line 3: not JSON at byte 8: expected ident"),
        (
            "{\"a\": NaN}",
            "line 1: not JSON at byte 7: expected value (--allow-nan reads NaN and Infinity)",
        ),
        ("[{\"a\":1}", "line 1: the array is not closed: the producer stopped early"),
        ("[{\"a\":1},\n{\"a\":", "line 2: the array is not closed: the producer stopped early"),
        ("[{\"a\":1}\n]\nx", "line 3: unexpected \"x\" after the end of the array"),
        ("[{\"a\":1}\n{\"a\":2}]", "line 2: expected a comma or the end of the array, found \"{\""),
        ("[\u{1e}{\"a\":1}]", "line 1: expected an object in the array, found \"\\u{1e}\""),
        ("[{\"a\":1},]", "line 1: expected an object in the array, found \"]\""),
        ("[{\"a\":\n{]}]", "line 2: not JSON at byte 2: key must be a string"),
        ("", "no rows to infer a schema from; give one with --schema"),
    ] {
        told(&[], json, why);
    }
    let run = Tool::new("json-to-stream").pipe_in(&b"{\"a\":\"\xff\"}"[..]).run().exits_with(1);
    run.stderr_is("json-to-stream: standard input: line 1: not UTF-8\n");
    let stream = stream_of(&[int64_batch(&[("a", vec![1])])]);
    let run = Tool::new("json-to-stream").pipe_in(stream).run().exits_with(1);
    run.stderr_has("not JSON: an Arrow stream");
    let run = Tool::new("json-to-stream").pipe_in(&b"PAR1\x15\0\x15"[..]).run().exits_with(1);
    run.stderr_has("line 1: not JSON: a Parquet file (parquet-to-stream reads it)");
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    told(&[], &deep, "line 1: values are nested deeper than 64 levels");
    let keys: Vec<String> = (0..10_001).map(|number| format!("\"{number}\":1")).collect();
    to_stream(&[], &format!("{{{}}}", keys.join(",")))
        .exits_with(1)
        .stderr_has("more than 10,000 keys");
}

#[test]
fn the_command_line_is_checked() {
    let run = to_stream(&["--schema", "a int64", "--types", "b int64"], "").exits_with(2);
    run.stderr_is("json-to-stream: --types is for schemas that are inferred, not for --schema\n");
    to_stream(&["--schema", "a int65"], "").exits_with(2).one_line_on_stderr();
    let union = to_stream(&["--schema", "a sparse_union<0: x int64, 1: y utf8>"], "").exits_with(2);
    union.one_line_on_stderr();
}

#[test]
fn any_bytes_end_in_a_stream_or_in_one_line() {
    // A small generator of its own (xorshift), so that a failure comes again.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let seed = br#"[{"a":[1,{"b":"x\u00e9"}],"c":-1.5e3},{"a":null,"c":true}]"#;
    for round in 0..150 {
        let mut bytes = seed.to_vec();
        if round % 2 == 0 {
            bytes = bytes[1..bytes.len() - 1].to_vec();
        }
        for _ in 0..1 + next() % 4 {
            let place = (next() % bytes.len() as u64) as usize;
            match next() % 3 {
                0 => bytes[place] = next() as u8,
                1 => drop(bytes.remove(place)),
                _ => bytes.insert(place, b"[]{}\",:\\\n0-e\xff"[(next() % 13) as usize]),
            }
        }
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let run = Tool::new("json-to-stream").pipe_in(bytes).run();
        match run.status() {
            Some(0) => drop(read_stream(&run.succeeds().stdout)),
            _ => drop(run.exits_with(1).one_line_on_stderr()),
        }
        let schema = ["--schema", "a list<struct<b utf8>>, c decimal128(9, 2)"];
        let run = Tool::new("json-to-stream").args(schema).pipe_in(shown.clone()).run();
        assert!(matches!(run.status(), Some(0 | 1)), "{shown}\n{}", run.stderr);
        assert!(!run.stderr.contains("internal error"), "{shown}\n{}", run.stderr);
    }
}

#[test]
fn memory_does_not_grow_with_a_file() {
    let place = Workplace::new();
    let text = "x".repeat(1000);
    place.write("long.json", format!("{{\"text\":\"{text}\"}}\n").repeat(80_000));
    // 24 MB, of which the sample and a batch take most; all pages of the mapping took 100.
    let kilobytes = peak_kilobytes(&place, "json-to-stream long.json >/dev/null");
    assert!(kilobytes < 50_000, "{kilobytes}");
}

#[test]
fn a_row_is_passed_on_while_its_producer_sleeps() {
    let mut tool = Command::new(crate::support::tool_directory().join("json-to-stream"))
        .args(["--schema", "a int64"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = tool.stdin.take().unwrap();
    let mut stdout = tool.stdout.take().unwrap();
    let mut stream = Vec::new();
    for number in 1..=3_i64 {
        stdin.write_all(format!("{{\"a\":{number}}}\n").as_bytes()).unwrap();
        // It comes before the next one is written, or this reads for ever.
        while !stream.windows(8).any(|bytes| bytes == number.to_le_bytes()) || stream.len() < 64 {
            let mut byte = [0];
            stdout.read_exact(&mut byte).unwrap();
            stream.push(byte[0]);
        }
        stream.clear();
    }
    drop(stdin);
    assert!(tool.wait().unwrap().success());
}

#[test]
fn a_stream_or_a_file_gives_its_schema() {
    let place = Workplace::new();
    let rows = "list = random(list(date 2020-01-01..2021-01-01 nulls 0.2) 0..4), id = random(uuid)";
    place.shell(&format!("stream-generate --rows 50 '{rows}' -o there.arrows")).succeeds();
    place.shell("stream-to-file there.arrows -o there.arrow").succeeds();
    for schema in ["there.arrows", "there.arrow"] {
        let json = format!("stream-to-json there.arrows | json-to-stream --schema {schema}");
        let csv = format!("stream-to-csv there.arrows | csv-to-stream --schema {schema}");
        for line in [json, csv] {
            place.shell(&format!("{line} | cmp - there.arrows")).succeeds();
        }
    }
    place.write("cut.arrows", [0xff, 0xff, 0xff, 0xff, 9]);
    let run = place.shell("json-to-stream --schema cut.arrows </dev/null");
    run.exits_with(2).one_line_on_stderr().stderr_has("--schema: cut.arrows: ");
}
