//! Conversion of other encodings to UTF-8.

use crate::options::TextEncoding;

/// An incremental decoder.
#[derive(Debug)]
pub(super) struct Decoder {
    encoding: TextEncoding,
    /// Bytes that are not a whole character yet.
    pending: Vec<u8>,
}

/// The maximum number of UTF-8 bytes that one byte becomes (the euro sign).
pub(super) const MOST_GROWTH: usize = 3;

/// The characters of Windows code page 1252 at 0x80 to 0x9f; NUL for undefined ones.
const WINDOWS_1252: [char; 32] = [
    '\u{20ac}', '\0', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\0', '\u{17d}', '\0', '\0',
    '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}',
    '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\0', '\u{17e}', '\u{178}',
];

impl Decoder {
    /// The decoder of an encoding; `None` for UTF-8. `mark` holds the first bytes of the input.
    ///
    /// # Errors
    /// UTF-16 without a byte order mark.
    pub(super) fn new(encoding: TextEncoding, mark: &[u8]) -> Result<Option<Self>, String> {
        let marked = match mark {
            [0xff, 0xfe, ..] => Some(TextEncoding::Utf16Le),
            [0xfe, 0xff, ..] => Some(TextEncoding::Utf16Be),
            _ => None,
        };
        let encoding = match (encoding, marked) {
            (TextEncoding::Utf8, None) => return Ok(None),
            (TextEncoding::Utf8 | TextEncoding::Utf16, Some(marked)) => marked,
            (TextEncoding::Utf16, None) => {
                return Err("no byte order mark (use --encoding utf-16le or utf-16be)".to_owned());
            }
            (given, _) => given,
        };
        Ok(Some(Self { encoding, pending: Vec::new() }))
    }

    /// Whether the encoding has byte order marks.
    pub(super) fn is_utf16(&self) -> bool {
        matches!(self.encoding, TextEncoding::Utf16Le | TextEncoding::Utf16Be)
    }

    /// Decodes bytes into `text` at the position `written`, which it moves. There must be room for
    /// [`MOST_GROWTH`] times as many bytes.
    ///
    /// # Errors
    /// Bytes that are not a character; those before them are written.
    pub(super) fn decode(
        &mut self,
        bytes: &[u8],
        text: &mut [u8],
        written: &mut usize,
    ) -> Result<(), String> {
        if self.is_utf16() {
            return self.decode_utf16(bytes, text, written);
        }
        for byte in bytes {
            let sign = match byte {
                0x80..=0x9f => self.sign(*byte)?,
                byte => char::from(*byte),
            };
            *written += sign.encode_utf8(&mut text[*written..]).len();
        }
        Ok(())
    }

    /// Checks that the input may end here.
    pub(super) fn end(&self) -> Result<(), String> {
        if self.pending.is_empty() {
            Ok(())
        } else {
            Err("the last UTF-16 character is incomplete".to_owned())
        }
    }

    fn decode_utf16(
        &mut self,
        bytes: &[u8],
        text: &mut [u8],
        written: &mut usize,
    ) -> Result<(), String> {
        self.pending.extend_from_slice(bytes);
        let mut units = self.pending.chunks_exact(2).map(|pair| match self.encoding {
            TextEncoding::Utf16Be => u16::from_be_bytes([pair[0], pair[1]]),
            _ => u16::from_le_bytes([pair[0], pair[1]]),
        });
        let mut used = 0;
        while let Some(unit) = units.next() {
            let sign = match unit {
                // The other half of the pair may not have arrived yet.
                0xd800..=0xdbff => match units.next() {
                    None => break,
                    Some(low) => char::decode_utf16([unit, low]).next(),
                },
                unit => char::decode_utf16([unit]).next(),
            };
            let Some(Ok(sign)) = sign else {
                return Err("half of a surrogate pair in UTF-16".to_owned());
            };
            *written += sign.encode_utf8(&mut text[*written..]).len();
            used += 2 * sign.len_utf16();
        }
        self.pending.drain(..used);
        Ok(())
    }

    /// The character at 0x80 to 0x9f.
    fn sign(&self, byte: u8) -> Result<char, String> {
        if self.encoding != TextEncoding::Windows1252 {
            // Control characters that do not occur in text: most texts with such bytes are
            // Windows-1252.
            return Err(format!(
                "byte 0x{byte:02x} is not a Latin-1 character (--encoding windows-1252 may read it)"
            ));
        }
        match WINDOWS_1252[usize::from(byte - 0x80)] {
            '\0' => Err(format!("byte 0x{byte:02x} is not a Windows-1252 character")),
            sign => Ok(sign),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(encoding: TextEncoding, bytes: &[u8], step: usize) -> Result<String, String> {
        let mut decoder = Decoder::new(encoding, bytes)?.ok_or("UTF-8")?;
        let mut text = Vec::new();
        for bytes in bytes.chunks(step) {
            let mut room = vec![0; (bytes.len() + 4) * MOST_GROWTH];
            let mut length = 0;
            decoder.decode(bytes, &mut room, &mut length)?;
            text.extend_from_slice(&room[..length]);
        }
        decoder.end()?;
        Ok(String::from_utf8(text).unwrap())
    }

    #[test]
    fn texts_are_decoded_however_they_arrive() {
        let utf16 =
            |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        for step in 1..8 {
            let latin = decoded(TextEncoding::Latin1, b"a\xe9\xff", step);
            assert_eq!(latin.as_deref(), Ok("aéÿ"));
            let windows = decoded(TextEncoding::Windows1252, b"a\x80\xe9\x9f", step);
            assert_eq!(windows.as_deref(), Ok("a€éŸ"));
            let wide = decoded(TextEncoding::Utf16Le, &utf16("aé😀€"), step);
            assert_eq!(wide.as_deref(), Ok("aé😀€"));
            let marked = decoded(TextEncoding::Utf16, b"\xfe\xff\0a\xd8\x3d\xde\0", step);
            assert_eq!(marked.as_deref(), Ok("\u{feff}a😀"));
        }
        for (encoding, bytes, why) in [
            (
                TextEncoding::Latin1,
                &b"\x80"[..],
                "0x80 is not a Latin-1 character (--encoding windows-1252",
            ),
            (TextEncoding::Windows1252, b"\x81", "0x81 is not a Windows-1252 character"),
            (TextEncoding::Utf16Le, b"a\0b", "is incomplete"),
            (TextEncoding::Utf16Le, b"\0\xdca\0", "half of a surrogate pair"),
            (TextEncoding::Utf16, b"a\0", "no byte order mark"),
        ] {
            assert!(decoded(encoding, bytes, 9).unwrap_err().contains(why), "{bytes:?}");
        }
    }
}
