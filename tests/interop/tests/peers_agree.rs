//! The harness itself: peers accept one another's files, so that a verdict about ours means something.

use interop::exceptions::Exceptions;
use interop::pki::Pki;
use interop::{Job, inputs, peer, places, theirs};

#[test]
fn peers_accept_one_anothers_files() {
    let test = "peers_accept_one_anothers_files";
    let peers = peer::available(test).expect("peers");
    if peers.len() < peer::all().len() {
        return;
    }
    let pki = Pki::at_hand().expect("PKI");
    let folder = places::scratch("theirs").expect("scratch folder");
    let inputs = inputs::all(&folder).expect("inputs");
    let mut signed = theirs::by_pyhanko(&pki, &folder, &inputs).expect("pyHanko signs");
    signed.extend(theirs::by_dss(&pki, &folder, &inputs).expect("DSS signs"));
    signed.extend(theirs::by_openssl(&pki, &folder, &inputs).expect("OpenSSL signs"));
    let jobs: Vec<Job> = signed.iter().map(|signed| signed.job(&pki)).collect();
    let mut exceptions = Exceptions::read("peers").expect("exceptions");
    for (name, judged) in peer::judge_with_all(&peers, &jobs).expect("verdicts") {
        for file in judged {
            exceptions.note(name, &file.case, "passed", file.worst().word(), &file.line());
        }
    }
    let names: Vec<&str> = peers.iter().map(|peer| peer.name()).collect();
    match exceptions.settle(&names) {
        Ok(summary) => peer::announce(&format!("{test}: {} files, {summary}", jobs.len())),
        Err(fault) => panic!("{fault:#}"),
    }
}
