//! Re-encodes BER as DER (ITU-T X.690, 10 and 11), for attributes that are hashed as DER however they were sent.

use crate::ber::{Event, Form, Tag, Walk};
use types::{Budget, Malformed};

/// What becomes of the elements of SETs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetOrder {
    /// Kept as they came.
    Received,
    /// Sorted by their encodings (X.690, 11.6).
    Sorted,
}

/// One value of the flattened tree, in the order of its header.
struct Node<'a> {
    tag: Tag,
    identifier: &'a [u8],
    /// Content of a primitive value or of a string segment.
    content: &'a [u8],
    kind: Kind,
    /// Length of the DER content of this node and all below.
    content_len: usize,
    /// Number of nodes below.
    below: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Primitive,
    Constructed,
    /// A string cut into segments: becomes primitive.
    CutString,
    /// A segment: only its content remains.
    Segment,
}

/// The DER encoding of the values in `bytes`. One pass to measure, one to write.
pub(crate) fn to_der(
    bytes: &[u8],
    base: u64,
    order: SetOrder,
    budget: &mut Budget,
) -> Result<Vec<u8>, Malformed> {
    let (nodes, total) = measure(bytes, base, budget)?;
    Ok(Writer { out: Vec::with_capacity(total), order, open: Vec::new() }.write(&nodes))
}

