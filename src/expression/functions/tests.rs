//! Tests beyond results: messages, the stability of `hash`, and work that is done only once.

use super::manual::function_manual;
use super::table;
use crate::expression::bind::predicate::Predicate;
use arrow::array::*;
use arrow::datatypes::*;
use std::sync::Arc;

fn batch() -> RecordBatch {
    let price = Decimal128Array::from(vec![500, 150]).with_precision_and_scale(10, 2).unwrap();
    let whole = Decimal32Array::from(vec![5, 7]).with_precision_and_scale(4, 0).unwrap();
    let cents = Decimal128Array::from(vec![1_500, 99]).with_precision_and_scale(10, 3).unwrap();
    let city = DictionaryArray::<Int8Type>::from_iter(["a", "b"]);
    // An unused dictionary value must not raise an error.
    let days = DictionaryArray::<Int8Type>::new(
        Int8Array::from(vec![0, 0]),
        Arc::new(StringArray::from(vec!["2024-02-29", "no day"])),
    );
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("i8", Arc::new(Int8Array::from(vec![5, -128]))),
        ("i64", Arc::new(Int64Array::from(vec![5, -128]))),
        ("u64", Arc::new(UInt64Array::from(vec![5, 6]))),
        ("f64", Arc::new(Float64Array::from(vec![5.0, f64::NAN]))),
        ("f32", Arc::new(Float32Array::from(vec![5.0, -f32::NAN]))),
        ("price", Arc::new(price)),
        ("whole", Arc::new(whole)),
        ("cents", Arc::new(cents)),
        ("name", Arc::new(StringArray::from(vec!["a", "b"]))),
        ("view", Arc::new(StringViewArray::from(vec!["a", "b"]))),
        ("city", Arc::new(city)),
        ("days", Arc::new(days)),
        ("day", Arc::new(Date32Array::from(vec![19_782, i32::MAX]))),
        ("at", Arc::new(TimestampMillisecondArray::from(vec![1_709_164_800_000, 0]))),
        (
            "zoned",
            Arc::new(TimestampSecondArray::from(vec![1_709_164_800, 0]).with_timezone("+05:00")),
        ),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn evaluate(text: &str) -> crate::Result<Vec<Option<bool>>> {
    let batch = batch();
    let predicate = Predicate::bind(text, &batch.schema())?;
    let answers = predicate.evaluate(&batch.project(predicate.columns()).unwrap())?;
    Ok(answers.iter().collect())
}

#[test]
fn invalid_calls_are_reported_with_a_caret() {
    for (text, message, caret) in [
        (
            "i8 = 1 OR lowr(name) = 'a'",
            "unknown function \"lowr\" (did you mean lower, floor, power?); stream-select --functions lists all",
            11,
        ),
        ("lower(name, name) = 'a'", "unexpected 2 arguments; usage: lower(text)", 1),
        (
            "lower(i8) = 'a'",
            "text is expected here, not int8, for lower(text); CAST it to VARCHAR",
            7,
        ),
        ("round(price, i8) = 1", "the digits of a decimal must be a constant", 14),
        ("regexp_matches(name, '(a')", "invalid regular expression: unclosed group", 22),
        (
            "regexp_matches(name, 'a', 'x')",
            "unknown option \"x\"; the options are c, i, l, m, n, p, s",
            27,
        ),
        (
            "regexp_replace(name, 'a', '\\2') = ''",
            "\\2 in the replacement, but the pattern has 0 groups",
            27,
        ),
        (
            "date_trunc('mnth', day) = day",
            "unknown date part \"mnth\" (did you mean month, months?)",
            12,
        ),
        ("strftime(day, '%Q') = ''", "unknown format specifier %Q", 15),
        ("day + INTERVAL '3 dys' > day", "unknown unit \"dys\" in an interval", 16),
        ("day + 1.5 = day", "cannot compute date + decimal(2, 1)", 1),
        ("at + at = at", "cannot compute timestamp(ms) + timestamp(ms)", 1),
        ("name.x[1] = 1", "unknown field \"x\": name is text, not a struct", 6),
        (
            "sum(i8) = 1",
            "sum works on many rows, but an expression sees only one; use stream-aggregate",
            1,
        ),
    ] {
        let error = evaluate(text).unwrap_err();
        let found = (error.to_string(), error.lines_below().get(1).map_or(0, String::len));
        assert_eq!(found, (message.to_owned(), caret), "{text}");
        assert_eq!(error.exit_status(), 2);
    }
}

#[test]
fn rows_without_a_result_are_named() {
    for (text, message) in [
        ("abs(i8) = 5", "row 1: cannot compute abs(i8): the result is too large (-128)"),
        (
            "strptime(name, '%Y') = at",
            "row 0: cannot compute strptime(name, '%Y'): a number is expected (a)",
        ),
        (
            "day + 1 = day",
            "row 1: cannot compute day + 1: the result is out of the range of date \
             (5881580-07-11)",
        ),
    ] {
        assert_eq!(evaluate(text).unwrap_err().to_string(), message, "{text}");
    }
    // Rows decided by an earlier operand are not computed.
    assert_eq!(evaluate("i8 > 0 AND abs(i8) = 5").unwrap(), [Some(true), Some(false)]);
    let used = evaluate("strptime(days, '%Y-%m-%d') = day").unwrap();
    assert_eq!(used, [Some(true), Some(false)]);
}

#[test]
fn no_text_grows_without_bounds() {
    let many = "a".repeat(50_000);
    let text = format!("replace(replace(replace(name, 'a', '{many}'), 'a', '{many}'), 'a', 'b')");
    let error = evaluate(&format!("{text} = ''")).unwrap_err().to_string();
    assert!(error.starts_with("row 0: cannot compute replace(replace("), "{error}");
    assert!(error.contains(": the text would exceed 2 GiB ("), "{error}");
    let error = evaluate("lpad(name, 1000000000, '長い') = ''").unwrap_err().to_string();
    assert!(error.contains(": the text would exceed 2 GiB ("), "{error}");
}

/// Functions that a preceding condition keeps from failing must report that they can fail.
#[test]
fn a_condition_guards_operands_that_may_fail_after_it() {
    let many = "a".repeat(50_000);
    for text in [
        format!(
            "name <> 'a' AND replace(replace(name || repeat('a', 50000), 'a', '{many}'), 'a', 'b') = ''"
        ),
        format!("name <> 'a' AND regexp_replace(repeat(name, 50000), 'a', '{many}', 'g') = ''"),
    ] {
        let first = RecordBatch::slice(&batch(), 0, 1);
        let predicate = Predicate::bind(&text, &first.schema()).unwrap();
        let answers = predicate.evaluate(&first.project(predicate.columns()).unwrap()).unwrap();
        assert_eq!(answers.iter().next(), Some(Some(false)), "{text}");
    }
}

#[test]
fn a_count_of_parts_beyond_64_bits_is_an_error() {
    let text = "date_diff('microsecond', DATE '-290000-01-01', DATE '290000-01-01') > 0";
    let text = text.replace("DATE '-290000-01-01'", "make_date(-290000, 1, 1)");
    let text = text.replace("DATE '290000-01-01'", "make_date(290000, 1, 1)");
    let error = evaluate(&text).unwrap_err().to_string();
    assert!(error.ends_with("the result is out of the range of int64"), "{error}");
}

#[test]
fn lists_are_not_concatenated_but_structs_are_text() {
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1)])]);
    let a: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let pair = StructArray::from(vec![(Arc::new(Field::new("a", DataType::Int64, true)), a)]);
    let columns: Vec<(&str, ArrayRef)> = vec![("list", Arc::new(list)), ("pair", Arc::new(pair))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    for (text, caret) in [
        ("list || list = 'x'", 1),
        ("'x' || list = 'x'", 8),
        ("list || NULL = 'x'", 1),
        ("concat(list, list) = 'x'", 8),
        ("concat('x', list) = 'x'", 13),
        ("concat_ws('-', list) = 'x'", 16),
    ] {
        let error = Predicate::bind(text, &batch.schema()).map(|_| ()).unwrap_err();
        assert!(error.to_string().starts_with("lists are not concatenated; CAST"), "{text}");
        assert_eq!(error.lines_below()[1].len(), caret, "{text}");
    }
    for text in [
        "pair || 'x' = '{''a'': 1}x'",
        "concat(pair, NULL, 'x') = pair || 'x'",
        "concat_ws('-', pair, pair) = pair || '-' || pair",
        "CAST(list AS VARCHAR) || 'x' = concat(list::VARCHAR, 'x')",
    ] {
        let predicate = Predicate::bind(text, &batch.schema()).unwrap();
        let projected = batch.project(predicate.columns()).unwrap();
        assert!(predicate.evaluate(&projected).unwrap().value(0), "{text}");
    }
}

