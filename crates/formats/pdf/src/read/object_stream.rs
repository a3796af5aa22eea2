//! Object streams (ISO 32000-2, 7.5.7): decoded once, the last few kept.

use crate::object::{Object, ObjectId};
use crate::read::lexer::{Lexer, is_white_space};
use crate::read::parser::Parser;
use crate::read::structure::charged;
use std::sync::{Arc, Mutex, PoisonError};
use types::{Budget, Cause, Finding, Malformed, Resource, Span};

const CLAUSE: &str = "ISO 32000-2, 7.5.7";
/// Decoded bytes kept beyond the object stream used last.
const KEPT: usize = 8 << 20;

/// Most objects of one stream, each of which takes memory even if it is empty.
const MOST_OBJECTS: usize = 1 << 21;

/// A decoded object stream.
pub(crate) struct ObjectStream {
    /// The stream object in the file.
    pub(crate) span: Span,
    data: Vec<u8>,
    /// Object number and offset in `data` of each object.
    pub(crate) objects: Vec<(u32, usize)>,
    /// Past the last number of the header.
    header: usize,
    /// Where the objects begin.
    first: usize,
}

impl ObjectStream {
    /// Reads the header of `count` pairs; objects begin at `first`.
    pub(crate) fn new(
        span: Span,
        data: Vec<u8>,
        count: i64,
        first: i64,
        budget: &mut Budget,
    ) -> Result<ObjectStream, Malformed> {
        let fault = |reason| Malformed::syntax(span.start, reason, CLAUSE);
        let first = usize::try_from(first).ok().filter(|&first| first <= data.len());
        let first = first.ok_or_else(|| fault("First of an object stream is out of range"))?;
        let count = usize::try_from(count).ok().filter(|&count| count <= data.len());
        let count = count.ok_or_else(|| fault("N of an object stream is out of range"))?;
        if count > MOST_OBJECTS {
            let reason = format!("an object stream of {count} objects");
            return Err(Malformed::unsupported(span.start, reason, CLAUSE));
        }
        budget.spend(Resource::Steps, count as u64)?;
        let mut lexer = Lexer::new(data.get(..first).unwrap_or_default(), 0);
        let mut objects = Vec::with_capacity(count.min(first));
        for _ in 0..count {
            let pair =
                lexer.unsigned("", CLAUSE).and_then(|number| Ok((number, lexer.unsigned("", CLAUSE)?)));
            let (number, offset) = pair.map_err(|_| fault("header of an object stream is malformed"))?;
            let offset = usize::try_from(offset).ok().and_then(|offset| offset.checked_add(first));
            match (u32::try_from(number), offset) {
                (Ok(number), Some(offset)) => objects.push((number, offset)),
                _ => return Err(fault("header of an object stream is malformed")),
            }
        }
        let header = usize::try_from(lexer.offset()).unwrap_or(usize::MAX);
        Ok(ObjectStream { span, data, objects, header, first })
    }

    /// Whether all members stand one after the other, each ending before the next begins, with nothing but white space
    /// around them: otherwise readers that stop at the next offset see other objects.
    pub(crate) fn is_regular(&self, budget: &mut Budget) -> Result<bool, Malformed> {
        let mut at = None;
        for &(_, offset) in &self.objects {
            let start = at.unwrap_or(offset);
            let gap = self.data.get(start..offset);
            let is_first_or_spaced = gap.is_some_and(|gap| gap.iter().all(|byte| is_white_space(*byte)));
            let Some(bytes) = self.data.get(offset..).filter(|_| is_first_or_spaced) else {
                return Ok(false);
            };
            let mut lexer = Lexer::new(bytes, 0);
            let read = charged(&mut lexer, budget, |lexer, budget| {
                let depth = budget.depth();
                Parser::new(lexer, budget).object(depth)
            });
            match read {
                Ok(_) => at = offset.checked_add(usize::try_from(lexer.offset()).unwrap_or(usize::MAX)),
                Err(error) if matches!(error.cause, Cause::Budget(_)) => return Err(error),
                Err(_) => return Ok(false),
            }
        }
        let rest = self.data.get(at.unwrap_or_default()..).unwrap_or_default();
        let header = self.data.get(self.header..self.first).unwrap_or(b"x");
        Ok(self.objects.first().is_none_or(|(_, offset)| *offset == self.first)
            && header.iter().chain(rest).all(|byte| is_white_space(*byte)))
    }

    /// The object at `index`, which must be that of `id`.
    pub(crate) fn object(
        &self,
        id: ObjectId,
        index: u32,
        budget: &mut Budget,
    ) -> Result<(Object, Vec<Finding>), Malformed> {
        let fault = |reason: String| Malformed::syntax(self.span.start, reason, CLAUSE);
        let &(number, offset) = self
            .objects
            .get(index as usize)
            .ok_or_else(|| fault(format!("object {id} is not in its object stream: no index {index}")))?;
        if number != id.number {
            return Err(fault(format!("object stream holds object {number} where {} should be", id.number)));
        }
        let bytes =
            self.data.get(offset..).ok_or_else(|| fault(format!("object {id} is outside its stream")))?;
        let mut lexer = Lexer::new(bytes, 0);
        let read = charged(&mut lexer, budget, |lexer, budget| {
            let depth = budget.depth();
            let mut parser = Parser::new(lexer, budget);
            let object = parser.object(depth)?;
            Ok((object, parser.findings))
        });
        let (object, mut findings) =
            read.map_err(|error| Malformed { at: Some(self.span.start), ..error })?;
        for finding in &mut findings {
            finding.span = Some(self.span);
        }
        Ok((object, findings))
    }
}

/// The object streams used last, by the offset in the entry of the stream object.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Vec<(u64, Arc<ObjectStream>)>>);

impl Cache {
    /// The stream at `offset`, if it is kept; it becomes the one used last.
    pub(crate) fn get(&self, offset: u64) -> Option<Arc<ObjectStream>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = kept.iter().rposition(|(key, _)| *key == offset)?;
        kept.get_mut(index..)?.rotate_left(1);
        kept.last().map(|(_, stream)| Arc::clone(stream))
    }

    /// Keeps a stream, and drops those used longest ago beyond the limit.
    pub(crate) fn put(&self, offset: u64, stream: Arc<ObjectStream>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push((offset, stream));
        let size = |stream: &ObjectStream| stream.data.len() + stream.objects.len() * 16;
        let mut total: usize = kept.iter().map(|(_, stream)| size(stream)).sum();
        while total > KEPT && kept.len() > 1 || kept.len() > 256 {
            total -= size(&kept.remove(0).1);
        }
    }
}