/// Whether the values in `bytes` are DER already, as far as this can be told without their types.
pub(crate) fn is_der(bytes: &[u8], base: u64, budget: &mut Budget) -> Result<bool, Malformed> {
    let mut walk = Walk::new(bytes, base);
    let mut open: Vec<OpenValue> = Vec::new();
    while let Some(event) = walk.next(budget)? {
        let (tag, header, identifier, content, at) = match event {
            Event::Close { at } => {
                let Some(closed) = open.pop() else { continue };
                let encoded = bytes.get(closed.start..at).unwrap_or_default();
                if !minimal_length(closed.length_octets, encoded.len().saturating_sub(closed.header_len))
                    || !in_order(bytes, open.last_mut(), closed.start, at)
                {
                    return Ok(false);
                }
                continue;
            }
            Event::Open { tag, form, header, identifier, at } => {
                let length_octets = header.get(identifier.len()..).unwrap_or_default();
                if form == Form::Indefinite || tag.is_string() {
                    return Ok(false);
                }
                let set = tag == Tag::SET;
                open.push(OpenValue {
                    start: at,
                    header_len: header.len(),
                    length_octets,
                    set,
                    previous: None,
                });
                continue;
            }
            Event::Value { tag, header, identifier, content, at } => (tag, header, identifier, content, at),
        };
        let length_octets = header.get(identifier.len()..).unwrap_or_default();
        let end = at + header.len() + content.len();
        let boolean = tag != Tag::BOOLEAN || der_boolean(content) == content;
        if !boolean
            || !minimal_length(length_octets, content.len())
            || !in_order(bytes, open.last_mut(), at, end)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The DER encoding of the values in `bytes` where that is something else than `bytes`; `None` also for what is no BER all
/// the way down. Only an exhausted budget is an error.
pub(crate) fn other_than_der(
    bytes: &[u8],
    base: u64,
    order: SetOrder,
    budget: &mut Budget,
) -> Result<Option<Vec<u8>>, Malformed> {
    let found = match is_der(bytes, base, budget) {
        Ok(true) => return Ok(None),
        Ok(false) => to_der(bytes, base, order, budget),
        Err(malformed) => Err(malformed),
    };
    unless_malformed(found.map(|der| Some(der).filter(|der| der != bytes)))
}

/// `None` for what is malformed; only an exhausted budget is an error.
pub(crate) fn unless_malformed<T>(found: Result<Option<T>, Malformed>) -> Result<Option<T>, Malformed> {
    match found {
        Err(malformed) if !matches!(malformed.cause, types::Cause::Budget(_)) => Ok(None),
        found => found,
    }
}

/// A constructed value that [`is_der`] is inside of.
struct OpenValue<'a> {
    start: usize,
    header_len: usize,
    length_octets: &'a [u8],
    set: bool,
    /// Where the last element of a SET lies.
    previous: Option<(usize, usize)>,
}

/// Whether the element at `start..end` may follow the one before it, if its parent is a SET.
fn in_order(bytes: &[u8], parent: Option<&mut OpenValue<'_>>, start: usize, end: usize) -> bool {
    let Some(parent) = parent.filter(|parent| parent.set) else { return true };
    let part = |(from, to): (usize, usize)| bytes.get(from..to).unwrap_or_default();
    let ordered = parent.previous.is_none_or(|previous| part(previous) <= part((start, end)));
    parent.previous = Some((start, end));
    ordered
}

/// A BOOLEAN as DER has it: true is 0xff (X.690, 11.1). Content of another length is no BOOLEAN and left alone.
fn der_boolean(content: &[u8]) -> &[u8] {
    match content {
        [0x00] => content,
        [_] => &[0xff],
        _ => content,
    }
}

fn minimal_length(octets: &[u8], len: usize) -> bool {
    octets.len() == length_octets(len).len()
}

/// DER length octets (X.690, 10.1).
pub(crate) fn length_octets(len: usize) -> impl ExactSizeIterator<Item = u8> + Clone {
    let significant = 8 - (len as u64 | 1).leading_zeros() as usize / 8;
    let bytes = (len as u64).to_be_bytes();
    let (prefix, count) = if len < 0x80 { (None, 1) } else { (Some(0x80 | significant as u8), significant) };
    let long = usize::from(prefix.is_some());
    (0..count + long).map(move |index| match prefix {
        Some(prefix) if index == 0 => prefix,
        _ => bytes[8 - count + index - long],
    })
}

fn measure<'a>(bytes: &'a [u8], base: u64, budget: &mut Budget) -> Result<(Vec<Node<'a>>, usize), Malformed> {
    let mut walk = Walk::new(bytes, base);
    let mut nodes: Vec<Node<'a>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut total = 0_usize;
    while let Some(event) = walk.next(budget)? {
        let in_string = open
            .last()
            .and_then(|parent| nodes.get(*parent))
            .is_some_and(|parent| parent.kind != Kind::Constructed);
        let closed = match event {
            Event::Open { tag, identifier, .. } => {
                let kind = match (in_string, tag.is_string()) {
                    (true, true) => Kind::Segment,
                    (false, true) => Kind::CutString,
                    (false, false) => Kind::Constructed,
                    (true, false) => return Err(cut_string_error(base)),
                };
                open.push(nodes.len());
                nodes.push(Node { tag, identifier, content: &[], kind, content_len: 0, below: 0 });
                continue;
            }
            Event::Value { tag, .. } if in_string && !tag.is_string() => return Err(cut_string_error(base)),
            Event::Value { tag, identifier, content, .. } => {
                let kind = if in_string { Kind::Segment } else { Kind::Primitive };
                let content = if tag == Tag::BOOLEAN { der_boolean(content) } else { content };
                nodes.push(Node { tag, identifier, content, kind, content_len: content.len(), below: 0 });
                nodes.len() - 1
            }
            Event::Close { .. } => match open.pop() {
                Some(index) => index,
                None => continue,
            },
        };
        let below = nodes.len() - 1 - closed;
        let Some(node) = nodes.get_mut(closed) else { continue };
        node.below = below;
        let encoded_len = match node.kind {
            Kind::Segment => node.content_len,
            _ => node.identifier.len() + length_octets(node.content_len).len() + node.content_len,
        };
        match open.last().and_then(|parent| nodes.get_mut(*parent)) {
            Some(parent) => parent.content_len += encoded_len,
            None => total += encoded_len,
        }
    }
    Ok((nodes, total))
}

fn cut_string_error(base: u64) -> Malformed {
    Malformed::syntax(base, "segment of a string is not a string", "ITU-T X.690, 8.7.3")
}

/// A constructed value being written: where it ends, how many nodes are left inside, and, for a SET, its elements.
struct Unfinished {
    content_start: usize,
    nodes_left: usize,
    elements: Option<Vec<usize>>,
}

struct Writer {
    out: Vec<u8>,
    order: SetOrder,
    open: Vec<Unfinished>,
}

