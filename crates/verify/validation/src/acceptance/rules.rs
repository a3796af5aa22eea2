//! What each rule of a description says about one signature.

use super::Accepted;
use super::description::{Asks, RevocationFrom};
use crate::text::Text;
use crate::verdict::{Indication, Level, PathUsed, SignatureVerdict, State, StatusUsed};
use evidence::{Container, Evidence, Kind, ObjectRef, SignatureEvidence};
use inspection::Judgement;
use types::Time;

/// A signature that a verifier is asked about.
pub(super) struct Case<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) signature: &'a SignatureEvidence,
    pub(super) verdict: &'a SignatureVerdict,
}

type Against = Option<(Accepted, Text)>;

fn refused(text: Text) -> Against {
    Some((Accepted::DoesNotAccept, text))
}

fn depends(text: Text) -> Against {
    Some((Accepted::Depends, text))
}

impl Case<'_> {
    /// What the rule has against the signature. Document timestamps and countersignatures only must not be broken.
    pub(super) fn against(&self, asks: &Asks) -> Against {
        if self.signature.kind != Kind::Signature && *asks != Asks::Intact {
            return None;
        }
        // Of a signature that is not judged here only the format is known.
        let by_format = matches!(asks, Asks::Intact | Asks::Container(_) | Asks::SubFilter(_));
        if self.is_not_judged() && !by_format {
            return None;
        }
        match asks {
            Asks::Intact => self.intact(),
            Asks::Container(accepted) => self.container(accepted),
            Asks::SubFilter(accepted) => {
                let format = &self.signature.sub_filter;
                let fits = !self.is_pdf() || accepted.contains(format);
                if fits { None } else { refused(Text::new("accept-format").with("format", format)) }
            }
            Asks::Level(accepted) => self.level(accepted),
            Asks::Trust(list) => {
                let name = self.leads_to();
                depends(Text::new("accept-trust").with("name", name).with("list", list))
            }
            Asks::Revocation(from) => self.revocation(*from),
            Asks::RevocationAfterTimestamp(minutes) => self.order(*minutes),
            Asks::Digest { refused, unless_timestamped } => self.digest(refused, *unless_timestamped),
            Asks::LaterChanges => match self.signature.later.judgement {
                Judgement::None => None,
                _ => depends(Text::new("accept-later-changes")),
            },
        }
    }

    fn is_pdf(&self) -> bool {
        matches!(self.evidence.document.container, Container::Pdf { .. })
    }

    fn is_not_judged(&self) -> bool {
        self.signature.signed_data.as_ref().is_err_and(|fault| fault.recognised)
    }

    /// A signature that failed by the rules of EN 319 102-1 passes nowhere.
    fn intact(&self) -> Against {
        if self.is_not_judged() {
            return depends(Text::new("accept-not-judged"));
        }
        let failed = self.verdict.indication == Indication::TotalFailed;
        let why = self.verdict.sub_indication.map_or("", |sub_indication| sub_indication.as_str());
        if failed { refused(Text::new("accept-broken").with("issue", why)) } else { None }
    }

    fn container(&self, accepted: &[String]) -> Against {
        let (kind, name) = match &self.evidence.document.container {
            Container::Pdf { .. } => ("pdf", "PDF"),
            Container::Cms => ("cms", "CMS"),
            Container::Xml => ("xml", "XML"),
            Container::Asic { kind, .. } => ("asic", kind.as_str()),
        };
        let fits = accepted.iter().any(|one| one == kind);
        if fits { None } else { refused(Text::new("accept-container").with("container", name)) }
    }

    fn level(&self, accepted: &[String]) -> Against {
        let wanted = accepted.join(", ");
        match self.verdict.level {
            Level::None => refused(Text::new("accept-level-none").with("wanted", wanted)),
            level if accepted.iter().any(|one| one == level.as_str()) => None,
            level => refused(Text::new("accept-level").with("level", level.as_str()).with("wanted", wanted)),
        }
    }

    /// The anchor, or the issuer where no path was found.
    fn leads_to(&self) -> String {
        let signer = self.signature.signed_data.as_ref().ok().and_then(|facts| facts.signer.as_ref());
        match (&self.verdict.path, signer) {
            (Some(path), _) => path.anchor.clone(),
            (None, Some(signer)) => signer.certificate.issuer().to_string(),
            (None, None) => String::new(),
        }
    }

    fn revocation(&self, from: RevocationFrom) -> Against {
        if self.verdict.dimensions.revocation.state == State::Broken {
            return refused(Text::new("accept-revoked"));
        }
        let known = self.verdict.path.as_ref().is_some_and(|path| {
            !path.direct && path.statuses.iter().all(|status| *status != StatusUsed::Unknown)
        });
        match (known, from) {
            (true, _) => None,
            (false, RevocationFrom::Document) if self.signature.store.revocation_data => {
                depends(Text::new("accept-revocation-unknown"))
            }
            (false, RevocationFrom::Document) => refused(Text::new("accept-revocation-missing")),
            (false, RevocationFrom::Network) => depends(Text::new("accept-revocation-network")),
        }
    }

    /// When the status of the signer's certificate was told.
    fn told(&self, path: &PathUsed) -> Option<Time> {
        let material = &self.evidence.material;
        match path.statuses.first()? {
            StatusUsed::Good { source: ObjectRef::Ocsp(id), .. } => {
                material.ocsps.items.get(*id).map(|facts| facts.produced_at)
            }
            StatusUsed::Good { issued_at, .. } => Some(*issued_at),
            _ => None,
        }
    }

    fn order(&self, limit_minutes: i64) -> Against {
        let (stamped, _) = self.verdict.signing_time.not_after?;
        let told = self.told(self.verdict.path.as_ref()?)?;
        let minutes = told.unix().saturating_sub(stamped.unix()).div_euclid(60);
        let text = |key| Text::new(key).with("time", stamped).with("minutes", minutes);
        match minutes {
            ..0 => refused(text("accept-revocation-before")),
            later if later > limit_minutes => refused(text("accept-revocation-late")),
            _ => None,
        }
    }

    fn digest(&self, names: &[String], unless_timestamped: bool) -> Against {
        let facts = self.signature.signed_data.as_ref().ok()?;
        let of_value = facts.signature_algorithm.as_ref().ok().and_then(|algorithm| algorithm.digest());
        let used = [Some(facts.digest_algorithm), of_value];
        let weak =
            used.into_iter().flatten().find(|digest| names.iter().any(|name| name == digest.name()))?;
        let text = Text::new("accept-digest").with("algorithm", weak);
        match unless_timestamped && self.verdict.signing_time.not_after.is_some() {
            true => depends(text),
            false => refused(text),
        }
    }
}
