//! What a validation says, in the words of ETSI EN 319 102-1, 5.1.3, and per dimension.

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
    /// A constraint of the policy on the signature is not met.
    SigConstraintsFailure,
    /// A constraint on the certification path is not met.
    ChainConstraintsFailure,
    /// The path could not be validated for another reason.
    CertificateChainGeneralFailure,
    /// An algorithm or key size is not reliable and nothing proves that the signature is older than its end.
    CryptoConstraintsFailureNoPoe,
    /// The validation time lies outside the certificate's validity and nothing proves that the signature is older.
    OutOfBoundsNoPoe,
    /// The signing certificate cannot be identified.
    NoSigningCertificateFound,
    /// There is no path to a trust anchor.
    NoCertificateChainFound,
    /// The status of a certificate is not known yet.
    TryLater,
    /// Signed data are not at hand.
    SignedDataNotFound,
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
            SubIndication::SigConstraintsFailure => "SIG_CONSTRAINTS_FAILURE",
            SubIndication::ChainConstraintsFailure => "CHAIN_CONSTRAINTS_FAILURE",
            SubIndication::CertificateChainGeneralFailure => "CERTIFICATE_CHAIN_GENERAL_FAILURE",
            SubIndication::CryptoConstraintsFailureNoPoe => "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
            SubIndication::OutOfBoundsNoPoe => "OUT_OF_BOUNDS_NO_POE",
            SubIndication::NoSigningCertificateFound => "NO_SIGNING_CERTIFICATE_FOUND",
            SubIndication::NoCertificateChainFound => "NO_CERTIFICATE_CHAIN_FOUND",
            SubIndication::TryLater => "TRY_LATER",
            SubIndication::SignedDataNotFound => "SIGNED_DATA_NOT_FOUND",
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

/// One dimension: what is known, why, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// What is known.
    pub state: State,
    /// Why, one sentence without a full stop.
    pub reason: String,
    /// What to do; empty if there is nothing to do.
    pub hint: String,
}

impl Dimension {
    pub(crate) fn new(state: State, reason: impl Into<String>) -> Dimension {
        Dimension { state, reason: reason.into(), hint: String::new() }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Dimension {
        Dimension { hint: hint.into(), ..self }
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

/// The verdict on one signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureVerdict {
    /// The status indication.
    pub indication: Indication,
    /// The sub-indication; absent exactly when passed.
    pub sub_indication: Option<SubIndication>,
    /// The baseline level by structure.
    pub level: Level,
    /// What is known per dimension.
    pub dimensions: Dimensions,
}

/// The verdict on a document: one entry per signature of the evidence, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Verdicts in the order of the evidence.
    pub signatures: Vec<SignatureVerdict>,
}
