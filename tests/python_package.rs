//! The Python package in `python/`: its own tests, with the tools of this build.

use crate::support::{Python, Tool};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn commands_are_parsed_as_by_a_shell() {
    run("test_command");
}

#[test]
fn batches_go_through_pipes() {
    run("test_pipe");
}

#[test]
fn failures_are_raised_and_leave_nothing() {
    run("test_faults");
}

#[test]
fn pipes_that_end_early_leave_nothing() {
    run("test_ends");
}

#[test]
fn commands_for_partitions_mean_the_same_as_for_the_whole_table() {
    run("test_partitions");
}

#[test]
fn files_are_divided_into_parts_that_are_the_whole() {
    run("test_scan");
}

#[test]
fn only_what_a_command_does_not_need_is_left_out() {
    run("test_pushdown");
}

#[test]
fn all_files_of_tests_are_run() {
    let text = include_str!("python_package.rs");
    let called =
        text.lines().filter_map(|line| line.trim().strip_prefix("run(\"")?.strip_suffix("\");"));
    let called: BTreeSet<String> = called.map(str::to_owned).collect();
    let entries = std::fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().path());
    let stems = entries.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
    let files: BTreeSet<String> = stems.filter(|stem| stem.starts_with("test_")).collect();
    assert_eq!(called, files);
}

fn run(name: &str) {
    let python = Tool::program(Python::interpreter(), &directory());
    let outcome = python.args(["-B", "-m", "unittest", name]).run().exits_with(0);
    assert!(outcome.stderr.ends_with("\nOK\n"), "{}", outcome.stderr);
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python")
}
