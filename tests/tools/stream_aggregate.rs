//! stream-aggregate: groups, their order, messages, and what happens to groups that do not fit.

use crate::support::{
    Outcome, Tool, Workplace, int64_batch, peak_kilobytes, read_stream, stream_of,
};
use arrow::array::{Array, AsArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Decimal128Type, Int64Type};

/// Keys 3, 1, 2 in this order, in three batches.
fn numbers() -> Vec<u8> {
    let batch = |key: Vec<i64>, n: Vec<i64>| int64_batch(&[("key", key), ("n", n)]);
    stream_of(&[
        batch(vec![3, 1, 3], vec![10, 20, 30]),
        batch(vec![], vec![]),
        batch(vec![2, 1, 3], vec![40, 50, 60]),
    ])
}

fn aggregate(arguments: &[&str], input: &[u8]) -> Outcome {
    Tool::new("stream-aggregate").args(arguments.iter().copied()).pipe_in(input).run()
}

/// The result as text, the same in memory and with every batch in a temporary file.
#[track_caller]
fn table(arguments: &[&str]) -> String {
    let csv = |more: &[&str]| {
        let run = aggregate(&[arguments, more].concat(), &numbers()).succeeds();
        Tool::new("stream-to-csv").pipe_in(run.stdout).run().succeeds().stdout_text()
    };
    let found = csv(&[]);
    assert_eq!(found, csv(&["--memory", "1"]), "{arguments:?}");
    found
}

#[test]
fn groups_come_in_the_order_in_which_they_were_seen() {
    let sums = ["--by", "key", "count(*), sum(n) AS total"];
    assert_eq!(table(&sums), "key,count_star(),total\n3,3,100\n1,2,70\n2,1,40\n");
    let sorted = [&sums[..], &["--sorted"]].concat();
    assert_eq!(table(&sorted), "key,count_star(),total\n1,2,70\n2,1,40\n3,3,100\n");
}

#[test]
fn keys_of_many_columns_keep_their_order_when_they_do_not_fit() {
    // 24,000 keys in the order of their first rows, half of which come again after all of them were
    // written to the temporary file.
    let rows = "a = random(int64 0..9), b = random(int64 0..2000), c = random(choice 5), \
                d = random(int64 0..3), e = random(float64), f = random(int64 0..70000), n = 0..12000";
    let generate = |seed: &str| {
        let run = Tool::new("stream-generate").args(["--seed", seed, "--batch-rows", "2048", rows]);
        run.run().succeeds().stdout
    };
    let (one, other) = (generate("1"), generate("2"));
    let input = [&one[..], &other, &one].concat();
    for keys in ["a, b, c, d, e % 0.25 AS e, f", "a, b, c, d, e, f, f + b AS g, f * b AS h"] {
        let result = |more: &[&str]| {
            let all =
                [&["--by", keys, "sum(n) AS s, count(*) AS n, count(e) AS v"][..], more].concat();
            let run = aggregate(&all, &input).succeeds();
            Tool::new("stream-to-csv").pipe_in(run.stdout).run().succeeds().stdout_text()
        };
        let found = result(&[]);
        assert_eq!(found.lines().count(), 24_001);
        assert_eq!(found.lines().nth(12_001).unwrap().split(',').next_back(), Some("1"));
        assert!(found.lines().skip(1).take(12_000).all(|line| line.ends_with(",2,2")));
        assert!(found == result(&["--memory", "1MiB"]), "{keys}");
    }
}

#[test]
fn keys_come_first_unless_the_list_has_them() {
    assert_eq!(table(&["--by", "key", "max(n) AS most, key"]), "most,key\n60,3\n50,1\n40,2\n");
    let halves = ["--by", "key % 2 AS odd, n > 30 AS large", "count(*) AS n, odd"];
    assert_eq!(table(&halves), "large,n,odd\nfalse,3,1\ntrue,1,0\ntrue,2,1\n");
    let same = ["--by", "key % 2", "sum(n) / count(*) + key % 2 AS x"];
    assert_eq!(table(&same), "(key % 2),x\n1,35.0\n0,40.0\n");
}

