//! Servers of objects on the loopback, in Python: one that fails as it is told, and moto's S3.

use super::python::Python;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running server, which ends with this.
pub(crate) struct ObjectServer {
    child: Child,
    port: u16,
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
}

impl ObjectServer {
    /// Serves the files of a directory.
    pub(crate) fn start(directory: &Path) -> Self {
        Self::run("object_server.py", directory).unwrap()
    }

    /// Serves the Parquet files of a directory as S3 does, in the bucket `bucket` below `below/`; `None`
    /// if moto is not installed.
    pub(crate) fn start_s3(directory: &Path) -> Option<Self> {
        Self::run("s3_server.py", directory)
    }

    fn run(program: &str, directory: &Path) -> Option<Self> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support").join(program);
        let mut child = Command::new(Python::interpreter())
            .arg(program)
            .arg(directory)
            .stdout(Stdio::piped())
            // Reports of connections that a tool has closed.
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let log = directory.join("requests.log");
        let port = port.trim();
        if port == "none" {
            child.wait().unwrap();
            return None;
        }
        Some(Self { child, port: port.parse().unwrap(), log })
    }

    /// The URL of the server.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The URL of a file, served in this way.
    pub(crate) fn url(&self, how: &str, file: &str) -> String {
        format!("{}/{how}/{file}", self.endpoint())
    }

    /// The requests since the last call.
    pub(crate) fn take_requests(&self) -> Vec<Request> {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let _absent = std::fs::remove_file(&self.log);
        let request = |line: &str| {
            let mut words = line.split(' ');
            let mut word = || words.next().unwrap().to_owned();
            let (status, range, bytes) = (word().parse().unwrap(), word(), word());
            Request { status, range, bytes: bytes.parse().unwrap(), whose: word() }
        };
        log.lines().map(request).collect()
    }
}

impl Drop for ObjectServer {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
