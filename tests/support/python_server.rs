//! A server in Python on the loopback, which prints its port and ends with this.

use super::process::LOOPBACK;
use super::python::Python;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running server.
pub(crate) struct PythonServer {
    child: Child,
    pub(crate) port: u16,
}

impl PythonServer {
    /// Starts a program of `tests/support`; `None` if it says that it lacks a package.
    pub(crate) fn start<A: AsRef<OsStr>>(
        program: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Option<Self> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support").join(program);
        let mut child = Command::new(Python::interpreter())
            .arg(program)
            .args(arguments)
            .env("NO_PROXY", LOOPBACK)
            .env("no_proxy", LOOPBACK)
            .stdout(Stdio::piped())
            // Reports of connections that a tool has closed.
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        if port.trim() == "none" {
            child.wait().unwrap();
            return None;
        }
        let port = port.trim().parse().unwrap_or_else(|_| panic!("no server: {port}"));
        Some(Self { child, port })
    }

    /// The URL of the server.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A shell command that sets the environment for S3.
    pub(crate) fn s3_settings(&self) -> String {
        format!(
            "export AWS_ENDPOINT_URL={} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=id \
             AWS_SECRET_ACCESS_KEY=secret",
            self.endpoint()
        )
    }
}

impl Drop for PythonServer {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