#[test]
fn a_condition_on_groups_may_use_keys_calls_and_names_of_the_list() {
    let having = |text: &str| table(&["--by", "key", "sum(n) AS total", "--having", text]);
    assert_eq!(having("total > 50"), "key,total\n3,100\n1,70\n");
    assert_eq!(having("count(*) = 1 OR key = 3"), "key,total\n3,100\n2,40\n");
    assert_eq!(having("total > 1000"), "key,total\n");
}

#[test]
fn without_keys_there_is_one_row_even_of_nothing() {
    let run = aggregate(&["count(*), sum(n), list(n)", "--having", "true"], &numbers()).succeeds();
    let batch = &read_stream(&run.stdout)[0];
    assert_eq!(batch.column(0).as_primitive::<Int64Type>().values(), &[6]);
    assert_eq!(batch.column(1).as_primitive::<Decimal128Type>().values(), &[210]);
    assert_eq!(batch.column(1).data_type(), &DataType::Decimal128(38, 0));

    let none = stream_of(&[int64_batch(&[("n", vec![])])]);
    let run = aggregate(&["count(*), count(n), sum(n), list(n), min(n)"], &none).succeeds();
    let batch = &read_stream(&run.stdout)[0];
    let nulls: Vec<bool> = batch.columns().iter().map(|column| column.is_null(0)).collect();
    assert_eq!((batch.num_rows(), nulls), (1, vec![false, false, true, true, true]));
    let run = aggregate(&["count(*)", "--by", "n"], &none).succeeds();
    assert!(read_stream(&run.stdout).is_empty());
}

#[test]
fn calls_take_some_rows_distinct_values_and_an_order() {
    let calls = "count(*) FILTER (WHERE n > 25) AS large, count(DISTINCT key) AS keys, \
                 list(n ORDER BY key, n DESC) AS sorted, list(DISTINCT key ORDER BY key) AS k, \
                 first(n ORDER BY n DESC) AS last";
    let run = aggregate(&[calls], &numbers()).succeeds();
    let json = Tool::new("stream-to-json").pipe_in(run.stdout).run().succeeds().stdout_text();
    let expected =
        "{\"large\":4,\"keys\":3,\"sorted\":[50,20,40,60,30,10],\"k\":[1,2,3],\"last\":60}\n";
    assert_eq!(json, expected);
}

#[test]
fn the_mode_is_the_first_of_the_most_frequent_values() {
    let batch = |n: Vec<i64>| int64_batch(&[("n", n)]);
    let input = stream_of(&[batch(vec![5, 2, 9]), batch(vec![2, 7, 9])]);
    let run = aggregate(&["mode(n), mode(n) FILTER (WHERE n > 8)"], &input).succeeds();
    let modes = &read_stream(&run.stdout)[0];
    let modes: Vec<i64> =
        modes.columns().iter().map(|mode| mode.as_primitive::<Int64Type>().value(0)).collect();
    assert_eq!(modes, [2, 9]);
}

