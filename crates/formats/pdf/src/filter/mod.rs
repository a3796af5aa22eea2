//! Stream filters (ISO 32000-2, 7.4): those that carry structure; image filters are refused by name.

mod ascii;
mod flate;
mod lzw;
mod predictor;
mod run_length;

use crate::object::{Dictionary, Object};
use types::{Budget, Exhausted, Malformed, Resource};

/// Most bytes a cross-reference or object stream may decode to.
pub(crate) const STRUCTURE: u64 = 64 << 20;

/// Most bytes any other stream may decode to, whatever the budget: they are held in memory.
pub(crate) const CONTENT: u64 = 64 << 20;

/// One filter with its parameters, resolved.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) name: Vec<u8>,
    pub(crate) params: Dictionary,
}

impl Step {
    /// An integer parameter, or its default.
    fn integer(&self, key: &str, default: i64) -> i64 {
        self.params.get(key).and_then(Object::as_integer).unwrap_or(default)
    }
}

/// `Filter` and `DecodeParms` of a stream dictionary, in the order in which they are undone.
pub(crate) fn steps(
    dictionary: &Dictionary,
    resolve: &mut dyn FnMut(&Object) -> Result<Object, Malformed>,
) -> Result<Vec<Step>, Malformed> {
    const CLAUSE: &str = "ISO 32000-2, 7.3.8.2";
    if dictionary.get("F").is_some() {
        return Err(Malformed::unsupported(None, "stream data in another file", CLAUSE));
    }
    let list = |object: Object| match object {
        Object::Array(elements) => elements,
        Object::Null => Vec::new(),
        single => vec![single],
    };
    let Some(filters) = dictionary.get("Filter") else { return Ok(Vec::new()) };
    let filters = list(resolve(filters)?);
    let params = list(dictionary.get("DecodeParms").map_or(Ok(Object::Null), &mut *resolve)?);
    if filters.len() > 16 {
        return Err(Malformed::unsupported(None, "a stream of more than 16 filters", CLAUSE));
    }
    let mut steps = Vec::with_capacity(filters.len());
    for (index, filter) in filters.iter().enumerate() {
        let Object::Name(name) = resolve(filter)? else {
            return Err(Malformed::syntax(None, "Filter is not a name", CLAUSE));
        };
        let params = match params.get(index).map(&mut *resolve).transpose()? {
            Some(Object::Dictionary(mut params)) => {
                for (_, value) in &mut params.0 {
                    if let Object::Reference(_) = value {
                        *value = resolve(value)?;
                    }
                }
                params
            }
            None | Some(Object::Null) => Dictionary::new(),
            Some(_) => return Err(Malformed::syntax(None, "DecodeParms is not a dictionary", CLAUSE)),
        };
        steps.push(Step { name: name.0, params });
    }
    Ok(steps)
}

/// Where decoded bytes go: draws on the budget and keeps to a limit of its own.
pub(crate) struct Output<'b> {
    bytes: Vec<u8>,
    limit: u64,
    budget: &'b mut Budget,
}

impl Output<'_> {
    /// Accounts for `count` more bytes.
    fn spend(&mut self, count: usize) -> Result<(), Malformed> {
        self.budget.spend(Resource::DecodedBytes, count as u64)?;
        if self.bytes.len() as u64 > self.limit {
            return Err(Exhausted { resource: Resource::DecodedBytes, limit: self.limit }.into());
        }
        Ok(())
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        self.bytes.extend_from_slice(bytes);
        self.spend(bytes.len())
    }
}

/// Whether so many encoded bytes may be taken into memory: some of them go through no filter, and others are written with
/// two digits for a byte.
pub(crate) fn check_encoded(length: u64, steps: &[Step], limit: u64) -> Result<(), Malformed> {
    let most = if steps.is_empty() { limit } else { limit.max(CONTENT).saturating_mul(2) };
    if length > most {
        return Err(Exhausted { resource: Resource::DecodedBytes, limit: most }.into());
    }
    Ok(())
}

/// Undoes `steps` on `data`, whose first byte is at offset `at`; no step may give more than `limit` bytes.
pub(crate) fn decode(
    steps: &[Step],
    data: Vec<u8>,
    at: u64,
    limit: u64,
    budget: &mut Budget,
) -> Result<Vec<u8>, Malformed> {
    let mut data = data;
    for step in steps {
        let mut output = Output { bytes: Vec::new(), limit, budget };
        match step.name.as_slice() {
            b"FlateDecode" => flate::decode(&data, at, &mut output)?,
            b"LZWDecode" => lzw::decode(&data, step.integer("EarlyChange", 1), at, &mut output)?,
            b"ASCIIHexDecode" => ascii::decode_hexadecimal(&data, at, &mut output)?,
            b"ASCII85Decode" => ascii::decode_base85(&data, at, &mut output)?,
            b"RunLengthDecode" => run_length::decode(&data, &mut output)?,
            b"Crypt" => continue,
            other => {
                let reason = format!("the filter {}", String::from_utf8_lossy(other));
                return Err(Malformed::unsupported(at, reason, "ISO 32000-2, 7.4"));
            }
        }
        data = output.bytes;
        if matches!(step.name.as_slice(), b"FlateDecode" | b"LZWDecode") {
            data = predictor::undo(data, step, at)?;
        }
    }
    Ok(data)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use types::Cause;

    /// One step without parameters.
    pub(crate) fn step(name: &str) -> Step {
        Step { name: name.as_bytes().to_vec(), params: Dictionary::new() }
    }

    #[test]
    fn more_encoded_bytes_than_can_be_held_are_refused() {
        let hex = [step("ASCIIHexDecode")];
        assert!(check_encoded(CONTENT, &[], CONTENT).is_ok() && check_encoded(2 * CONTENT, &hex, 0).is_ok());
        for refused in [check_encoded(11, &[], 10), check_encoded(2 * CONTENT + 1, &hex, CONTENT)] {
            assert!(matches!(refused.unwrap_err().cause, Cause::Budget(_)));
        }
    }

    #[test]
    fn image_filters_are_refused_by_name() {
        let error = decode(&[step("DCTDecode")], vec![1], 7, STRUCTURE, &mut Budget::default()).unwrap_err();
        assert_eq!((error.reason.as_str(), error.cause), ("the filter DCTDecode", Cause::Unsupported));
    }

    #[test]
    fn steps_pair_filters_with_parameters() {
        let params = Dictionary::new().with("Predictor", Object::Integer(12));
        let dictionary = Dictionary::new()
            .with("Filter", Object::Array(vec![Object::name("ASCIIHexDecode"), Object::name("FlateDecode")]))
            .with("DecodeParms", Object::Array(vec![Object::Null, Object::Dictionary(params.clone())]));
        let steps = steps(&dictionary, &mut |object| Ok(object.clone())).unwrap();
        assert_eq!(steps, [step("ASCIIHexDecode"), Step { params, ..step("FlateDecode") }]);
    }
}
