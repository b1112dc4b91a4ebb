//! Views that show a file part by part because the whole may be large: pages, dictionaries.

use super::dictionary::{Dictionaries, Dictionary};
use super::fit::Table;
use super::notes::{Notes, named};
use super::page::Page;
use super::pages::Pages;
use super::{Answer, Form, batches, tables};
use crate::error::Result;

/// The pages of one file, a few thousand at a time.
pub(super) struct ShownPages {
    pages: Pages,
    form: Form,
    above: Vec<String>,
    are_first: bool,
    /// The notes below a table.
    notes: Notes,
}

impl ShownPages {
    /// Shows the pages below the lines of a heading.
    pub(super) fn new(pages: Pages, form: Form, above: Vec<String>) -> Self {
        Self { pages, form, above, are_first: true, notes: Notes::default() }
    }

    fn show(&mut self, pages: &[Page]) -> Result<Answer> {
        let above = std::mem::take(&mut self.above);
        let are_first = std::mem::replace(&mut self.are_first, false);
        self.form.answer(
            || batches::pages(self.pages.path(), pages),
            |width| {
                pages.iter().for_each(|page| self.notes.add_page(page));
                [above, tables::pages(pages, are_first, width)].concat()
            },
        )
    }
}

impl Iterator for ShownPages {
    type Item = Result<Answer>;

    fn next(&mut self) -> Option<Self::Item> {
        let pages = match self.pages.next() {
            Some(Err(error)) => return Some(Err(error)),
            Some(Ok(pages)) => pages,
            // A file without pages still has the header of its table.
            None if self.are_first => Vec::new(),
            None => {
                let notes = std::mem::take(&mut self.notes).lines();
                return (!notes.is_empty()).then_some(Ok(Answer::Lines(notes)));
            }
        };
        Some(self.show(&pages))
    }
}

/// The dictionaries of one file: a table at the end, or their entries, a few thousand at a time.
pub(super) struct ShownDictionaries {
    dictionaries: Dictionaries,
    form: Form,
    above: Vec<String>,
    /// None once it has been shown.
    table: Option<Table<Dictionary>>,
    /// The dictionary whose entries are being shown, and the next entry.
    present: Option<(Dictionary, usize)>,
}

impl ShownDictionaries {
    /// Shows the dictionaries below the lines of a heading.
    pub(super) fn new(dictionaries: Dictionaries, form: Form, above: Vec<String>) -> Self {
        let table = matches!(form, Form::Text { .. }).then(tables::dictionaries);
        Self { dictionaries, form, above, table, present: None }
    }

    fn entries(&mut self) -> Option<Result<Answer>> {
        let (dictionary, next) = self.present.as_mut()?;
        let batch = match batches::dictionary(self.dictionaries.path(), dictionary, *next) {
            Ok(batch) => batch,
            Err(error) => return Some(Err(error)),
        };
        *next += batch.num_rows();
        if *next >= dictionary.entries.len() {
            self.present = None;
        }
        Some(match self.form {
            Form::Stream => Ok(Answer::Batch(batch)),
            _ => batches::json_lines(&batch).map(Answer::Lines),
        })
    }

    fn last_lines(&mut self) -> Option<Vec<String>> {
        let Form::Text { width } = self.form else { return None };
        let table = self.table.take()?;
        let mut lines = std::mem::take(&mut self.above);
        lines.extend(table.lines(width));
        let without = self.dictionaries.without();
        if !without.is_empty() {
            lines.push(format!("(no dictionary: {})", named(without)));
        }
        Some(lines)
    }
}

impl Iterator for ShownDictionaries {
    type Item = Result<Answer>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(answer) = self.entries() {
                return Some(answer);
            }
            match (self.dictionaries.next(), &mut self.table) {
                (Some(Err(error)), _) => return Some(Err(error)),
                (Some(Ok(dictionary)), Some(table)) => table.add(&dictionary),
                (Some(Ok(dictionary)), None) => self.present = Some((dictionary, 0)),
                (None, _) => return self.last_lines().map(|lines| Ok(Answer::Lines(lines))),
            }
        }
    }
}
