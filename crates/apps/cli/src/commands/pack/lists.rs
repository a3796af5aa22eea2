//! Who vouches for the trusted lists of a pack.

use super::place::Place;
use crate::clock;
use crate::error::Failure;
use report::printable;
use undersign::pack::{JudgedList, Kind, PackRecord, Vouched, check_content, judge_lists};

/// Judges the trusted lists of a pack; an empty list if it holds none.
pub fn judged(place: &Place, record: &PackRecord) -> Result<Vec<JudgedList>, Failure> {
    let (mut lists, mut signers) = (Vec::new(), Vec::new());
    for content in &record.contents {
        match Kind::named(&content.kind) {
            Some(Kind::TrustedList) => lists.push((content.name.clone(), place.content(content)?)),
            Some(Kind::ListSigner) => {
                let checked = check_content(content, &place.content(content)?)?;
                signers.extend(checked.certificates().iter().cloned());
            }
            _ => {}
        }
    }
    Ok(judge_lists(&lists, &signers, clock::now()))
}

/// The same, and a refusal if a list was changed after it was signed.
pub fn none_forged(place: &Place, record: &PackRecord) -> Result<Vec<JudgedList>, Failure> {
    let judged = judged(place, record)?;
    for list in &judged {
        if let Vouched::Forged(why) = &list.vouched {
            return Err(Failure::objection(
                "pack.forged-list",
                format!("the trusted list {:?} was changed after it was signed: {why}", list.name),
                "tell the publisher; the pack is not used",
            ));
        }
    }
    Ok(judged)
}

/// One list on one line.
pub fn line(list: &JudgedList) -> String {
    let JudgedList { name, territory, sequence, services, vouched } = list;
    let who = match vouched {
        Vouched::BySignature => "its signature passes".to_owned(),
        Vouched::BySignatureWhenIssued => {
            "its signature passed when it was issued; the signer's certificate has ended since".to_owned()
        }
        Vouched::ByPublisher(why) => format!("vouched for by the publisher of the pack alone: {why}"),
        Vouched::Forged(why) => format!("FORGED: {why}"),
    };
    let (name, territory) = (printable(name), printable(territory));
    format!("trusted list {name} ({territory} {sequence}, {services} qualified services): {who}")
}

/// What vouches for a list, in one word.
pub fn word(vouched: &Vouched) -> &'static str {
    match vouched {
        Vouched::BySignature => "signature",
        Vouched::BySignatureWhenIssued => "signature-when-issued",
        Vouched::ByPublisher(_) => "publisher",
        Vouched::Forged(_) => "forged",
    }
}
