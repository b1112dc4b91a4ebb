//! The help of a tool: `-h` fits on a screen, `--help` is the full manual.

use super::description::Description;
use super::table::OptionText;

/// The smallest terminal width in common use.
const WIDTH: usize = 80;

/// The height of an ordinary terminal window, in lines.
const HEIGHT: usize = 50;

/// The largest width of the column of option names; a longer name does not widen it for the others.
const NAME_WIDTH: usize = 29;

/// Synopsis, one line per option, and two examples, or as many as fit on the screen.
pub(super) fn short(command: &Description) -> String {
    let mut text = head(command);
    text.push_str("\nOptions:\n");
    let names: Vec<String> = command.options.iter().map(names).collect();
    let widths = names.iter().map(|name| name.chars().count());
    let width = widths.filter(|width| *width <= NAME_WIDTH).max().unwrap_or(0);
    for (option, name) in command.options.iter().zip(&names) {
        let padding = " ".repeat(width.saturating_sub(name.chars().count()));
        text.push_str(&indented(&format!("  {name}{padding}  "), option.summary, width + 4));
    }
    let with_examples = |most| {
        let mut text = text.clone();
        push_examples(&mut text, command, most);
        text
    };
    let fits = |text: &String| text.lines().count() <= HEIGHT;
    [2, 1].map(with_examples).into_iter().find(fits).unwrap_or(text)
}

/// The whole manual as plain text.
pub(super) fn long(command: &Description) -> String {
    let mut text = head(command);
    for paragraph in command.description.split("\n\n").chain(command.urls) {
        text.push('\n');
        text.push_str(&indented("", &one_line(paragraph), 0));
    }
    text.push_str("\nOptions:\n");
    for option in &command.options {
        text.push_str(&format!("  {}\n", names(option)));
        for part in sentence(option) {
            match part {
                Part::Words(words) => text.push_str(&indented("        ", &words, 8)),
                Part::Table(lines) => {
                    lines.iter().for_each(|line| text.push_str(&format!("        {line}\n")));
                }
            }
        }
    }
    text.push_str("\nMemory:\n");
    text.push_str(&indented("  ", &one_line(command.memory), 2));
    text.push_str("\nExit status:\n");
    for (status, meaning) in statuses(command) {
        text.push_str(&indented(&format!("  {status}  "), meaning, 5));
    }
    push_examples(&mut text, command, usize::MAX);
    text
}

/// The exit statuses common to all tools, followed by those of this tool, unless it has others.
pub(super) fn statuses(command: &Description) -> Vec<(u8, &'static str)> {
    if command.statuses.iter().any(|(status, _)| *status == 0) {
        return command.statuses.to_vec();
    }
    let mut statuses = vec![
        (0, "success, or the reader of the output closed it"),
        (1, "failure; there is no output, or a stream without an end marker"),
        (2, "invalid command line"),
    ];
    statuses.extend(command.statuses);
    statuses
}

/// A part of a help text from the source code.
pub(super) enum Part {
    /// A paragraph, which is wrapped to the width of the line.
    Words(String),
    /// Lines that are not wrapped; in the source code each begins with a bar.
    Table(Vec<String>),
}

/// The description of an option: the summary as a sentence, followed by the details.
pub(super) fn sentence(option: &OptionText) -> Vec<Part> {
    let mut letters = option.summary.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let summary = format!("{first}{}.", letters.as_str());
    parts(&format!("{summary} {}", option.details))
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut follows_empty_line = false;
    for line in text.lines().map(str::trim) {
        let table_line = line.strip_prefix('|').map(|line| line.strip_prefix(' ').unwrap_or(line));
        match (table_line, parts.last_mut()) {
            (Some(line), Some(Part::Table(lines))) => lines.push(line.to_owned()),
            (Some(line), _) => parts.push(Part::Table(vec![line.to_owned()])),
            (None, _) if line.is_empty() => {}
            (None, Some(Part::Words(words))) if !follows_empty_line => {
                *words = one_line(&format!("{words} {line}"));
            }
            (None, _) => parts.push(Part::Words(one_line(line))),
        }
        follows_empty_line = line.is_empty();
    }
    parts
}

/// Joins a text that is broken into lines in the source code.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An example as typed, after a prompt; a long pipeline continues on the following lines.
pub(super) fn shell_lines(line: &str) -> Vec<String> {
    // The margin of a literal display in a manual takes some columns of the width.
    if line.len() + 2 <= WIDTH - 10 {
        return vec![format!("$ {line}")];
    }
    let mut lines: Vec<String> = Vec::new();
    for part in line.split_inclusive(" | ") {
        let prompt = if lines.is_empty() { "$ " } else { "    " };
        lines.push(format!("{prompt}{}", part.trim_end()));
    }
    lines
}

fn head(command: &Description) -> String {
    let synopsis = format!("{} [OPTION...] {}", command.name, command.operands);
    let title = indented(&format!("{}: ", command.name), command.summary, 4);
    format!("{title}\nUsage: {}\n", synopsis.trim_end())
}

fn push_examples(text: &mut String, command: &Description, most: usize) {
    if !command.examples.is_empty() {
        text.push_str("\nExamples:\n");
    }
    for example in command.examples.iter().take(most) {
        text.push_str(&indented("  # ", example.purpose, 4));
        for line in shell_lines(example.line) {
            text.push_str(&format!("  {line}\n"));
        }
    }
}

/// `-o, --output FILE`, with the long names aligned.
fn names(option: &OptionText) -> String {
    let short = option.short.map_or_else(|| "    ".to_owned(), |letter| format!("-{letter}, "));
    let value = option.value.map_or_else(String::new, |value| {
        if option.is_optional { format!("[={value}]") } else { format!(" {value}") }
    });
    format!("{short}--{}{value}", option.long)
}

/// Words wrapped into lines of 80 columns, the first one after `start`, the others indented.
pub fn indented(start: &str, words: &str, indent: usize) -> String {
    let mut text = start.to_owned();
    let mut column = start.chars().count();
    let mut fresh = true;
    for word in words.split_whitespace() {
        let length = word.chars().count();
        if !fresh && column + 1 + length > WIDTH {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            column = indent;
        } else if !fresh {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
        fresh = false;
    }
    text.push('\n');
    text
}
