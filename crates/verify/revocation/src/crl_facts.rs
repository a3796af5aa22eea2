//! Facts about a CRL: everything that judgement asks later, without the bytes.

use crate::at_hand::{AtHand, Candidate};
use crate::signer::{SignatureFacts, verify};
use crypto::{Digest, DigestAlgorithm, Provider, SignatureAlgorithm, UnknownAlgorithm};
use pkix::{
    Certificate, Crl, CrlNumber, GeneralName, Irregularity, IssuingDistributionPoint, Name, Oid, Revocation,
    Wanted,
};
use types::{Budget, Cause, Exhausted, Resource, Time};

/// A CRL as far as judgement is concerned.
#[derive(Clone, Debug)]
pub struct CrlFacts {
    /// SHA-256 of the DER.
    pub sha256: Digest,
    /// Who issued it.
    pub issuer: Name,
    /// When it was issued.
    pub this_update: Time,
    /// By when the next one will be issued.
    pub next_update: Option<Time>,
    /// cRLNumber.
    pub number: Option<CrlNumber>,
    /// deltaCRLIndicator: the number of the complete CRL that it starts from; a complete CRL has none.
    pub delta_base: Option<CrlNumber>,
    /// issuingDistributionPoint: what it is about.
    pub scope: Option<IssuingDistributionPoint>,
    /// keyIdentifier of the authorityKeyIdentifier: a hint at the signing key.
    pub key_identifier: Option<Box<[u8]>>,
    /// expiredCertsOnCRL.
    pub expired_certs_on_crl: Option<Time>,
    /// Algorithm of the signature.
    pub signature_algorithm: Result<SignatureAlgorithm, UnknownAlgorithm>,
    /// Whose key verified the signature.
    pub signature: SignatureFacts,
    /// What it does against the profile.
    pub irregularities: Vec<Irregularity>,
    /// Critical extensions of the CRL that nobody here processes.
    pub unknown_critical: Vec<Oid>,
    /// What is listed.
    pub listing: ListingFacts,
}

/// What is listed about the certificates at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListingFacts {
    /// Not looked at, as no key at hand verified the signature.
    NotRead,
    /// An entry is malformed, in these words: nothing can be concluded from what is not found.
    Malformed(String),
    /// Every entry was walked.
    Read {
        /// Number of entries.
        entries: u64,
        /// The certificates looked for, in their order, with the entry found.
        looked_up: Vec<(Certificate, Option<Revocation>)>,
        /// Critical entry extensions that nobody here processes.
        unknown_critical: Vec<Oid>,
    },
}

/// What a CRL lists about one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// It was not looked for, or the list could not be read.
    Undetermined,
    /// Not listed.
    Absent,
    /// Listed.
    Listed(Revocation),
}

impl ListingFacts {
    /// What is listed about one certificate.
    pub fn look_up(&self, certificate: &Certificate) -> Lookup {
        let ListingFacts::Read { looked_up, .. } = self else { return Lookup::Undetermined };
        let found = looked_up.binary_search_by(|(one, _)| one.cmp(certificate));
        match found.ok().and_then(|index| looked_up.get(index)) {
            None => Lookup::Undetermined,
            Some((_, None)) => Lookup::Absent,
            Some((_, Some(revocation))) => Lookup::Listed(*revocation),
        }
    }
}

/// Verifies a CRL and looks up the certificates at hand that it can speak about: those of its issuer and, if it is
/// indirect, those that name its issuer as cRLIssuer. Draws on [`Resource::SignatureChecks`] and, for every entry and
/// certificate, on [`Resource::Steps`].
///
/// # Errors
///
/// An exhausted budget; everything else is a fact.
pub fn crl_facts(
    crl: &Crl,
    at_hand: &AtHand<'_>,
    provider: &dyn Provider,
    budget: &mut Budget,
) -> Result<CrlFacts, Exhausted> {
    let extensions = crl.extensions();
    let candidates: Vec<Candidate<'_>> = at_hand.named(crl.issuer()).collect();
    let signature = verify(crl.signed(), &candidates, provider, budget)?;
    let listing = match signature {
        SignatureFacts::Verified(_) => read_listing(crl, at_hand, budget)?,
        _ => ListingFacts::NotRead,
    };
    Ok(CrlFacts {
        sha256: crl.digest(DigestAlgorithm::Sha256, provider),
        issuer: crl.issuer().clone(),
        this_update: crl.this_update(),
        next_update: crl.next_update(),
        number: extensions.number.clone(),
        delta_base: extensions.delta_base.clone(),
        scope: extensions.issuing_distribution_point.clone(),
        key_identifier: extensions
            .authority_key_identifier
            .as_ref()
            .and_then(|identifier| identifier.key_identifier.clone()),
        expired_certs_on_crl: extensions.expired_certs_on_crl,
        signature_algorithm: crl.signed().algorithm().cloned().map_err(Clone::clone),
        signature,
        irregularities: crl.irregularities().to_vec(),
        unknown_critical: extensions.unknown_critical().collect(),
        listing,
    })
}

/// Steps that looking up one certificate in one list costs, beside those for the entries.
const LOOKED_UP: u64 = 16;

fn read_listing(crl: &Crl, at_hand: &AtHand<'_>, budget: &mut Budget) -> Result<ListingFacts, Exhausted> {
    let mut concerned: Vec<&Certificate> = at_hand.issued_by(crl.issuer()).to_vec();
    if crl.is_indirect() {
        budget.spend(Resource::Steps, at_hand.all().len() as u64)?;
        let delegates =
            |one: &&&Certificate| one.issuer() != crl.issuer() && names_crl_issuer(one, crl.issuer());
        concerned.extend(at_hand.all().iter().filter(delegates));
    }
    // What is found out about each is kept: many lists may speak about many certificates.
    budget.spend(Resource::Steps, LOOKED_UP.saturating_mul(concerned.len() as u64))?;
    concerned.sort_unstable();
    let wanted: Vec<Wanted<'_>> = concerned
        .iter()
        .map(|certificate| Wanted { issuer: certificate.issuer(), serial: certificate.serial() })
        .collect();
    match crl.find_many(&wanted, budget) {
        Ok(mut listing) => Ok(ListingFacts::Read {
            entries: listing.entries,
            looked_up: concerned
                .into_iter()
                .enumerate()
                .map(|(index, one)| (one.clone(), listing.found.remove(&index).map(|entry| entry.revocation)))
                .collect(),
            unknown_critical: listing.unknown_critical,
        }),
        Err(malformed) => match malformed.cause {
            Cause::Budget(exhausted) => Err(exhausted),
            _ => Ok(ListingFacts::Malformed(malformed.to_string())),
        },
    }
}

/// Whether a distribution point of the certificate leaves its revocation to this CRL issuer.
pub(crate) fn names_crl_issuer(certificate: &Certificate, crl_issuer: &Name) -> bool {
    let points = certificate.extensions().crl_distribution_points.iter().flatten();
    points
        .flat_map(|point| &point.crl_issuer)
        .any(|name| matches!(name, GeneralName::Directory(directory) if directory == crl_issuer))
}
