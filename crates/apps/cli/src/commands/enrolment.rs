//! Files that are being signed come into the queue: before they are written, so that a crash loses none.

use super::Context;
use super::sync::USUAL_GOAL;
use crate::error::Failure;
use crate::maturing::{Queue, in_words};
use pkix::Certificate;
use records::{QueueChange, Standing};
use std::path::{Path, PathBuf};
use store::Home;
use undersign::augmentation::{Need, Stage};

/// Files that were announced to the queue.
pub struct Enrolment<'a> {
    context: &'a Context<'a>,
    queue: Option<Queue>,
    deadline: Option<String>,
    events: Vec<(PathBuf, QueueChange)>,
}

impl<'a> Enrolment<'a> {
    /// Announces files that will be signed with these certificates. That a queue cannot be written stops nobody from signing:
    /// it is a warning.
    pub fn announce<'f>(
        context: &'a Context<'a>,
        home: &Home,
        files: impl Iterator<Item = &'f Path>,
        certificates: &[Certificate],
    ) -> Enrolment<'a> {
        let announced = || QueueChange::Announced { goal: USUAL_GOAL.as_str().to_owned() };
        let events: Vec<_> = files.map(|file| (file.to_owned(), announced())).collect();
        let queue = Queue::open(home).and_then(|mut queue| queue.note(events).map(|()| queue));
        let deadline = certificates.iter().map(Certificate::not_after).min().map(|end| end.to_string());
        let mut enrolment = Enrolment { context, queue: None, deadline, events: Vec::new() };
        match queue {
            Ok(queue) => enrolment.queue = Some(queue),
            Err(failure) => enrolment.warn(&failure),
        }
        enrolment
    }

    /// Announces nothing.
    pub fn none(context: &'a Context<'a>) -> Enrolment<'a> {
        Enrolment { context, queue: None, deadline: None, events: Vec::new() }
    }

    /// A file was signed.
    pub fn signed(&mut self, file: &Path) {
        let standing = Standing {
            goal: USUAL_GOAL.as_str().to_owned(),
            stage: Stage::Signed.as_str().to_owned(),
            sha256: None,
            evidence_records: Vec::new(),
            needs: vec![in_words(&Need::Timestamp)],
            deadline: self.deadline.clone(),
            trouble: None,
        };
        self.events.push((file.to_owned(), QueueChange::Standing(standing)));
    }

    /// A file was not signed.
    pub fn not_signed(&mut self, file: &Path) {
        let left = QueueChange::Left { why: "it was not signed".to_owned() };
        self.events.push((file.to_owned(), left));
    }

    /// Notes what came of the files.
    pub fn finish(mut self) {
        let events = std::mem::take(&mut self.events);
        let noted = match &mut self.queue {
            None => return,
            Some(queue) => queue.note(events),
        };
        if let Err(failure) = noted {
            self.warn(&failure);
        }
    }

    fn warn(&self, failure: &Failure) {
        let text = format!("the queue does not know of what is signed: {failure}");
        self.context.streams.warning(&text, "add it later with: undersign pending --add");
    }
}
