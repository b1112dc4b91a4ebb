//! Servers of objects on the loopback, in Python: one that fails as it is told, and moto's S3.

use super::python_server::PythonServer;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A running server, which ends with this.
pub(crate) struct ObjectServer {
    server: PythonServer,
    log: PathBuf,
}

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) status: u16,
    pub(crate) range: String,
    pub(crate) bytes: u64,
    /// The access key and the region of its signature.
    pub(crate) whose: String,
    /// The method and the path, from servers that note them.
    pub(crate) what: String,
}

impl ObjectServer {
    /// Serves the files of a directory.
    pub(crate) fn start(directory: &Path) -> Self {
        Self::run("object_server.py", directory, None).unwrap()
    }

    /// Serves the files below a directory as S3 does, in the bucket `bucket` below `below/`; `None` if
    /// moto is not installed, which the test says aloud.
    pub(crate) fn start_s3(directory: &Path) -> Option<Self> {
        Self::start_s3_paged(directory, 1000)
    }

    /// The same with lists in pages of so many objects.
    pub(crate) fn start_s3_paged(directory: &Path, page: usize) -> Option<Self> {
        let server = Self::run("s3_server.py", directory, Some(page.to_string()));
        if server.is_none() {
            eprintln!("skipped: moto is not installed (tests/requirements.txt)");
        }
        server
    }

    /// A shell command that sets the environment for S3.
    pub(crate) fn s3_settings(&self) -> String {
        self.server.s3_settings()
    }

    fn run(program: &str, directory: &Path, argument: Option<String>) -> Option<Self> {
        let directory_argument = directory.as_os_str().to_owned();
        let arguments = std::iter::once(directory_argument).chain(argument.map(OsString::from));
        let server = PythonServer::start(program, arguments)?;
        Some(Self { server, log: directory.join("requests.log") })
    }

    /// The URL of the server.
    pub(crate) fn endpoint(&self) -> String {
        self.server.endpoint()
    }

    /// The URL of a file, served in this way.
    pub(crate) fn url(&self, how: &str, file: &str) -> String {
        format!("{}/{how}/{file}", self.endpoint())
    }

    /// The requests since the last call.
    pub(crate) fn take_requests(&self) -> Vec<Request> {
        take_requests(&self.log)
    }
}

/// The requests in the log of a server, which is emptied.
pub(super) fn take_requests(log: &Path) -> Vec<Request> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    // A server may hold it open.
    std::fs::write(log, "").unwrap();
    let request = |line: &str| {
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap().to_owned();
        let (status, range, bytes) = (word().parse().unwrap(), word(), word());
        let (bytes, whose) = (bytes.parse().unwrap(), word());
        Request { status, range, bytes, whose, what: words.collect::<Vec<_>>().join(" ") }
    };
    text.lines().map(request).collect()
}
