//! Files made to exhaust a verifier: how long the command line takes until it says so, and its peak memory.

use crate::child;
use crate::command_line::{Derivation, Home};
use crate::material::Party;
use crate::options::Options;
use crate::row::{Goal, Row, Table, Unit};
use anyhow::Result;
use testkit::{Authority, Style, document, hostile};

/// Measures.
pub fn run(options: &Options, table: &mut Table) -> Result<()> {
    table.section(
        "Hostile files, command line: processor time and peak memory until the refusal or the verdict",
    );
    let folder = options.work_folder()?;
    let home = Home::make(folder.path(), Derivation::Least)?;
    let part = options.sized(1, 100);
    for (name, file) in files(part)? {
        let place = home.place(name.1);
        std::fs::write(&place, &file)?;
        // Anything but a pass: 0 would be one.
        let usage = home.judge(&[&place], &[1, 2, 3, 4])?;
        row(table, &format!("{}, {:.1} MB", name.0, file.len() as f64 / 1e6), usage);
        std::fs::remove_file(&place)?;
    }
    Ok(())
}

fn row(table: &Table, what: &str, usage: child::Usage) {
    let value = |value, unit, goal| Row { what: what.to_owned(), value, unit, reference: None, goal };
    table.row(&value(usage.processor, Unit::Seconds, Some(Goal::AtMost(10.0))));
    table.row(&value(usage.peak as f64 / 1e6, Unit::Megabytes, None));
}

type Hostile = ((&'static str, &'static str), Vec<u8>);

fn files(part: u32) -> Result<Vec<Hostile>> {
    let signer = |unsigned: &[Vec<u8>]| vec![hostile::signer(unsigned)];
    let cms = |certificates: &[Vec<u8>], signers: &[Vec<u8>]| hostile::cms(b"content", certificates, signers);
    let root = Authority::root("Example Root");
    let person = root.person("Ada Example", crypto::KeyAlgorithm::Ec(crypto::Curve::P256));
    let party = Party { person, root: root.certificate.clone() };
    let signed = party.signed(document(Style::Table, 1, 0), "Signature1")?;
    let unreadable = vec![hostile::der(0x30, &[&[0x05, 0x00]]); (9_000 / part) as usize];
    let container = |members: u32, signatures: u32, signature: &[u8]| {
        let mut all = vec![("mimetype".to_owned(), b"application/vnd.etsi.asic-e+zip".to_vec())];
        all.extend((0..members).map(|number| (format!("{number}.txt"), Vec::new())));
        let named = |number| (format!("META-INF/signature{number}.p7s"), signature.to_vec());
        all.extend((0..signatures).map(named));
        hostile::zip(&all)
    };
    Ok(vec![
        (("10,000 certificates of one name", "a.p7s"), cms(&hostile::namesakes(10_000 / part), &signer(&[]))),
        (("chain of 9,000 certificates", "b.p7s"), {
            cms(&hostile::chain(9_000 / part), &[hostile::signer_named("Link 1", &[])])
        }),
        (("ring of 3 certificates", "c.p7s"), {
            cms(&hostile::chain(3), &[hostile::signer_named("Link 1", &[])])
        }),
        (("9,000 signers, 9,000 unreadable certificates", "d.p7s"), {
            cms(&unreadable, &vec![hostile::signer(&[]); (9_000 / part) as usize])
        }),
        (("9,000 signers of 16 MB", "e.p7s"), {
            hostile::cms(&vec![0x41; 16 << 20], &[], &vec![hostile::signer(&[]); (9_000 / part) as usize])
        }),
        (("9,000 timestamps in one signature", "f.p7s"), {
            cms(&hostile::namesakes(100), &signer(&[hostile::timestamps(9_000 / part)]))
        }),
        (("1,000 nested countersignatures", "g.p7s"), {
            cms(&[], &signer(&[hostile::countersignatures(1_000 / part)]))
        }),
        (("evidence record, tree of 1,000,000 digests", "h.p7s"), {
            cms(&[], &signer(&[hostile::evidence_record(1, 1_000_000 / part)]))
        }),
        (("evidence record of 4,000 timestamps", "i.p7s"), {
            cms(&[], &signer(&[hostile::evidence_record(4_000 / part, 1)]))
        }),
        (("CRL of 1,000,000 entries in a PDF", "j.pdf"), {
            hostile::with_store(signed, &hostile::crl(&root, 1_000_000 / part))
        }),
        (("container of 60,000 members", "k.asice"), container(60_000 / part, 1, &cms(&[], &signer(&[])))),
        (("container of 5,000 signature files", "l.asice"), {
            container(10_000 / part, 5_000 / part, &cms(&[], &signer(&[])))
        }),
        (("XML nested 1,000,000 deep", "m.xml"), hostile::xml(1, 1_000_000 / part, &[])),
        (("XML with 100,000 references", "n.xml"), hostile::xml(100_000 / part, 0, &[])),
        (
            ("zip bomb: 1 GB of zeros in a PDF stream", "o.pdf"),
            hostile::bomb_pdf(1_000_000_000 / u64::from(part)),
        ),
        (("zip bomb: 1 GB signature file", "p.asice"), hostile::bomb_zip(1_000_000_000 / part)),
    ])
}
