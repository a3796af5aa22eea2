//! What CRLs say, as it stands in an evidence file: facts, not the bytes.

use super::error::{FrozenError, Within, each};
use super::names::{FrozenGeneralName, freeze_name, thaw_name};
use super::scalar::{
    FrozenIrregularity, FrozenUnknownAlgorithm, Known, Octets, Seconds, oid, oids, parsed, sha256, words,
};
use super::source::FrozenSignatureFacts;
use super::table::{Numbers, Tables};
use pkix::{CrlNumber, Holders, IssuingDistributionPoint, Reason, ReasonFlags, Revocation};
use revocation::{CrlFacts, ListingFacts};
use serde::{Deserialize, Serialize};

words!(HoldersWord is Holders {
    All = "all", Users = "users", Authorities = "authorities", AttributeCertificates = "attribute-certificates",
});

/// [`CrlFacts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenCrl {
    delta_base: Option<Octets>,
    digest: String,
    expired_certs_on_crl: Option<Seconds>,
    irregularities: Vec<FrozenIrregularity>,
    issuer: Octets,
    key_identifier: Option<Octets>,
    listing: FrozenListing,
    next_update: Option<Seconds>,
    number: Option<Octets>,
    scope: Option<FrozenScope>,
    signature: FrozenSignatureFacts,
    signature_algorithm: Known<String, FrozenUnknownAlgorithm>,
    this_update: Seconds,
    unknown_critical: Vec<String>,
}

/// [`IssuingDistributionPoint`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenScope {
    full_name: Vec<FrozenGeneralName>,
    holders: HoldersWord,
    indirect: bool,
    only_some_reasons: Option<u16>,
    relative_name: Option<Octets>,
}

/// [`ListingFacts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum FrozenListing {
    NotRead,
    Malformed(String),
    #[serde(rename_all = "camelCase")]
    Read {
        entries: u64,
        looked_up: Vec<(usize, Option<FrozenRevocation>)>,
        unknown_critical: Vec<String>,
    },
}

/// [`Revocation`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenRevocation {
    at: Seconds,
    invalidity_date: Option<Seconds>,
    reason: Option<u8>,
}

impl From<&Revocation> for FrozenRevocation {
    fn from(revocation: &Revocation) -> FrozenRevocation {
        FrozenRevocation {
            at: revocation.at.into(),
            invalidity_date: revocation.invalidity_date.map(Seconds::from),
            reason: revocation.reason.map(Reason::code),
        }
    }
}

impl From<&FrozenRevocation> for Revocation {
    fn from(frozen: &FrozenRevocation) -> Revocation {
        Revocation {
            at: frozen.at.into(),
            reason: frozen.reason.map(Reason::from_code),
            invalidity_date: frozen.invalidity_date.map(Into::into),
        }
    }
}

impl FrozenCrl {
    pub(super) fn freeze(facts: &CrlFacts, numbers: &mut Numbers) -> FrozenCrl {
        let number = |number: &CrlNumber| Octets::from(number.octets());
        FrozenCrl {
            delta_base: facts.delta_base.as_ref().map(number),
            digest: facts.sha256.to_string(),
            expired_certs_on_crl: facts.expired_certs_on_crl.map(Seconds::from),
            irregularities: facts.irregularities.iter().map(FrozenIrregularity::from).collect(),
            issuer: freeze_name(&facts.issuer),
            key_identifier: facts.key_identifier.as_deref().map(Octets::from),
            listing: FrozenListing::freeze(&facts.listing, numbers),
            next_update: facts.next_update.map(Seconds::from),
            number: facts.number.as_ref().map(number),
            scope: facts.scope.as_ref().map(FrozenScope::from),
            signature: FrozenSignatureFacts::freeze(&facts.signature, numbers),
            signature_algorithm: Known::freeze(
                facts.signature_algorithm.as_ref(),
                |algorithm| algorithm.notation(),
                FrozenUnknownAlgorithm::from,
            ),
            this_update: facts.this_update.into(),
            unknown_critical: oids(&facts.unknown_critical),
        }
    }

