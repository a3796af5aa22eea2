//! The contents of a pack: what each kind must be, when it is from, and what it is good for.

use super::PackRefusal;
use super::open::sha256;
use crate::Trust;
use pkix::{AnchorConstraints, Certificate, Crl, OcspResponse, RevocationBundle, TrustAnchor};
use records::PackContent;
use trusted_list::{Service, TrustedList};
use types::{Budget, Malformed, Time};
use validation::AlgorithmCatalogue;

/// The kinds that mean something to this program. Others are carried, checked by their digest, and left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Certificates that are trusted: authorities for what they issue, others for themselves.
    Anchor,
    /// Certificates of time-stamping authorities, or of who issues those, trusted for time-stamps alone.
    Tsa,
    /// Certificates that complete paths and are trusted for nothing.
    Certificate,
    /// CRLs.
    Crl,
    /// OCSP responses.
    Ocsp,
    /// A trusted list (ETSI TS 119 612): its qualified services are trusted while they are qualified.
    TrustedList,
    /// Certificates of who may sign the list of trusted lists; trusted for that alone.
    ListSigner,
    /// A catalogue of algorithms and how long each is reliable.
    Algorithms,
    /// Rules of law.
    Rules,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 9] = [
        Kind::Anchor,
        Kind::Tsa,
        Kind::Certificate,
        Kind::Crl,
        Kind::Ocsp,
        Kind::TrustedList,
        Kind::ListSigner,
        Kind::Algorithms,
        Kind::Rules,
    ];

    /// Its name in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Anchor => "anchor",
            Kind::Tsa => "tsa",
            Kind::Certificate => "certificate",
            Kind::Crl => "crl",
            Kind::Ocsp => "ocsp",
            Kind::TrustedList => "trusted-list",
            Kind::ListSigner => "list-signer",
            Kind::Algorithms => "algorithms",
            Kind::Rules => "rules",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// After how many days a content that states no next update should have been replaced. Deviation: no standard says;
    /// CRLs and OCSP responses are usually issued anew within a week, trusted lists within six months (TS 119 612,
    /// 5.3.15), and the rest changes with the calendar.
    pub fn days_fresh(self) -> i64 {
        match self {
            Kind::Crl | Kind::Ocsp => 7,
            Kind::TrustedList => 183,
            Kind::Rules => 183,
            Kind::Anchor | Kind::Tsa | Kind::Certificate | Kind::ListSigner | Kind::Algorithms => 366,
        }
    }
}

/// The bytes of a content that are the ones which the manifest names, and of the kind that it says.
#[derive(Clone, Debug)]
pub struct CheckedContent {
    kind: Option<Kind>,
    inside: Inside,
}

/// What is in a content.
#[derive(Clone, Debug)]
enum Inside {
    Certificates(Vec<Certificate>),
    Revocation(RevocationBundle),
    List(Box<TrustedList>),
    Algorithms(AlgorithmCatalogue),
    Other,
}

impl CheckedContent {
    /// The certificates in it, if it holds certificates.
    pub fn certificates(&self) -> &[Certificate] {
        match &self.inside {
            Inside::Certificates(certificates) => certificates,
            _ => &[],
        }
    }
}

/// Looks whether `bytes` are what the manifest says of `content`.
///
/// # Errors
/// `pack.wrong-length`, `pack.wrong-digest`, `pack.wrong-kind`.
pub fn check_content(content: &PackContent, bytes: &[u8]) -> Result<CheckedContent, PackRefusal> {
    let name = &content.name;
    let hint = "copy or fetch the pack again; if it stays so, tell its publisher";
    if bytes.len() as u64 != content.length {
        let reason = format!("{} {name:?} has {} bytes, not {}", content.kind, bytes.len(), content.length);
        return Err(PackRefusal::new("pack.wrong-length", reason, hint));
    }
    if sha256(bytes) != content.sha256 {
        let reason =
            format!("{} {name:?} is not what the publisher signed: its digest differs", content.kind);
        return Err(PackRefusal::new("pack.wrong-digest", reason, hint));
    }
    let kind = Kind::named(&content.kind);
    let inside = read(kind, bytes).map_err(|malformed| {
        let reason = format!("{} {name:?} is not of its kind: {malformed}", content.kind);
        PackRefusal::new("pack.wrong-kind", reason, "tell the publisher; the pack is not used")
    })?;
    Ok(CheckedContent { kind, inside })
}

