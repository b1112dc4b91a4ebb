//! Views that show a file part by part because the whole may be large: pages, dictionaries.

use super::dictionary::Dictionaries;
use super::notes::{Notes, named};
use super::pages::Pages;
use super::{Answer, Form, batches, tables};
use crate::error::Result;
use std::iter::{from_fn, once};

/// The pages of one file or the rows of its dictionaries, in any form.
pub(super) type Parts = Box<dyn Iterator<Item = Result<Answer>>>;

/// The pages of one file, a few thousand at a time, below the lines of a heading.
pub(super) fn pages(mut pages: Pages, form: Form, above: Vec<String>) -> Parts {
    // Taken by the first answer.
    let mut above = Some(above);
    let mut notes = Notes::default();
    Box::new(from_fn(move || {
        let some = match pages.next() {
            Some(Err(error)) => return Some(Err(error)),
            Some(Ok(some)) => some,
            // A file without pages still has the header of its table.
            None if above.is_some() => Vec::new(),
            None => {
                let notes = std::mem::take(&mut notes).lines();
                return (!notes.is_empty()).then_some(Ok(Answer::Lines(notes)));
            }
        };
        let above = above.take();
        Some(form.answer(
            || batches::pages(pages.path(), &some),
            |width| {
                some.iter().for_each(|page| notes.add_page(page));
                let table = tables::pages(&some, above.is_some(), width);
                [above.unwrap_or_default(), table].concat()
            },
        ))
    }))
}

/// The dictionaries of one file: a table at the end, or their entries, a few thousand at a time.
pub(super) fn dictionaries(dictionaries: Dictionaries, form: Form, above: Vec<String>) -> Parts {
    match form {
        Form::Text { width } => dictionary_table(dictionaries, width, above),
        Form::Json | Form::Stream => dictionary_entries(dictionaries, form),
    }
}

fn dictionary_table(
    mut dictionaries: Dictionaries,
    width: Option<usize>,
    above: Vec<String>,
) -> Parts {
    let mut table = tables::dictionaries();
    // Taken by the only answer.
    let mut above = Some(above);
    Box::new(from_fn(move || {
        for dictionary in dictionaries.by_ref() {
            match dictionary {
                Ok(dictionary) => table.add(&dictionary),
                Err(error) => return Some(Err(error)),
            }
        }
        let mut lines = above.take()?;
        lines.extend(table.lines(width));
        let without = dictionaries.without();
        if !without.is_empty() {
            lines.push(format!("(no dictionary: {})", named(without)));
        }
        Some(Ok(Answer::Lines(lines)))
    }))
}

fn dictionary_entries(dictionaries: Dictionaries, form: Form) -> Parts {
    const MOST_ROWS: usize = 4096;
    let path = dictionaries.path().to_owned();
    Box::new(dictionaries.flat_map(move |dictionary| -> Parts {
        let (path, dictionary) = match dictionary {
            Ok(dictionary) => (path.clone(), dictionary),
            Err(error) => return Box::new(once(Err(error))),
        };
        // A dictionary without entries still has a batch.
        let starts = (0..dictionary.entries.len().max(1)).step_by(MOST_ROWS);
        Box::new(starts.map(move |start| {
            let batch = || batches::dictionary(&path, &dictionary, start, MOST_ROWS);
            form.answer(batch, |_| Vec::new())
        }))
    }))
}
