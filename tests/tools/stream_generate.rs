//! stream-generate: the same table for the same arguments, and what is wrong with the others.

use crate::support::{Tool, Workplace, int64_batch, read_stream};
use arrow::compute::concat_batches;

const MIXED: &str =
    "n = random(int64 -9..9) nulls 0.2, t = random(text 0..9), c = random(choice 3)";

fn generated(arguments: &[&str]) -> Vec<u8> {
    Tool::new("stream-generate").args(arguments.iter().copied()).run().succeeds().stdout
}

#[test]
fn ranges_are_crossed() {
    let batches = read_stream(&generated(&["a = 1..3, \"b c\" = -1..2"]));
    let (a, b) = (vec![1, 1, 1, 2, 2, 2], vec![-1, 0, 1, -1, 0, 1]);
    assert_eq!(batches, [int64_batch(&[("a", a), ("b c", b)])]);
}

#[test]
fn the_same_arguments_give_the_same_bytes() {
    let arguments = [MIXED, "--rows", "1000", "--seed", "3", "--batch-rows", "300"];
    let bytes = generated(&arguments);
    assert_eq!(generated(&arguments), bytes);
    let batches = read_stream(&bytes);
    let rows: Vec<usize> = batches.iter().map(|batch| batch.num_rows()).collect();
    assert_eq!(rows, [300, 300, 300, 100]);
    let whole = read_stream(&generated(&[MIXED, "--rows", "1000", "--seed", "3"]));
    assert_eq!(concat_batches(&batches[0].schema(), &batches).unwrap(), whole[0]);
    assert_ne!(read_stream(&generated(&[MIXED, "--rows", "1000"])), whole);
}

#[test]
fn a_table_without_rows_is_a_stream_all_the_same() {
    assert!(read_stream(&generated(&["a = 5..5"])).is_empty());
    assert!(read_stream(&generated(&[MIXED, "--rows", "0"])).is_empty());
}

#[test]
fn a_wrong_specification_is_shown_with_a_caret() {
    let place = Workplace::new();
    place
        .tool("stream-generate")
        .args(["-o", "x.arrows", "a = 0..9, b = random(int32 0..9)"])
        .run()
        .exits_with(2)
        .stderr_is(
            "stream-generate: cannot read the specification: expected int64 A..B, float64, \
             text MIN..MAX or choice N\n\
             a = 0..9, b = random(int32 0..9)\n                     ^\n",
        );
    assert!(place.names().is_empty());
}

#[test]
fn the_command_line_is_checked() {
    let told = |arguments: &[&str], why: &str| {
        let run = Tool::new("stream-generate").args(arguments.iter().copied()).run();
        run.exits_with(2).stderr_is(&format!("stream-generate: {why}\n")).stdout_is("");
    };
    told(&[], "no specification: which columns? (try 'a = 0..10')");
    told(&["a = 0..1", "b = 0..1"], "more than one specification: put it in single quotes");
    told(
        &["--batch-rows", "0", "a = 0..1"],
        "--batch-rows takes a whole number above 0, not \"0\"",
    );
    told(
        &["a = random(float64)"],
        "a table without ranges needs its number of rows (try --rows 1000)",
    );
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let place = Workplace::new();
    place
        .shell(
            "stream-generate 'a = 0..1000000000000' | head -c 1000 | wc -c; echo ${PIPESTATUS[0]}",
        )
        .succeeds()
        .stdout_is("1000\n0\n");
}
