//! A server of objects behind a link of a given latency and rate, for measurements on the loopback:
//! `link DIRECTORY LATENCY_MS MEGABYTES_PER_SECOND`.
//!
//! It prints its port, and serves the files below the directory by GET and HEAD with ranges, over
//! connections that stay open. A connection costs one latency, a request another, and all bodies
//! share the rate. `GET /-/counts` returns the requests and the bytes of bodies since the last time,
//! without delay.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PIECE_BYTES: usize = 64 << 10;

struct Link {
    directory: PathBuf,
    latency: Duration,
    bytes_per_second: f64,
    /// When the last byte that was promised will have passed.
    free: Mutex<Instant>,
    requests: AtomicU64,
    bytes: AtomicU64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let [directory, latency, rate] = &arguments[..] else {
        return println!("usage: link DIRECTORY LATENCY_MS MEGABYTES_PER_SECOND");
    };
    let link = Arc::new(Link {
        directory: directory.into(),
        latency: Duration::from_millis(latency.parse().expect("milliseconds")),
        bytes_per_second: 1e6 * rate.parse::<f64>().expect("megabytes"),
        free: Mutex::new(Instant::now()),
        requests: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
    });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    for stream in listener.incoming().flatten() {
        let link = Arc::clone(&link);
        std::thread::spawn(move || {
            std::thread::sleep(link.latency);
            // The client has closed the connection.
            let _closed = link.serve(stream);
        });
    }
}

/// What a request asks for.
struct Asked {
    head: bool,
    path: String,
    range: Option<String>,
}

fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Asked>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split(' ');
    let head = words.next() == Some("HEAD");
    let path = words.next().unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
    let mut range = None;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim().is_empty() {
            return Ok(Some(Asked { head, path, range }));
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("range")
        {
            range = value.trim().strip_prefix("bytes=").map(str::to_owned);
        }
    }
}

impl Link {
    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::new(stream);
        while let Some(asked) = read(&mut reader)? {
            if asked.path == "/-/counts" {
                let (requests, bytes) =
                    (self.requests.swap(0, Relaxed), self.bytes.swap(0, Relaxed));
                let body = format!("{requests} {bytes}\n");
                write!(writer, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
                continue;
            }
            self.requests.fetch_add(1, Relaxed);
            std::thread::sleep(self.latency);
            self.answer(&asked, &mut writer)?;
        }
        Ok(())
    }

    fn answer(&self, asked: &Asked, writer: &mut TcpStream) -> std::io::Result<()> {
        let path = self.directory.join(asked.path.trim_start_matches('/'));
        let Ok(mut file) = File::open(&path) else {
            return write!(writer, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        };
        let size = file.metadata()?.len();
        let (start, end) = asked.range.as_deref().map_or((0, size), |range| span(range, size));
        let status = if asked.range.is_some() { "206 Partial Content" } else { "200 OK" };
        let range = format!("Content-Range: bytes {start}-{}/{size}\r\n", end.max(1) - 1);
        let range = if asked.range.is_some() { range } else { String::new() };
        write!(
            writer,
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\n{range}ETag: \"{size}\"\r\n\
             Last-Modified: Mon, 30 Nov 2026 00:00:00 GMT\r\nAccept-Ranges: bytes\r\n\r\n",
            end - start
        )?;
        if asked.head {
            return Ok(());
        }
        file.seek(SeekFrom::Start(start))?;
        let mut piece = vec![0; PIECE_BYTES];
        let mut left = end - start;
        while 0 < left {
            let length = left.min(PIECE_BYTES as u64) as usize;
            file.read_exact(&mut piece[..length])?;
            self.wait_for(length);
            writer.write_all(&piece[..length])?;
            self.bytes.fetch_add(length as u64, Relaxed);
            left -= length as u64;
        }
        Ok(())
    }

    /// Waits until the link has room for bytes.
    fn wait_for(&self, bytes: usize) {
        let mut free = self.free.lock().unwrap();
        let now = Instant::now();
        let passed = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second);
        *free = (*free).max(now) + passed;
        let until = *free;
        drop(free);
        std::thread::sleep(until.saturating_duration_since(now));
    }
}

/// The range of a header: `5-9`, `5-` or `-5`.
fn span(range: &str, size: u64) -> (u64, u64) {
    let (first, last) = range.split_once('-').unwrap_or((range, ""));
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) => (first.min(size), size.min(last + 1)),
        (Ok(first), Err(_)) => (first.min(size), size),
        (Err(_), Ok(last)) => (size.saturating_sub(last), size),
        _ => (0, size),
    }
}
