//! The help of a tool: `-h` fits a screen, `--help` says everything.

use super::table::{Description, OptionText};

/// A terminal's width that everybody has.
const WIDTH: usize = 80;

/// Synopsis, options in a line each, examples.
pub(super) fn short(command: &Description) -> String {
    let mut text = head(command);
    text.push_str("\nOptions:\n");
    let names: Vec<String> = command.options.iter().map(names).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (option, name) in command.options.iter().zip(&names) {
        let padding = " ".repeat(width - name.chars().count());
        text.push_str(&indented(&format!("  {name}{padding}  "), option.summary, width + 4));
    }
    push_examples(&mut text, command, 2);
    text
}

/// The whole manual as plain text.
pub(super) fn long(command: &Description) -> String {
    let mut text = head(command);
    for paragraph in command.description.split("\n\n") {
        text.push('\n');
        text.push_str(&indented("", &one_line(paragraph), 0));
    }
    text.push_str("\nOptions:\n");
    for option in &command.options {
        text.push_str(&format!("  {}\n", names(option)));
        text.push_str(&indented("        ", &sentence(option), 8));
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

/// The statuses of every tool, with those of this one.
pub(super) fn statuses(command: &Description) -> Vec<(u8, &'static str)> {
    let mut statuses = vec![
        (0, "done, or the reader of the output went away"),
        (1, "the work failed; nothing was written, or a stream without its end marker"),
        (2, "the command line was wrong"),
    ];
    statuses.extend(command.statuses);
    statuses
}

/// What an option does, in sentences: the summary and, behind it, the details.
pub(super) fn sentence(option: &OptionText) -> String {
    let mut letters = option.summary.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let summary = format!("{first}{}.", letters.as_str());
    one_line(&format!("{summary} {}", option.details))
}

/// Text from source code, where lines are broken for the source's sake.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An example as it is typed, behind a prompt; a long pipe goes on below, as the shell allows.
pub(super) fn shell_lines(line: &str) -> Vec<String> {
    // A margin of a manual's literal display takes some columns of the width.
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

/// `-o, --output FILE`, the long names one below the other.
fn names(option: &OptionText) -> String {
    let short = option.short.map_or_else(|| "    ".to_owned(), |letter| format!("-{letter}, "));
    let value = option.value.map_or_else(String::new, |value| format!(" {value}"));
    format!("{short}--{}{value}", option.long)
}

/// Words broken into lines, the first behind `start`, the others indented.
fn indented(start: &str, words: &str, indent: usize) -> String {
    let mut text = start.to_owned();
    let mut column = start.chars().count();
    let mut fresh = true;
    for word in words.split_whitespace() {
        let length = word.chars().count();
        if !fresh && WIDTH < column + 1 + length {
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
