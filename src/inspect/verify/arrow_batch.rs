//! A record batch or dictionary of an Arrow file or stream: its header against the schema and its
//! body, and with [`Depth::Full`] its values.

use super::Depth;
use super::arrow_cause::refusal;
use super::fault::{Faults, Kind, Place};
use crate::error::{Error, Result, guard};
use crate::inspect::arrow_schema::Described;
use crate::schema::inner_fields;
use crate::stream::Limits;
use crate::stream::framing::Header;
use crate::stream::verified_messages::VerifiedMessages;
use crate::text::count;
use crate::threads::Threads;
use arrow::buffer::Buffer;
use arrow::datatypes::Field;
use arrow_ipc::{MetadataVersion, RecordBatch, Schema};
use std::collections::HashSet;
use std::ops::Range;

/// The schema of a file or stream, with which its messages are verified.
pub(super) struct Messages {
    described: Described,
    decoder: VerifiedMessages,
    /// The number of arrays in each top-level column.
    arrays: Vec<usize>,
    /// The IDs of the dictionaries in the schema, and of those that were given.
    known: HashSet<i64>,
    given: HashSet<i64>,
    /// Dictionaries that could not be decoded: batches that use them cannot either.
    has_lost_dictionary: bool,
    is_file: bool,
    depth: Depth,
    pub(super) rows: u64,
    pub(super) record_batches: u64,
    pub(super) dictionaries: u64,
}

impl Messages {
    /// Starts with the schema.
    ///
    /// # Errors
    /// A schema that cannot be read.
    pub(super) fn begin(
        schema: Schema<'_>,
        version: MetadataVersion,
        (limits, threads): (Limits, &Threads),
        (depth, is_file): (Depth, bool),
    ) -> Result<Self> {
        let decoder = VerifiedMessages::begin(schema, limits, threads)?;
        let described = guard("damaged schema", || Described::new(schema, version))?;
        let fields = decoder.schema().fields();
        #[expect(deprecated, reason = "right in a schema that was just read")]
        let known =
            decoder.schema().flattened_fields().iter().filter_map(|f| f.dict_id()).collect();
        Ok(Self {
            arrays: fields.iter().map(|field| arrays(field)).collect(),
            known,
            given: HashSet::new(),
            has_lost_dictionary: false,
            described,
            decoder,
            is_file,
            depth,
            rows: 0,
            record_batches: 0,
            dictionaries: 0,
        })
    }

    /// Verifies a dictionary. The body is empty unless the depth is [`Depth::Full`].
    pub(super) fn dictionary(&mut self, header: &Header, body: &Buffer, faults: &mut Faults) {
        let place = Place { dictionary: Some(self.dictionaries), ..Place::default() };
        self.dictionaries += 1;
        let mut add = |kind, what: String| faults.add(kind, place.clone(), what);
        let message = header.message().ok();
        let Some(batch) = message.and_then(|message| message.header_as_dictionary_batch()) else {
            return add(Kind::Structure, "it has no header".to_owned());
        };
        let id = batch.id();
        if !self.known.contains(&id) {
            add(Kind::Structure, format!("the schema has no dictionary {id}"));
        }
        if batch.isDelta() && !self.given.contains(&id) {
            add(Kind::Structure, format!("it extends dictionary {id}, which is missing"));
        }
        if let Some(data) = batch.data() {
            check_buffers(data, header.body_bytes(), &mut add);
        }
        self.given.insert(id);
        if self.depth == Depth::Full
            && let Err(error) = self.decoder.dictionary(header, body, self.is_file)
        {
            self.has_lost_dictionary = true;
            let (kind, what) = refusal(&error, Kind::Values);
            add(kind, what);
        }
    }

    /// Counts a dictionary that cannot be read.
    pub(super) fn lose_dictionary(&mut self) {
        self.dictionaries += 1;
        self.has_lost_dictionary = true;
    }

