//! stream-select: what comes out, of which type, and what it says when it cannot.

use crate::support::{Outcome, Tool, Workplace, int64_batch, read_stream, stream_of};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    Int8Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray, StructArray,
    TimestampMicrosecondArray, UInt8Array,
};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema, TimeUnit};
use arrow::util::display::array_value_to_string;
use std::collections::HashMap;
use std::sync::Arc;

/// Four rows of several types; the schema and the field `id` have metadata.
fn table() -> Vec<u8> {
    let dictionary: DictionaryArray<Int32Type> =
        [Some("Köln"), Some("Bonn"), None, Some("Köln")].into_iter().collect();
    let inner: Vec<(&str, ArrayRef)> = vec![
        ("zip", Arc::new(StringArray::from(vec![Some("50667"), Some("53111"), None, Some("1")]))),
        ("code", Arc::new(Int64Array::from(vec![1, 2, 3, 4]))),
    ];
    let inside = StructArray::try_from(inner).unwrap();
    let address = StructArray::new(
        inside.fields().clone(),
        inside.columns().to_vec(),
        Some(vec![true, true, true, false].into()),
    );
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from(vec![1, 2, 3, 4]))),
        (
            "price",
            Arc::new(
                Decimal128Array::from(vec![Some(150), Some(-205), None, Some(1)])
                    .with_precision_and_scale(10, 2)
                    .unwrap(),
            ),
        ),
        ("qty", Arc::new(Int8Array::from(vec![Some(2), Some(3), Some(4), None]))),
        ("city", Arc::new(dictionary)),
        ("address", Arc::new(address)),
        (
            "at",
            Arc::new(TimestampMicrosecondArray::from(vec![
                Some(-1),
                Some(0),
                None,
                Some(1_500_000),
            ])),
        ),
        ("yes", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, Some(true)]))),
        ("day", Arc::new(Date32Array::from(vec![Some(0), Some(19_782), None, Some(-1)]))),
        ("name", Arc::new(StringArray::from(vec![Some("12"), Some(""), None, Some("x")]))),
        ("group", Arc::new(UInt8Array::from(vec![0, 1, 2, 255]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut fields: Vec<Field> =
        batch.schema().fields().iter().map(|field| (**field).clone()).collect();
    let metadata = [("ARROW:extension:name", "test.id"), ("unit", "pieces")];
    fields[0] = fields[0].clone().with_nullable(false).with_metadata(HashMap::from(
        metadata.map(|(key, value)| (key.to_owned(), value.to_owned())),
    ));
    let of_schema = HashMap::from([("made by".to_owned(), "a test".to_owned())]);
    let schema = Schema::new(fields).with_metadata(of_schema);
    let batch = RecordBatch::try_new(Arc::new(schema), batch.columns().to_vec()).unwrap();
    stream_of(&[batch.slice(0, 3), batch.slice(3, 1)])
}

fn select(arguments: &[&str]) -> Outcome {
    Tool::new("stream-select").args(arguments.iter().copied()).pipe_in(table()).run()
}

/// The result as one batch.
fn result(arguments: &[&str]) -> RecordBatch {
    let batches = read_stream(&select(arguments).succeeds().stdout);
    arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap()
}

/// The values of the only column, as text.
fn shown(arguments: &[&str]) -> String {
    let batch = result(arguments);
    assert_eq!(batch.num_columns(), 1);
    texts(batch.column(0)).join(" ")
}

fn texts(column: &ArrayRef) -> Vec<String> {
    let nulls = column.logical_nulls();
    let is_null = |row| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
    let text = |row| {
        if is_null(row) { "null".to_owned() } else { array_value_to_string(column, row).unwrap() }
    };
    (0..column.len()).map(text).collect()
}

fn names(list: &str) -> Vec<String> {
    result(&[list]).schema().fields().iter().map(|field| field.name().clone()).collect()
}

fn type_of(list: &str) -> DataType {
    result(&[list]).column(0).data_type().clone()
}

#[test]
fn columns_come_as_they_are_and_under_other_names() {
    let batch = result(&["id, city AS town, \"group\", address.zip, PRICE"]);
    let schema = batch.schema();
    let found: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(found, ["id", "town", "group", "zip", "price"]);
    assert_eq!(schema.metadata().get("made by").map(String::as_str), Some("a test"));
    let id = schema.field(0);
    assert!(!id.is_nullable());
    assert_eq!(id.metadata().len(), 2);
    assert!(matches!(schema.field(1).data_type(), DataType::Dictionary(..)));
    // The parts of a missing struct are missing.
    assert_eq!(texts(batch.column(3)), ["50667", "53111", "null", "null"]);
}

#[test]
fn a_star_stands_for_all_columns_as_changed() {
    let all = ["id", "price", "qty", "city", "address", "at", "yes", "day", "name", "group"];
    assert_eq!(names("*"), all);
    assert_eq!(names("* EXCLUDE (price, qty)")[..2], ["id", "city"]);
    assert_eq!(names("id, * EXCLUDE id").len(), all.len());
    assert_eq!(names("* RENAME (id AS number, day AS date)")[0], "number");
    assert_eq!(names("address.*"), ["zip", "code"]);
    let batch = result(&["* EXCLUDE (at) REPLACE (id * 2 AS id, name || '!' AS NAME)"]);
    assert_eq!(batch.num_columns(), all.len() - 1);
    assert_eq!(batch.column(0).as_primitive::<Int64Type>().values(), &[2, 4, 6, 8]);
    assert_eq!(texts(batch.column_by_name("name").unwrap()), ["12!", "!", "null", "x!"]);
}

#[test]
fn values_are_computed() {
    for (list, expected) in [
        ("price * qty AS total", "3.00 -6.15 null null"),
        ("7", "7 7 7 7"),
        ("'a' AS letter", "a a a a"),
        ("id > 2", "false false true true"),
        ("price IS NULL", "false false true false"),
        ("CASE WHEN id % 2 = 0 THEN 'even' ELSE city END", "Köln even null even"),
        ("COALESCE(qty, 0)", "2 3 4 0"),
        ("NULLIF(qty, 3)", "2 null 4 null"),
        ("city || '/' || address.zip", "Köln/50667 Bonn/53111 null null"),
        ("name LIKE '1$%' ESCAPE '$'", "false false null false"),
        ("NULL", "null null null null"),
        ("(-price)", "-1.50 2.05 null -0.01"),
        ("id::VARCHAR", "1 2 3 4"),
        ("CAST(at AS DATE)", "1969-12-31 1970-01-01 null 1970-01-01"),
        ("TRY_CAST(name AS SMALLINT)", "12 null null null"),
    ] {
        assert_eq!(shown(&[list]), expected, "{list}");
    }
}

#[test]
fn results_have_types_of_their_own() {
    for (list, expected) in [
        ("price * qty", DataType::Decimal128(13, 2)),
        ("price + 1", DataType::Decimal128(11, 2)),
        ("(-price)", DataType::Decimal128(10, 2)),
        ("qty + 1", DataType::Int64),
        ("price / 2", DataType::Float64),
        ("100.0", DataType::Decimal128(4, 1)),
        ("price * 100.0", DataType::Decimal128(14, 3)),
        ("COALESCE(price, 0.0000)", DataType::Decimal128(10, 2)),
        ("COALESCE(qty, 0)", DataType::Int8),
        ("city || ''", DataType::Utf8),
        ("TRUE", DataType::Boolean),
        ("CAST(at AS TIMESTAMPTZ)", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
        ("day::TIMESTAMP(3)", DataType::Timestamp(TimeUnit::Millisecond, None)),
        ("CAST(city AS VARCHAR)", DataType::Utf8),
        ("CAST(city AS UTF8_VIEW)", DataType::Utf8View),
        ("CAST(id AS DECIMAL(50, 1))", DataType::Decimal256(50, 1)),
        ("CAST(name AS LARGE_UTF8)", DataType::LargeUtf8),
        ("CAST(name AS DICTIONARY)", dictionary(DataType::Int32, DataType::Utf8)),
        ("CAST(id AS DICTIONARY(UINT8))", dictionary(DataType::UInt8, DataType::Int64)),
        ("CAST(city AS DICTIONARY)", dictionary(DataType::Int32, DataType::Utf8)),
    ] {
        assert_eq!(type_of(list), expected, "{list}");
    }
}

fn dictionary(keys: DataType, values: DataType) -> DataType {
    DataType::Dictionary(Box::new(keys), Box::new(values))
}

#[test]
fn what_is_said_of_a_field_is_kept_where_it_is_still_true() {
    let field = |list: &str| result(&[list]).schema().field(0).clone();
    assert_eq!(field("id AS other").metadata().len(), 2);
    // An extension type is the type's; what else is said is the column's.
    let cast = field("CAST(id AS SMALLINT)");
    assert_eq!(cast.metadata().len(), 1);
    assert!(!cast.is_nullable());
    assert!(field("TRY_CAST(id AS SMALLINT)").is_nullable());
    assert!(["NULL", "COALESCE(NULL)", "id + NULL"].iter().all(|null| field(null).is_nullable()));
    assert!(field("id + 1").metadata().is_empty());
    assert!(!field("id + 1").is_nullable() && field("id + qty").is_nullable());
}

#[test]
fn time_is_cut_off_only_when_told_so() {
    let list = "CAST(at AS TIMESTAMP(0))";
    select(&[list]).exits_with(1).one_line_on_stderr().stderr_is(
        "stream-select: column \"CAST(at AS TIMESTAMP_S)\": row 0: cannot compute \
         CAST(at AS TIMESTAMP(0)): '1969-12-31 23:59:59.999999': timestamp(s) has a coarser unit \
         (use --truncate)\n",
    );
    assert_eq!(shown(&["TRY_CAST(at AS TIMESTAMP(0))"]), "null 1970-01-01T00:00:00 null null");
    let cut = "1969-12-31T23:59:59 1970-01-01T00:00:00 null 1970-01-01T00:00:01";
    assert_eq!(shown(&["--truncate", list]), cut);
}

#[test]
fn a_value_that_cannot_be_cast_is_told_with_column_and_row() {
    select(&["id, CAST(name AS INTEGER) AS number"]).exits_with(1).stderr_is(
        "stream-select: column \"number\": row 1: cannot compute CAST(name AS INTEGER): '': \
         not a number\n",
    );
    // Rows are numbered through the stream.
    select(&["CAST(\"group\" AS TINYINT)"]).exits_with(1).stderr_has("row 3: ").stderr_has("'255'");
}

/// Columns `x` (1), `x` (2) and `y` (3).
fn equal_names() -> Workplace {
    let place = Workplace::new();
    let columns = ["a", "b", "y"].into_iter().zip([vec![1], vec![2], vec![3]]);
    let batch = int64_batch(&columns.collect::<Vec<_>>());
    let fields = ["x", "x", "y"].map(|name| Field::new(name, DataType::Int64, false));
    let schema = Arc::new(Schema::new(fields.to_vec()));
    let batch = RecordBatch::try_new(schema, batch.columns().to_vec()).unwrap();
    place.write("x.arrows", stream_of(&[batch]));
    place.shell("stream-to-parquet -o x.parquet x.arrows").succeeds();
    place
}

#[test]
fn columns_of_one_name_are_numbered() {
    let place = equal_names();
    let shown = |line: &str| {
        place.shell(&format!("{line} | stream-to-csv")).succeeds().stdout_text().replace('\n', ";")
    };
    let select = |list: &str| shown(&format!("stream-select --unique-names '{list}' x.arrows"));
    assert_eq!(select("*"), "x,x_2,y;1,2,3;");
    assert_eq!(select("* EXCLUDE (x)"), "x_2,y;2,3;");
    assert_eq!(select("x_2 AS second, x + y AS sum"), "second,sum;2,4;");
    let read =
        |options: &str| shown(&format!("parquet-to-stream --unique-names {options} x.parquet"));
    assert_eq!(read(""), "x,x_2,y;1,2,3;");
    assert_eq!(read("-c x_2"), "x_2;2;");
    assert_eq!(
        read("-w 'x_2 = 2 AND x = 1' -c y,x --merge-schema union x.parquet"),
        "y,x;3,1;3,1;"
    );
    assert_eq!(read("-w 'x_2 = 1'"), "x,x_2,y;");
    assert_eq!(read("--runs x_2 --dictionary x -c x,x_2"), "x,x_2;1,2;");
    let object = place.shell("parquet-to-stream --unique-names x.parquet | stream-to-json");
    object.succeeds().stdout_is("{\"x\":1,\"x_2\":2,\"y\":3}\n");
}

#[test]
fn a_name_that_two_columns_have_is_told_with_the_way_out() {
    let place = equal_names();
    let way_out = "(parquet-to-stream and stream-select have --unique-names)";
    let numbers = "(tell them apart by number: #1, #2; parquet-to-stream and stream-select have \
                   --unique-names)";
    for (line, message) in [
        ("parquet-to-stream -c x x.parquet", "column \"x\" is ambiguous: 2 columns have this name"),
        ("stream-sort --by x x.arrows", "column \"x\" is ambiguous: 2 columns have this name"),
        ("stream-filter 'x > 1' x.arrows", "\"x\" is ambiguous: 2 columns have this name"),
        ("stream-select '* EXCLUDE (x)' x.arrows", "\"x\" is ambiguous: 2 columns have this name"),
        (
            "stream-cat --merge-schema union x.arrows x.arrows",
            "column \"x\" is ambiguous: several have this name before",
        ),
    ] {
        let way_out = if message.contains("several") { way_out } else { numbers };
        place.shell(line).stdout_is("").stderr_has(&format!("{message} {way_out}\n"));
    }
    let told = "two columns would be named \"x\"; rename or exclude one by its number, as in \
                * RENAME (#2 AS z) or * EXCLUDE (#2), or number them with --unique-names";
    place.shell("stream-select '*' x.arrows").exits_with(2).stderr_has(told);
}

#[test]
fn columns_of_one_name_are_told_apart_by_number() {
    let place = equal_names();
    for (line, csv) in [
        ("stream-select '* RENAME (#2 AS z)' x.arrows", "x,z,y\n1,2,3\n"),
        ("stream-select '* EXCLUDE (#1)' x.arrows", "x,y\n2,3\n"),
        ("stream-select '* EXCLUDE (#1) REPLACE (#2 * 2 AS #2)' x.arrows", "x,y\n4,3\n"),
        ("stream-select '#2, #3 AS b, #1 + #2 AS sum' x.arrows", "x,b,sum\n2,3,3\n"),
        ("stream-filter '#2 = 2 AND #1 <> #2' -c '#3,#2' x.arrows", "y,x\n3,2\n"),
        ("parquet-to-stream -c '#2,y' -w '#2 = 2' x.parquet", "x,y\n2,3\n"),
        ("stream-sort --by '#2 DESC, #1' --unique '#2' x.arrows", "x,x,y\n1,2,3\n"),
        ("stream-sample --first 1 --per '#2' --of '#1' x.arrows", "x,x,y\n1,2,3\n"),
        ("stream-count --by '#2' --stream x.arrows", "x,rows\n2,1\n"),
    ] {
        place.shell(&format!("set -o pipefail; {line} | stream-to-csv")).succeeds().stdout_is(csv);
    }
    for line in ["stream-sort --by '#4' x.arrows", "stream-select '#4' x.arrows"] {
        let told = "no column #4: columns are numbered from #1 to #3";
        place.shell(line).exits_with(2).stdout_is("").stderr_has(told);
    }
    // A column may be called so.
    place.shell("stream-select '#1 AS \"#2\", #2 AS b' x.arrows >n.arrows").succeeds();
    place.shell("stream-select '#2' n.arrows | stream-to-csv").succeeds().stdout_is("#2\n1\n");
}

#[test]
fn a_column_without_a_name_is_named_by_two_quotes() {
    let place = Workplace::new();
    place.write("i.csv", ",a\n0,x\n1,y\n");
    place.shell("csv-to-stream i.csv -o i.arrows").succeeds();
    place.shell("stream-to-parquet i.arrows -o i.parquet").succeeds();
    for line in [
        "stream-filter -c '\"\",a' TRUE i.arrows",
        "file-to-stream -c '\"\"' i.arrows",
        "parquet-to-stream -c '\"\"' i.parquet",
        "stream-sample --first 1 --per '\"\"' i.arrows",
        "stream-sample --first 2 --of '\"\"' i.arrows",
        "stream-sort --by a --unique '\"\"' i.arrows",
        "stream-sort --by '\"\"' i.arrows",
        "stream-select '\"\" AS id' i.arrows",
        "stream-count --by '\"\"' --stream i.arrows",
    ] {
        let line = format!("set -o pipefail; {line} | stream-count");
        place.shell(&line).succeeds().stdout_is("2\n");
    }
    place.shell("stream-filter -c a,,b TRUE i.arrows").exits_with(2);
}

#[test]
fn a_wrong_list_is_shown_with_a_caret() {
    for (list, message, caret) in [
        ("id, pirce", "unknown column \"pirce\" (did you mean \"price\"?)", 5),
        (
            "id, qty AS id",
            "two columns would be named \"id\"; rename one with AS, or EXCLUDE it",
            5,
        ),
        ("id, *", "two columns would be named \"id\"; rename one with AS, or EXCLUDE it", 5),
        ("* EXCLUDE (secret)", "unknown column \"secret\"", 12),
        ("* REPLACE (1 AS one)", "unknown column \"one\"", 17),
        ("id, ", "the expression ends too early", 4),
        ("", "the list is empty", 1),
        ("SELECT id", "write only the list, without SELECT", 1),
        ("id FROM t", "write only the list, without FROM", 4),
        ("id;", "write only the list, without a semicolon", 3),
        ("id + ", "the expression ends too early", 5),
        ("name.*", "\"name\" is not a struct, so it has no columns", 1),
        ("CAST(id AS NUMBER)", "the type NUMBER is not supported", 6),
        ("CAST(yes AS DATE)", "cannot convert boolean to date", 6),
    ] {
        let text = format!("stream-select: {message}\n{list}\n{}^\n", " ".repeat(caret - 1));
        select(&[list]).exits_with(2).stderr_is(&text).stdout_is("");
    }
}

#[test]
fn dictionaries_are_made_as_far_as_their_keys_count() {
    let numbers = int64_batch(&[("n", (0..300).collect())]);
    let run = |list: &str| {
        Tool::new("stream-select")
            .arg(list)
            .pipe_in(stream_of(std::slice::from_ref(&numbers)))
            .run()
    };
    run("CAST(n AS DICTIONARY(INT16))").succeeds();
    run("CAST(n AS DICTIONARY(INT8)) AS n").exits_with(1).stderr_is(
        "stream-select: column \"n\": a batch has more values than the dictionary's keys can \
         count; use wider ones: DICTIONARY(INT32)\n",
    );
    select(&["CAST(address AS DICTIONARY)"]).exits_with(2).stderr_is(
        "stream-select: cannot encode struct as a dictionary\nCAST(address AS DICTIONARY)\n     ^\n",
    );
}

#[test]
fn rows_are_counted_without_columns() {
    let options = RecordBatchOptions::new().with_row_count(Some(3));
    let empty = Arc::new(Schema::empty());
    let batch = RecordBatch::try_new_with_options(empty, Vec::new(), &options).unwrap();
    let run = Tool::new("stream-select").arg("1 AS one").pipe_in(stream_of(&[batch])).run();
    let batches = read_stream(&run.succeeds().stdout);
    assert_eq!(batches[0].column(0).as_primitive::<Int64Type>().values(), &[1, 1, 1]);
}

#[test]
fn a_file_in_the_place_of_the_list_is_told() {
    let place = Workplace::new();
    place.write("id", table());
    place.write("data.arrows", table());
    place.shell("stream-select id <id >only").succeeds();
    place
        .shell("stream-select data.arrows")
        .exits_with(2)
        .stderr_is("stream-select: \"data.arrows\" is a file; the list must come first\n");
}

#[test]
fn the_command_line_is_checked() {
    let told = |arguments: &[&str], why: &str| {
        select(arguments).exits_with(2).stderr_is(&format!("stream-select: {why}\n")).stdout_is("");
    };
    told(&[], "missing LIST (try 'id, price * 2 AS twice')");
    told(&["--truncat", "id"], "unknown option \"--truncat\" (did you mean --truncate?)");
}

#[test]
fn a_forgotten_comma_is_warned_of() {
    let place = Workplace::new();
    place.shell("stream-generate 'user = 0..1, price = 0..1' -o n.arrows").succeeds();
    let run = place.shell("stream-select 'user price' n.arrows | stream-to-csv").exits_with(0);
    run.stderr_has(
        "stream-select: user is renamed to \"price\", which is another column: is a comma missing?",
    );
    for list in ["user AS price", "user other_name", "user, price"] {
        place
            .shell(&format!("stream-select '{list}' n.arrows | stream-to-csv"))
            .succeeds()
            .stderr_is("");
    }
}

#[test]
fn samples_of_other_seeds_are_independent() {
    let place = Workplace::new();
    let columns =
        "hash(id) % 10 AS a, hash(id) % 10 AS same, hash(id, 1) % 10 AS b, hash(id, 0) % 10 AS c";
    let filter = "stream-filter 'a = 0 AND same = 0 AND c = 0'";
    place.shell(&format!("stream-generate 'id = 0..100000' | stream-select '{columns}' | {filter} -o tenth.arrows")).succeeds();
    let count = |condition: &str| -> u64 {
        let run = place
            .shell(&format!("stream-filter '{condition}' tenth.arrows | stream-count"))
            .succeeds();
        run.stdout_text().trim().parse().unwrap()
    };
    assert!((9_500..10_500).contains(&count("TRUE")));
    for part in 0..10 {
        let share = count(&format!("b = {part}"));
        assert!((800..1_200).contains(&share), "{part}: {share}");
    }
    place
        .shell("stream-select 'hash(a, CAST(b AS BIGINT))' tenth.arrows")
        .exits_with(2)
        .stderr_has("the seed must be a constant");
}

#[test]
fn rows_of_lists_and_what_is_no_list() {
    let list = "id, unnest(string_split(name || ',x', ',')) AS part, \
                generate_subscripts(string_split(name || ',x', ','), 1) AS number";
    let batch = result(&[list]);
    assert_eq!(texts(batch.column(0)), ["1", "1", "2", "2", "4", "4"]);
    assert_eq!(texts(batch.column(1)), ["12", "x", "", "x", "x", "x"]);
    assert_eq!(texts(batch.column(2)), ["1", "2", "1", "2", "1", "2"]);
    for (list, message, caret) in [
        ("unnest(id)", "unnest needs a list, not int64", 8),
        (
            "unnest(address)",
            "unnest needs a list, not struct; write struct.* for the fields of a struct",
            8,
        ),
        ("unnest()", "usage: unnest(list)", 1),
        ("id, generate_subscripts(name, 2)", "usage: generate_subscripts(list, 1)", 5),
        (
            "unnest(string_split(name, ',')) || 'x'",
            "unnest can only be a whole item of stream-select's list; compute with its elements in a \
             second stream-select",
            1,
        ),
    ] {
        let message = format!("stream-select: {message}\n{list}\n{:>caret$}\n", "^");
        select(&[list]).exits_with(2).stderr_is(&message).stdout_is("");
    }
    // One column less, as many rows.
    let counted =
        Tool::new("stream-count").pipe_in(select(&["unnest(string_split(name, ''))"]).stdout).run();
    assert_eq!(counted.succeeds().stdout, b"3\n");
}

#[test]
fn values_of_json_text() {
    let json = "'{\"a\": [1, {\"b\": \"x\"}]}'";
    assert_eq!(shown(&[&format!("{json}->'$.a[1].b' AS v")]), "\"x\" \"x\" \"x\" \"x\"");
    assert_eq!(shown(&[&format!("{json}->>'$.a[1].b' AS v")]), "x x x x");
    // As they are written: no digit is lost.
    assert_eq!(shown(&["'[1e2]'->0 AS v"]), "1e2 1e2 1e2 1e2");
    for (list, message, caret) in [
        ("name->'$.a[' AS v", "the path \"$.a[\" lacks a ]", 7),
        (
            "name->'$.*' AS v",
            "the path \"$.*\" has a wildcard, which is not supported: name one value",
            7,
        ),
        ("name->1.5 AS v", "the path is a text or a number without a fraction", 7),
    ] {
        let message = format!("stream-select: {message}\n{list}\n{:>caret$}\n", "^");
        select(&[list]).exits_with(2).stderr_is(&message).stdout_is("");
    }
    let outcome = select(&["name->>'a' AS v"]).exits_with(1);
    assert_eq!(
        outcome.stderr,
        "stream-select: column \"v\": row 1: cannot compute name ->> 'a': malformed JSON: EOF \
         while parsing a value at line 1 column 0 ()\n"
    );
}
