//! Files encrypted by another program, in every way the standard security handler knows.

use types::{Budget, Cause, Source};
use undersign_pdf::Document;
use undersign_pdf::encryption::{Access, CipherMethod};
use undersign_pdf::object::{Object, ObjectId};

/// Made by qpdf from one file: user password `user`, owner password `owner`.
const FILES: [(&str, &[u8], CipherMethod, bool); 7] = [
    ("R 2", include_bytes!("data/r2.pdf"), CipherMethod::Rc4, true),
    ("R 3", include_bytes!("data/r3.pdf"), CipherMethod::Rc4, true),
    ("R 4, RC4", include_bytes!("data/r4-rc4.pdf"), CipherMethod::Rc4, true),
    ("R 4, AES", include_bytes!("data/r4-aes.pdf"), CipherMethod::Aes128, true),
    ("R 4, AES, plain metadata", include_bytes!("data/r4-aes-metadata.pdf"), CipherMethod::Aes128, false),
    ("R 5", include_bytes!("data/r5.pdf"), CipherMethod::Aes256, true),
    ("R 6", include_bytes!("data/r6.pdf"), CipherMethod::Aes256, true),
];

fn open<'s>(bytes: &'s dyn Source, password: Option<&[u8]>) -> Result<Document<'s>, types::Malformed> {
    Document::open(bytes, password, &mut Budget::default())
}

#[test]
fn both_passwords_open_every_kind_and_no_other_does() {
    for (name, bytes, method, metadata) in FILES {
        let bytes = bytes.to_vec();
        for (password, access) in [(b"user".as_slice(), Access::User), (b"owner", Access::Owner)] {
            let document = open(&bytes, Some(password)).unwrap_or_else(|error| panic!("{name}: {error}"));
            let encryption = document.encryption().unwrap();
            assert_eq!((encryption.access, encryption.strings), (access, method), "{name}");
            assert_eq!(encryption.metadata, metadata, "{name}");
            assert!(document.findings().is_empty(), "{name}: {:?}", document.findings());
        }
        for password in [None, Some(b"".as_slice()), Some(b"User"), Some(&[b'x'; 300])] {
            assert_eq!(
                open(&bytes, password).err().map(|error| error.cause),
                Some(Cause::Password),
                "{name}"
            );
        }
    }
}

#[test]
fn strings_and_streams_come_out_plain_but_contents_as_written() {
    for (name, bytes, ..) in FILES {
        let bytes = bytes.to_vec();
        let document = open(&bytes, Some(b"user")).unwrap();
        let budget = &mut Budget::default();
        let signatures = document.signatures(budget).unwrap();
        let field = &signatures.fields[0];
        let value = field.value.as_ref().unwrap();
        assert_eq!((field.name.as_str(), value.reason.as_deref()), ("Field", Some("A reason")), "{name}");
        assert_eq!(value.contents, [0x30, 0x03, 0x02, 0x01, 0x07, 0, 0, 0], "{name}");
        let (mut plain, mut metadata) = (false, false);
        for (id, _) in document.objects_of_revision(0).collect::<Vec<_>>() {
            if let Ok(Object::Stream(stream)) = document.get(id, budget).map(|located| located.object) {
                let data = document.stream_data(&stream, budget).unwrap();
                plain |= data.starts_with(b"BT (Hello) Tj ET");
                metadata |= data.starts_with(b"<x:xmpmeta");
            }
        }
        assert!(plain && metadata, "{name}");
    }
}

#[test]
fn what_is_encrypted_for_writing_is_decrypted_on_reading() {
    for (name, bytes, ..) in FILES {
        let bytes = bytes.to_vec();
        let document = open(&bytes, Some(b"user")).unwrap();
        let encryption = document.encryption().unwrap();
        let id = ObjectId { number: 77, generation: 0 };
        for plain in [b"".as_slice(), b"sixteen bytes...", b"a somewhat longer text"] {
            let string = encryption.encrypt_string(id, plain, [7; 16]);
            let hexadecimal: String = string.iter().map(|byte| format!("{byte:02X}")).collect();
            let updated = with_object(&bytes, &document, 77, &format!("<{hexadecimal}>"));
            let document = open(&updated, Some(b"user")).unwrap();
            let read = document.get(id, &mut Budget::default()).unwrap().object;
            assert_eq!(read.as_string(), Some(plain), "{name}");
        }
    }
}

#[test]
fn a_signature_inside_its_encrypted_field_is_decrypted_but_for_its_contents() {
    let bytes = FILES[3].1.to_vec();
    let document = open(&bytes, Some(b"user")).unwrap();
    let encryption = document.encryption().unwrap();
    let id = document.signatures(&mut Budget::default()).unwrap().fields[0].id;
    let string = |plain: &[u8]| -> String {
        let encrypted = encryption.encrypt_string(id, plain, [9; 16]);
        encrypted.iter().map(|byte| format!("{byte:02X}")).collect()
    };
    let (name, reason) = (string(b"Direct"), string(b"Inside"));
    let body = format!("<</FT/Sig/T<{name}>/V<</Reason<{reason}>/Contents<0A0B>/ByteRange[0 1 2 3]>>>>");
    let updated = with_object(&bytes, &document, id.number, &body);
    let document = open(&updated, Some(b"user")).unwrap();
    let signatures = document.signatures(&mut Budget::default()).unwrap();
    let value = signatures.fields[0].value.as_ref().unwrap();
    assert_eq!((signatures.fields[0].name.as_str(), value.reason.as_deref()), ("Direct", Some("Inside")));
    assert_eq!(value.contents, [0x0A, 0x0B]);
}

/// The file with an object appended.
fn with_object(bytes: &[u8], document: &Document<'_>, number: u32, body: &str) -> Vec<u8> {
    let mut updated = bytes.to_vec();
    let at = updated.len();
    updated.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    let xref = updated.len();
    let prev = document.startxref();
    updated.extend(format!("xref\n{number} 1\n{at:010} 00000 n \ntrailer\n<</Prev {prev} ").bytes());
    let trailer = undersign_pdf::update::to_bytes(&Object::Dictionary(document.trailer().clone()));
    updated.extend(trailer.strip_prefix(b"<<").unwrap());
    updated.extend(format!("\nstartxref\n{xref}\n%%EOF\n").bytes());
    updated
}
