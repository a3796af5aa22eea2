//! Signatures to be made: everything decided before a key is touched (ISO 32000-2, 12.8; ETSI EN 319 142-1).
//!
//! [`plan`] turns a document and a [`SignatureRequest`] into a [`PreparedSignature`]: the bytes that will follow the
//! untouched file, with room for the CMS that signs everything else.

mod anchor;
pub(crate) mod catalog;
mod checks;
pub(crate) mod conformance;
mod dictionary;
mod field;
mod page;
mod permission;
mod plan;
mod refusal;
mod seed;

pub(crate) use checks::check_structure;
pub use plan::plan;
pub use refusal::SigningRefusal;

use crate::appearance::Appearance;
use crate::signatures::FieldLock;
use std::fmt;
use types::{Finding, Span, Time};

/// What the signature is to be.
#[derive(Clone, Debug)]
pub struct SignatureRequest {
    /// Which field takes it.
    pub field: FieldChoice,
    /// The kind of CMS that will fill `Contents`.
    pub sub_filter: SubFilter,
    /// `Name`: who signs, as a claim beside the certificate.
    pub name: Option<String>,
    /// `Reason`. Must be absent when the CMS has a commitment type (ETSI EN 319 142-1, 5.3).
    pub reason: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// `ContactInfo`.
    pub contact_info: Option<String>,
    /// `M`: when the signer claims to sign. A baseline PAdES signature has one (ETSI EN 319 142-1, 6.3).
    pub claimed_time: Option<ClaimedTime>,
    /// Certify the document, allowing only these changes from then on; an approval signature if `None`.
    pub certification: Option<Certification>,
    /// Lock fields; for an existing field only what its own `Lock` says or nothing.
    pub lock: Option<FieldLock>,
    /// How a visible signature looks; [`Appearance::default`] where one is needed and none given.
    pub appearance: Option<Appearance>,
    /// Where it is seen.
    pub placement: Placement,
    /// Bytes reserved for the CMS.
    pub contents_len: usize,
    /// Digest algorithm of the signature as seed values name it, e.g. `SHA256`; checked against the field's demands.
    pub digest_method: Option<String>,
    /// Name and version of the program for `Prop_Build`; left out if `None`.
    pub application: Option<Application>,
}

impl Default for SignatureRequest {
    /// An invisible PAdES approval signature with 16 KiB of room, in the sole empty field or a new one.
    fn default() -> SignatureRequest {
        SignatureRequest {
            field: FieldChoice::Auto,
            sub_filter: SubFilter::EtsiCadesDetached,
            name: None,
            reason: None,
            location: None,
            contact_info: None,
            claimed_time: None,
            certification: None,
            lock: None,
            appearance: None,
            placement: Placement::Invisible,
            contents_len: 16 * 1024,
            digest_method: None,
            application: None,
        }
    }
}

/// The field that takes the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldChoice {
    /// The sole empty signature field if there is one and no other place is asked for, otherwise a new field; a finding
    /// names the fields left empty if there are several.
    Auto,
    /// A new field; the first free name `Signature1`, `Signature2`, … if none is given.
    New {
        /// The field's name, without periods.
        name: Option<String>,
    },
    /// An existing empty field, by its fully qualified name.
    Existing(String),
}

/// `SubFilter`: what fills `Contents`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubFilter {
    /// `ETSI.CAdES.detached`: a PAdES signature (ETSI EN 319 142-1, 4.1).
    EtsiCadesDetached,
    /// `ETSI.RFC3161`: a document timestamp (ISO 32000-2, 12.8.5).
    EtsiRfc3161,
    /// `adbe.pkcs7.detached`: a CMS signature without CAdES attributes (ISO 32000-2, 12.8.3.3).
    AdbePkcs7Detached,
}

impl SubFilter {
    /// The name in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            SubFilter::EtsiCadesDetached => "ETSI.CAdES.detached",
            SubFilter::EtsiRfc3161 => "ETSI.RFC3161",
            SubFilter::AdbePkcs7Detached => "adbe.pkcs7.detached",
        }
    }

    /// `ExtensionLevel` of the developer extension `ESIC` that goes with it below PDF 2.0.
    pub(crate) fn extension_level(self) -> Option<i64> {
        match self {
            SubFilter::EtsiCadesDetached => Some(2),
            SubFilter::EtsiRfc3161 => Some(1),
            SubFilter::AdbePkcs7Detached => None,
        }
    }
}

