//! An invalid object, for an error message that names its line.

use super::infer::{MOST_DEPTH, MOST_KEYS, Refusal};
use super::not_a_number::has_word;
use super::parts::Fault;
use super::problem::Problem;
use crate::error::Error;
use crate::text::{count, escaped, known_format};
use crate::text_format::infer::as_sampled;

/// Why an object is invalid.
pub(super) enum Wrong {
    /// Not JSON. `has_word` says whether it may contain NaN or Infinity, which JSON does not have.
    Syntax {
        error: serde_json::Error,
        has_word: bool,
    },
    Object(String),
}

impl Wrong {
    /// For an object that does not fit its columns, which were inferred from `sampled_rows` rows.
    pub(super) fn of_row(fault: Fault<Problem>, object: &str, sampled_rows: u64) -> Self {
        match fault {
            Fault::Syntax(error) => Self::of_syntax(error, object),
            Fault::Refused(problem) => {
                let told = problem.told();
                Self::Object(match problem.way_out() {
                    Some(way) => {
                        format!("{told} ({}: {way})", as_sampled(sampled_rows))
                    }
                    None => told,
                })
            }
        }
    }

    /// For an object that no schema can be inferred from.
    pub(super) fn of_sample(fault: Fault<Refusal>, object: &str) -> Self {
        match fault {
            Fault::Syntax(error) => Self::of_syntax(error, object),
            Fault::Refused(refusal) => Self::Object(told(&refusal)),
        }
    }

    fn of_syntax(error: serde_json::Error, object: &str) -> Self {
        Self::Syntax { error, has_word: has_word(object) }
    }

    /// Adds the input and the line.
    pub(super) fn placed(self, name: &str, line: u64) -> Error {
        let (line, why) = match self {
            Self::Object(why) => (line, why),
            Self::Syntax { error, .. } if error.is_eof() => {
                (line, "the object is not closed".to_owned())
            }
            Self::Syntax { error, has_word } => {
                let line = line + (error.line() as u64).saturating_sub(1);
                let told = error.to_string();
                let why = told.split(" at line ").next().unwrap_or_default();
                let way_out = if has_word { " (--allow-nan reads NaN and Infinity)" } else { "" };
                (line, format!("not JSON at byte {}: {why}{way_out}", error.column()))
            }
        };
        Error::failed(format!("line {line}: {why}")).with(name)
    }
}

/// The object in a text, without surrounding blanks, and the number of bytes before it.
pub(super) fn object_of(text: &[u8]) -> Result<(&str, usize), Wrong> {
    // JSON contains no zero byte; every format with such a magic number does.
    if let Some(format) = known_format(text).filter(|_| text.contains(&0)) {
        return Err(Wrong::Object(format!("not JSON: {format}")));
    }
    let front = text.len() - text.trim_ascii_start().len();
    let text = match std::str::from_utf8(text[front..].trim_ascii_end()) {
        Ok(text) => text,
        Err(_) => return Err(Wrong::Object("not UTF-8".to_owned())),
    };
    match text.starts_with('{') {
        true => Ok((text, front)),
        false => {
            let start: String = text.chars().take(20).collect();
            Err(Wrong::Object(format!("not a JSON object: it starts with \"{}\"", escaped(&start))))
        }
    }
}

fn told(refusal: &Refusal) -> String {
    match refusal {
        Refusal::TooDeep => format!("values are nested deeper than {MOST_DEPTH} levels"),
        Refusal::TooManyKeys => format!(
            "more than {} keys; if the keys are data, give the column a type: --types 'name map<utf8, ...>'",
            count(MOST_KEYS as u64)
        ),
        Refusal::KeysAreValues { objects, keys } => format!(
            "the first {} objects have {} distinct keys, which seem to be data: use --schema 'key type, \
             ...' and --ignore-unknown to read only the keys you name",
            count(*objects as u64),
            count(*keys as u64)
        ),
    }
}
