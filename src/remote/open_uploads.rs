//! The multipart uploads that a signal must end: otherwise the store keeps their parts, and asks money
//! for them.

use super::runtime;
use crate::error::{Error, Result};
use crate::io::on_signal;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// An upload that has begun.
pub(super) trait OpenUpload: Send + Sync {
    /// Lets no other thread go on with the upload, and removes its parts from the store.
    fn end(self: Arc<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

static OPEN: Mutex<Option<Vec<Weak<dyn OpenUpload>>>> = Mutex::new(None);

/// The time that all of them get. A process that ends because of a fault waits 5 seconds at most.
const MOST: Duration = Duration::from_secs(4);

/// Ends an upload if a signal ends the process, until it is dropped.
///
/// # Errors
/// The system refuses to watch for signals.
pub(super) fn add(upload: Weak<dyn OpenUpload>) -> Result<()> {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if open.is_none() {
        let cannot = |e| Error::io("cannot watch for signals", &e);
        on_signal(PathBuf::from("uploads"), |_| end_all()).map_err(cannot)?;
    }
    let open = open.get_or_insert_default();
    open.retain(|upload| 0 < upload.strong_count());
    open.push(upload);
    Ok(())
}

fn end_all() {
    // Held until the process is gone, so that no upload begins any more.
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let uploads = open.iter().flatten().filter_map(Weak::upgrade);
    let (sender, receiver) = channel();
    for upload in uploads {
        let sender = sender.clone();
        let end = upload.end();
        let ended = async move {
            end.await;
            let _process_is_gone = sender.send(());
        };
        let _no_thread = runtime::spawn(ended);
    }
    drop(sender);
    let end = Instant::now() + MOST;
    while receiver.recv_timeout(end.saturating_duration_since(Instant::now())).is_ok() {}
    std::mem::forget(open);
}