fn read(kind: Option<Kind>, bytes: &[u8]) -> Result<Inside, Malformed> {
    let budget = &mut Budget::default();
    Ok(match kind {
        Some(Kind::Anchor | Kind::Tsa | Kind::Certificate | Kind::ListSigner) => {
            Inside::Certificates(pkix::read_certificates(bytes, budget)?)
        }
        Some(kind @ (Kind::Crl | Kind::Ocsp)) => {
            let found = pkix::read_revocation(bytes, budget)?;
            let others = if kind == Kind::Crl { &found.ocsps } else { &found.crls };
            if !others.is_empty() {
                return Err(Malformed::syntax(None, "it holds something else, too", ""));
            }
            Inside::Revocation(found)
        }
        Some(Kind::TrustedList) => Inside::List(Box::new(TrustedList::parse(bytes, budget)?)),
        Some(Kind::Algorithms) => {
            let text =
                std::str::from_utf8(bytes).map_err(|_| Malformed::syntax(None, "it is not text", ""))?;
            let catalogue = AlgorithmCatalogue::parse(text);
            Inside::Algorithms(catalogue.map_err(|error| Malformed::syntax(None, error.to_string(), ""))?)
        }
        Some(Kind::Rules) | None => Inside::Other,
    })
}

/// Lets a verification use the content: anchors as trusted, the rest as at hand; of several catalogues of algorithms the
/// newest. Kinds without such a use change nothing.
pub fn take(content: CheckedContent, trust: &mut Trust) {
    match (content.inside, content.kind) {
        (Inside::Certificates(certificates), Some(Kind::Anchor)) => {
            trust.anchors.extend(certificates.into_iter().map(TrustAnchor::from_certificate));
        }
        (Inside::Certificates(certificates), Some(Kind::Tsa)) => {
            trust.anchors.extend(certificates.into_iter().map(for_time_stamps));
        }
        (Inside::Certificates(certificates), Some(Kind::Certificate)) => {
            trust.certificates.extend(certificates);
        }
        (Inside::Certificates(_) | Inside::Other, _) => {}
        (Inside::Revocation(revocation), _) => {
            trust.crls.extend(revocation.crls);
            trust.ocsps.extend(revocation.ocsps);
        }
        (Inside::Algorithms(catalogue), _) => {
            if trust.algorithms.as_ref().is_none_or(|other| other.issued < catalogue.issued) {
                trust.algorithms = Some(catalogue);
            }
        }
        (Inside::List(list), _) => trust.anchors.extend(list.services.iter().flat_map(Service::anchors)),
    }
}

fn for_time_stamps(certificate: Certificate) -> TrustAnchor {
    let purposes = Some(vec![pkix::oid::KP_TIME_STAMPING]);
    TrustAnchor::from_certificate(certificate)
        .with_constraints(AnchorConstraints { purposes, ..AnchorConstraints::default() })
}

/// When a content of this kind is from and when it should be replaced, where its bytes say so: the oldest issue and the
/// earliest next update of what it holds.
///
/// # Errors
/// If it is not of its kind.
pub fn describe(kind: &str, bytes: &[u8]) -> Result<(Option<Time>, Option<Time>), Malformed> {
    let revocation = match read(Kind::named(kind), bytes)? {
        Inside::Revocation(revocation) => revocation,
        Inside::List(list) => return Ok((Some(list.issued), list.next_update)),
        Inside::Algorithms(catalogue) => return Ok((Some(catalogue.issued), catalogue.next_update)),
        Inside::Certificates(_) | Inside::Other => return Ok((None, None)),
    };
    let mut spans: Vec<(Time, Option<Time>)> = Vec::new();
    for der in &revocation.crls {
        let crl = Crl::from_der(der)?;
        spans.push((crl.this_update(), crl.next_update()));
    }
    for der in &revocation.ocsps {
        let response = OcspResponse::from_der(der, &mut Budget::default())?;
        let answers = response.basic.iter().flat_map(|basic| basic.responses());
        spans.extend(answers.map(|answer| (answer.this_update, answer.next_update)));
    }
    let issued = spans.iter().map(|(issued, _)| *issued).min();
    Ok((issued, spans.iter().filter_map(|(_, next_update)| *next_update).min()))
}
