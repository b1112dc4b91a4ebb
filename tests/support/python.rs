//! Python with pyarrow and DuckDB, for comparison.

use super::process::{Outcome, Tool, Workplace, tool_directory};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The Python environment that `scripts/test` creates.
pub(crate) struct Python;

impl Python {
    /// The interpreter: `$ARROW_PIPES_PYTHON`, else the one in `.venv`.
    pub(crate) fn interpreter() -> PathBuf {
        let given = std::env::var_os("ARROW_PIPES_PYTHON").map(PathBuf::from);
        let python =
            given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python"));
        assert!(
            python.exists(),
            "{} not found: run scripts/test to create it, or set ARROW_PIPES_PYTHON to an \
             interpreter with pyarrow and duckdb",
            python.display()
        );
        python
    }

    /// Runs a Python program with arguments in a working directory.
    pub(crate) fn run<A: Into<OsString>>(
        program: &str,
        directory: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> Outcome {
        Tool::program(Self::interpreter(), directory).arg("-c").arg(program).args(arguments).run()
    }

    /// Lets a program write random cases into the place, and returns the lines that it prints for
    /// them. `NAME_CASES` and `NAME_SEED` ask for more than in a normal run, and for others.
    pub(crate) fn random_cases(
        program: &str,
        place: &Workplace,
        name: &str,
        normally: usize,
    ) -> String {
        let variable = |word: &str, otherwise: usize| {
            std::env::var(format!("{name}_{word}")).unwrap_or_else(|_| otherwise.to_string())
        };
        let arguments = ["make".to_owned(), variable("CASES", normally), variable("SEED", 1)];
        let cases = Self::run(program, place.path(), arguments).succeeds().stdout_text();
        assert!(100 <= cases.lines().count());
        cases
    }

    /// Compares pairs of files (`left TAB right`, one pair per line): streams, or Arrow or Parquet
    /// files, by name. If any differ, prints the differences and exits with 1.
    pub(crate) fn compare(pairs: &str) -> Outcome {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/compare.py");
        Tool::program(Self::interpreter(), &std::env::temp_dir()).arg(script).pipe_in(pairs).run()
    }
}

/// The peak resident memory of a shell command, in kilobytes.
pub(crate) fn peak_kilobytes(place: &Workplace, line: &str) -> u64 {
    let program = "import os, resource, subprocess, sys\n\
                   subprocess.run(['bash', '-c', sys.argv[1]], check=True,\n\
                   env={**os.environ, 'PATH': sys.argv[2] + ':' + os.environ['PATH']})\n\
                   print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let tools = tool_directory().display().to_string();
    let told = Python::run(program, place.path(), [line.to_owned(), tools]).succeeds();
    told.stdout_text().trim().parse().unwrap()
}
