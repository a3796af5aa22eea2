//! Why a certificate was revoked (RFC 5280, 5.3.1), and sets of such reasons (RFC 5280, 4.2.1.13).

use crate::tlv::{self, Element};
use std::fmt;
use types::Malformed;

/// `CRLReason` (RFC 5280, 5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// unspecified (0).
    Unspecified,
    /// keyCompromise (1).
    KeyCompromise,
    /// cACompromise (2).
    CaCompromise,
    /// affiliationChanged (3).
    AffiliationChanged,
    /// superseded (4).
    Superseded,
    /// cessationOfOperation (5).
    CessationOfOperation,
    /// certificateHold (6): may still be taken back.
    CertificateHold,
    /// removeFromCRL (8): no longer on hold, or expired; in delta CRLs only.
    RemoveFromCrl,
    /// privilegeWithdrawn (9).
    PrivilegeWithdrawn,
    /// aACompromise (10).
    AaCompromise,
    /// A value that the standard does not assign.
    Unassigned(u8),
}

impl Reason {
    /// From the value of the ENUMERATED.
    pub const fn from_code(code: u8) -> Reason {
        match code {
            0 => Reason::Unspecified,
            1 => Reason::KeyCompromise,
            2 => Reason::CaCompromise,
            3 => Reason::AffiliationChanged,
            4 => Reason::Superseded,
            5 => Reason::CessationOfOperation,
            6 => Reason::CertificateHold,
            8 => Reason::RemoveFromCrl,
            9 => Reason::PrivilegeWithdrawn,
            10 => Reason::AaCompromise,
            other => Reason::Unassigned(other),
        }
    }

    /// The value of the ENUMERATED.
    pub const fn code(self) -> u8 {
        match self {
            Reason::Unspecified => 0,
            Reason::KeyCompromise => 1,
            Reason::CaCompromise => 2,
            Reason::AffiliationChanged => 3,
            Reason::Superseded => 4,
            Reason::CessationOfOperation => 5,
            Reason::CertificateHold => 6,
            Reason::RemoveFromCrl => 8,
            Reason::PrivilegeWithdrawn => 9,
            Reason::AaCompromise => 10,
            Reason::Unassigned(code) => code,
        }
    }

    /// The standard's name of it.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Unspecified => "unspecified",
            Reason::KeyCompromise => "keyCompromise",
            Reason::CaCompromise => "cACompromise",
            Reason::AffiliationChanged => "affiliationChanged",
            Reason::Superseded => "superseded",
            Reason::CessationOfOperation => "cessationOfOperation",
            Reason::CertificateHold => "certificateHold",
            Reason::RemoveFromCrl => "removeFromCRL",
            Reason::PrivilegeWithdrawn => "privilegeWithdrawn",
            Reason::AaCompromise => "aACompromise",
            Reason::Unassigned(_) => "an unassigned reason",
        }
    }

    /// The reason that the standard calls so.
    pub fn from_name(name: &str) -> Option<Reason> {
        (0..=10).map(Reason::from_code).find(|reason| reason.name() == name)
    }

    /// Reads the contents of an ENUMERATED.
    pub(crate) fn read(element: &Element<'_>) -> Result<Reason, Malformed> {
        match (element.tag, element.content) {
            (tlv::ENUMERATED, [code @ 0..=0x7f]) => Ok(Reason::from_code(*code)),
            _ => Err(element.malformed("a malformed reason of revocation", "RFC 5280, 5.3.1")),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `ReasonFlags` (RFC 5280, 4.2.1.13): bit n is the n-th named bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReasonFlags(pub u16);

impl ReasonFlags {
    /// No reason.
    pub const NONE: ReasonFlags = ReasonFlags(0);
    /// Every reason, keyCompromise (1) to aACompromise (8); bit 0 is unused.
    pub const ALL: ReasonFlags = ReasonFlags(0x1fe);

    /// The reasons in both.
    pub const fn intersection(self, other: ReasonFlags) -> ReasonFlags {
        ReasonFlags(self.0 & other.0)
    }

    /// The reasons in either.
    pub const fn union(self, other: ReasonFlags) -> ReasonFlags {
        ReasonFlags(self.0 | other.0)
    }

    /// Whether every reason is covered.
    pub const fn is_complete(self) -> bool {
        self.0 & Self::ALL.0 == Self::ALL.0
    }

    /// Whether no reason is covered.
    pub const fn is_empty(self) -> bool {
        self.0 & Self::ALL.0 == 0
    }
}
