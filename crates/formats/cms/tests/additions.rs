//! Additions to signatures that OpenSSL made, in DER and in BER: it still accepts them, and every byte that was there is there.

#![allow(clippy::print_stdout, reason = "what was skipped is worth seeing")]
#![allow(clippy::disallowed_methods, reason = "another program is driven through files")]
#![allow(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::fs;
use std::path::Path;
use std::process::Command;
use types::Budget;
use undersign_cms::{AdditionError, Additions, SignedData, oid};

fn openssl(folder: &Path, arguments: &[&str]) -> bool {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output();
    output.is_ok_and(|output| output.status.success())
}

/// A signature as OpenSSL makes it; with `stream` of indefinite length.
fn signed(folder: &Path, form: &[&str]) -> Vec<u8> {
    fs::write(folder.join("content"), b"content\n".repeat(1000)).unwrap();
    let key = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=Ada",
    ];
    assert!(openssl(folder, &[&key[..], &["-keyout", "key.pem", "-out", "cert.pem"]].concat()));
    let sign = ["cms", "-sign", "-binary", "-cades", "-nodetach", "-in", "content", "-signer", "cert.pem"];
    let rest = ["-inkey", "key.pem", "-outform", "DER", "-out", "signed.p7m"];
    assert!(openssl(folder, &[&sign[..], &rest, form].concat()));
    fs::read(folder.join("signed.p7m")).unwrap()
}

#[test]
fn openssl_still_accepts_what_was_added_to() {
    if !openssl(Path::new("."), &["version"]) {
        println!("SKIPPED: openssl is not installed, so nothing was compared with it");
        return;
    }
    for form in [&[][..], &["-stream"]] {
        let folder = tempfile::tempdir().unwrap();
        let before = signed(folder.path(), form);
        let other = [0x30, 3, 2, 1, 5];
        let additions = Additions::default()
            .unsigned_attribute(oid::SIGNATURE_TIMESTAMP, &other)
            .unwrap()
            .ocsp_response(&other)
            .unwrap();
        let mut budget = Budget::default();
        let after = additions.add_to(&before, 0, &mut budget).unwrap();
        fs::write(folder.path().join("more.p7m"), &after).unwrap();
        let verify =
            ["cms", "-verify", "-binary", "-inform", "DER", "-in", "more.p7m", "-CAfile", "cert.pem"];
        assert!(openssl(folder.path(), &[&verify[..], &["-out", "out"]].concat()), "{form:?}");
        assert!(
            fs::read(folder.path().join("out")).unwrap() == fs::read(folder.path().join("content")).unwrap()
        );

        let (old, new) = (SignedData::parse(&before, &mut budget), SignedData::parse(&after, &mut budget));
        let (old, new) = (old.unwrap(), new.unwrap());
        assert_eq!(old.content.info.bytes, new.content.info.bytes);
        assert_eq!(old.certificates_encoded.unwrap().bytes, new.certificates_encoded.unwrap().bytes);
        assert_eq!((new.version, new.revocation_infos.len()), (5, 1));
        let unsigned = &new.signers[0].unsigned_attributes.attributes;
        assert_eq!(unsigned.len(), 1);
        // Once more changes nothing but the order of nothing: what is there is not added again.
        assert_eq!(additions.add_to(&after, 0, &mut budget).unwrap(), after);
        assert_eq!(additions.add_to(&after, 1, &mut budget), Err(AdditionError::NoSuchSigner(1)));
        for len in 0..after.len() {
            if after.len() - len < 300 || len < 300 {
                let cut = additions.add_to(&after[..len], 0, &mut Budget::default());
                assert!(matches!(cut, Err(AdditionError::Malformed(_))), "{len}");
            }
        }
    }
}
