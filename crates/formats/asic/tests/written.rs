//! Containers written here and read again: nothing to object to, at any size; names that readers take differently are refused.

#![allow(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use crypto::{Digest, DigestAlgorithm};
use types::{Budget, Severity, Source, SourceError};
use undersign_asic::{ASIC_E, Container, ContainerWriter, Crc32, ManifestEntry, NameError, manifest};

/// Pieces of a file at their places, zeros between them.
struct Sparse {
    len: u64,
    pieces: Vec<(u64, Vec<u8>)>,
}

impl Source for Sparse {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        buffer.fill(0);
        for (at, piece) in &self.pieces {
            for (index, byte) in piece.iter().enumerate() {
                let place = (at + index as u64).checked_sub(offset);
                if let Some(slot) = place.and_then(|place| buffer.get_mut(usize::try_from(place).ok()?)) {
                    *slot = *byte;
                }
            }
        }
        Ok(())
    }
}

fn write(members: &[(&str, u64)]) -> Sparse {
    let (mut writer, start) = ContainerWriter::new(ASIC_E);
    let mut at = start.len() as u64;
    let mut pieces = vec![(0, start)];
    for (name, len) in members {
        let header = writer.member(name, *len, 0).unwrap();
        let next = at + header.len() as u64 + len;
        pieces.push((at, header));
        at = next;
    }
    let digest = Digest { algorithm: DigestAlgorithm::Sha256, value: vec![1; 32] };
    let entry = |(name, _): &(&str, u64)| ManifestEntry {
        name: (*name).to_owned(),
        mime_type: None,
        digest: digest.clone(),
        rootfile: false,
    };
    let entries: Vec<ManifestEntry> = members.iter().map(entry).collect();
    let xml = manifest("META-INF/signature001.p7s", "application/x-pkcs7-signature", &entries);
    for (name, content) in [("ASiCManifest001.xml", xml), ("signature001.p7s", vec![0x30, 0])] {
        let bytes = writer.meta(name, &content);
        let next = at + bytes.len() as u64;
        pieces.push((at, bytes));
        at = next;
    }
    let end = writer.finish();
    let len = at + end.len() as u64;
    pieces.push((at, end));
    Sparse { len, pieces }
}

#[test]
fn what_is_written_is_read_without_objection() {
    let awkward = "\u{fc}ber <den> & \"Rest\" 100%.txt";
    for members in [vec![("a.txt", 0)], vec![("a.txt", 3), (awkward, 5), ("sub/b", 1)]] {
        let file = write(&members);
        let container = Container::open(&file, Some("asice"), &mut Budget::default()).unwrap();
        let objections: Vec<_> =
            container.findings.iter().filter(|one| one.severity > Severity::Info).collect();
        assert!(objections.is_empty(), "{objections:?}");
        let names: Vec<&str> =
            container.data_objects().map(|index| container.members[index].name()).collect();
        assert_eq!(names, members.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }
}

#[test]
fn members_of_many_gigabytes_have_wide_numbers() {
    let file = write(&[("first", 5 << 30), ("second", 7), ("third", 0xffff_ffff)]);
    let container = Container::open(&file, Some("asice"), &mut Budget::default()).unwrap();
    let objections: Vec<_> = container.findings.iter().filter(|one| one.severity > Severity::Info).collect();
    assert!(objections.is_empty(), "{objections:?}");
    let sizes: Vec<u64> = container.data_objects().map(|at| container.members[at].entry.size).collect();
    assert_eq!(sizes, [5 << 30, 7, 0xffff_ffff]);
}

#[test]
fn names_that_mislead_or_clash_are_refused() {
    let (mut writer, _) = ContainerWriter::new(ASIC_E);
    writer.member("a.txt", 1, 0).unwrap();
    let long = "x".repeat(1025);
    for name in ["", "/a", "a//b", "../a", "a/..", "a/./b", "a\\b", "c:a", "a\0b", "a\nb", &long] {
        assert_eq!(writer.member(name, 1, 0), Err(NameError::Unusable(name.to_owned())), "{name:?}");
    }
    for name in ["mimetype", "META-INF/x", "meta-inf/signature.p7s"] {
        assert_eq!(writer.member(name, 1, 0), Err(NameError::Reserved(name.to_owned())));
    }
    assert_eq!(writer.member("A.TXT", 1, 0), Err(NameError::Taken("A.TXT".to_owned())));
}

#[test]
fn checksums_are_those_of_the_format() {
    let mut sum = Crc32::default();
    sum.update(b"1234");
    sum.update(b"56789");
    assert_eq!(sum.sum(), 0xcbf4_3926);
}
