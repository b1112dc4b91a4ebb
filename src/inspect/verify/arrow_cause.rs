//! The faults that errors of the reader of Arrow files and streams are.

use super::fault::{Kind, not_verified};
use crate::error::Error;

/// The fault that an error is: of this kind, or [`Kind::Unverified`] if only a limit is too low.
pub(super) fn refusal(error: &Error, kind: Kind) -> (Kind, String) {
    if error.is_limit() {
        (Kind::Unverified, not_verified(&cause(error)))
    } else {
        (kind, cause(error))
    }
}

/// The cause of an error without the words that name the message again.
pub(super) fn cause(error: &Error) -> String {
    const WORDS: [&str; 8] = [
        "damaged Arrow file: ",
        "damaged stream: ",
        "damaged message: ",
        "damaged record batch: ",
        "damaged dictionary: ",
        "damaged schema: ",
        "Invalid argument error: ",
        "Ipc error: ",
    ];
    let text = error.to_string();
    let mut cause = text.as_str();
    while let Some(rest) = WORDS.iter().find_map(|words| cause.strip_prefix(words)) {
        cause = rest;
    }
    cause.to_owned()
}
