//! Requests that leave by stick, and the answers that come back (spec/needs.md).

use crate::plan::ByteText;
use serde::{Deserialize, Serialize};

/// Identifier of the form of requests.
pub const NEEDS_FORMAT: &str = "undersign-needs@v1";
/// Identifier of the form of answers.
pub const ANSWERS_FORMAT: &str = "undersign-answers@v1";

/// What is asked of the world. It names no file and no person beyond what authorities have to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Needs {
    /// [`NEEDS_FORMAT`].
    pub format: String,
    /// Each thing asked for, once.
    pub needs: Vec<Request>,
}

/// One thing asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Request {
    /// A timestamp.
    Timestamp {
        /// DER `TimeStampReq` (RFC 3161, 2.4.1).
        request: ByteText,
    },
    /// The status of a certificate; one answer of either kind suffices.
    Status {
        /// DER `OCSPRequest` (RFC 6960, 4.1).
        ocsp_request: ByteText,
        /// Where to ask it.
        ocsp: Vec<String>,
        /// Where CRLs are.
        crls: Vec<String>,
    },
    /// The certificate of an issuer.
    Issuer {
        /// Where it is.
        uris: Vec<String>,
    },
}

/// What the world answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Answers {
    /// [`ANSWERS_FORMAT`].
    pub format: String,
    /// The answers, as received. They are checked where they are used, not where they are fetched.
    pub answers: Vec<Answer>,
}

/// One answer as received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// DER `TimeStampResp`.
    Timestamp(ByteText),
    /// DER `OCSPResponse`.
    Ocsp(ByteText),
    /// A CRL.
    Crl(ByteText),
    /// A certificate, or several in a CMS.
    Issuer(ByteText),
}

impl Needs {
    /// Requests as a file.
    pub fn new(mut needs: Vec<Request>) -> Needs {
        needs.sort();
        needs.dedup();
        Needs { format: NEEDS_FORMAT.to_owned(), needs }
    }

    /// Reads the file; refuses other forms.
    pub fn from_json(bytes: &[u8]) -> Result<Needs, String> {
        let needs: Needs = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        match needs.format == NEEDS_FORMAT {
            true => Ok(needs),
            false => Err(format!("its format is {:?}, expected {NEEDS_FORMAT:?}", needs.format)),
        }
    }

    /// The file: indented JSON with a final line end.
    pub fn to_json(&self) -> Vec<u8> {
        pretty(self)
    }
}

impl Answers {
    /// Answers as a file.
    pub fn new(answers: Vec<Answer>) -> Answers {
        Answers { format: ANSWERS_FORMAT.to_owned(), answers }
    }

    /// Reads the file; refuses other forms.
    pub fn from_json(bytes: &[u8]) -> Result<Answers, String> {
        let answers: Answers = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        match answers.format == ANSWERS_FORMAT {
            true => Ok(answers),
            false => Err(format!("its format is {:?}, expected {ANSWERS_FORMAT:?}", answers.format)),
        }
    }

    /// The file: indented JSON with a final line end.
    pub fn to_json(&self) -> Vec<u8> {
        pretty(self)
    }
}

fn pretty(value: &impl Serialize) -> Vec<u8> {
    let mut json = serde_json::to_vec_pretty(value).expect("it holds only strings");
    json.push(b'\n');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_answers_survive_the_round_trip_and_other_forms_are_refused() {
        let bytes = || ByteText(vec![0x30, 0]);
        let needs = Needs::new(vec![
            Request::Status { ocsp_request: bytes(), ocsp: vec!["http://a".into()], crls: Vec::new() },
            Request::Timestamp { request: bytes() },
            Request::Timestamp { request: bytes() },
            Request::Issuer { uris: vec!["http://b".into()] },
        ]);
        assert_eq!(needs.needs.len(), 3);
        assert_eq!(Needs::from_json(&needs.to_json()), Ok(needs.clone()));
        let answers =
            Answers::new(vec![Answer::Timestamp(bytes()), Answer::Ocsp(bytes()), Answer::Crl(bytes())]);
        assert_eq!(Answers::from_json(&answers.to_json()), Ok(answers.clone()));
        assert!(Needs::from_json(&answers.to_json()).is_err());
        assert!(Answers::from_json(&needs.to_json()).is_err());
        assert!(Answers::from_json(b"{\"format\":\"undersign-answers@v2\",\"answers\":[]}").is_err());
    }
}