#[test]
fn rows_of_list_views_may_share_elements() {
    let elements: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]));
    let field = Arc::new(Field::new("item", DataType::Int64, true));
    let (offsets, sizes) = (vec![0, 0, 1, 0], vec![3, 2, 2, 3]);
    let lists = ListViewArray::new(field, offsets.into(), sizes.into(), elements, None);
    let wanted: ArrayRef = Arc::new(Int64Array::from(vec![Some(3), Some(3), Some(3), None]));
    let columns: Vec<(&str, ArrayRef)> = vec![("list", Arc::new(lists)), ("x", wanted)];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let predicate = Predicate::bind("list_contains(list, x)", &batch.schema()).unwrap();
    let answers: Vec<_> = predicate.evaluate(&batch).unwrap().iter().collect();
    assert_eq!(answers, [Some(true), Some(false), Some(true), None]);
}

#[test]
fn equal_values_hash_equally_in_any_type() {
    for text in [
        "hash(i8) = hash(i64)",
        "i8 < 0 OR hash(i8) = hash(u64)",
        "i8 < 0 OR hash(i8) = hash(f64)",
        "hash(f32) = hash(f64)",
        "i8 < 0 OR hash(i8) = hash(price)",
        "i8 < 0 OR hash(whole) = hash(price)",
        "i8 < 0 OR hash(cents) = hash(price / 10 * 3) OR hash(cents) = hash(1.5)",
        "hash(name) = hash(view)",
        "hash(name) = hash(city)",
        "hash(0.0) = hash(-0.0)",
        "hash(DATE '2024-02-29') = hash(TIMESTAMP '2024-02-29 00:00:00')",
        "hash(at) = hash(zoned)",
        "hash(u64) % 10 >= 0",
        "hash(NULL) IS NOT NULL",
        "hash('') <> hash(NULL)",
        "hash('5') <> hash(5)",
    ] {
        assert_eq!(evaluate(text).unwrap(), [Some(true), Some(true)], "{text}");
    }
}