/// A time as the signer's clock says, with the offset of local time that the signer wants shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimedTime {
    /// The point in time.
    pub time: Time,
    /// Minutes east of UTC, −1439 to 1439.
    pub offset_minutes: i32,
}

/// What a certified document still allows, `P` of DocMDP (ISO 32000-2, Table 257).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certification {
    /// 1: no changes at all.
    NoChanges,
    /// 2: filling in forms and signing.
    FormFilling,
    /// 3: as 2, and annotating.
    Annotations,
}

impl Certification {
    /// `P`.
    pub fn level(self) -> u8 {
        match self {
            Certification::NoChanges => 1,
            Certification::FormFilling => 2,
            Certification::Annotations => 3,
        }
    }
}

/// Where the signature is seen. Points count from the lower left corner of the page **as shown**, that is of its
/// crop box after rotation.
#[derive(Clone, Debug, PartialEq)]
pub enum Placement {
    /// Nowhere; an existing field's rectangle stays blank.
    Invisible,
    /// In a new field on this rectangle.
    Rect {
        /// Page index, counted from 0.
        page: usize,
        /// Distance of the left side.
        x: f64,
        /// Distance of the lower side.
        y: f64,
        /// Width.
        width: f64,
        /// Height.
        height: f64,
    },
    /// In a new field beside a text that occurs exactly once.
    AtText {
        /// The text; runs of white space count as one space.
        text: String,
        /// Where the rectangle is, seen from the text.
        side: AnchorSide,
        /// Width.
        width: f64,
        /// Height.
        height: f64,
    },
    /// In the rectangle of the existing field.
    FieldRect,
}

/// Where a rectangle is, seen from its anchor text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AnchorSide {
    /// Starts at the text's lower left corner and covers it.
    Over,
    /// Starts right after the text, on its lower edge.
    #[default]
    RightOf,
    /// Under the text, left sides aligned.
    Below,
    /// Above the text, left sides aligned.
    Above,
}

/// The program that makes the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A signature of which only the value is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedSignature {
    /// Length of the untouched file.
    pub base_len: u64,
    /// The bytes after it, `Contents` filled with zeros.
    pub tail: Vec<u8>,
    /// `Contents` with its angle brackets, from the start of the file.
    pub contents: Span,
    /// `ByteRange` as written.
    pub byte_range: [u64; 4],
    /// Fully qualified name of the field.
    pub field_name: String,
    /// Index of the page with the field's widget, counted from 0, if known.
    pub page: Option<usize>,
    /// What is worth knowing before signing.
    pub findings: Vec<Finding>,
}

/// The CMS does not fit the room that was planned for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// Bytes of the CMS.
    pub needed: usize,
    /// Bytes reserved.
    pub reserved: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the signature has {} bytes, {} were reserved", self.needed, self.reserved)
    }
}

impl std::error::Error for TooLong {}

impl PreparedSignature {
    /// What the signature covers: all bytes before `Contents` and all after it.
    pub fn covered(&self) -> [Span; 2] {
        [Span::new(0, self.contents.start), Span::new(self.contents.end, self.signed_len())]
    }

    /// Length of the signed file.
    pub fn signed_len(&self) -> u64 {
        self.base_len + self.tail.len() as u64
    }

    /// Where `Contents` is in the tail, brackets included.
    fn contents_in_tail(&self) -> std::ops::Range<usize> {
        (self.contents.start - self.base_len) as usize..(self.contents.end - self.base_len) as usize
    }

    /// The tail up to `Contents` and after it: with the file before them, what is signed.
    pub fn covered_tail(&self) -> [&[u8]; 2] {
        let contents = self.contents_in_tail();
        [
            self.tail.get(..contents.start).unwrap_or_default(),
            self.tail.get(contents.end..).unwrap_or_default(),
        ]
    }

    /// The tail with the CMS in `Contents`, zeros after it.
    pub fn embed(&self, cms: &[u8]) -> Result<Vec<u8>, TooLong> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let contents = self.contents_in_tail();
        let reserved = contents.len().saturating_sub(2) / 2;
        if cms.len() > reserved {
            return Err(TooLong { needed: cms.len(), reserved });
        }
        let mut tail = self.tail.clone();
        let places = tail.get_mut(contents.start + 1..contents.end - 1).unwrap_or_default();
        for (place, byte) in places.chunks_exact_mut(2).zip(cms) {
            place.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        Ok(tail)
    }
}
