//! What keeps CMS signatures for long: archive timestamps of two generations, and evidence records inside.

use super::der::{oid, sequence, value};
use super::signed::{attribute, digest, digest_identifier, type_and_values};
use super::{Cms, Stamp};
use cms::evidence_record::{EvidenceRecord, HashTree};
use crypto::{DigestAlgorithm, PROVIDER};

const ARCHIVE_TIMESTAMP_V2: &str = "1.2.840.113549.1.9.16.2.48";
const ARCHIVE_TIMESTAMP_V3: &str = "0.4.0.1733.2.4";
const ATS_HASH_INDEX_V3: &str = "0.4.0.19122.1.5";
const EVIDENCE_RECORD: &str = "1.2.840.113549.1.9.16.2.49";

impl Cms {
    /// With an archive timestamp (archive-time-stamp-v3; EN 319 122-1, 5.5.3) over everything so far.
    pub fn archive(self, stamp: &Stamp<'_>) -> Cms {
        self.archive_by(DigestAlgorithm::Sha256, stamp)
    }

    /// The same with an index by this algorithm.
    pub fn archive_by(self, by: DigestAlgorithm, stamp: &Stamp<'_>) -> Cms {
        let attributes = self.unsigned.iter().chain(&self.later);
        // Each value with its type before it, without the set around it.
        let values: Vec<Vec<u8>> = attributes.flat_map(|one| type_and_values(one)).collect();
        let index = index([&self.certificates, &self.infos, &values], by);
        self.archive_over(&index, stamp)
    }

    /// With an archive timestamp whose index names nothing.
    pub fn archive_of_nothing(self, stamp: &Stamp<'_>) -> Cms {
        let index = index([&[], &[], &[]], DigestAlgorithm::Sha256);
        self.archive_over(&index, stamp)
    }

    fn archive_over(self, index: &[u8], stamp: &Stamp<'_>) -> Cms {
        let content = digest(stamp.tsa.key.digest, &self.content);
        let octets = [&oid(self.content_type), &content, &self.fields, index].concat();
        let token = stamp.token(&octets, vec![attribute(ATS_HASH_INDEX_V3, index)]);
        self.unsigned(ARCHIVE_TIMESTAMP_V3, &token)
    }

    /// With an archive timestamp of the older kind (archive-time-stamp-v2; TS 101 733, 6.4.1) over everything so far.
    pub fn archive_v2(self, stamp: &Stamp<'_>) -> Cms {
        let octets = [self.around_signers().concat(), self.fields.clone(), self.unsigned_octets()].concat();
        self.later(ARCHIVE_TIMESTAMP_V2, &stamp.over(&octets))
    }

    /// With an evidence record inside (RFC 4998, Appendix A) over everything so far.
    pub fn recorded(self, stamp: &Stamp<'_>) -> Cms {
        let leaf = PROVIDER.digest(DigestAlgorithm::Sha256, &self.der());
        let tree = HashTree::over(&[leaf], PROVIDER).expect("a leaf");
        let record = EvidenceRecord::first(&tree, 0, &stamp.over_digest(&tree.root()));
        self.later(EVIDENCE_RECORD, &record)
    }
}

/// An ats-hash-index-v3 of certificates, revocation information and unsigned values.
fn index(lists: [&[Vec<u8>]; 3], by: DigestAlgorithm) -> Vec<u8> {
    let hashes = |list: &[Vec<u8>]| {
        sequence(&list.iter().map(|one| value(0x04, &digest(by, one))).collect::<Vec<_>>())
    };
    let [certificates, infos, values] = lists.map(hashes);
    sequence(&[digest_identifier(by), certificates, infos, values])
}
