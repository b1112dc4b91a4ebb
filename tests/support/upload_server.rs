//! A small S3 with faults, in Python, for uploads.

use super::process::{Outcome, Workplace};
use super::python::Python;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running server, which ends with this.
pub(crate) struct UploadServer {
    child: Child,
    port: u16,
}

/// The objects, and the uploads that are neither completed nor aborted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// The MD5 of each, by bucket and key.
    pub(crate) objects: BTreeMap<String, String>,
    pub(crate) open_uploads: usize,
    /// Those that changed something, in their order.
    pub(crate) requests: Vec<String>,
}

impl UploadServer {
    pub(crate) fn start() -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/upload_server.py");
        let mut child = Command::new(Python::interpreter())
            .arg(program)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { child, port: port.trim().parse().unwrap() }
    }

    /// The URL of the server.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A shell command that uses the server.
    pub(crate) fn line(&self, line: &str) -> String {
        format!(
            "export AWS_ENDPOINT_URL={} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=id \
             AWS_SECRET_ACCESS_KEY=secret; {line}",
            self.endpoint()
        )
    }

    /// Runs a shell command that uses the server.
    pub(crate) fn run(&self, place: &Workplace, line: &str) -> Outcome {
        place.shell(&self.line(line))
    }

    /// Stores an object, without faults; `name` begins with the bucket.
    pub(crate) fn seed(&self, name: &str, body: &[u8]) {
        self.request("PUT", &format!("/_seed/{name}"), body);
    }

    /// Waits until this many parts have come, of all uploads.
    pub(crate) fn wait_for_parts(&self, parts: u64) {
        self.request("GET", &format!("/_wait/{parts}"), b"");
    }

    /// The number of parts that have come so far, of all uploads.
    pub(crate) fn parts(&self) -> u64 {
        let state: Value = serde_json::from_slice(&self.request("GET", "/_state", b"")).unwrap();
        state["parts"].as_u64().unwrap()
    }

    /// The bytes of an object.
    pub(crate) fn object(&self, name: &str) -> Vec<u8> {
        self.request("GET", &format!("/{name}"), b"")
    }

    pub(crate) fn stored(&self) -> Stored {
        let state: Value = serde_json::from_slice(&self.request("GET", "/_state", b"")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let objects = state["objects"].as_object().unwrap().iter();
        Stored {
            objects: objects.map(|(name, hash)| (name.clone(), text(hash))).collect(),
            open_uploads: state["uploads"].as_array().unwrap().len(),
            requests: state["requests"].as_array().unwrap().iter().map(text).collect(),
        }
    }

    fn request(&self, method: &str, path: &str, body: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        answer.split_off(end + 4)
    }
}

impl Drop for UploadServer {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
