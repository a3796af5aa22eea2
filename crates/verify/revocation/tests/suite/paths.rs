//! A whole check of a path: validation, and for each certificate a current and believable statement that it is good.

use crypto::PROVIDER;
use path::{PathOutcome, PathParameters, ValidatedPath, VerifiedLinks, build_and_validate};
use pkix::{Certificate, TrustAnchor};
use types::Budget;
use undersign_revocation::{Authority, Source, Sources, Statement, Status, judge};

/// Everything at hand.
pub struct World<'a> {
    pub pool: &'a [Certificate],
    pub anchor: &'a TrustAnchor,
    pub sources: Sources<'a>,
    pub parameters: PathParameters<'a>,
    pub links: &'a VerifiedLinks,
}

impl World<'_> {
    /// Why the target is not accepted.
    pub fn check(&self, target: &Certificate) -> Result<(), String> {
        let path = self.path(target, &self.parameters)?;
        self.check_path(&path, &mut Vec::new())
    }

    fn path(&self, target: &Certificate, parameters: &PathParameters<'_>) -> Result<ValidatedPath, String> {
        let anchors = std::slice::from_ref(self.anchor);
        let budget = &mut Budget::default();
        match build_and_validate(target, self.pool, anchors, parameters, PROVIDER, self.links, budget) {
            PathOutcome::Found(mut paths) => Ok(paths.swap_remove(0)),
            PathOutcome::NotFound(failure) => {
                Err(failure.main_fault().map(|(_, fault)| fault.to_string()).unwrap_or_default())
            }
        }
    }

    /// `asked` holds the certificates whose revocation is being checked, so that a CRL which speaks about its own
    /// signer ends the recursion.
    fn check_path(&self, path: &ValidatedPath, asked: &mut Vec<Certificate>) -> Result<(), String> {
        if path.is_directly_trusted() {
            return Ok(());
        }
        for (index, certificate) in path.certificates().iter().enumerate() {
            if asked.contains(certificate) {
                continue;
            }
            asked.push(certificate.clone());
            let statements = judge(certificate, &path.issuer(index), &self.sources);
            let mut good = false;
            for statement in statements.iter().filter(|one| one.is_current(self.parameters.at)) {
                if !matches!(statement.status, Status::Good | Status::Revoked(_))
                    || !self.is_believable(statement, asked)
                {
                    continue;
                }
                if let Status::Revoked(revocation) = statement.status {
                    return Err(format!("{certificate:?} is revoked: {revocation:?}"));
                }
                good = true;
            }
            asked.pop();
            if !good {
                return Err(format!("nothing good is known about {certificate:?}: {statements:#?}"));
            }
        }
        Ok(())
    }

    fn is_believable(&self, statement: &Statement<'_>, asked: &mut Vec<Certificate>) -> bool {
        statement.parts.iter().all(|part| match &part.authority {
            None => false,
            Some(Authority::Certificates(certificates)) => {
                certificates.iter().any(|one| self.may_sign(one, part.source, asked))
            }
            Some(_) => true,
        })
    }

    fn may_sign(&self, signer: &Certificate, source: Source, asked: &mut Vec<Certificate>) -> bool {
        let at = self.parameters.at;
        if matches!(source, Source::Ocsp { .. }) {
            // A delegate was certified by the issuer itself, which judgement has seen to.
            return signer.not_before() <= at && at <= signer.not_after();
        }
        let path = self.path(signer, &PathParameters::at(at));
        path.is_ok_and(|path| self.check_path(&path, asked).is_ok())
    }
}
