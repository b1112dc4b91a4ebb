//! Runs a tool as a process. A test reads like a shell session: arguments, input, expected output.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The directory of the commands under test: links to the executable that contains all tools.
pub(crate) fn tool_directory() -> PathBuf {
    let executable = Path::new(env!("CARGO_BIN_EXE_arrow-pipes"));
    let directory = executable.with_file_name("commands");
    // Each test may be a process of its own, so another one may make the same links now.
    std::fs::create_dir_all(&directory).unwrap();
    for name in tools().into_iter().chain(["arrow-pipes".to_owned()]) {
        let link = directory.join(name);
        if std::fs::read_link(&link).is_err()
            && let Err(error) = std::os::unix::fs::symlink("../arrow-pipes", &link)
        {
            assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists, "{}", link.display());
        }
    }
    directory
}

/// The names of all tools: those of the files in `src/bin`.
pub(crate) fn tools() -> Vec<String> {
    let sources = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin")).unwrap();
    let paths = sources.map(|entry| entry.unwrap().path());
    let rust = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    rust.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// A temporary directory for one test.
pub(crate) struct Workplace(tempfile::TempDir);

impl Workplace {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.file(name), content).unwrap();
        self.file(name)
    }

    /// The sorted names of its entries, including hidden ones.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A tool that runs in this directory.
    pub(crate) fn tool(&self, name: &str) -> Tool {
        Tool::program(tool_directory().join(name), self.path())
    }

    /// Runs a shell command in this directory, with the tools on its path.
    pub(crate) fn shell(&self, line: &str) -> Outcome {
        Tool::program("bash", self.path()).args(["-c", line]).run()
    }
}

/// The places to which no proxy leads.
pub(crate) const LOOPBACK: &str = "127.0.0.1,localhost";

/// A program to be run.
pub(crate) struct Tool {
    program: OsString,
    arguments: Vec<OsString>,
    directory: PathBuf,
    input: Vec<u8>,
}

impl Tool {
    /// One of our tools, run in the directory for temporary files.
    pub(crate) fn new(name: &str) -> Self {
        Self::program(tool_directory().join(name), &std::env::temp_dir())
    }

    /// Any program.
    pub(crate) fn program(program: impl Into<OsString>, directory: &Path) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            directory: directory.to_owned(),
            input: Vec::new(),
        }
    }

    pub(crate) fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) fn args<A: Into<OsString>>(
        mut self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Its standard input, written through a pipe.
    pub(crate) fn pipe_in(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    pub(crate) fn run(self) -> Outcome {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(
            [tool_directory()].into_iter().chain(std::env::split_paths(&path)),
        );
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .current_dir(&self.directory)
            .env("PATH", path.unwrap())
            .env("LC_ALL", "C.UTF-8")
            // That of the person who runs the tests.
            .env_remove("SHELL")
            .env_remove("AWS_CA_BUNDLE")
            // Servers of the tests are on the loopback.
            .env("NO_PROXY", LOOPBACK)
            .env("no_proxy", LOOPBACK)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {}: {e}", self.program.display()));
        let mut stdin = child.stdin.take().unwrap();
        let input = self.input;
        // A tool is free to stop reading before the end.
        let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        let arguments: Vec<_> =
            self.arguments.iter().map(|a| a.to_string_lossy().into_owned()).collect();
        Outcome {
            command: format!("{} {}", self.program.display(), arguments.join(" ")),
            status: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The exit status and output of a program.
pub(crate) struct Outcome {
    command: String,
    status: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Requires exit status 0 and an empty standard error.
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        self.exits_with(0).stderr_is("")
    }

    #[track_caller]
    pub(crate) fn exits_with(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{}", self.told());
        self
    }

    #[track_caller]
    pub(crate) fn stdout_is(self, expected: &str) -> Self {
        assert_eq!(String::from_utf8_lossy(&self.stdout), expected, "{}", self.told());
        self
    }

    #[track_caller]
    pub(crate) fn stdout_has(self, part: &str) -> Self {
        assert!(
            String::from_utf8_lossy(&self.stdout).contains(part),
            "no {part:?}: {}",
            self.told()
        );
        self
    }

    #[track_caller]
    pub(crate) fn stderr_is(self, expected: &str) -> Self {
        assert_eq!(self.stderr, expected, "{}", self.told());
        self
    }

    #[track_caller]
    pub(crate) fn stderr_has(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "no {part:?}: {}", self.told());
        self
    }

    /// Requires exactly one line on standard error, as for every failure.
    #[track_caller]
    pub(crate) fn one_line_on_stderr(self) -> Self {
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.told());
        self
    }

    pub(crate) fn status(&self) -> Option<i32> {
        self.status
    }

    pub(crate) fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    fn told(&self) -> String {
        let shown = String::from_utf8_lossy(&self.stdout[..self.stdout.len().min(2000)]);
        format!(
            "\n$ {}\nstatus {:?}\nstdout: {shown}\nstderr: {}",
            self.command, self.status, self.stderr
        )
    }
}
