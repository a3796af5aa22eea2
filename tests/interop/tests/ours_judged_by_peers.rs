//! What we sign, others accept: every file of the matrix judged by EU DSS, pyHanko, pdfsig, OpenSSL and qpdf.

use interop::exceptions::Exceptions;
use interop::pki::Pki;
use interop::{Job, image, inputs, matrix, peer, places};

#[test]
fn every_kind_of_file_we_sign_is_accepted_by_all_peers() {
    let test = "every_kind_of_file_we_sign_is_accepted_by_all_peers";
    let peers = peer::available(test).expect("peers");
    if !peers.iter().any(|peer| peer.name() == "openssl") {
        return;
    }
    let pki = Pki::at_hand().expect("PKI");
    let folder = places::scratch("ours").expect("scratch folder");
    let inputs = inputs::all(&folder).expect("inputs");
    let image = image::write(&folder).expect("image");
    let signed = match matrix::sign_all(&pki, &folder, &inputs, &image) {
        Ok(signed) => signed,
        Err(fault) => panic!("{fault:#}"),
    };
    let jobs: Vec<Job> = signed.iter().map(|signed| signed.job(&pki)).collect();
    let mut exceptions = Exceptions::read("ours").expect("exceptions");
    for (name, judged) in peer::judge_with_all(&peers, &jobs).expect("verdicts") {
        for file in judged {
            exceptions.note(name, &file.case, "passed", file.worst().word(), &file.line());
            let last_covers_all = file.rows.iter().any(|row| row.is_whole_file != Some(false));
            assert!(last_covers_all, "{name}: no signature of {} covers the whole file", file.case);
        }
    }
    let names: Vec<&str> = peers.iter().map(|peer| peer.name()).collect();
    match exceptions.settle(&names) {
        Ok(summary) => {
            peer::announce(&format!("{test}: {} files, {} peers, {summary}", jobs.len(), peers.len()))
        }
        Err(fault) => panic!("{fault:#}"),
    }
}
