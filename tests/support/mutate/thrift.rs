//! Structures of Thrift's compact protocol as trees that can be changed and written again, also in
//! ways that no writer would: lengths that lie, field numbers in their long form.

use super::Random;
use super::thrift_wire::{BINARY, DOUBLE, FALSE, I8, I16, I32, I64, STRUCT, TRUE};

#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) id: i64,
    pub(super) value: Value,
    /// Write the number of the field in full, instead of its distance from the one before.
    pub(super) long_id: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    Boolean(bool),
    Byte(u8),
    /// Of 16, 32 or 64 bits, by the type.
    Integer(u8, i64),
    Double([u8; 8]),
    /// With the length that is claimed, if it is not the true one.
    Binary(Vec<u8>, Option<u64>),
    /// A list or set, the type of its elements, and the number of them that is claimed.
    List(u8, u8, Vec<Self>, Option<u64>),
    Structure(Vec<Field>),
}

impl Value {
    /// The value of a field of this structure.
    pub(super) fn field(&mut self, wanted: i64) -> Option<&mut Self> {
        let Self::Structure(fields) = self else { return None };
        fields.iter_mut().find(|field| field.id == wanted).map(|field| &mut field.value)
    }

    pub(super) fn integer(&mut self, field: i64) -> Option<&mut i64> {
        if let Self::Integer(_, value) = self.field(field)? { Some(value) } else { None }
    }

    pub(super) fn elements(&mut self, field: i64) -> Option<&mut Vec<Self>> {
        if let Self::List(_, _, elements, _) = self.field(field)? { Some(elements) } else { None }
    }

    pub(super) fn kind(&self) -> u8 {
        match self {
            Self::Boolean(true) => TRUE,
            Self::Boolean(false) => FALSE,
            Self::Byte(_) => I8,
            Self::Integer(kind, _) | Self::List(kind, ..) => *kind,
            Self::Double(_) => DOUBLE,
            Self::Binary(..) => BINARY,
            Self::Structure(_) => STRUCT,
        }
    }

    fn children(&mut self) -> Vec<&mut Self> {
        match self {
            Self::List(_, _, elements, _) => elements.iter_mut().collect(),
            Self::Structure(fields) => fields.iter_mut().map(|field| &mut field.value).collect(),
            _ => Vec::new(),
        }
    }

    fn nodes(&mut self) -> usize {
        1 + self.children().into_iter().map(Self::nodes).sum::<usize>()
    }

    /// Changes one value anywhere in the tree.
    pub(super) fn damage(&mut self, random: &mut Random) {
        let mut left = random.below(self.nodes());
        let mut node = self;
        while left > 0 {
            left -= 1;
            let mut children = node.children();
            let sizes: Vec<usize> = children.iter_mut().map(|child| child.nodes()).collect();
            let mut at = 0;
            while left >= sizes[at] {
                left -= sizes[at];
                at += 1;
            }
            node = children.swap_remove(at);
        }
        node.damage_here(random);
    }

    fn damage_here(&mut self, random: &mut Random) {
        match self {
            Self::Boolean(value) => *value = !*value,
            Self::Byte(value) => *value = random.next() as u8,
            Self::Integer(kind, value) => match random.below(4) {
                // The values of enumerations.
                0 => *value = random.below(24) as i64,
                1 => *value = value.wrapping_add(random.one_of(&[-1, 1])),
                2 => *kind = random.one_of(&[I16, I32, I64]),
                _ => *value = random.extreme(),
            },
            Self::Double(value) => *value = random.next().to_le_bytes(),
            Self::Binary(bytes, claimed) => match random.below(3) {
                0 => *claimed = Some(random.extreme().unsigned_abs()),
                1 => bytes.truncate(random.below(bytes.len() + 1)),
                _ => bytes.extend(std::iter::repeat_n(0xff, random.below(40))),
            },
            Self::List(_, element, elements, claimed) => {
                damage_list(element, elements, claimed, random)
            }
            Self::Structure(fields) => damage_structure(fields, random),
        }
    }
}

fn damage_list(
    kind: &mut u8,
    elements: &mut Vec<Value>,
    claimed: &mut Option<u64>,
    random: &mut Random,
) {
    match random.below(5) {
        0 => *claimed = Some(random.extreme().unsigned_abs()),
        1 => *kind = random.next() as u8 & 0x0f,
        2 if !elements.is_empty() => drop(elements.remove(random.below(elements.len()))),
        3 if elements.len() > 1 => {
            let (a, b) = (random.below(elements.len()), random.below(elements.len()));
            elements.swap(a, b);
        }
        // Many copies of a schema element with a child make a deep schema.
        _ if !elements.is_empty() => {
            let copied = elements[random.below(elements.len())].clone();
            let times = random.one_of(&[1, 1, 2, 100, 2_000]);
            let at = random.below(elements.len() + 1);
            drop(elements.splice(at..at, std::iter::repeat_n(copied, times)));
        }
        _ => *claimed = Some(1),
    }
}

fn damage_structure(fields: &mut Vec<Field>, random: &mut Random) {
    let at = random.below(fields.len());
    match random.below(6) {
        0 if !fields.is_empty() => drop(fields.remove(at)),
        1 if !fields.is_empty() => fields.push(fields[at].clone()),
        2 if !fields.is_empty() => {
            fields[at].id = random.one_of(&[-1, 0, 1, 2, 5, 9, 15, 32_767, 70_000])
        }
        3 if !fields.is_empty() => fields[at].long_id = true,
        // An unknown field that is nested deeply.
        4 => {
            let mut value = Value::Structure(Vec::new());
            for _ in 0..random.one_of(&[3, 20, 60, 1_000]) {
                value = Value::Structure(vec![Field { id: 1, value, long_id: false }]);
            }
            fields.push(Field { id: 30, value, long_id: false });
        }
        _ => fields.push(Field {
            id: 1 + random.below(20) as i64,
            value: Value::Integer(random.one_of(&[I16, I32, I64]), random.extreme()),
            long_id: false,
        }),
    }
}