#[test]
fn messages_show_the_place() {
    for (arguments, message) in [
        (&["n"][..], "\"n\" is neither in --by nor inside an aggregate; try any_value(n)\nn\n^\n"),
        (
            &["--by", "key", "key, sum(n) + n"],
            "\"n\" is neither in --by nor inside an aggregate; try any_value(n)\n\
             key, sum(n) + n\n              ^\n",
        ),
        (&["sum(max(n))"], "max cannot be an argument of another aggregate\nsum(max(n))\n    ^\n"),
        (
            &["summ(n)"],
            "unknown function \"summ\" (did you mean sum?); stream-aggregate --functions lists all\nsumm(n)\n^\n",
        ),
        (
            &["approx_sum(n)"],
            "unknown function \"approx_sum\"; stream-select --functions lists all, stream-aggregate \
             those of groups\napprox_sum(n)\n^\n",
        ),
        (
            &["sum(n) GROUP BY key"],
            "GROUP is not part of an expression; use --by\nsum(n) GROUP BY key\n       ^\n",
        ),
        (
            &["sum(n) HAVING n > 1"],
            "HAVING is not part of an expression; use --having\nsum(n) HAVING n > 1\n       ^\n",
        ),
        (
            &["sum(n) WHERE n > 1"],
            "WHERE is not part of an expression; use stream-filter\nsum(n) WHERE n > 1\n       ^\n",
        ),
        (
            &["sum(n) ORDER BY 1"],
            "ORDER is not part of an expression; use stream-sort --by\nsum(n) ORDER BY 1\n       ^\n",
        ),
        (&["sum(m)"], "unknown column \"m\" (did you mean \"n\"?)\nsum(m)\n    ^\n"),
        (&["sum()"], "usage: sum(number)\nsum()\n^\n"),
        (&["sum('a')"], "a number is expected here, not text\nsum('a')\n    ^\n"),
        (
            &["quantile_cont(n, 2)"],
            "a number from 0 to 1 is expected here\nquantile_cont(n, 2)\n                 ^\n",
        ),
        (&["sum(n) OVER ()"], "window functions are not supported\nsum(n) OVER ()\n^\n"),
        (&["--by", "m", "count(*)"], "--by: unknown column \"m\" (did you mean \"n\"?)\nm\n^\n"),
        (
            &["--by", "key", "--having", "n > 1", "count(*)"],
            "--having: \"n\" is neither in --by nor inside an aggregate; try any_value(n)\nn > 1\n^\n",
        ),
        (&["*"], "name the columns; those of --by come first anyway\n*\n^\n"),
        (&[], "missing LIST (try 'count(*), avg(price) AS mean')\n"),
        (&["--input-sorted", "count(*)"], "--input-sorted requires --by\n"),
    ] {
        aggregate(arguments, &numbers())
            .exits_with(2)
            .stderr_is(&format!("stream-aggregate: {message}"));
    }
    let wide = stream_of(&[int64_batch(&[("n", vec![i64::MAX, i64::MAX])])]);
    aggregate(&["sum(n), sum(n * 2)"], &wide).exits_with(1).stderr_is(
        "stream-aggregate: column \"sum(n * 2)\": row 0: cannot compute n * 2: the result is too \
         large (9223372036854775807 * 2)\n",
    );
}

#[test]
fn a_list_for_many_rows_names_the_tool_elsewhere() {
    let filter = Tool::new("stream-filter").arg("sum(n) > 1").pipe_in(numbers()).run();
    filter.exits_with(2).stderr_has("stream-aggregate");
}

#[test]
fn groups_of_sorted_rows_are_written_as_soon_as_the_next_begins() {
    let place = Workplace::new();
    let batch = |row: i64| int64_batch(&[("key", vec![row / 2]), ("n", vec![row])]);
    let whole = stream_of(&(0..6).map(batch).collect::<Vec<_>>());
    place.write("unfinished", &whole[..whole.len() - 8]);
    place
        .shell(
            "mkfifo rows groups
            stream-aggregate --input-sorted --by key 'sum(n) AS s, list(n) AS l' <rows >groups &
            exec 3>rows 4<groups
            cat unfinished >&3
            timeout 20 stream-head --single -n 2 <&4 | stream-to-json",
        )
        .stdout_is("{\"key\":0,\"s\":1,\"l\":[0,1]}\n{\"key\":1,\"s\":5,\"l\":[2,3]}\n");
    aggregate(&["--input-sorted", "--by", "key", "count(*)"], &numbers())
        .exits_with(1)
        .stderr_has("--input-sorted: row 1");
}

