//! A small S3 with faults, in Python, for uploads.

use super::process::{Outcome, Workplace};
use super::python_server::PythonServer;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

/// A running server, which ends with this.
pub(crate) struct UploadServer(PythonServer);

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
        Self(PythonServer::start("upload_server.py", [""; 0]).unwrap())
    }

    /// The URL of the server.
    pub(crate) fn endpoint(&self) -> String {
        self.0.endpoint()
    }

    /// A shell command that uses the server.
    pub(crate) fn line(&self, line: &str) -> String {
        format!("{}; {line}", self.0.s3_settings())
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
        let mut stream = TcpStream::connect(("127.0.0.1", self.0.port)).unwrap();
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