impl Writer {
    fn write(mut self, nodes: &[Node<'_>]) -> Vec<u8> {
        for node in nodes {
            let start = self.out.len();
            if let Some(Unfinished { elements: Some(elements), .. }) = self.open.last_mut() {
                elements.push(start);
            }
            self.header(node);
            self.out.extend_from_slice(node.content);
            let sorted_set = node.tag == Tag::SET && self.order == SetOrder::Sorted;
            // A node inside a parent counts once there, together with all below it.
            if let Some(parent) = self.open.last_mut() {
                parent.nodes_left -= node.below + 1;
            }
            self.open.push(Unfinished {
                content_start: self.out.len(),
                nodes_left: node.below,
                elements: sorted_set.then(Vec::new),
            });
            while self.open.last().is_some_and(|innermost| innermost.nodes_left == 0) {
                self.close();
            }
        }
        self.out
    }

    fn header(&mut self, node: &Node<'_>) {
        if node.kind == Kind::Segment {
            return;
        }
        let start = self.out.len();
        self.out.extend_from_slice(node.identifier);
        if node.kind == Kind::CutString {
            self.out[start] &= !0x20;
        }
        self.out.extend(length_octets(node.content_len));
    }

    fn close(&mut self) {
        let Some(Unfinished { content_start, elements: Some(elements), .. }) = self.open.pop() else {
            return;
        };
        let end = self.out.len();
        let ends = elements.iter().copied().skip(1).chain([end]);
        let mut parts: Vec<&[u8]> =
            elements.iter().zip(ends).filter_map(|(from, to)| self.out.get(*from..to)).collect();
        if parts.is_sorted() {
            return;
        }
        parts.sort();
        let sorted = parts.concat();
        self.out.truncate(content_start);
        self.out.extend_from_slice(&sorted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(bytes: &[u8]) -> Vec<u8> {
        to_der(bytes, 0, SetOrder::Sorted, &mut Budget::default()).unwrap()
    }

    #[test]
    fn lengths_are_shortest() {
        for (len, octets) in [
            (0, vec![0]),
            (0x7f, vec![0x7f]),
            (0x80, vec![0x81, 0x80]),
            (0xff, vec![0x81, 0xff]),
            (0x100, vec![0x82, 1, 0]),
            (0x01_0203, vec![0x83, 1, 2, 3]),
        ] {
            assert_eq!(length_octets(len).collect::<Vec<u8>>(), octets);
        }
    }

    #[test]
    fn indefinite_long_and_cut_encodings_become_der() {
        let ber = [0x30, 0x80, 0x24, 0x80, 4, 1, 0xaa, 0x24, 3, 4, 1, 0xbb, 0, 0, 2, 0x81, 1, 5, 0, 0];
        let der = [0x30, 7, 4, 2, 0xaa, 0xbb, 2, 1, 5];
        assert_eq!(sorted(&ber), der);
        assert!(is_der(&der, 0, &mut Budget::default()).unwrap());
        assert!(!is_der(&ber, 0, &mut Budget::default()).unwrap());
    }

    #[test]
    fn sets_are_sorted_also_inside_sets_and_only_when_asked() {
        let ber = [0x31, 10, 0x31, 6, 2, 1, 9, 2, 1, 3, 5, 0];
        assert_eq!(sorted(&ber), [0x31, 10, 5, 0, 0x31, 6, 2, 1, 3, 2, 1, 9]);
        assert_eq!(to_der(&ber, 0, SetOrder::Received, &mut Budget::default()).unwrap(), ber);
        assert!(!is_der(&ber, 0, &mut Budget::default()).unwrap());
        assert!(is_der(&sorted(&ber), 0, &mut Budget::default()).unwrap());
    }

    #[test]
    fn true_is_all_ones() {
        let ber = [0x30, 5, 1, 1, 0x01, 1, 0];
        assert!(!is_der(&ber, 0, &mut Budget::default()).unwrap());
        assert_eq!(sorted(&ber), [0x30, 5, 1, 1, 0xff, 1, 0]);
        assert!(is_der(&sorted(&ber), 0, &mut Budget::default()).unwrap());
    }

    #[test]
    fn several_values_and_empty_ones_survive() {
        let der = [0x31, 0, 0x30, 0, 4, 0, 0x30, 4, 0x31, 0, 0x31, 0];
        assert_eq!(sorted(&der), der);
    }
}
