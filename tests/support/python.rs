//! Python with pyarrow and DuckDB: the other side of every comparison.

use super::process::{Outcome, Tool, Workplace, tool_directory};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The environment that `scripts/test` makes.
pub(crate) struct Python;

impl Python {
    /// The interpreter: `$ARROW_PIPES_PYTHON`, else the one in `.venv`.
    pub(crate) fn interpreter() -> PathBuf {
        let given = std::env::var_os("ARROW_PIPES_PYTHON").map(PathBuf::from);
        let python =
            given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python"));
        assert!(
            python.exists(),
            "no {}: scripts/test makes it, or name an interpreter with pyarrow and duckdb by \
             ARROW_PIPES_PYTHON",
            python.display()
        );
        python
    }

    /// A program on its standard input, with arguments and a directory to work in.
    pub(crate) fn run<A: Into<OsString>>(
        program: &str,
        directory: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> Outcome {
        Tool::program(Self::interpreter(), directory).arg("-c").arg(program).args(arguments).run()
    }

    /// Compares files pair by pair (`left TAB right`, a line each): streams, or an Arrow
    /// file or Parquet where the name says so. Prints what differs and exits with 1 then.
    pub(crate) fn compare(pairs: &str) -> Outcome {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/compare.py");
        Tool::program(Self::interpreter(), &std::env::temp_dir()).arg(script).pipe_in(pairs).run()
    }
}

/// The peak of the resident memory of a line for the shell, in kilobytes.
pub(crate) fn peak_kilobytes(place: &Workplace, line: &str) -> u64 {
    let program = "import os, resource, subprocess, sys\n\
                   subprocess.run(['bash', '-c', sys.argv[1]], check=True,\n\
                   env={**os.environ, 'PATH': sys.argv[2] + ':' + os.environ['PATH']})\n\
                   print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let tools = tool_directory().display().to_string();
    let told = Python::run(program, place.path(), [line.to_owned(), tools]).succeeds();
    told.stdout_text().trim().parse().unwrap()
}
