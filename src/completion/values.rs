//! The candidates for a value, by its kind.

use super::answer::{Answer, Files, Wanted};
use super::candidate::Candidate;
use super::columns::columns;
use super::kinds::Complete;
use super::line::Line;
use super::lists::List;
use super::names;

/// The candidates for a value of this kind, whose beginning was typed. `prefix` is the part of the
/// word before the value (`--by=`), and `operands` are those of the command, which may be files.
pub fn value(
    kind: Complete,
    prefix: &str,
    typed: &str,
    operands: &[String],
    line: &Line,
) -> Answer {
    let wanted = match kind {
        Complete::Files(endings) => Some(Wanted::Endings(endings)),
        Complete::Directory => Some(Wanted::Directories),
        _ => None,
    };
    let files =
        wanted.map(|wanted| Files { prefix: prefix.to_owned(), typed: typed.to_owned(), wanted });
    let columns = |name: &str| columns(line, operands, name);
    let mut candidates = match kind {
        Complete::Nothing | Complete::Files(_) | Complete::Directory => Vec::new(),
        Complete::Choices(known) => words(&known(), typed),
        Complete::Column => names::column(typed, &columns(typed)),
        Complete::Columns(others) => {
            let list = List::new(typed);
            let others = if list.is_first() { words(others, typed) } else { Vec::new() };
            [others, list.names(&columns(&list.begun()))].concat()
        }
        Complete::Order => {
            let list = List::new(typed);
            list.order(&columns(&list.begun()))
        }
        Complete::Types => {
            let list = List::new(typed);
            list.types(&columns(&list.begun()))
        }
        Complete::Pair(known) => names::pair(typed, &known(), &columns(typed)),
        Complete::Expression => names::expression(typed, &columns(&names::last_name(typed))),
    };
    for candidate in &mut candidates {
        candidate.text.insert_str(0, prefix);
    }
    Answer { candidates, files }
}

fn words(known: &[&str], typed: &str) -> Vec<Candidate> {
    let fitting = known.iter().filter(|word| word.starts_with(typed));
    fitting.map(|word| Candidate::word(*word)).collect()
}
