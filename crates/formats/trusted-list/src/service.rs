//! One service: what it is, its certificates, and since and until when it was qualified (TS 119 612, 5.5 and 5.6).

use crate::list::in_english;
use crate::xml::{at, children, text, text_at};
use base64ct::{Base64, Encoding};
use pkix::{AnchorConstraints, Certificate, TrustAnchor, oid};
use roxmltree::Node;
use types::{Budget, Malformed, Resource, Time};

/// The kinds of services that are read (5.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceKind {
    /// `CA/QC`: issues qualified certificates.
    QualifiedCertificates,
    /// `TSA/QTST`: issues qualified time-stamps.
    QualifiedTimestamps,
}

/// Status names that mean: supervised, accredited or qualified (5.5.4, and before July 2016 annex D of version 1).
const GOOD: [&str; 4] = ["granted", "undersupervision", "supervisionincessation", "accredited"];
const PREFIX: &str = "http://uri.etsi.org/TrstSvc/";
/// `AdditionalServiceInformation` (5.5.9.4): what the certificates are for.
const FOR_SIGNATURES: [&str; 2] = ["/SvcInfoExt/ForeSignatures", "/SvcInfoExt/ForeSeals"];
const FOR_WEB_SITES: &str = "/SvcInfoExt/ForWebSiteAuthentication";

/// A span of time during which a service was good without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first moment.
    pub from: Time,
    /// The first moment after it, if it has ended.
    pub until: Option<Time>,
}

/// A service that is or was qualified.
#[derive(Clone, Debug)]
pub struct Service {
    /// Who provides it.
    pub provider: String,
    /// What it is called.
    pub name: String,
    /// Its kind.
    pub kind: ServiceKind,
    /// Its certificates.
    pub certificates: Vec<Certificate>,
    /// When it was good, in the order of time; none if it never was.
    pub windows: Vec<Window>,
}

impl Service {
    /// The service as trust anchors: each certificate for each span, with the purpose of time-stamping alone where that is
    /// its kind. Whether a certificate below it is a qualified one is another question.
    pub fn anchors(&self) -> Vec<TrustAnchor> {
        let purposes = match self.kind {
            ServiceKind::QualifiedCertificates => None,
            ServiceKind::QualifiedTimestamps => Some(vec![oid::KP_TIME_STAMPING]),
        };
        let anchor = |certificate: &Certificate, window: &Window| {
            TrustAnchor::from_certificate(certificate.clone()).with_constraints(AnchorConstraints {
                not_before: Some(window.from),
                // The status ends with the moment before the next one starts.
                not_after: window.until.map(|until| until.plus(-1)),
                purposes: purposes.clone(),
                ..AnchorConstraints::default()
            })
        };
        let pairs = self
            .certificates
            .iter()
            .flat_map(|certificate| self.windows.iter().map(move |window| (certificate, window)));
        pairs.map(|(certificate, window)| anchor(certificate, window)).collect()
    }
}

pub(crate) enum Read {
    Service(Service),
    /// Of a kind that is read, but without what it takes.
    Unusable,
    OtherKind,
}

/// Reads `TSPService`.
pub(crate) fn read(node: Node<'_, '_>, provider: &str, budget: &mut Budget) -> Result<Read, Malformed> {
    let Some(information) = at(node, &["ServiceInformation"]) else { return Ok(Read::OtherKind) };
    let Some(kind) = kind(information) else { return Ok(Read::OtherKind) };
    if kind == ServiceKind::QualifiedCertificates && is_for_web_sites_only(information) {
        return Ok(Read::OtherKind);
    }
    let certificates = match at(information, &["ServiceDigitalIdentity"]) {
        Some(identity) => certificates(identity, budget)?,
        None => Vec::new(),
    };
    let mut history = vec![information];
    if let Some(past) = at(node, &["ServiceHistory"]) {
        history.extend(children(past, "ServiceHistoryInstance"));
    }
    budget.spend(Resource::Steps, history.len() as u64)?;
    let Some(windows) = windows(&history, kind) else { return Ok(Read::Unusable) };
    if certificates.is_empty() {
        return Ok(Read::Unusable);
    }
    Ok(Read::Service(Service {
        provider: provider.to_owned(),
        name: at(information, &["ServiceName"]).map(in_english).unwrap_or_default(),
        kind,
        certificates,
        windows,
    }))
}

fn kind(information: Node<'_, '_>) -> Option<ServiceKind> {
    match text_at(information, &["ServiceTypeIdentifier"]).strip_prefix(PREFIX)? {
        "Svctype/CA/QC" => Some(ServiceKind::QualifiedCertificates),
        "Svctype/TSA/QTST" => Some(ServiceKind::QualifiedTimestamps),
        _ => None,
    }
}

/// Whether the service says what its certificates are for, and that is neither signatures nor seals.
fn is_for_web_sites_only(information: Node<'_, '_>) -> bool {
    let uris: Vec<String> = at(information, &["ServiceInformationExtensions"])
        .into_iter()
        .flat_map(|all| children(all, "Extension"))
        .flat_map(|extension| children(extension, "AdditionalServiceInformation"))
        .map(|information| text_at(information, &["URI"]))
        .collect();
    let names = |end: &str| uris.iter().any(|uri| uri.ends_with(end));
    names(FOR_WEB_SITES) && !FOR_SIGNATURES.iter().any(|end| names(end))
}

/// When the service was good: each status holds from its start to the start of the one after it. `None` if a time cannot
/// be read: then nobody knows where a status ended.
fn windows(history: &[Node<'_, '_>], wanted: ServiceKind) -> Option<Vec<Window>> {
    let mut states: Vec<(Time, bool)> = Vec::with_capacity(history.len());
    for state in history {
        let from: Time = text_at(*state, &["StatusStartingTime"]).parse().ok()?;
        let status = text_at(*state, &["ServiceStatus"]);
        let last = status.rsplit('/').next().unwrap_or_default();
        let is_good = status.starts_with(PREFIX) && GOOD.contains(&last) && kind(*state) == Some(wanted);
        states.push((from, is_good));
    }
    // The list has the newest first; of two that start together the one listed later, the older, lasted no time.
    states.reverse();
    states.sort_by_key(|(from, _)| *from);
    let mut windows: Vec<Window> = Vec::new();
    for (from, is_good) in states {
        let open = windows.last_mut().filter(|window| window.until.is_none());
        match (open, is_good) {
            (None, true) => windows.push(Window { from, until: None }),
            (Some(window), false) => window.until = Some(from),
            _ => {}
        }
    }
    windows.retain(|window| window.until.is_none_or(|until| until > window.from));
    Some(windows)
}

/// The certificates of a digital identity (5.5.3). One that cannot be read is left out: it can make nothing trusted.
pub(crate) fn certificates(
    identity: Node<'_, '_>,
    budget: &mut Budget,
) -> Result<Vec<Certificate>, Malformed> {
    let mut found: Vec<Certificate> = Vec::new();
    for value in children(identity, "DigitalId").flat_map(|id| children(id, "X509Certificate")) {
        budget.spend(Resource::Certificates, 1)?;
        let base64: String = text(value).chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let der = Base64::decode_vec(&base64).ok();
        if let Some(certificate) = der.and_then(|der| Certificate::from_der(&der).ok())
            && !found.contains(&certificate)
        {
            found.push(certificate);
        }
    }
    Ok(found)
}
