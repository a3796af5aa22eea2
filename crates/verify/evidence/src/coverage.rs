//! What a signature's byte range covers (ISO 32000-2, 12.8.1; ETSI EN 319 142-1, 5.3).

use pdf::Revision;
use pdf::signatures::ByteRange;
use types::Span;

/// How much of the file the signed bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Every byte of the file but the `Contents` token.
    WholeFile,
    /// Every byte of one revision but the `Contents` token; other revisions follow.
    WholeRevision {
        /// Index of that revision.
        revision: usize,
    },
    /// The whole content of a signature that is not in a PDF.
    Content,
    /// Members of a container.
    Members {
        /// So many are covered.
        covered: usize,
        /// So many hold data.
        of: usize,
    },
    /// Something else: bytes that a reader shows are not signed.
    Partial(Uncovered),
}

/// Why a byte range does not cover a whole revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uncovered {
    /// There is no byte range.
    Absent,
    /// It is not two parts of which the first starts at byte 0.
    Shape,
    /// Parts overlap, are out of order, or reach past the end of the file.
    Bounds,
    /// The hole between the parts is not exactly the `Contents` token.
    Gap,
    /// It does not end where a revision ends.
    End,
}

impl Uncovered {
    /// What is wrong, for a reader.
    pub fn describe(self) -> &'static str {
        match self {
            Uncovered::Absent => "the signature dictionary has no byte range",
            Uncovered::Shape => "the byte range is not two parts of which the first starts at byte 0",
            Uncovered::Bounds => "the parts of the byte range overlap or reach past the end of the file",
            Uncovered::Gap => "the hole in the byte range is not exactly the signature value",
            Uncovered::End => "the byte range does not end where a revision of the file ends",
        }
    }
}

/// The two covered parts of a well-formed byte range: before and after `Contents`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Covered {
    /// From byte 0 to the `Contents` token.
    pub before: Span,
    /// From past the token to the end.
    pub after: Span,
}

/// Judges a byte range against the place of `Contents` and the ends of the revisions. The covered parts are given
/// whenever they can be hashed, also when they do not cover a whole revision.
pub fn coverage(
    range: Option<&ByteRange>,
    contents: Option<Span>,
    revisions: &[Revision],
    file_len: u64,
) -> (Coverage, Option<Covered>) {
    let parts = match range {
        None => return (Coverage::Partial(Uncovered::Absent), None),
        Some(range) => match range.parts.as_slice() {
            [first, second] if first.0 == 0 => [*first, *second],
            _ => return (Coverage::Partial(Uncovered::Shape), None),
        },
    };
    let Some(covered) = in_bounds(parts, file_len) else {
        return (Coverage::Partial(Uncovered::Bounds), None);
    };
    if contents != Some(Span::new(covered.before.end, covered.after.start)) {
        return (Coverage::Partial(Uncovered::Gap), Some(covered));
    }
    if covered.after.end == file_len {
        return (Coverage::WholeFile, Some(covered));
    }
    let revision = revisions.iter().position(|revision| revision.ends_at(covered.after.end));
    let coverage = match revision {
        Some(revision) => Coverage::WholeRevision { revision },
        None => Coverage::Partial(Uncovered::End),
    };
    (coverage, Some(covered))
}

fn in_bounds([(first, first_len), (second, second_len)]: [(u64, u64); 2], file_len: u64) -> Option<Covered> {
    let before = Span { start: first, end: first.checked_add(first_len)? };
    let after = Span { start: second, end: second.checked_add(second_len)? };
    (before.end <= after.start && after.end <= file_len).then_some(Covered { before, after })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pdf::XrefStyle;
    use pdf::object::Dictionary;

    fn judge(parts: &[(u64, u64)], contents: Span) -> Coverage {
        let revision = |end| Revision {
            end,
            ending: Span::new(end.saturating_sub(1), end),
            xref_at: 0,
            style: XrefStyle::Classic,
            trailer: Dictionary::new(),
            hidden: Vec::new(),
        };
        let range = ByteRange { parts: parts.to_vec(), span: None };
        coverage(Some(&range), Some(contents), &[revision(100), revision(200)], 200).0
    }

    #[test]
    fn only_an_exact_range_covers_a_revision() {
        let contents = Span::new(40, 60);
        assert_eq!(judge(&[(0, 40), (60, 140)], contents), Coverage::WholeFile);
        assert_eq!(judge(&[(0, 40), (60, 40)], contents), Coverage::WholeRevision { revision: 0 });
        // The end of the line after `%%EOF` may have come with the update.
        assert_eq!(judge(&[(0, 40), (60, 39)], contents), Coverage::WholeRevision { revision: 0 });
        for (parts, why) in [
            (&[(0, 40), (60, 38)][..], Uncovered::End),
            (&[(0, 40), (60, 41)][..], Uncovered::End),
            (&[(0, 39), (60, 40)][..], Uncovered::Gap),
            (&[(0, 40), (61, 39)][..], Uncovered::Gap),
            (&[(1, 39), (60, 40)][..], Uncovered::Shape),
            (&[(0, 40)][..], Uncovered::Shape),
            (&[(0, 40), (60, 141)][..], Uncovered::Bounds),
            (&[(0, 60), (40, 60)][..], Uncovered::Bounds),
            (&[(0, 40), (60, u64::MAX)][..], Uncovered::Bounds),
        ] {
            assert_eq!(judge(parts, contents), Coverage::Partial(why), "{parts:?}");
        }
    }
}
