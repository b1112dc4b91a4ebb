//! Expressions from text to answers, and the messages of invalid ones.

use super::*;
use arrow::array::*;
use arrow::datatypes::*;
use std::sync::Arc;

fn batch() -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("i8", Arc::new(Int8Array::from(vec![Some(-128), Some(0), None, Some(127)]))),
        ("i64", Arc::new(Int64Array::from(vec![Some(i64::MIN), Some(3), None, Some(i64::MAX)]))),
        ("u64", Arc::new(UInt64Array::from(vec![Some(0), Some(3), None, Some(u64::MAX)]))),
        ("f64", Arc::new(Float64Array::from(vec![Some(-0.0), Some(0.1), None, Some(f64::NAN)]))),
        ("f32", Arc::new(Float32Array::from(vec![Some(-0.0), Some(0.1), None, Some(f32::NAN)]))),
        (
            "price",
            Arc::new(
                Decimal128Array::from(vec![Some(-150), Some(10), None, Some(12345)])
                    .with_precision_and_scale(10, 2)
                    .unwrap(),
            ),
        ),
        ("name", Arc::new(StringArray::from(vec![Some("a"), Some("abc"), None, Some("")]))),
        (
            "city",
            Arc::new(DictionaryArray::<Int32Type>::from_iter([
                Some("x"),
                Some("y"),
                None,
                Some("x"),
            ])),
        ),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, Some(true)]))),
        ("day", Arc::new(Date32Array::from(vec![Some(-1), Some(0), None, Some(19_782)]))),
        (
            "at",
            Arc::new(TimestampSecondArray::from(vec![
                Some(-1),
                Some(0),
                None,
                Some(1_709_210_096),
            ])),
        ),
        ("group", Arc::new(Int32Array::from(vec![1, 2, 3, 4]))),
        ("A.b", Arc::new(Int32Array::from(vec![1, 2, 3, 4]))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// The answers as letters: true, false, null.
fn answers(text: &str) -> String {
    let batch = batch();
    let predicate =
        Predicate::bind(text, &batch.schema()).unwrap_or_else(|e| panic!("{text}: {e}"));
    let projected = batch.project(predicate.columns()).unwrap();
    let answers = predicate.evaluate(&projected).unwrap_or_else(|e| panic!("{text}: {e}"));
    answers.iter().map(|answer| answer.map_or('n', |yes| if yes { 't' } else { 'f' })).collect()
}

/// The message and the caret's column of an invalid expression.
fn refused(text: &str) -> (String, usize) {
    let error = Predicate::bind(text, &batch().schema()).map(|_| ()).unwrap_err();
    assert_eq!(error.exit_status(), 2, "{text}");
    let caret = error.lines_below().get(1).map_or(0, String::len);
    (error.to_string(), caret)
}

/// The message of an expression that fails during evaluation.
fn failure(text: &str) -> String {
    let batch = batch();
    let predicate = Predicate::bind(text, &batch.schema()).unwrap();
    let projected = batch.project(predicate.columns()).unwrap();
    let error = predicate.evaluate_from(&projected, 100).unwrap_err();
    assert_eq!(error.exit_status(), 1);
    error.to_string()
}

#[test]
fn literals_compare_with_columns_of_any_type() {
    for (text, expected) in [
        ("i8 = 300", "ffnf"),
        ("i8 < 300", "ttnt"),
        ("i8 <> 300", "ttnt"),
        ("i8 > -1e9", "ttnt"),
        ("i8 < 0.5", "ttnf"),
        ("i8 >= 126.5", "ffnt"),
        ("i8 = 0.5", "ffnf"),
        ("300 > i8", "ttnt"),
        ("u64 > -1", "ttnt"),
        ("u64 = 18446744073709551615", "ffnt"),
        ("i64 = u64", "ftnf"),
        ("i64 < u64", "tfnt"),
        ("f64 = 0", "tfnf"),
        ("f64 > 1e308", "ffnt"),
        ("f64 = 'nan'", "ffnt"),
        ("f32 = 0.1", "ftnf"),
        ("f32 < 1e300", "ttnf"),
        ("f64 = f32", "tfnt"),
        ("price = 0.1", "ftnf"),
        ("price < 0.105", "ttnf"),
        ("price > 123.449", "ffnt"),
        ("price = f64", "ffnf"),
        ("price < i64", "ftnt"),
        ("name = 'abc'", "ftnf"),
        ("name < 'b'", "ttnt"),
        ("city = 'x'", "tfnt"),
        ("city IS NULL", "fftf"),
        ("city IS DISTINCT FROM 'x'", "fttf"),
        ("flag", "tfnt"),
        ("flag = false", "ftnf"),
        ("NOT flag", "ftnf"),
        ("day = '1970-01-01'", "ftnf"),
        ("day < TIMESTAMP '1970-01-01 12:00:00'", "ttnf"),
        ("day = '2024-02-29'", "ffnt"),
        ("at = '2024-02-29 12:34:56'", "ffnt"),
        ("at < '1970-01-01 00:00:00.5'", "ttnf"),
        ("at >= DATE '1970-01-01'", "ftnt"),
        ("at < '9999-12-31'", "ttnt"),
        ("day = at", "ftnf"),
        ("i8 = '0'", "ftnf"),
    ] {
        assert_eq!(answers(text), expected, "{text}");
    }
}

#[test]
fn logic_has_three_values() {
    for (text, expected) in [
        ("flag IS TRUE", "tfft"),
        ("flag IS NOT TRUE", "fttf"),
        ("flag IS FALSE", "ftff"),
        ("flag IS UNKNOWN", "fftf"),
        ("flag AND i8 = 0", "ffnf"),
        ("flag OR i8 = 0", "ttnt"),
        ("flag AND NULL", "nfnn"),
        ("flag OR NULL", "tnnt"),
        ("i8 IN (0, 127, 300)", "ftnt"),
        ("i8 IN (0, NULL)", "ntnn"),
        ("i8 NOT IN (0, NULL)", "nfnn"),
        ("i8 IN (1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,127)", "ffnt"),
        ("name IN ('a','b','c','d','e','f','g','h','i','j','k','l','m','n','o','p','')", "tfnt"),
        ("i8 BETWEEN 0 AND 200", "ftnt"),
        ("i8 NOT BETWEEN 0 AND NULL", "tnnn"),
        ("2 BETWEEN \"group\" AND 3", "ttff"),
        ("1 IN (\"group\", i8)", "tfnf"),
        ("i8 IS DISTINCT FROM NULL", "ttft"),
        ("i8 IS NOT DISTINCT FROM i64", "fftf"),
        ("CASE WHEN flag THEN NULL END IS DISTINCT FROM i8", "ttft"),
        ("i8 IS NOT DISTINCT FROM CASE WHEN flag THEN NULL END", "fftf"),
        ("1 IS DISTINCT FROM CASE WHEN flag THEN NULL END", "tttt"),
        ("NULL", "nnnn"),
        ("1 = 1.0", "tttt"),
        ("TRUE", "tttt"),
    ] {
        assert_eq!(answers(text), expected, "{text}");
    }
}

#[test]
fn numbers_are_computed() {
    for (text, expected) in [
        ("\"group\" % 2 = 0", "ftft"),
        ("\"group\" / 2 = 0.5", "tfff"),
        ("\"group\" // 2 = 1", "fttf"),
        ("-\"group\" = -1", "tfff"),
        ("u64 - 1 = -1", "tfnf"),
        ("price * price = 2.25", "tfnf"),
        ("price + 0.005 = 0.105", "ftnf"),
        ("\"group\" <> 1 AND \"group\" // (\"group\" - 1) > 1", "ftff"),
        ("\"group\" = 1 OR 1 // (\"group\" - 1) = 1", "ttff"),
        ("TRY_CAST(name AS INTEGER) IS NULL", "tttt"),
        ("CAST(\"group\" AS VARCHAR) = '2'", "ftff"),
        ("at::date = '2024-02-29'", "ffnt"),
        ("name LIKE 'a%'", "ttnf"),
        ("name NOT LIKE '%c'", "tfnt"),
        ("city ILIKE 'X'", "tfnt"),
        ("f32 + 0.1 > 0", "ttnt"),
        ("A.b = 2", "ftff"),
        ("a.B = 2", "ftff"),
        ("PRICE > 100", "ffnt"),
    ] {
        assert_eq!(answers(text), expected, "{text}");
    }
}

#[test]
fn values_are_chosen() {
    for (text, expected) in [
        ("CASE WHEN \"group\" > 3 THEN 'b' WHEN flag THEN 'a' END = 'a'", "tnnf"),
        ("CASE i8 WHEN 0 THEN flag WHEN 127 THEN FALSE ELSE TRUE END", "tftf"),
        ("CASE WHEN \"group\" = 1 THEN TRUE ELSE 1 // (\"group\" - 1) = 1 END", "ttff"),
        ("CASE WHEN flag THEN i8 ELSE price END > 1.5", "ffnt"),
        ("CASE \"group\" WHEN 2 THEN NULL ELSE city END = 'x'", "tnnt"),
        ("COALESCE(i8, 300) = 300", "fftf"),
        ("COALESCE(i8, u64, 2.5) = 2.5", "fftf"),
        ("COALESCE(name, city, 'none') = 'none'", "fftf"),
        ("COALESCE(day, '1970-01-02') = DATE '1970-01-02'", "fftf"),
        ("COALESCE(NULL, NULL) IS NULL", "tttt"),
        ("ifnull(flag, FALSE)", "tfft"),
        ("COALESCE(\"group\" = 4 AND flag, i8 = 0 OR flag, FALSE)", "ffft"),
        ("greatest(i8 = 0, flag)", "ttnt"),
        ("NULLIF(i8, 0) IS NULL", "fttf"),
        ("NULLIF(\"group\", 3) = \"group\"", "ttnt"),
        ("NULLIF(3, \"group\") = 3", "ttnt"),
        ("name || '-' || city = 'abc-y'", "ftnf"),
        ("name || NULL IS NULL", "tttt"),
        ("\"group\" || 'x' = '2x'", "ftff"),
        ("price || '' = '123.45'", "ffnt"),
    ] {
        assert_eq!(answers(text), expected, "{text}");
    }
    let late = "COALESCE(flag, \"group\" // (3 - \"group\") = 1)";
    assert_eq!(
        failure(late),
        "row 102: cannot compute \"group\" // (3 - \"group\"): division by zero (3 // 0)"
    );
}

#[test]
fn errors_name_the_row() {
    assert_eq!(
        failure("i64 + 1 > 0"),
        "row 103: cannot compute i64 + 1: the result is too large (9223372036854775807 + 1)"
    );
    assert_eq!(
        failure("i8 <> -128 AND 1 // i8 = 1"),
        "row 101: cannot compute 1 // i8: division by zero (1 // 0)"
    );
    assert_eq!(failure("name::int = 1"), "row 100: cannot compute name::INT: 'a': not a number");
}

#[test]
fn invalid_expressions_are_reported_with_a_caret() {
    for (text, message, caret) in [
        ("i8 = 1 AND pirce > 2", "unknown column \"pirce\" (did you mean \"price\"?)", 12),
        ("price >", "the expression ends too early", 8),
        ("flag AND OR flag", "OR is not expected here", 10),
        ("AND flag", "AND is not expected here", 1),
        ("price > AND flag", "AND is not expected here", 9),
        (
            "price IN (1, end)",
            "end is not expected here; quote it to use it as a column name: \"end\"",
            14,
        ),
        ("day > 5", "cannot compare day (date) with a number; CAST one of them", 7),
        ("flag::date = day", "cannot convert boolean to date", 1),
        ("A.c = 1", "unknown column \"A.c\" (did you mean \"A.b\"?)", 1),
        ("name.x = 1", "unknown field \"x\": name is text, not a struct", 6),
        (
            "at > '2024-01-01 00:00:00+02:00'",
            "'2024-01-01 00:00:00+02:00' has an offset from UTC, but timestamp(s) has no time zone",
            6,
        ),
        ("", "the expression is empty", 1),
        ("group = 1", "group is a keyword; quote it to use it as a column name: \"group\"", 1),
        ("i8 = 1; i8 = 2", "write a single expression, without a semicolon", 7),
        ("i8 = 1 i8", "i8 is not expected here", 8),
        (
            "count(i8) > 1",
            "count works on many rows, but an expression sees only one; use stream-aggregate",
            1,
        ),
        ("i8 = 1 ORDER BY i8", "ORDER is not part of an expression; use stream-sort --by", 8),
        (
            "CASE WHEN flag THEN offset END",
            "offset is a keyword; quote it to use it as a column name: \"offset\"",
            21,
        ),
        ("flag LIMIT 5", "LIMIT is not part of an expression; use stream-head -n", 6),
        ("i8 IN (SELECT 1)", "subqueries are not supported", 8),
        ("SELECT 1", "a condition is expected here, not a statement", 1),
        ("i8 = 'x'", "'x' cannot be read as int8", 6),
        ("name = 5", "cannot compare name (text) with a number; CAST one of them", 8),
        ("i8", "a condition is expected here, not int8", 1),
        ("name + 1 = 2", "a number is expected here, not text", 1),
        (
            "i8 < 1 < 2",
            "comparisons cannot be chained; combine them with AND, or use parentheses",
            10,
        ),
        ("day = '2024-02-30'", "'2024-02-30' cannot be read as date", 7),
        (
            "flag = i8 IN (1)",
            "comparisons cannot be chained; combine them with AND, or use parentheses",
            15,
        ),
        ("\"PRICE\" = 1", "unknown column \"PRICE\" (did you mean \"price\"?)", 1),
        ("name = 'x", "unterminated string literal", 8),
        (
            "CASE WHEN i8 = 1 THEN 2 ELSE name END = 2",
            "CASE mixes text and int64; CAST one of them",
            23,
        ),
        ("COALESCE(day, 'x') = day", "'x' cannot be read as date", 15),
        ("name = \"Köln\"", "unknown column \"Köln\"; write text in single quotes", 8),
        ("name = Lissabon", "unknown column \"Lissabon\"; write text in single quotes", 8),
        (
            "at < now()",
            "unknown function \"now\": the same rows must always give the same result; let the \
             shell insert the value",
            6,
        ),
        ("i8 = 1 && flag", "&& is not supported; write AND", 8),
        ("i8 =! 1", "=! is not supported; write <>", 4),
        ("flag || flag", "a condition is expected here, not text; || concatenates text, use OR", 1),
        (
            "NULLIF(i8) = 1",
            "usage: COALESCE(a, b, ...), IFNULL(a, b), NULLIF(a, b), IF(condition, a, b)",
            1,
        ),
        ("CASE WHEN i8 THEN 1 END = 1", "a condition is expected here, not int8", 11),
    ] {
        assert_eq!(refused(text), (message.to_owned(), caret), "{text}");
    }
}

#[test]
fn a_typed_literal_is_what_a_cast_gives() {
    for text in [
        "INTEGER '1e3' = 1000",
        "BIGINT ' 1.0 ' = 1",
        "HUGEINT '99999999999999999999' = 99999999999999999999",
        "FLOAT '0.1' = CAST('0.1' AS FLOAT)",
        "DOUBLE 'inf' = DOUBLE 'infinity'",
        "DECIMAL(4, 1) '1.25' = 1.3",
        "DECIMAL(4, 1) '-1.25' = CAST('-1.25' AS DECIMAL(4, 1))",
        "BOOLEAN '1'",
        "DATE '1970-01-02 00:00:00' = DATE '1970-01-02'",
        "TIME '10:00:00.1234567' = TIME(9) '10:00:00.123456700'",
        "TIME '10:00:00.1234567' > TIME '10:00:00.123456'",
        "TIME(0) '10:00:00.000' = TIME '10:00:00'",
        "TIMESTAMP '2024-01-01 00:00:00.1234567' > TIMESTAMP '2024-01-01 00:00:00.123456'",
        "TIMESTAMPTZ '2024-01-01 00:00:00.1234567' > TIMESTAMPTZ '2024-01-01 00:00:00.123456'",
        "TIMESTAMPTZ(3) '2024-01-01 00:00:00.5' = TIMESTAMPTZ '2024-01-01 00:00:00.5+00'",
        "INTERVAL '1.5 seconds' = INTERVAL '1500 milliseconds'",
        "CAST(UUID '7094a5d26ab24d3fa6c42b0a3d4f7c11' AS VARCHAR) LIKE '7094a5d2-6ab2-%'",
        "BLOB '\\xFF' = CAST('\\xFF' AS BLOB)",
        "CAST('0' AS DOUBLE) = 0 AND CAST('-inf' AS FLOAT) < 0",
    ] {
        assert_eq!(answers(text), "tttt", "{text}");
    }
}

#[test]
fn typed_literals_lose_nothing() {
    let fraction = "'1.5' has a fractional part, which an integer would lose; write the number 1.5 \
                    or DOUBLE '1.5'";
    let fine = "2024-01-01 00:00:00.1234567";
    let finer =
        |has: &str, needs: &str| format!("'{fine}' is finer than {has}; write {needs} '{fine}'");
    let beyond = |text: &str, of: &str| format!("'{text}' is out of the range of {of}");
    let huge = "170141183460469231731687303715884105727";
    for (text, message) in [
        ("INTEGER '1.5'", fraction.to_owned()),
        ("UBIGINT '1.5'", fraction.to_owned()),
        ("HUGEINT '1.5'", fraction.to_owned()),
        (&format!("HUGEINT '{huge}'"), beyond(huge, "decimal(38, 0)")),
        ("DECIMAL(4, 1) '12345.5'", beyond("12345.5", "decimal(4, 1)")),
        ("FLOAT '1e50'", beyond("1e50", "float32")),
        ("DOUBLE '1e400'", beyond("1e400", "float64")),
        (
            "DATE '1970-01-02 10:00:00'",
            "'1970-01-02 10:00:00' has a time of day, which a date would lose; write TIMESTAMP \
             '1970-01-02 10:00:00', or CAST('1970-01-02 10:00:00' AS DATE) to drop it"
                .to_owned(),
        ),
        (
            "TIME(0) '10:00:00.5'",
            "'10:00:00.5' is finer than the type; write TIME(9) '10:00:00.5'".to_owned(),
        ),
        (&format!("TIMESTAMP(3) '{fine}'"), finer("timestamp(ms)", "TIMESTAMP(9)")),
        (&format!("TIMESTAMP(6) '{fine}'"), finer("timestamp(us)", "TIMESTAMP(9)")),
        (
            &format!("TIMESTAMPTZ(6) '{fine}'"),
            finer("timestamp(us, with time zone)", "TIMESTAMPTZ(9)"),
        ),
        (
            "TIMESTAMPTZ '2300-01-01 00:00:00.1234567'",
            beyond("2300-01-01 00:00:00.1234567", "timestamp(ns, with time zone)"),
        ),
        ("UUID '0123456789abcdef'", "'0123456789abcdef' cannot be read as a UUID".to_owned()),
        ("UUID 'x'", "'x' cannot be read as a UUID".to_owned()),
        ("INTEGER[] '[1]'", "cannot convert text to list".to_owned()),
    ] {
        let caret = text.find('\'').unwrap() + 1;
        assert_eq!(refused(&format!("{text} IS NULL")), (message, caret), "{text}");
    }
    let (message, _) = refused("INTERVAL '1.1234567894 seconds' IS NULL");
    assert_eq!(
        message,
        "an interval holds nine decimal places, and no part of a nanosecond; write fewer decimal \
         places of seconds"
    );
    assert!(refused("INTERVAL '0.0001 microseconds' IS NULL").0.starts_with("an interval holds"));
    // Text that takes the type of a column.
    let not_a = |what: &str| (format!("this is not a value of type {what}"), 17);
    assert_eq!(refused("COALESCE(price, '123456789.5') > 0"), not_a("decimal(10, 2)"));
    for cast in [
        format!("CAST('{fine}' AS TIMESTAMPTZ) IS NULL"),
        "CAST('1e400' AS DOUBLE) IS NULL".to_owned(),
        "CAST('1e400' AS FLOAT) IS NULL".to_owned(),
    ] {
        assert!(failure(&cast).contains(" cannot compute CAST("), "{cast}");
        assert_eq!(answers(&cast.replace("CAST(", "TRY_CAST(")), "tttt", "{cast}");
    }
}

#[test]
fn a_time_of_day_is_before_24_00() {
    let why = "a time of day must be before 24:00:00; use 00:00:00, or a timestamp";
    for literal in ["TIME '24:00:00'", "TIME(0) '24:00:00'", "TIME(9) '24:00'"] {
        let text = literal.split('\'').nth(1).unwrap();
        let caret = literal.find('\'').unwrap() + 1;
        assert_eq!(refused(&format!("{literal} IS NULL")), (format!("'{text}': {why}"), caret));
    }
    let cast = "CAST('24:00:00' AS TIME)";
    let expected = format!("row 100: cannot compute {cast}: '24:00:00': {why}");
    assert_eq!(failure(&format!("{cast} IS NULL")), expected);
    for call in ["make_time(24, 0, 0)", "make_time(23, 59, 59.9999999)"] {
        let expected = format!("row 100: cannot compute {call}: {why}");
        assert_eq!(failure(&format!("{call} IS NULL")), expected);
    }
    for text in [
        "TRY_CAST('24:00:00' AS TIME) IS NULL",
        "make_time(23, 59, 59.9999994) = TIME '23:59:59.999999'",
        "make_timestamp(2024, 2, 29, 24, 0, 0) = TIMESTAMP '2024-02-29 24:00:00'",
        "make_timestamp(2024, 2, 29, 23, 59, 59.9999999) = TIMESTAMP '2024-03-01'",
        "CAST(TIMESTAMP '2024-02-29 24:00:00' AS TIME) = TIME '00:00:00'",
        "TIME '23:59:59.999999999' < '24:00:00'",
        "INTERVAL '24:00:00' = INTERVAL '1 day'",
    ] {
        assert_eq!(answers(text), "tttt", "{text}");
    }
    let fitted = refused("COALESCE(make_time(1, 0, 0), '24:00:00') IS NULL");
    assert_eq!(fitted, ("this is not a value of type time".to_owned(), 30));
}

#[test]
fn depth_is_bounded() {
    for deep in [
        format!("{}flag", "NOT ".repeat(10_000)),
        format!("{}flag{}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("{}flag{}", "(".repeat(100), ")".repeat(100)),
        format!("{}1 = 1", "-+".repeat(1_000)),
        format!("i8 {} = 1", "+ i8 ".repeat(100_000)),
        format!("i8 {} = 1", "+ i8 ".repeat(4_000)),
        format!("flag {}", "IS TRUE ".repeat(2_000)),
        format!("i8 {} = 1", "::int ".repeat(2_000)),
        format!("flag {} )", "+ flag ".repeat(4_900)),
        format!("(i8 {}) = 1", "+ i8 ".repeat(4_000)),
        format!("-(i8 {}) = 1", "+ i8 ".repeat(4_000)),
        format!("abs(i8 {}) = 1", "+ i8 ".repeat(4_000)),
        format!("floor(i8 {}) = 1", "+ i8 ".repeat(4_000)),
    ] {
        let error = Predicate::bind(&deep, &batch().schema()).unwrap_err();
        assert!(error.lines_below().last().is_some_and(|line| line.ends_with('^')), "{error}");
    }
    let doubled = (0..20).fold("i8".to_owned(), |inner, _| format!("NULLIF({inner}, 5)"));
    let error = Predicate::bind(&format!("{doubled} = 1"), &batch().schema()).unwrap_err();
    assert!(error.to_string().contains("NULLIF and CASE x are nested too deeply"), "{error}");
    let deep = format!("\n flag AND {}flag{}", "(".repeat(100), ")".repeat(100));
    let error = Predicate::bind(&deep, &batch().schema()).unwrap_err();
    assert_eq!(error.to_string(), "the expression is nested too deeply (more than 60 levels)");
    let column = error.lines_below()[1].len() - 1;
    assert!((" flag AND ".len()..deep.len()).contains(&column), "{column}");
    assert_eq!(answers(&format!("i8 {} = 0", "+ 0 ".repeat(290))), "ftnf");
    let long = vec!["i8 = 1"; 2_000].join(" OR ");
    assert_eq!(answers(&long), "ffnf");
    assert_eq!(answers(&format!("{}flag{}", "(".repeat(40), ")".repeat(40))), "tfnt");
}

#[test]
fn a_predicate_is_shared_between_threads() {
    fn assert_shared<T: Clone + Send + Sync + 'static>() {}
    assert_shared::<Predicate>();
}
