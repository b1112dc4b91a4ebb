//! Text styles of a terminal.

/// Appends a text that is less important than others.
pub(crate) fn dim(text: &str, colour: bool, line: &mut String) {
    match colour {
        true => line.extend(["\x1b[2m", text, "\x1b[0m"]),
        false => line.push_str(text),
    }
}
