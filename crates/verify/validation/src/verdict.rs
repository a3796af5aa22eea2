//! What a validation says, in the words of ETSI EN 319 102-1, 5.1.3, and per dimension.

use crate::check::Asked;
use crate::text::Text;
use evidence::TokenId;
use pkix::Certificate;
use types::Time;

/// The status indication (EN 319 102-1, Table 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Indication {
    /// Every check that the policy asks for succeeded.
    TotalPassed,
    /// What is known does not suffice for passed or failed.
    Indeterminate,
    /// A check failed that no further information can mend.
    TotalFailed,
}

/// The sub-indication (EN 319 102-1, Table 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubIndication {
    /// The signature is not conformant to a base standard so that it cannot be processed, or its form contradicts it.
    FormatFailure,
    /// The digest of the signed data is not the signed one.
    HashFailure,
    /// The signature value does not fit.
    SigCryptoFailure,
    /// The certificate was revoked, and the signature was made after that.
    Revoked,
    /// The signature was made after the end of the certificate.
    Expired,
    /// The signature was made before the start of the certificate.
    NotYetValid,
    /// A constraint of the policy on the signature is not met.
    SigConstraintsFailure,
    /// A constraint on the certification path is not met.
    ChainConstraintsFailure,
    /// The path could not be validated for another reason.
    CertificateChainGeneralFailure,
    /// An algorithm or key size was not reliable when the signature was made.
    CryptoConstraintsFailure,
    /// An algorithm or key size is not reliable and nothing proves that the signature is older than its end.
    CryptoConstraintsFailureNoPoe,
    /// Timestamps are in an order that cannot be.
    TimestampOrderFailure,
    /// The signing certificate cannot be identified.
    NoSigningCertificateFound,
    /// There is no path to a trust anchor.
    NoCertificateChainFound,
    /// The certificate was revoked, and nothing proves that the signature is older.
    RevokedNoPoe,
    /// An issuing certificate was revoked, and nothing proves that the signature is older.
    RevokedCaNoPoe,
    /// The certificate has expired without having been revoked, and nothing proves that the signature is older.
    OutOfBoundsNotRevoked,
    /// The validation time lies outside the certificate's validity and nothing proves that the signature is older.
    OutOfBoundsNoPoe,
    /// A proof of existence is missing without which it is not known that the signature is older than something that ended.
    NoPoe,
    /// The status of a certificate is not known yet.
    TryLater,
    /// Signed data are not at hand.
    SignedDataNotFound,
    /// The signature names a policy that cannot be identified or processed.
    PolicyProcessingError,
    /// The document of the policy that the signature names is not at hand.
    SignaturePolicyNotAvailable,
}

impl Indication {
    /// The identifier of the standard.
    pub fn as_str(self) -> &'static str {
        match self {
            Indication::TotalPassed => "TOTAL-PASSED",
            Indication::Indeterminate => "INDETERMINATE",
            Indication::TotalFailed => "TOTAL-FAILED",
        }
    }
}

impl SubIndication {
    /// The identifier of the standard.
    pub fn as_str(self) -> &'static str {
        match self {
            SubIndication::FormatFailure => "FORMAT_FAILURE",
            SubIndication::HashFailure => "HASH_FAILURE",
            SubIndication::SigCryptoFailure => "SIG_CRYPTO_FAILURE",
            SubIndication::Revoked => "REVOKED",
            SubIndication::Expired => "EXPIRED",
            SubIndication::NotYetValid => "NOT_YET_VALID",
            SubIndication::SigConstraintsFailure => "SIG_CONSTRAINTS_FAILURE",
            SubIndication::ChainConstraintsFailure => "CHAIN_CONSTRAINTS_FAILURE",
            SubIndication::CertificateChainGeneralFailure => "CERTIFICATE_CHAIN_GENERAL_FAILURE",
            SubIndication::CryptoConstraintsFailure => "CRYPTO_CONSTRAINTS_FAILURE",
            SubIndication::CryptoConstraintsFailureNoPoe => "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
            SubIndication::TimestampOrderFailure => "TIMESTAMP_ORDER_FAILURE",
            SubIndication::NoSigningCertificateFound => "NO_SIGNING_CERTIFICATE_FOUND",
            SubIndication::NoCertificateChainFound => "NO_CERTIFICATE_CHAIN_FOUND",
            SubIndication::RevokedNoPoe => "REVOKED_NO_POE",
            SubIndication::RevokedCaNoPoe => "REVOKED_CA_NO_POE",
            SubIndication::OutOfBoundsNotRevoked => "OUT_OF_BOUNDS_NOT_REVOKED",
            SubIndication::OutOfBoundsNoPoe => "OUT_OF_BOUNDS_NO_POE",
            SubIndication::NoPoe => "NO_POE",
            SubIndication::TryLater => "TRY_LATER",
            SubIndication::SignedDataNotFound => "SIGNED_DATA_NOT_FOUND",
            SubIndication::PolicyProcessingError => "POLICY_PROCESSING_ERROR",
            SubIndication::SignaturePolicyNotAvailable => "SIGNATURE_POLICY_NOT_AVAILABLE",
        }
    }
}

/// What is known in one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Proven by evidence at hand.
    Proven,
    /// Claimed by the signer, proven by nothing.
    Claimed,
    /// Cannot be known from what is at hand.
    Unknown,
    /// Contradicted by evidence at hand.
    Broken,
}

impl State {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Proven => "proven",
            State::Claimed => "claimed",
            State::Unknown => "unknown",
            State::Broken => "broken",
        }
    }
}

/// One dimension: what is known, why, and what to do about it, as messages of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// What is known.
    pub state: State,
    /// Why, one sentence without a full stop.
    pub reason: Text,
    /// What to do, if anything.
    pub hint: Option<Text>,
}