#[test]
fn partial_results_are_merged() {
    let place = Workplace::new();
    place.write("in", numbers());
    place
        .shell(
            "set -e
            stream-aggregate --partial --by key --having 'mean < 36' 'avg(n) AS mean, count(*)' in >part
            stream-aggregate --merge --partial part part >parts
            stream-aggregate parts --merge --sorted | stream-to-csv",
        )
        .succeeds()
        .stdout_is("key,mean,count_star()\n1,35.0,4\n3,33.333333333333336,6\n");
    place.shell("stream-aggregate --merge in").exits_with(2).stderr_is(
        "stream-aggregate: --merge: the input is no partial result (stream-aggregate --partial \
             writes one)\n",
    );
    place.shell("stream-aggregate --merge --by key part").exits_with(2).one_line_on_stderr();
    place.shell("stream-aggregate --merge --having true part").exits_with(2).one_line_on_stderr();
    place.shell("stream-aggregate --partial --sorted 'count(*)' in").exits_with(2);
    // Of another list, or changed on the way.
    place
        .shell(
            "stream-aggregate --partial --by key 'max(n)' in >other
            stream-aggregate --merge part other",
        )
        .exits_with(1)
        .one_line_on_stderr();
}

#[test]
fn a_full_disk_is_told_with_the_way_out() {
    let place = Workplace::new();
    place
        .shell(
            "stream-generate 'a = 0..100000' >in.arrows
            ulimit -f 64
            stream-aggregate --by a 'count(*)' --memory 100KiB --temporary-directory . in.arrows |
                cat >/dev/null
            exit ${PIPESTATUS[0]}",
        )
        .exits_with(1)
        .stderr_is(
            "stream-aggregate: cannot write temporary data to .: file too large \
             (use --temporary-directory to choose another place)\n",
        );
}

