//! The document security store of a PDF: its certificates, CRLs and OCSP responses (ISO 32000-2, 12.8.4.3).

use super::gather::{Gatherer, Met};
use crate::facts::Origin;
use pdf::dss::SecurityStore;
use pdf::object::{Object, ObjectId};
use pdf::{Document, Located};
use types::{Budget, Cause, Finding, Limits, Malformed, Resource, Span};

/// No certificate or OCSP response comes near this size, bytes.
const MOST_OF_A_CERTIFICATE: u64 = 1 << 20;
/// A CRL of a million entries has some 40 MB.
const MOST_OF_A_CRL: u64 = 128 << 20;

/// What a stream of the store holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Certificate,
    Crl,
    Ocsp,
}

/// Gathers everything in the store; what cannot be read is as good as absent, and a finding.
pub(super) fn gather(
    document: &Document<'_>,
    store: &SecurityStore,
    gatherer: &mut Gatherer<'_>,
    findings: &mut Vec<Finding>,
    budget: &mut Budget,
) -> Result<(), Malformed> {
    let of_vri = |pick: fn(&pdf::dss::ValidationInformation) -> &Vec<ObjectId>| {
        store.vri.iter().flat_map(pick).copied()
    };
    let mut wanted: Vec<(Content, ObjectId)> = Vec::new();
    let certificates = store.certificates.iter().copied().chain(of_vri(|vri| &vri.certificates));
    wanted.extend(certificates.map(|id| (Content::Certificate, id)));
    let crls = store.crls.iter().copied().chain(of_vri(|vri| &vri.crls));
    wanted.extend(crls.map(|id| (Content::Crl, id)));
    let ocsps = store.ocsps.iter().copied().chain(of_vri(|vri| &vri.ocsps));
    wanted.extend(ocsps.map(|id| (Content::Ocsp, id)));
    let mut seen = std::collections::BTreeSet::new();
    for (content, id) in wanted {
        budget.spend(Resource::Steps, 1)?;
        if !seen.insert((content as u8, id)) {
            continue;
        }
        let Some((der, span)) = read(document, content, id, budget)? else { continue };
        let met = Met { origin: Origin::Store, place: Some(span) };
        match content {
            Content::Certificate => {
                gatherer.encoded_certificate(&der, met, findings, budget)?;
            }
            Content::Crl => gatherer.crl(&der, met, findings, budget)?,
            Content::Ocsp => gatherer.ocsp(&der, met, findings, budget)?,
        }
    }
    Ok(())
}

/// The bytes in a stream of the store and its place; `None` for anything else, however broken, short of an exhausted budget.
fn read(
    document: &Document<'_>,
    content: Content,
    id: ObjectId,
    budget: &mut Budget,
) -> Result<Option<(Vec<u8>, Span)>, Malformed> {
    let (stream, span) = match document.get(id, budget) {
        Ok(Located { object: Object::Stream(stream), span, .. }) => (stream, span),
        Err(error) if matches!(error.cause, Cause::Budget(_)) => return Err(error),
        _ => return Ok(None),
    };
    let most = match content {
        Content::Crl => MOST_OF_A_CRL,
        Content::Certificate | Content::Ocsp => MOST_OF_A_CERTIFICATE,
    };
    let limits = Limits::STANDARD.with(Resource::DecodedBytes, most);
    let decoded = document.stream_data(&stream, &mut Budget::new(limits));
    // What was decoded draws on the document's budget as well: many entries may name one stream.
    let cost = decoded.as_ref().map_or(most.min(MOST_OF_A_CERTIFICATE), |der| der.len() as u64);
    budget.spend(Resource::DecodedBytes, cost)?;
    Ok(decoded.ok().map(|der| (der, span)))
}
