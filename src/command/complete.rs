//! Finds what the unfinished word of a command line is: an option, its value, or an operand.

use super::description::Description;
use super::table::OptionText;
use crate::completion::{Answer, Candidate, Complete, Line, value};

/// The candidates for the unfinished word.
pub(super) fn answer(command: &Description, line: &Line) -> Answer {
    let mut given = Given::default();
    for word in line.words() {
        given.read(&command.options, word);
    }
    let current = line.current();
    if let Some(option) = given.waiting {
        return value(option.completes, "", current, &given.operands, line);
    }
    if given.only_operands || !current.starts_with('-') {
        return operand(command, &given, line);
    }
    let typed = value_in_word(&command.options, current);
    if let Some((option, prefix)) = typed {
        let begun = &current[prefix.len()..];
        return value(option.completes, prefix, begun, &given.operands, line);
    }
    options(command, &given, current)
}

/// The finished words.
#[derive(Default)]
struct Given<'a> {
    options: Vec<&'static str>,
    operands: Vec<String>,
    /// The option whose value is the next word.
    waiting: Option<&'a OptionText>,
    /// Whether `--` was among them.
    only_operands: bool,
}

impl<'a> Given<'a> {
    fn read(&mut self, options: &'a [OptionText], word: &str) {
        if self.waiting.take().is_some() {
            return;
        }
        match word.strip_prefix("--") {
            _ if self.only_operands || !word.starts_with('-') || word == "-" => {
                self.operands.push(word.to_owned());
            }
            Some("") => self.only_operands = true,
            Some(long) => {
                let name = long.split('=').next().unwrap_or_default();
                let option = options.iter().find(|option| option.long == name);
                self.options.extend(option.map(|option| option.long));
                self.waiting = option.filter(|option| option.takes_next_word() && name == long);
            }
            None => self.read_letters(options, &word[1..]),
        }
    }

    /// `-vn` is two options, and `-n5` one with its value.
    fn read_letters(&mut self, options: &'a [OptionText], letters: &str) {
        for (place, letter) in letters.char_indices() {
            let Some(option) = by_letter(options, letter) else { return };
            self.options.push(option.long);
            if option.value.is_some() {
                let is_last = place + letter.len_utf8() == letters.len();
                self.waiting = is_last.then_some(option);
                return;
            }
        }
    }
}

/// The option whose value begins in the word, and the part of the word before it: `--by=`, `-c`.
fn value_in_word<'a, 'b>(
    options: &'a [OptionText],
    word: &'b str,
) -> Option<(&'a OptionText, &'b str)> {
    if let Some(long) = word.strip_prefix("--") {
        let (name, _) = long.split_once('=')?;
        let option = options.iter().find(|option| option.long == name)?;
        return option.value.map(|_| (option, &word[..name.len() + 3]));
    }
    for (place, letter) in word.char_indices().skip(1) {
        let option = by_letter(options, letter)?;
        let (prefix, begun) = word.split_at(place + letter.len_utf8());
        if option.value.is_some() {
            // `-c=a` is `-ca`.
            let equals = usize::from(begun.starts_with('='));
            return (!begun.is_empty()).then(|| (option, &word[..prefix.len() + equals]));
        }
    }
    None
}

fn by_letter(options: &[OptionText], letter: char) -> Option<&OptionText> {
    options.iter().find(|option| option.short == Some(letter))
}

fn operand(command: &Description, given: &Given<'_>, line: &Line) -> Answer {
    let kinds = command.completes;
    let place = given.operands.len().min(kinds.len().saturating_sub(1));
    let left = kinds.get(place..).unwrap_or_default().iter();
    let offer = |kind: Complete| value(kind, "", line.current(), &given.operands, line);
    // An operand that is not an expression may be a file: stream-filter --in replaces it.
    left.map(|kind| offer(*kind)).find(|answer| !answer.is_empty()).unwrap_or_default()
}

/// The options that may still be given.
fn options(command: &Description, given: &Given<'_>, typed: &str) -> Answer {
    let may_follow = |option: &&OptionText| option.repeats || !given.options.contains(&option.long);
    let left: Vec<&OptionText> = command.options.iter().filter(may_follow).collect();
    let word = |text: String, option: &OptionText| Candidate {
        description: option.summary.to_owned(),
        ..Candidate::word(text)
    };
    let long = left.iter().map(|option| word(format!("--{}", option.long), option));
    let short = left.iter().filter_map(|option| Some(word(format!("-{}", option.short?), option)));
    let all = long.chain(short.filter(|_| !typed.starts_with("--")));
    all.filter(|candidate| candidate.text.starts_with(typed)).collect::<Vec<_>>().into()
}