    /// Counts a record batch or dictionary that is not read because of a limit.
    pub(super) fn pass(&mut self, header: &Header, limit: &Error, faults: &mut Faults) {
        let (kind, what) = refusal(limit, Kind::Values);
        let batch = header.message().ok().and_then(|message| message.header_as_record_batch());
        let place = match batch {
            None => Place { dictionary: Some(self.dictionaries), ..Place::default() },
            Some(_) => Place { record_batch: Some(self.record_batches), ..Place::default() },
        };
        match batch {
            None => self.lose_dictionary(),
            Some(batch) => {
                self.record_batches += 1;
                self.rows = self.rows.saturating_add(u64::try_from(batch.length()).unwrap_or(0));
            }
        }
        faults.add(kind, place, what);
    }

    /// Verifies a record batch, likewise.
    pub(super) fn record_batch(&mut self, header: &Header, body: &Buffer, faults: &mut Faults) {
        let place = Place { record_batch: Some(self.record_batches), ..Place::default() };
        self.record_batches += 1;
        let message = header.message().ok();
        let Some(batch) = message.and_then(|message| message.header_as_record_batch()) else {
            return faults.add(Kind::Structure, place, "it has no header");
        };
        self.rows = self.rows.saturating_add(u64::try_from(batch.length()).unwrap_or(0));
        let mut own = Faults::default();
        self.check_batch(batch, (header, body), &place, &mut own);
        faults.append(own);
    }

    /// The checks of a record batch, each of which needs the earlier ones to succeed.
    fn check_batch(
        &self,
        batch: RecordBatch<'_>,
        (header, body): (&Header, &Buffer),
        place: &Place,
        faults: &mut Faults,
    ) {
        check_buffers(batch, header.body_bytes(), &mut |kind, what| {
            faults.add(kind, place.clone(), what);
        });
        let Some(buffers) = self.described.buffer_counts(batch) else {
            let what = "its header does not have the arrays and buffers of the schema";
            return faults.add(Kind::Structure, place.clone(), what);
        };
        if faults.is_empty() {
            self.lengths(batch, place, faults);
        }
        let has_values = self.depth == Depth::Full && batch.length() > 0;
        if has_values && faults.is_empty() {
            self.null_counts(batch, &buffers, body, place, faults);
        }
        if has_values && faults.is_empty() {
            self.values(header, body, place, faults);
        }
    }

    /// Checks the lengths of the columns, and the null counts in the header.
    fn lengths(&self, batch: RecordBatch<'_>, place: &Place, faults: &mut Faults) {
        let nodes = batch.nodes().into_iter().flatten();
        for (node, (path, _)) in nodes.clone().zip(self.described.arrays()) {
            if node.length() < node.null_count() || node.null_count() < 0 {
                let what = format!("{} nulls among {} values", node.null_count(), node.length());
                faults.add(Kind::Count, place.clone().column(path), what);
            }
        }
        let nodes: Vec<i64> = nodes.map(|node| node.length()).collect();
        let paths: Vec<&str> = self.described.arrays().map(|(path, _)| path).collect();
        let mut array = 0;
        for arrays in &self.arrays {
            if let Some((length, path)) = nodes.get(array).zip(paths.get(array))
                && *length != batch.length()
            {
                let rows = batch.length();
                let what = format!("it has {length} values, but the record batch has {rows} rows");
                faults.add(Kind::Count, place.clone().column(path), what);
            }
            array += arrays;
        }
    }

    /// Decodes the values; names the columns that cannot be decoded.
    fn values(&self, header: &Header, body: &Buffer, place: &Place, faults: &mut Faults) {
        let Err(whole) = self.decoder.batch(header, body) else { return };
        if self.has_lost_dictionary {
            // The dictionary is reported.
            return;
        }
        let mut is_found = false;
        for (number, field) in self.decoder.schema().fields().iter().enumerate() {
            if let Err(error) = self.decoder.column(header, body, number) {
                is_found = true;
                let place = place.clone().column(field.name());
                let (kind, what) = refusal(&error, Kind::Values);
                faults.add(kind, place, what);
            }
        }
        if !is_found {
            let (kind, what) = refusal(&whole, Kind::Values);
            faults.add(kind, place.clone(), what);
        }
    }

