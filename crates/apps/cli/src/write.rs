//! A signed file on the disk: the original copied while it is hashed, the signature appended, checked, named.

use crate::error::Failure;
use crate::progress::{Metered, Progress};
use crypto::PROVIDER;
use std::path::Path;
use std::thread;
use store::{Access, AtomicFile, Disk, Existing, FileSource};
use types::{Limits, Source, SourceError};
use undersign::signing::{Plan, Signed, ToBeSigned};

/// From this size on, copying and hashing are worth two threads.
const TWO_THREADS: u64 = 8 << 20;

/// Where a signed file comes from and goes to.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The disk.
    pub disk: &'a Disk,
    /// The original, which stays as it is.
    pub original: &'a FileSource,
    /// Its password.
    pub password: Option<&'a [u8]>,
    /// The name of the signed file.
    pub output: &'a Path,
    /// What to do if that name is taken.
    pub existing: Existing,
    /// Where progress is noted.
    pub progress: &'a Progress,
}

impl Target<'_> {
    /// Carries out `plan`: `value` makes the signature value once the octets are known.
    pub fn sign(
        &self,
        plan: Plan,
        value: impl FnOnce(&ToBeSigned) -> Result<Vec<u8>, Failure>,
    ) -> Result<Signed, Failure> {
        let (mut file, digest) = self.copy_and(|source| plan.content_digest(source, PROVIDER))?;
        let to_be_signed =
            plan.to_be_signed(digest).map_err(|refusal| Failure::refusal(self.path(), refusal))?;
        let value = value(&to_be_signed)?;
        let signed = to_be_signed.embed(&value).map_err(|error| self.not_embedded(&error))?;
        self.finish(&mut file, &signed)?;
        file.commit()?;
        Ok(signed)
    }

    /// Writes a signature whose value was made elsewhere.
    pub fn complete(&self, to_be_signed: &ToBeSigned, value: &[u8]) -> Result<Signed, Failure> {
        let signed = to_be_signed.embed(value).map_err(|error| self.not_embedded(&error))?;
        let (mut file, digest) = self.copy_and(|source| to_be_signed.content_digest(source, PROVIDER))?;
        if digest != *to_be_signed.content() {
            let reason = format!("{} is not the document that the plan was made for", self.path().display());
            let hint = "give the untouched document with --document, or prepare the signature anew";
            return Err(Failure::objection("sign.other-document", reason, hint));
        }
        self.finish(&mut file, &signed)?;
        file.commit()?;
        Ok(signed)
    }

    fn path(&self) -> &Path {
        self.original.path()
    }

    fn not_embedded(&self, error: &undersign::signing::EmbedError) -> Failure {
        let hint = "check that the value was made with the key and the algorithm of the plan";
        Failure::refused(self.path(), "sign.embed", error.to_string(), hint)
    }

    /// Copies the original into a new file while `read` reads it as well.
    fn copy_and<T: Send>(
        &self,
        read: impl FnOnce(&dyn Source) -> Result<T, SourceError> + Send,
    ) -> Result<(AtomicFile, T), Failure> {
        let mut file =
            AtomicFile::create(self.disk, self.output, self.existing, Access::Mode(self.original.mode()))?;
        let metered = Metered { source: self.original, progress: self.progress };
        let unreadable = |error: SourceError| Failure::document(self.path(), error.into());
        let len = self.original.len();
        if len < TWO_THREADS {
            let result = read(&metered).map_err(unreadable)?;
            file.copy_prefix(self.original, len, |_| ())?;
            return Ok((file, result));
        }
        let result = thread::scope(|scope| {
            let copying = scope.spawn(|| file.copy_prefix(self.original, len, |_| ()));
            let result = read(&metered);
            copying.join().map_err(|_| Failure::Internal)??;
            result.map_err(unreadable)
        })?;
        Ok((file, result))
    }

    /// Appends the signature and has our own verifier judge the file as it lies on the disk, while the disk takes it in.
    fn finish(&self, file: &mut AtomicFile, signed: &Signed) -> Result<(), Failure> {
        file.append(&signed.tail)?;
        if self.original.len() < TWO_THREADS {
            return self.check(file, signed);
        }
        let file = &*file;
        thread::scope(|scope| {
            let flushing = scope.spawn(|| file.flush());
            let checked = self.check(file, signed);
            flushing.join().map_err(|_| Failure::Internal)??;
            checked
        })
    }

    fn check(&self, file: &AtomicFile, signed: &Signed) -> Result<(), Failure> {
        let metered = Metered { source: file, progress: self.progress };
        undersign::self_check(&metered, self.password, signed, Limits::STANDARD).map_err(|failed| {
            let hint = "nothing was written; if the document did not change meanwhile, please report this";
            Failure::refused(self.path(), "sign.self-check", failed.to_string(), hint)
        })?;
        Ok(())
    }
}
