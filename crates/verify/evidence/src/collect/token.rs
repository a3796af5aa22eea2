//! Timestamp tokens on their way to evidence (RFC 3161; EN 319 122-1, 5.2.8, 5.3 and 5.5).

use super::Context;
use super::envelope;
use super::gather::{Gatherer, Met};
use super::signer::{self, broken, recognised};
use crate::facts::{
    Check, Covers, FormatFault, Origin, SignedFacts, Stamp, TokenEvidence, TokenId, TokenRole,
};
use cms::{TimestampToken, Trailing, TstInfo};
use crypto::{Digest, DigestAlgorithm};
use pkix::Certificate;
use types::{Budget, Cause, Exhausted, Finding, Resource, Span};

/// A token that was read and whose certificates were gathered.
pub(super) struct TokenDraft<'d> {
    pub(super) role: TokenRole,
    place: Option<Span>,
    bytes: &'d [u8],
    parsed: Result<TimestampToken<'d>, FormatFault>,
    own: Vec<Certificate>,
    findings: Vec<Finding>,
}

impl<'d> TokenDraft<'d> {
    /// Reads the token in `bytes`, which will get the number `id`, and gathers what it carries. Counts as a signature.
    pub(super) fn read(
        bytes: &'d [u8],
        (id, role): (TokenId, TokenRole),
        place: Option<Span>,
        gatherer: &mut Gatherer<'_>,
        budget: &mut Budget,
    ) -> Result<TokenDraft<'d>, Exhausted> {
        budget.spend(Resource::Signatures, 1)?;
        let parsed = match TimestampToken::parse(bytes, budget) {
            Ok(token) if token.signed_data.signers.len() == 1 => Ok(token),
            Ok(token) => Err(broken(format!(
                "the timestamp has {} signers, expected 1 (RFC 3161, 2.4.2)",
                token.signed_data.signers.len()
            ))),
            Err(error) => match error.cause {
                Cause::Budget(exhausted) => return Err(exhausted),
                _ => Err(broken(format!("the timestamp cannot be read: {error}"))),
            },
        };
        let mut draft = TokenDraft { role, place, bytes, parsed, own: Vec::new(), findings: Vec::new() };
        if let Ok(token) = &draft.parsed {
            let met = Met { origin: Origin::Token(id), place };
            draft.findings.extend(token.signed_data.findings.iter().cloned());
            draft.findings.extend(token.findings.iter().cloned());
            draft.own = gatherer.signed_data(&token.signed_data, met, &mut draft.findings, budget)?;
            for signer in &token.signed_data.signers {
                gatherer.signer(signer, met, &mut draft.findings, budget)?;
            }
        }
        Ok(draft)
    }

    /// By which algorithm what the token covers has to be hashed.
    pub(super) fn imprint_algorithm(&self) -> Option<DigestAlgorithm> {
        self.info()?.imprint.algorithm.as_ref().ok().copied()
    }

    pub(super) fn info(&self) -> Option<&TstInfo> {
        self.parsed.as_ref().ok().map(|token| &token.info)
    }

    /// What follows the token in its place.
    pub(super) fn trailing(&mut self) -> Option<&mut Trailing> {
        self.parsed.as_mut().ok().map(|token| &mut token.signed_data.trailing)
    }

    /// The token as read.
    pub(super) fn token(&self) -> Option<&TimestampToken<'d>> {
        self.parsed.as_ref().ok()
    }

    /// The facts, for a token that covers what has the digests that `covered` gives.
    pub(super) fn evidence(
        self,
        covered: impl FnOnce(DigestAlgorithm) -> Result<Digest, String>,
        covers: Covers,
        gatherer: &Gatherer<'_>,
        context: &Context<'_>,
        budget: &mut Budget,
    ) -> TokenEvidence {
        let imprint = self.imprint_check(covered);
        self.judged(imprint, covers, gatherer, context, budget)
    }

    /// The message imprint against the digest of what it should be of.
    pub(super) fn imprint_check(
        &self,
        covered: impl FnOnce(DigestAlgorithm) -> Result<Digest, String>,
    ) -> Check {
        match self.info().map(|info| &info.imprint) {
            None => Check::NotComputed("the timestamp cannot be read".into()),
            Some(imprint) => match &imprint.algorithm {
                Err(unknown) => Check::NotComputed(format!("digest {unknown}")),
                Ok(algorithm) => match covered(*algorithm) {
                    Ok(digest) if digest.value == imprint.value => Check::Matches,
                    Ok(_) => Check::Differs,
                    Err(why) => Check::NotComputed(why),
                },
            },
        }
    }

    /// The facts, with the message imprint judged already.
    pub(super) fn judged(
        self,
        imprint: Check,
        covers: Covers,
        gatherer: &Gatherer<'_>,
        context: &Context<'_>,
        budget: &mut Budget,
    ) -> TokenEvidence {
        let TokenDraft { role, place, bytes, parsed, own, mut findings } = self;
        let digest = context.provider.digest(DigestAlgorithm::Sha256, bytes);
        let stamp = parsed.and_then(|token| {
            let info = token.signed_data.signers.first().ok_or_else(|| broken("there is no signer"))?;
            match role == TokenRole::Document && place.is_some() {
                true => envelope::check_in_pdf(&token.signed_data, info, b"ETSI.RFC3161")?,
                false => envelope::check(&token.signed_data, info)?,
            }
            let extension = token.findings.iter().find(|finding| finding.code == "tst.extension.critical");
            if let Some(finding) = extension {
                return Err(recognised(finding.message.to_string()));
            }
            let content = token.signed_data.content.content.as_deref();
            let content = content.ok_or_else(|| broken("the token has no content"))?;
            let algorithm = info.digest_algorithm.clone();
            let algorithm = algorithm.map_err(|unknown| recognised(format!("digest {unknown}")))?;
            let digest = context.provider.digest(algorithm, content);
            let signed = signer::facts(info, Some(&digest), &own, gatherer, context, &mut findings, budget)?;
            Ok(stamp(&token.info, imprint, covers, signed))
        });
        TokenEvidence { role, digest, place, stamp, findings }
    }
}

impl TokenEvidence {
    /// Notes by which algorithm what the imprint is of names what is covered: the weaker one decides.
    pub(super) fn named_by(&mut self, algorithm: Option<DigestAlgorithm>) {
        if let (Ok(Stamp { imprint_algorithm: Ok(imprint), .. }), Some(algorithm)) =
            (&mut self.stamp, algorithm)
        {
            *imprint = algorithm.min(*imprint);
        }
    }
}

fn stamp(info: &TstInfo, imprint: Check, covers: Covers, signed: SignedFacts) -> Stamp {
    Stamp {
        time: info.gen_time,
        accuracy_microseconds: info.accuracy_microseconds,
        policy: info.policy.to_string(),
        imprint_algorithm: info.imprint.algorithm.clone().map_err(|unknown| unknown.to_string()),
        imprint,
        signed,
        covers,
    }
}

/// A document timestamp as a signature: it is over the content through its imprint.
pub(super) fn document_facts(token: &TokenEvidence) -> Result<SignedFacts, FormatFault> {
    let stamp = token.stamp.as_ref().map_err(Clone::clone)?;
    let content = match (&stamp.imprint, &stamp.signed.content) {
        (Check::Matches, content) => content.clone(),
        (imprint, _) => imprint.clone(),
    };
    let digest_algorithm = stamp.imprint_algorithm.as_ref().copied().unwrap_or(stamp.signed.digest_algorithm);
    Ok(SignedFacts { content, digest_algorithm, ..stamp.signed.clone() })
}
