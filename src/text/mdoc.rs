//! Plain text as mdoc, the language of the manuals.

/// Plain words in mdoc, the language of the manuals.
///
/// A backslash, a hyphen that belongs to code, or a dot at the start of a line would have a special
/// meaning. Each sentence begins a new line, and lines are short, as is mdoc style.
pub fn mdoc(words: &str) -> String {
    let text = words.replace('\\', "\\e").replace('-', "\\-").replace(". ", ".\n");
    let broken = text.lines().flat_map(broken);
    let safe =
        broken.map(|line| if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line });
    safe.collect::<Vec<_>>().join("\n")
}

/// Wraps a line between words, to lines of at most 78 bytes.
fn broken(line: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        match lines.last_mut() {
            Some(last) if last.is_empty() => last.push_str(word),
            Some(last) if width(last) + width(word) < 78 => last.extend([" ", word]),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The bytes of a text as mandoc counts them: it writes `…` as `\[u2026]`.
fn width(text: &str) -> usize {
    text.chars().map(|letter| if letter.is_ascii() { 1 } else { 8 }).sum()
}
