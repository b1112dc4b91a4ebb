//! The manual page of a tool, in mdoc (mandoc, groff): see mdoc(7).

use super::description::Description;
use super::help::{Part, one_line, sentence, shell_lines, statuses};
use super::table::OptionText;
use crate::text::mdoc;

/// The date of the texts in the tables; a page without a date is invalid.
const DATE: &str = "November 21, 2026";

/// The page `man/NAME.1`.
pub(super) fn page(command: &Description) -> String {
    let mut page = String::new();
    page.push_str(
        ".\\\" Part of arrow-pipes. Written by scripts/update-generated from the table in \
         src/bin: edit that.\n",
    );
    page.push_str(&format!(".Dd {DATE}\n.Dt {} 1\n.Os\n", command.name.to_uppercase()));
    page.push_str(&format!(".Sh NAME\n.Nm {}\n.Nd {}\n", command.name, mdoc(command.summary)));
    page.push_str(&synopsis(command));
    page.push_str(".Sh DESCRIPTION\n");
    page.push_str(&paragraphs(command.description));
    if let Some(urls) = command.urls {
        page.push_str(&format!(".Pp\n{}", paragraphs(urls)));
    }
    page.push_str(".Pp\nThe options are as follows:\n.Bl -tag -width Ds\n");
    for option in &command.options {
        page.push_str(&item(option));
    }
    page.push_str(".El\n");
    page.push_str(&exit_status(command));
    page.push_str(&examples(command));
    page.push_str(".Sh SEE ALSO\n.Xr arrow-pipes 1 ,\n.Xr arrow-expressions 7\n");
    page.push_str(".Sh CAVEATS\n.Ss Memory\n");
    page.push_str(&paragraphs(command.memory));
    page
}

fn synopsis(command: &Description) -> String {
    let mut lines = format!(".Sh SYNOPSIS\n.Nm {}\n.Op Ar option ...\n", command.name);
    for operand in command.operands.split_whitespace() {
        let optional = operand.strip_prefix('[').and_then(|operand| operand.strip_suffix(']'));
        let (start, name) = optional.map_or((".Ar", operand), |name| (".Op Ar", name));
        lines.push_str(&format!("{start} {}\n", name.replace("...", " ...")));
    }
    lines
}

fn item(option: &OptionText) -> String {
    let value = option.value.map_or_else(String::new, |value| {
        let optional = || format!(" Ns Oo = Ns Ar {value} Oc");
        if option.is_optional { optional() } else { format!(" Ar {value}") }
    });
    let short = option.short.map_or_else(String::new, |letter| format!("Fl {letter}{value} , "));
    let parts = sentence(option).into_iter().enumerate().map(|(place, part)| match part {
        Part::Words(words) if place == 0 => mdoc(&words),
        Part::Words(words) => format!(".Pp\n{}", mdoc(&words)),
        Part::Table(lines) => format!(".Bd -literal\n{}\n.Ed", literal(&lines)),
    });
    let parts = parts.collect::<Vec<_>>().join("\n");
    format!(".It {short}Fl -{}{value}\n{parts}\n", option.long)
}

fn exit_status(command: &Description) -> String {
    let mut lines = ".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n".to_owned();
    for (status, meaning) in statuses(command) {
        lines.push_str(&format!(".It {status}\n{}\n", mdoc(meaning)));
    }
    lines + ".El\n"
}

fn examples(command: &Description) -> String {
    let mut lines = String::new();
    if !command.examples.is_empty() {
        lines.push_str(".Sh EXAMPLES\n");
    }
    for (place, example) in command.examples.iter().enumerate() {
        let gap = if place == 0 { "" } else { ".Pp\n" };
        let purpose = sentence_case(example.purpose);
        lines.push_str(&format!(
            "{gap}{}:\n.Bd -literal -offset indent\n{}\n.Ed\n",
            mdoc(&purpose),
            literal(&shell_lines(example.line))
        ));
    }
    lines
}

/// Code, whose lines are kept.
fn literal(lines: &[String]) -> String {
    let safe = lines.iter().map(|line| line.replace('\\', "\\e").replace('-', "\\-"));
    safe.collect::<Vec<_>>().join("\n")
}

fn paragraphs(words: &str) -> String {
    let parts: Vec<String> =
        words.split("\n\n").map(|paragraph| format!("{}\n", mdoc(&one_line(paragraph)))).collect();
    parts.join(".Pp\n")
}

fn sentence_case(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
