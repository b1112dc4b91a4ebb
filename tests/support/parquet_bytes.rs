//! Parquet files made byte by byte: structures of Thrift's compact protocol, pages, and a footer.

/// A structure in Thrift's compact protocol.
#[derive(Default)]
pub(crate) struct Structure(Vec<u8>, i64);

impl Structure {
    pub(crate) fn field(mut self, id: i64, kind: u8, value: &[u8]) -> Self {
        match id - self.1 {
            step @ 1..=15 => self.0.push((step as u8) << 4 | kind),
            _ => self.0.extend([&[kind], &integer(id)[..]].concat()),
        }
        self.0.extend_from_slice(value);
        self.1 = id;
        self
    }

    pub(crate) fn i32(self, id: i64, value: i64) -> Self {
        self.field(id, 5, &integer(value))
    }

    pub(crate) fn i64(self, id: i64, value: i64) -> Self {
        self.field(id, 6, &integer(value))
    }

    pub(crate) fn text(self, id: i64, text: &str) -> Self {
        let value = [&varint(text.len() as u64), text.as_bytes()].concat();
        self.field(id, 8, &value)
    }

    pub(crate) fn list(self, id: i64, kind: u8, elements: &[Vec<u8>]) -> Self {
        let head = [&[0xf0 | kind][..], &varint(elements.len() as u64)].concat();
        self.field(id, 9, &[head, elements.concat()].concat())
    }

    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.push(0);
        self.0
    }
}

pub(crate) fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

pub(crate) fn integer(value: i64) -> Vec<u8> {
    varint((value << 1 ^ value >> 63).cast_unsigned())
}

/// A schema element: a group of children, or an INT64 without nulls.
pub(crate) fn element(name: &str, children: Option<i64>) -> Vec<u8> {
    match children {
        Some(children) => Structure::default().i32(3, 1).text(4, name).i32(5, children).end(),
        None => Structure::default().i32(1, 2).i32(3, 0).text(4, name).end(),
    }
}

pub(crate) fn footer(schema: &[Vec<u8>], rows: i64, row_groups: &[Vec<u8>]) -> Structure {
    Structure::default().i32(1, 1).list(2, 12, schema).i64(3, rows).list(4, 12, row_groups)
}

pub(crate) fn file(pages: &[u8], footer: Structure) -> Vec<u8> {
    let footer = footer.end();
    let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
    [b"PAR1", pages, &footer, &length, b"PAR1"].concat()
}

/// A page that is not compressed: its kind, and its own header, which is in this field of the header.
pub(crate) fn page(kind: i64, field: i64, header: Vec<u8>, page: &[u8]) -> Vec<u8> {
    let bytes = page.len() as i64;
    page_of(kind, bytes, (field, header), page)
}

/// The same page, which claims to have this many bytes when it is decompressed.
pub(crate) fn page_of(
    kind: i64,
    claimed: i64,
    (field, header): (i64, Vec<u8>),
    page: &[u8],
) -> Vec<u8> {
    let head = Structure::default().i32(1, kind).i32(2, claimed).i32(3, page.len() as i64);
    [&head.field(field, 12, &header).end(), page].concat()
}

/// A column with one chunk, which is not compressed.
pub(crate) struct Column<'a> {
    /// The elements of the schema below its root, and the names from the root.
    pub(crate) schema: &'a [Vec<u8>],
    pub(crate) path: &'a [&'a str],
    /// The physical type.
    pub(crate) kind: i64,
    pub(crate) values: i64,
    pub(crate) rows: i64,
}

impl Column<'_> {
    /// A file with this column; its dictionary page may be empty.
    pub(crate) fn file(&self, dictionary: &[u8], data: &[u8]) -> Vec<u8> {
        let Self { schema, path, kind, values, rows } = *self;
        let pages = [dictionary, data].concat();
        let (bytes, start) = (pages.len() as i64, 4);
        let name = |name: &&str| [&varint(name.len() as u64), name.as_bytes()].concat();
        let names: Vec<Vec<u8>> = path.iter().map(name).collect();
        let chunk = Structure::default().i32(1, kind).list(2, 5, &[integer(0)]).list(3, 8, &names);
        let chunk = chunk.i32(4, 0).i64(5, values).i64(6, bytes).i64(7, bytes);
        let chunk = chunk.i64(9, start + dictionary.len() as i64);
        let chunk = if dictionary.is_empty() { chunk } else { chunk.i64(11, start) };
        let chunk = Structure::default().i64(2, start).field(3, 12, &chunk.end()).end();
        let row_group = Structure::default().list(1, 12, &[chunk]).i64(2, bytes).i64(3, rows).end();
        let schema = [&[element("schema", Some(1))][..], schema].concat();
        file(&pages, footer(&schema, rows, &[row_group]))
    }
}

/// The header of a data page of version 1: the number of values, and the encoding.
pub(crate) fn data_header(values: i64, encoding: i64) -> Vec<u8> {
    Structure::default().i32(1, values).i32(2, encoding).i32(3, 3).i32(4, 3).end()
}

/// A run of equal levels, or of indices of up to 8 bits.
pub(crate) fn run(length: u64, value: u8) -> Vec<u8> {
    [&varint(length << 1), &[value][..]].concat()
}

/// Levels as a data page of version 1 has them.
pub(crate) fn levels(runs: &[Vec<u8>]) -> Vec<u8> {
    let runs = runs.concat();
    [&u32::try_from(runs.len()).unwrap().to_le_bytes()[..], &runs].concat()
}