#[test]
fn hashes_never_change() {
    let manual = include_str!("../../../man/arrow-expressions.7");
    let manual = manual.replace("\\(aq", "'").replace("\\-", "-");
    // Computed with Python's xxhash package from the bytes that the manual specifies.
    for (value, hash) in [
        ("42, 7", 12_166_643_893_347_342_866_u64),
        ("NULL", 14_144_645_293_874_801_883),
        ("42", 9_881_166_736_857_997_228),
        ("-1", 3_572_176_728_092_185_904),
        ("0.5", 1_459_571_873_950_287_948),
        ("0.5::DOUBLE", 8_107_178_763_113_853_308),
        ("'user-1'", 16_857_200_327_855_486_027),
        ("TRUE", 13_497_732_073_688_348_814),
        ("DATE '2024-02-29'", 1_109_614_310_848_119_180),
    ] {
        let text = format!("hash({value}) = {hash}");
        assert_eq!(evaluate(&text).unwrap()[0], Some(true), "{text}");
        let line = format!("{:<25}{hash}\n", format!("hash({value})"));
        assert!(manual.contains(&line), "the manual lacks {line}");
    }
}

#[test]
fn local_times_are_in_the_zone_of_the_column() {
    for (text, expected) in [
        ("extract(hour from zoned) = 5", true),
        ("date_trunc('day', zoned) = TIMESTAMPTZ '2024-02-28 19:00:00+00'", true),
        ("strftime(zoned, '%H %z') = '05 +05'", true),
        ("zoned + INTERVAL '1 month' = TIMESTAMPTZ '2024-03-29 00:00:00+00'", true),
        // The unit is kept if the interval fits it.
        ("at + INTERVAL '1 ms' > at", true),
        ("at - INTERVAL '1 us' < at", true),
    ] {
        assert_eq!(evaluate(text).unwrap()[0], Some(expected), "{text}");
    }
}

#[test]
fn the_manual_has_the_functions_of_the_table() {
    let manual = include_str!("../../../man/arrow-expressions.7");
    let functions = function_manual();
    for section in functions.split_inclusive(".\\\" End ") {
        let section = section.split_once(".\\\" Begin ").map_or("", |(_, section)| section);
        assert!(
            manual.contains(section),
            "run scripts/update-generated; the manual lacks {section}"
        );
    }
    let mut words = functions.split(|c: char| !c.is_alphanumeric() && c != '_').collect::<Vec<_>>();
    words.sort_unstable();
    for name in table().flat_map(|function| function.names) {
        assert!(words.binary_search(name).is_ok(), "the manual lacks {name}");
    }
}

#[test]
fn the_examples_of_functions_are_true() {
    let tags = ListArray::from_iter_primitive::<Int64Type, _, _>([Some([10, 20, 30].map(Some))]);
    let zip: ArrayRef = Arc::new(StringArray::from(vec!["04109"]));
    let address = StructArray::from(vec![(Arc::new(Field::new("zip", DataType::Utf8, true)), zip)]);
    let mut stock = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for (key, count) in [("apple", 3), ("pear", 5)] {
        stock.keys().append_value(key);
        stock.values().append_value(count);
    }
    stock.append(true).unwrap();
    let columns: [(&str, ArrayRef); 3] = [
        ("tags", Arc::new(tags)),
        ("address", Arc::new(address)),
        ("stock", Arc::new(stock.finish())),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    for function in table() {
        let name = function.names[0];
        assert_eq!(function.description.is_empty(), function.examples.is_empty(), "{name}");
        for example in function.examples {
            let predicate = Predicate::bind(example, &batch.schema())
                .unwrap_or_else(|error| panic!("{example}: {error}"));
            let inputs = batch.project(predicate.columns()).unwrap();
            let answers = predicate.evaluate(&inputs).unwrap();
            assert_eq!(answers.iter().next(), Some(Some(true)), "{example}");
        }
    }
}