    pub(super) fn thaw(&self, tables: &Tables) -> Result<CrlFacts, FrozenError> {
        let number = |octets: &Octets| CrlNumber::from_octets(&octets.0);
        let signature = self.signature.thaw(tables).within("signature")?;
        let listing = self.listing.thaw(tables).within("listing")?;
        if listing != ListingFacts::NotRead && signature.signers().is_empty() {
            return Err(
                FrozenError::new("entries of a CRL whose signature was not confirmed").under("listing")
            );
        }
        Ok(CrlFacts {
            sha256: sha256(&self.digest).within("digest")?,
            issuer: thaw_name(&self.issuer).within("issuer")?,
            this_update: self.this_update.into(),
            next_update: self.next_update.map(Into::into),
            number: self.number.as_ref().map(number),
            delta_base: self.delta_base.as_ref().map(number),
            scope: self.scope.as_ref().map(FrozenScope::thaw).transpose().within("scope")?,
            key_identifier: self.key_identifier.as_ref().map(|octets| octets.0.as_slice().into()),
            expired_certs_on_crl: self.expired_certs_on_crl.map(Into::into),
            signature_algorithm: match &self.signature_algorithm {
                Known::Is(notation) => Ok(parsed(notation).within("signatureAlgorithm")?),
                Known::Not(unknown) => Err(unknown.thaw()),
            },
            signature,
            irregularities: self.irregularities.iter().map(FrozenIrregularity::thaw).collect(),
            unknown_critical: each(&self.unknown_critical, |id| oid(id)).within("unknownCritical")?,
            listing,
        })
    }
}

impl From<&IssuingDistributionPoint> for FrozenScope {
    fn from(scope: &IssuingDistributionPoint) -> FrozenScope {
        FrozenScope {
            full_name: scope.full_name.iter().map(FrozenGeneralName::from).collect(),
            holders: scope.holders.into(),
            indirect: scope.indirect,
            only_some_reasons: scope.only_some_reasons.map(|reasons| reasons.0),
            relative_name: scope.relative_name.as_deref().map(Octets::from),
        }
    }
}

impl FrozenScope {
    fn thaw(&self) -> Result<IssuingDistributionPoint, FrozenError> {
        Ok(IssuingDistributionPoint {
            full_name: each(&self.full_name, FrozenGeneralName::thaw).within("fullName")?,
            relative_name: self.relative_name.as_ref().map(|octets| octets.0.as_slice().into()),
            holders: self.holders.into(),
            only_some_reasons: self.only_some_reasons.map(ReasonFlags),
            indirect: self.indirect,
        })
    }
}

impl FrozenListing {
    fn freeze(listing: &ListingFacts, numbers: &mut Numbers) -> FrozenListing {
        match listing {
            ListingFacts::NotRead => FrozenListing::NotRead,
            ListingFacts::Malformed(why) => FrozenListing::Malformed(why.clone()),
            ListingFacts::Read { entries, looked_up, unknown_critical } => FrozenListing::Read {
                entries: *entries,
                looked_up: looked_up
                    .iter()
                    .map(|(one, found)| {
                        (numbers.certificate(one), found.as_ref().map(FrozenRevocation::from))
                    })
                    .collect(),
                unknown_critical: oids(unknown_critical),
            },
        }
    }

    fn thaw(&self, tables: &Tables) -> Result<ListingFacts, FrozenError> {
        let (entries, looked_up, unknown_critical) = match self {
            FrozenListing::NotRead => return Ok(ListingFacts::NotRead),
            FrozenListing::Malformed(why) => return Ok(ListingFacts::Malformed(why.clone())),
            FrozenListing::Read { entries, looked_up, unknown_critical } => {
                (*entries, looked_up, unknown_critical)
            }
        };
        let mut last = None;
        let looked_up = each(looked_up, |(id, found)| {
            let certificate = tables.certificate(*id)?;
            // A lookup is a binary search: out of order, a revoked certificate would not be found.
            if last.as_ref().is_some_and(|last| *last >= certificate) {
                return Err(FrozenError::new("certificates twice or not in the order of their octets"));
            }
            last = Some(certificate.clone());
            Ok((certificate, found.as_ref().map(Revocation::from)))
        })
        .within("lookedUp")?;
        let found = looked_up.iter().filter(|(_, found)| found.is_some()).count() as u64;
        if found > 0 && entries == 0 {
            return Err(FrozenError::new("something was found in a list without entries").under("entries"));
        }
        let unknown_critical = each(unknown_critical, |id| oid(id)).within("unknownCritical")?;
        Ok(ListingFacts::Read { entries, looked_up, unknown_critical })
    }
}