    /// Compares null counts with the validity buffers, which a reader does not even look at if the
    /// count is 0. Compressed buffers are compared by the decoder, unless the count is 0.
    fn null_counts(
        &self,
        batch: RecordBatch<'_>,
        buffers: &[usize],
        body: &Buffer,
        place: &Place,
        faults: &mut Faults,
    ) {
        if batch.compression().is_some() {
            return;
        }
        let nodes = batch.nodes().into_iter().flatten();
        let all: Vec<&arrow_ipc::Buffer> = batch.buffers().into_iter().flatten().collect();
        let mut first = 0;
        for ((node, (path, has_validity)), buffers) in
            nodes.zip(self.described.arrays()).zip(buffers)
        {
            let validity = all.get(first).filter(|_| has_validity);
            first += buffers;
            let Some(place_in_body) = validity.and_then(|buffer| range(buffer, body.len())) else {
                continue;
            };
            let stated = u64::try_from(node.null_count()).unwrap_or(0);
            let (bits, length) = (&body[place_in_body], u64::try_from(node.length()).unwrap_or(0));
            let nulls = if bits.is_empty() { Some(0) } else { nulls(bits, length) };
            if nulls.is_some_and(|nulls| nulls != stated) {
                let (nulls, stated) = (count(nulls.unwrap_or(0)), count(stated));
                let what = format!("it has {nulls} nulls, but its header says {stated}");
                faults.add(Kind::Count, place.clone().column(path), what);
            }
        }
    }
}

/// The number of zeros among the first bits; none if there are fewer bits.
fn nulls(bits: &[u8], length: u64) -> Option<u64> {
    let whole = usize::try_from(length / 8).ok()?;
    let rest = u32::try_from(length % 8).ok()?;
    let ones: u64 = bits.get(..whole)?.iter().map(|byte| u64::from(byte.count_ones())).sum();
    let last = match rest {
        0 => 0,
        _ => (bits.get(whole)? & ((1_u8 << rest) - 1)).count_ones(),
    };
    Some(length - ones - u64::from(last))
}

/// The number of arrays of a field and the fields inside it.
fn arrays(field: &Field) -> usize {
    1 + inner_fields(field.data_type()).iter().map(|inner| arrays(inner)).sum::<usize>()
}

fn range(buffer: &arrow_ipc::Buffer, body_bytes: usize) -> Option<Range<usize>> {
    let start = usize::try_from(buffer.offset()).ok()?;
    let end = start.checked_add(usize::try_from(buffer.length()).ok()?)?;
    (end <= body_bytes).then_some(start..end)
}

/// Checks that the buffers are inside the body and apart from each other.
fn check_buffers(batch: RecordBatch<'_>, body_bytes: usize, add: &mut impl FnMut(Kind, String)) {
    if batch.length() < 0 {
        add(Kind::Count, format!("it claims to have {} rows", batch.length()));
    }
    let mut ranges = Vec::new();
    for (number, buffer) in batch.buffers().into_iter().flatten().enumerate() {
        match range(buffer, body_bytes) {
            Some(range) if range.is_empty() => {}
            Some(range) => ranges.push((range.start, range.end, number)),
            None => add(Kind::Structure, format!("buffer {number} is outside the body")),
        }
    }
    ranges.sort_unstable();
    for pair in ranges.windows(2) {
        if let [(_, end, one), (start, _, other)] = pair
            && start < end
        {
            add(Kind::Structure, format!("buffers {one} and {other} overlap"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_are_zeros_within_the_length() {
        assert_eq!(nulls(&[0b1010_1010], 8), Some(4));
        assert_eq!(nulls(&[0xff, 0b0000_0101], 11), Some(1));
        assert_eq!(nulls(&[0xff], 9), None);
        assert_eq!(nulls(&[], 0), Some(0));
    }
}
