//! Both providers compute the same digests, and a forked digest goes its own way.

use undersign_crypto::{DigestAlgorithm, Provider, PureProvider};

fn providers() -> Vec<&'static dyn Provider> {
    vec![
        &PureProvider,
        #[cfg(feature = "native")]
        &undersign_crypto::NativeProvider,
    ]
}

#[test]
fn digests_have_their_length_and_agree_between_providers() {
    for algorithm in DigestAlgorithm::ALL {
        let expected = PureProvider.digest(algorithm, b"abc");
        assert_eq!(expected.value.len(), algorithm.output_len());
        for provider in providers() {
            assert_eq!(provider.digest(algorithm, b"abc"), expected);
        }
    }
}

#[test]
fn the_digest_of_abc_is_the_published_one() {
    for (algorithm, hex) in [
        (DigestAlgorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
        (DigestAlgorithm::Ripemd160, "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
        (DigestAlgorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (DigestAlgorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (DigestAlgorithm::Sha3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
    ] {
        assert_eq!(PureProvider.digest(algorithm, b"abc").hex(), hex, "{algorithm}");
    }
}

#[test]
fn a_forked_digest_shares_the_past_and_not_the_future() {
    for provider in providers() {
        let mut first = provider.hasher(DigestAlgorithm::Sha256);
        first.update(b"ab");
        let mut second = first.fork();
        first.update(b"c");
        second.update(b"d");
        assert_eq!(first.finish(), provider.digest(DigestAlgorithm::Sha256, b"abc"));
        assert_eq!(second.finish(), provider.digest(DigestAlgorithm::Sha256, b"abd"));
    }
}