#[test]
fn a_stream_that_stops_early_gives_no_groups() {
    let whole = numbers();
    let run = aggregate(&["count(*)"], &whole[..whole.len() - 8]).exits_with(1);
    assert!(!run.stdout.ends_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
}

#[test]
fn estimates_of_many_values_are_near_in_memory_on_disk_and_merged() {
    let place = Workplace::new();
    let list = "approx_count_distinct(id) AS d, approx_quantile(id, 0.5) AS q, \
                approx_quantile(id, 1) AS m, approx_count_distinct(CAST(id AS TEXT)) AS t";
    place
        .shell(
            "set -e
            stream-generate 'id = 0..90000' | stream-select 'id, id % 3 AS key' -o in.arrows
            stream-tail -n +40001 in.arrows -o tail.arrows
            stream-head -n 45000 in.arrows -o head.arrows",
        )
        .succeeds();
    for (way, median) in [
        (format!("stream-aggregate --by key '{list}' in.arrows"), 45_000.0),
        (format!("stream-aggregate --by key --memory 1 '{list}' in.arrows"), 45_000.0),
        // Rows that two parts have count once, but twice for quantiles.
        (
            format!(
                "for part in head tail; do
                    stream-aggregate --partial --by key '{list}' $part.arrows -o $part.part
                done; stream-aggregate --merge head.part tail.part"
            ),
            43_750.0,
        ),
    ] {
        let found = place.shell(&format!("{{ {way}; }} | stream-to-csv")).succeeds().stdout_text();
        let rows =
            found.lines().skip(1).map(|line| line.split(',').map(|cell| cell.parse::<f64>()));
        let rows: Vec<Vec<f64>> = rows.map(|row| row.collect::<Result<_, _>>().unwrap()).collect();
        assert_eq!(rows.len(), 3, "{way}: {found}");
        for row in rows {
            let [key, distinct, quantile, most, texts] = row[..] else { panic!("{found}") };
            assert!((distinct / 30_000.0 - 1.0).abs() < 0.064, "{way}: {found}");
            assert!((texts / 30_000.0 - 1.0).abs() < 0.064, "{way}: {found}");
            assert!((quantile / median - 1.0).abs() < 0.02, "{way}: {found}");
            assert_eq!(most, 89_997.0 + key, "{way}: {found}");
        }
    }
}

#[test]
fn estimates_have_the_types_of_duckdb() {
    let list = "approx_quantile(CAST(n AS TINYINT), 0.5) AS a, approx_quantile(CAST(n AS INT), 0) AS b, \
                approx_quantile(CAST(n AS UBIGINT), 1) AS c, approx_quantile(CAST(n AS FLOAT), 0.5) AS d, \
                approx_quantile(CAST(n AS DECIMAL(9, 2)), 0.5) AS e, approx_quantile(NULL, 0.5) AS f, \
                approx_count_distinct(chr(CAST(n AS INT))) AS g";
    let run = aggregate(&[list], &numbers()).succeeds();
    let batch = &read_stream(&run.stdout)[0];
    let types: Vec<DataType> =
        batch.schema().fields().iter().map(|field| field.data_type().clone()).collect();
    assert_eq!(
        types,
        [
            DataType::Int64,
            DataType::Int32,
            DataType::Decimal128(38, 0),
            DataType::Float64,
            DataType::Decimal128(9, 2),
            DataType::Int64,
            DataType::Int64,
        ]
    );
    Tool::new("stream-to-csv")
        .pipe_in(run.stdout)
        .run()
        .succeeds()
        .stdout_is("a,b,c,d,e,f,g\n30,10,60,30.0,30.00,,6\n");
    aggregate(&["approx_quantile('a', 0.5)"], &numbers())
        .exits_with(2)
        .stderr_has("a number, a date or a time is expected here");
    aggregate(&["approx_quantile(n)"], &numbers())
        .exits_with(2)
        .stderr_has("usage: approx_quantile(value, share)");
}

#[test]
fn rows_that_are_written_without_being_grouped_keep_their_order_and_their_groups() {
    // Nearly all keys differ, then all come again, then few keys come often.
    let input: Vec<Vec<u8>> =
        ["key = 0..3000, n = 0..1", "n = 0..1, key = 0..3000", "key = 0..7, n = 0..2000"]
            .iter()
            .map(|rows| {
                let run = Tool::new("stream-generate").args(["--batch-rows", "256", rows]).run();
                let run =
                    Tool::new("stream-select").arg("key, n").pipe_in(run.succeeds().stdout).run();
                run.succeeds().stdout
            })
            .collect();
    let list = "count(*) AS rows, sum(n) AS total, first(n) AS f, last(n) AS l, \
                list(n ORDER BY n DESC)[:3] AS most, max(n, 2) AS two, \
                count(*) FILTER (WHERE n > 5) AS some, string_agg(CAST(n % 3 AS VARCHAR)) AS text";
    for keys in ["key", "CAST(key AS VARCHAR) AS k", "key, key % 2 = 0 AS even"] {
        for more in [&[][..], &["--sorted"]] {
            let result = |memory: &[&str]| {
                let result = |threads: &str| {
                    let all = [&["--by", keys, list, "-j", threads], more, memory].concat();
                    aggregate(&all, &input.concat()).succeeds().stdout
                };
                let found = result("1");
                assert!(found == result("3"), "{keys} {more:?} {memory:?}");
                let batches = read_stream(&found);
                concat_batches(&batches[0].schema(), &batches).unwrap()
            };
            let found = result(&[]);
            assert_eq!(found.num_rows(), 3000);
            for memory in ["1", "100kB", "1MB"] {
                assert_eq!(result(&["--memory", memory]), found, "{keys} {more:?} {memory}");
            }
        }
    }
}

#[test]
fn groups_that_do_not_fit_take_the_memory_that_is_given_and_up_to_a_fifth_more() {
    let place = Workplace::new();
    let peak = |keys: u64, list: &str, more: &str| {
        let line = format!("stream-generate 'n = 0..1000000' -o {keys}.arrows");
        place.shell(&line).succeeds();
        // Far from each other, so that they are in a hash table.
        let line = format!(
            "stream-aggregate --by 'n * 2654435761 % {keys} * 1000003 AS k' \"{list}\" {more} \
             {keys}.arrows >/dev/null"
        );
        peak_kilobytes(&place, &line)
    };
    let limit = 40_000;
    for list in ["sum(n), count(*), avg(n)", "max(n, 2), min('text ' || n)"] {
        let few = peak(10, list, "");
        assert!(few + 2 * limit < peak(1_000_000, list, ""), "{list}");
        for more in ["", "--sorted", "-j 1"] {
            let many = peak(1_000_000, list, &format!("--memory 40MB {more}"));
            assert!(many < few + limit / 5 * 6, "{list} {more}: {few} {many}");
        }
    }
}
