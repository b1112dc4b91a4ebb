//! A position in a text: words, signs, and names in double quotes. The grammars of options are
//! parsed with it.

/// The unread rest of a text. Only methods that say so skip white space.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    /// The position, in bytes.
    pub(crate) at: usize,
}

/// A name whose closing quote is missing.
#[derive(Debug)]
pub(crate) struct Unclosed;

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn skip_spaces(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Whether nothing but white space is left.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.skip_spaces();
        self.rest().is_empty()
    }

    /// Reads this sign if it comes next, after white space; returns whether it did.
    pub(crate) fn takes(&mut self, sign: &str) -> bool {
        self.skip_spaces();
        let there = self.rest().starts_with(sign);
        self.at += if there { sign.len() } else { 0 };
        there
    }

    /// Reads letters, digits and underscores.
    pub(crate) fn word(&mut self) -> &'a str {
        self.take_while(|c| c.is_alphanumeric() || c == '_')
    }

    pub(crate) fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Reads a name in double quotes if one comes next; a doubled quote means one quote.
    ///
    /// # Errors
    /// A quote that is not closed.
    pub(crate) fn quoted(&mut self) -> Result<Option<String>, Unclosed> {
        let Some(mut rest) = self.rest().strip_prefix('"') else { return Ok(None) };
        let mut name = String::new();
        loop {
            let (part, after) = rest.split_once('"').ok_or(Unclosed)?;
            name.push_str(part);
            self.at = self.text.len() - after.len();
            match after.strip_prefix('"') {
                Some(more) => rest = more,
                None => return Ok(Some(name)),
            }
            name.push('"');
        }
    }
}
