//! Digests over covered ranges, in one pass over the file however many signatures there are.

use crate::coverage::Covered;
use crypto::{Digest, DigestAlgorithm, Hasher, Provider};
use std::collections::BTreeMap;
use types::{Source, SourceError, Span};

/// How much is read at a time from a source that is not in memory.
const CHUNK: usize = 1 << 18;

/// How many times the length of the file may be hashed again for parts that follow holes.
const MOST_PASSES: u64 = 16;

/// What is to be hashed for one signature.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// By which algorithm.
    pub algorithm: DigestAlgorithm,
    /// Over which bytes.
    pub covered: Covered,
}

/// The digests of `wanted`, in order, and that of the whole file.
///
/// Every well-formed byte range starts at byte 0, so all ranges of one algorithm share one running digest, from which
/// each forks where its hole begins. The work is one pass over the file and, per signature, what follows its hole.
/// A digest is absent when such rests together exceed [`MOST_PASSES`] passes over the file: the signatures of an
/// honest file, each near the end of its revision, never do.
pub fn hash_ranges(
    source: &dyn Source,
    wanted: &[Wanted],
    document: DigestAlgorithm,
    provider: &dyn Provider,
) -> Result<(Vec<Option<Digest>>, Digest), SourceError> {
    let mut stops: Vec<(u64, usize)> =
        wanted.iter().enumerate().map(|(index, wanted)| (wanted.covered.before.end, index)).collect();
    stops.sort_unstable();
    let mut running: BTreeMap<DigestAlgorithm, Box<dyn Hasher>> = BTreeMap::new();
    running.insert(document, provider.hasher(document));
    for wanted in wanted {
        running.entry(wanted.algorithm).or_insert_with(|| provider.hasher(wanted.algorithm));
    }
    let mut allowance = source.len().saturating_mul(MOST_PASSES);
    let mut digests: Vec<Option<Digest>> = vec![None; wanted.len()];
    let mut position = 0;
    for (stop, index) in stops {
        feed(source, Span::new(position, stop), &mut |bytes| {
            running.values_mut().for_each(|hasher| hasher.update(bytes));
        })?;
        position = stop;
        let Some(prefix) = running.get(&wanted[index].algorithm) else { continue };
        let rest = wanted[index].covered.after.len();
        if rest > allowance {
            continue;
        }
        allowance -= rest;
        let mut fork = prefix.fork();
        feed(source, wanted[index].covered.after, &mut |bytes| fork.update(bytes))?;
        digests[index] = Some(fork.finish());
    }
    running.retain(|algorithm, _| *algorithm == document);
    feed(source, Span::new(position, source.len()), &mut |bytes| {
        running.values_mut().for_each(|hasher| hasher.update(bytes));
    })?;
    let whole = running.into_values().next().unwrap_or_else(|| provider.hasher(document)).finish();
    Ok((digests, whole))
}

/// Hands the bytes of `span` to `take`, without copying where the source is in memory.
pub fn feed(source: &dyn Source, span: Span, take: &mut dyn FnMut(&[u8])) -> Result<(), SourceError> {
    let in_memory = source
        .as_bytes()
        .and_then(|all| all.get(usize::try_from(span.start).ok()?..usize::try_from(span.end).ok()?));
    if let Some(bytes) = in_memory {
        take(bytes);
        return Ok(());
    }
    let chunk = usize::try_from(span.len()).unwrap_or(CHUNK).min(CHUNK);
    let mut buffer = vec![0; chunk];
    let mut position = span.start;
    while position < span.end {
        let len = usize::try_from(span.end - position).unwrap_or(CHUNK).min(chunk);
        source.read_at(position, &mut buffer[..len])?;
        take(&buffer[..len]);
        position += len as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crypto::PureProvider;

    struct Unmapped(Vec<u8>);

    impl Source for Unmapped {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
            self.0.as_slice().read_at(offset, buffer)
        }
    }

    #[test]
    fn shared_passes_give_the_digests_of_separate_ones() {
        let bytes: Vec<u8> = (0..900_000u32).map(|n| (n % 251) as u8).collect();
        let cover =
            |before, start, end| Covered { before: Span::new(0, before), after: Span::new(start, end) };
        let wanted = [
            Wanted { algorithm: DigestAlgorithm::Sha256, covered: cover(500_000, 500_100, 900_000) },
            Wanted { algorithm: DigestAlgorithm::Sha512, covered: cover(10, 20, 400_000) },
            Wanted { algorithm: DigestAlgorithm::Sha256, covered: cover(10, 20, 400_000) },
        ];
        let separately = |wanted: &Wanted| {
            let (before, after) = (wanted.covered.before, wanted.covered.after);
            let mut message = bytes[..before.end as usize].to_vec();
            message.extend(&bytes[after.start as usize..after.end as usize]);
            PureProvider.digest(wanted.algorithm, &message)
        };
        let expected: Vec<_> = wanted.iter().map(|wanted| Some(separately(wanted))).collect();
        let whole = PureProvider.digest(DigestAlgorithm::Sha256, &bytes);
        for source in [&bytes as &dyn Source, &Unmapped(bytes.clone())] {
            let found = hash_ranges(source, &wanted, DigestAlgorithm::Sha256, &PureProvider).unwrap();
            assert_eq!(found, (expected.clone(), whole.clone()));
        }
    }

    #[test]
    fn many_large_rests_are_cut_off_and_the_others_kept() {
        let bytes = vec![7u8; 10_000];
        let covered = Covered { before: Span::new(0, 10), after: Span::new(20, 10_000) };
        let wanted = vec![Wanted { algorithm: DigestAlgorithm::Sha256, covered }; 100];
        let (digests, _) = hash_ranges(&bytes, &wanted, DigestAlgorithm::Sha256, &PureProvider).unwrap();
        assert_eq!(digests.iter().flatten().count() as u64, MOST_PASSES);
    }
}