impl Dimension {
    pub(crate) fn new(state: State, reason: Text) -> Dimension {
        Dimension { state, reason, hint: None }
    }

    pub(crate) fn hint(self, key: &'static str) -> Dimension {
        Dimension { hint: Some(Text::new(key)), ..self }
    }
}

/// The six dimensions of one signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimensions {
    /// The signed bytes are the ones that were signed.
    pub integrity: Dimension,
    /// Which certificate signed.
    pub identity: Dimension,
    /// Whether that certificate leads to a trust anchor.
    pub trust: Dimension,
    /// Whether the certificates were revoked.
    pub revocation: Dimension,
    /// When it was signed.
    pub time: Dimension,
    /// What changed after signing.
    pub changes: Dimension,
}

impl Dimensions {
    /// Name and content of each dimension, in the order of reports.
    pub fn rows(&self) -> [(&'static str, &Dimension); 6] {
        [
            ("integrity", &self.integrity),
            ("identity", &self.identity),
            ("trust", &self.trust),
            ("revocation", &self.revocation),
            ("time", &self.time),
            ("changes", &self.changes),
        ]
    }
}

/// The baseline level whose requirements the structure meets (EN 319 142-1, 6; EN 319 122-1, 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not a baseline signature.
    None,
    /// B-B.
    BaselineB,
    /// B-T: a timestamp is there.
    BaselineT,
    /// B-LT: validation data are there as well.
    BaselineLt,
    /// B-LTA: an archive or document timestamp covers them.
    BaselineLta,
}

impl Level {
    /// The usual short form; empty for [`Level::None`].
    pub fn as_str(self) -> &'static str {
        match self {
            Level::None => "",
            Level::BaselineB => "B-B",
            Level::BaselineT => "B-T",
            Level::BaselineLt => "B-LT",
            Level::BaselineLta => "B-LTA",
        }
    }
}

/// Between which times a signature was made, as far as that is proven (EN 319 102-1, 5.5: best-signature-time).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningTime {
    /// A timestamp over the content, or a good beacon, proves that the signature is not older.
    pub not_before: Option<(Time, TokenId)>,
    /// A timestamp over the signature proves that it existed then; without one only the validation time does.
    pub not_after: Option<(Time, TokenId)>,
    /// `not_after`, or the time of validation.
    pub best: Time,
}

/// The beacon that a signing record names (spec/record.md). Only a proven one is in [`SigningTime::not_before`]; any other
/// is a claim, and nothing is judged by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeaconVerdict {
    /// The time of the token if it is at hand and readable; otherwise the one that the record says.
    pub time: Time,
    /// Where it comes from, in words of the signer's device.
    pub source: String,
    /// What is known of it.
    pub standing: BeaconStanding,
}

/// What is known of a beacon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeaconStanding {
    /// The token is at hand and good: the signature is not older.
    Proven(TokenId),
    /// The token is at hand, but not good under the policy.
    NotGood(TokenId),
    /// The value is at hand; that it did not exist earlier cannot be judged here.
    Given,
    /// It is only named.
    Named,
}

/// The certification path that the verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathUsed {
    /// From the signer upward, without the anchor unless the signer is it.
    pub certificates: Vec<Certificate>,
    /// The anchor's name.
    pub anchor: String,
    /// Whether the anchor is the signer's certificate itself.
    pub direct: bool,
    /// Per certificate what is known of its status.
    pub statuses: Vec<StatusUsed>,
}

/// What the verdict takes as the status of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusUsed {
    /// Its issuer will never revoke it: it is trusted directly, or says so itself (RFC 9608; EN 319 412-1, 5.2).
    Exempt,
    /// Not revoked, says a CRL or an OCSP response.
    Good {
        /// When that was said.
        issued_at: Time,
        /// Whether it was an OCSP response.
        source: evidence::ObjectRef,
    },
    /// Revoked.
    Revoked {
        /// Since when.
        at: Time,
        /// Why, as written, e.g. `keyCompromise`.
        reason: String,
        /// Who says so.
        source: evidence::ObjectRef,
    },
    /// Nothing at hand says.
    Unknown,
}

/// The verdict on one signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureVerdict {
    /// The status indication.
    pub indication: Indication,
    /// The sub-indication; absent exactly when passed.
    pub sub_indication: Option<SubIndication>,
    /// The baseline level by structure.
    pub level: Level,
    /// When it was made.
    pub signing_time: SigningTime,
    /// The beacon that its record names, if there is one.
    pub beacon: Option<BeaconVerdict>,
    /// Until when the algorithms that it and its path are signed with are reliable; `None` if no end is known.
    pub reliable_until: Option<Time>,
    /// The path it rests on, if there is one.
    pub path: Option<PathUsed>,
    /// What is known per dimension.
    pub dimensions: Dimensions,
    /// What was asked and answered, in this order.
    pub checks: Vec<Asked>,
}

/// The verdict on one timestamp token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenVerdict {
    /// The status indication.
    pub indication: Indication,
    /// The sub-indication; absent exactly when passed.
    pub sub_indication: Option<SubIndication>,
    /// Until when the algorithms that it and its path are signed with are reliable; `None` if no end is known.
    pub reliable_until: Option<Time>,
    /// The path of the authority's certificate, if there is one.
    pub path: Option<PathUsed>,
    /// What was asked and answered, in this order.
    pub checks: Vec<Asked>,
}

/// The verdict on a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Name and version of the policy.
    pub policy: (String, String),
    /// The time of validation.
    pub at: Time,
    /// Verdicts on the signatures, in the order of the evidence.
    pub signatures: Vec<SignatureVerdict>,
    /// Verdicts on the timestamp tokens, in the order of the evidence.
    pub tokens: Vec<TokenVerdict>,
}
