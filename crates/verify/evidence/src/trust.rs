//! From a signer's certificate to a trust anchor.
