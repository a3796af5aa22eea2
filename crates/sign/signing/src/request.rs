//! What the person wants to sign with and as.

use cms::{Commitment, PolicyIdentifier};
use crypto::SignatureAlgorithm;
use pdf::signature::SignatureRequest;
use pkix::Certificate;

/// Room for a signature timestamp that is added later, bytes: a token with its authority's certificates rarely takes
/// more than 7,000.
pub const TIMESTAMP_ROOM: usize = 9_000;

/// A signature that is wanted.
#[derive(Clone, Debug)]
pub struct SigningRequest {
    /// Field, place, appearance and texts. `contents_len` and `digest_method` are set by the plan.
    pub signature: SignatureRequest,
    /// Certificates to put in, the signer's first.
    pub certificates: Vec<Certificate>,
    /// The algorithm that the key will be used with.
    pub algorithm: SignatureAlgorithm,
    /// What the signature commits to (EN 319 122-1, 5.2.3); excludes a reason in the PDF.
    pub commitments: Vec<Commitment>,
    /// Roles that the signer claims (EN 319 122-1, 5.2.6).
    pub roles: Vec<String>,
    /// The signature policy that the signer follows (EN 319 122-1, 5.2.9).
    pub policy: Option<PolicyIdentifier>,
    /// The signing record (spec/record.md), if one goes in: its octets.
    pub record: Option<Vec<u8>>,
    /// Room for what is added to the signature later, bytes.
    pub room_for_later: usize,
    /// 32 fresh random bytes.
    pub entropy: [u8; 32],
}

impl SigningRequest {
    /// An invisible PAdES approval signature with room for a timestamp.
    pub fn new(
        certificates: Vec<Certificate>,
        algorithm: SignatureAlgorithm,
        entropy: [u8; 32],
    ) -> SigningRequest {
        SigningRequest {
            signature: SignatureRequest::default(),
            certificates,
            algorithm,
            commitments: Vec::new(),
            roles: Vec::new(),
            policy: None,
            record: None,
            room_for_later: TIMESTAMP_ROOM,
            entropy,
        }
    }
}
