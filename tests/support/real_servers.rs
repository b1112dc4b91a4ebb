//! Servers that others wrote, as processes on the loopback. Without one, its tests say that they are skipped.

use super::object_server::{Request, take_requests};
use super::process::Workplace;
use super::python_server::PythonServer;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

/// Azure's store, with the container `container`.
pub(crate) struct Azurite(PythonServer);

/// The key of the only account, `devstoreaccount1`, as its documentation prints it.
pub(crate) const AZURITE_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

impl Azurite {
    /// Its files are in a directory of this place.
    pub(crate) fn start(place: &Workplace) -> Option<Self> {
        start("azurite", place, &[AZURITE_KEY]).map(Self)
    }

    /// A shell command with the settings for the store, and this key.
    pub(crate) fn line_with_key(&self, key: &str, line: &str) -> String {
        let endpoint = format!("{}/devstoreaccount1", self.0.endpoint());
        let account = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1";
        format!(
            "export AZURE_STORAGE_CONNECTION_STRING='{account};AccountKey={key};BlobEndpoint={endpoint};'; {line}"
        )
    }

    /// A shell command with the settings for the store.
    pub(crate) fn line(&self, line: &str) -> String {
        self.line_with_key(AZURITE_KEY, line)
    }
}

/// A store that speaks the language of S3 and checks signatures, with the bucket `bucket`.
pub(crate) struct SignedStore(PythonServer);

impl SignedStore {
    /// Its files are in a directory of this place.
    pub(crate) fn start(place: &Workplace) -> Option<Self> {
        start("s3s-fs", place, &[]).map(Self)
    }

    /// A shell command with the settings for the store.
    pub(crate) fn line(&self, line: &str) -> String {
        format!("{}; {line}", self.0.s3_settings())
    }
}

/// The emulator of Google's store, with files in the bucket `bucket`. It takes no uploads from the tools.
pub(crate) struct GoogleEmulator(PythonServer);

impl GoogleEmulator {
    /// Serves the files below a directory of this place.
    pub(crate) fn start(place: &Workplace, served: &str) -> Option<Self> {
        let served = place.file(served);
        start("fake-gcs-server", place, &[served.to_str().unwrap()]).map(Self)
    }

    /// A shell command with the settings for the store.
    pub(crate) fn line(&self, line: &str) -> String {
        format!("export STORAGE_EMULATOR_HOST=127.0.0.1:{}; {line}", self.0.port)
    }
}

/// nginx with HTTPS and the files of a place: as they are, at `moved/` by a redirect, at `compressed/` with gzip
/// for those who take it; `put/` takes files. `ca.pem` is the authority of its certificate.
pub(crate) struct Nginx<'a> {
    server: PythonServer,
    place: &'a Workplace,
}

impl<'a> Nginx<'a> {
    pub(crate) fn start(place: &'a Workplace) -> Option<Self> {
        let server = PythonServer::start("nginx_server.py", [place.path()]);
        said("nginx", server).map(|server| Self { server, place })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}/{path}", self.server.port)
    }

    /// A shell command that trusts the authority.
    pub(crate) fn line(&self, line: &str) -> String {
        format!("export SSL_CERT_FILE=ca.pem; {line}")
    }

    /// The requests since the last call.
    pub(crate) fn take_requests(&self) -> Vec<Request> {
        // It answers a request after it has logged those before.
        let mut stream = TcpStream::connect(("127.0.0.1", self.server.port)).unwrap();
        stream.write_all(b"GET /last HTTP/1.0\r\n\r\n").unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap();
        let mut requests = take_requests(&self.place.file("requests.log"));
        requests.retain(|request| request.what != "GET /last");
        requests
    }
}

fn start(name: &'static str, place: &Workplace, rest: &[&str]) -> Option<PythonServer> {
    let directory = place.file(name);
    std::fs::create_dir(&directory).unwrap();
    let arguments = [Path::new(name), &directory].into_iter().chain(rest.iter().map(Path::new));
    said(name, PythonServer::start("real_servers.py", arguments))
}

/// Says that the tests of a server are skipped, if it could not be started.
fn said(name: &str, server: Option<PythonServer>) -> Option<PythonServer> {
    if server.is_none() {
        eprintln!("skipped: {name} is not installed (CONTRIBUTING.md: Build and test)");
    }
    server
}
