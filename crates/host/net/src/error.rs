//! What can go wrong on the way: always with the address, and with advice.

use std::fmt;
use std::time::Duration;

/// Which time limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The time for a name look-up or a connection.
    Connect,
    /// The time for the whole attempt.
    Attempt,
}

/// The kind of obstacle.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The address is not one that this client may ask; the text says why.
    BadUrl(String),
    /// The proxy of the settings cannot be used; the text says why.
    BadProxy(String),
    /// No connection: unknown host, refused, no route, a proxy that does not answer. The text is the system's.
    Unreachable(String),
    /// No trusted TLS connection; the text is the TLS library's.
    Tls(String),
    /// A time limit was reached.
    TimedOut(Bound, Duration),
    /// The connection ended in the middle of the answer, or the answer is no HTTP.
    BrokenOff(String),
    /// The server answered with this status; the text is the start of a plain-text body.
    Status(u16, String),
    /// The server sends elsewhere, where this client does not follow: too often, a POST, or from https to http.
    Redirected(String),
    /// The answer is larger than this many bytes.
    TooLarge(u64),
    /// The server has another content type than asked for.
    WrongType(String),
    /// The address to serve at is no address of this machine, or taken; the text is the system's.
    CannotServe(String),
    /// Something else; the text is the library's.
    Other(String),
}

/// Why there is no answer. Nothing was kept of a partial one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetError {
    /// The address that was asked, without user information.
    pub url: String,
    /// What happened at the last attempt.
    pub reason: Reason,
    /// How many attempts were made.
    pub attempts: u32,
}

impl NetError {
    pub(crate) fn new(url: &str, reason: Reason, attempts: u32) -> Self {
        Self { url: without_user(url), reason, attempts }
    }

    /// Whether the same question may succeed later without any change: the network or the server was not ready.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        self.reason.may_pass()
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match &self.reason {
            Reason::BadUrl(_) => "give an address that starts with http:// or https://",
            Reason::BadProxy(_) => {
                "a proxy is written http://host:port; look at the setting or the environment"
            }
            Reason::Unreachable(_) => {
                "check the network, the address and the proxy; nothing is lost, try again later"
            }
            Reason::Tls(_) => {
                "check the machine's clock and its certificates, or use an http:// address if there is one"
            }
            Reason::TimedOut(..) => {
                "the server may be busy; nothing is lost, try again later or allow more time"
            }
            Reason::BrokenOff(_) => "the answer was not used; try again later",
            Reason::Status(401 | 403 | 407, _) => "the server or the proxy wants other credentials",
            Reason::Status(404 | 410, _) => "nothing is at this address; check it",
            Reason::Status(405 | 415, _) => "this address does not serve that protocol; check it",
            Reason::Status(400..=499, _) => "the server does not accept the request",
            Reason::Status(..) => "the server has a fault; nothing is lost, try again later",
            Reason::Redirected(_) => "use the address that the server names, if you trust it",
            Reason::TooLarge(_) => "this is not the expected answer, or the limit is too low",
            Reason::WrongType(_) => {
                "this is not the expected service, or a network's log-in page answered in its place"
            }
            Reason::CannotServe(_) => "choose another address or port, or stop the program that uses it",
            Reason::Other(_) => "check the address and the network",
        }
    }
}

impl Reason {
    /// Whether another attempt makes sense.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Reason::Unreachable(_) | Reason::TimedOut(..) | Reason::BrokenOff(_) => true,
            Reason::Status(status, _) => matches!(status, 408 | 425 | 429 | 500 | 502..=504),
            _ => false,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::BadUrl(why) => write!(f, "not a usable address: {why}"),
            Reason::BadProxy(why) => write!(f, "not a usable proxy: {why}"),
            Reason::Unreachable(why) => write!(f, "could not be reached: {why}"),
            Reason::Tls(why) => write!(f, "no trusted TLS connection: {why}"),
            Reason::TimedOut(Bound::Connect, limit) => write!(f, "no connection within {limit:?}"),
            Reason::TimedOut(Bound::Attempt, limit) => write!(f, "no whole answer within {limit:?}"),
            Reason::BrokenOff(why) => write!(f, "the answer broke off: {why}"),
            Reason::Status(status, text) if text.is_empty() => write!(f, "answered with status {status}"),
            Reason::Status(status, text) => write!(f, "answered with status {status}: {text}"),
            Reason::Redirected(to) => write!(f, "sends elsewhere: {to}"),
            Reason::TooLarge(limit) => write!(f, "the answer is larger than {limit} bytes"),
            Reason::WrongType(found) => write!(f, "answered with content of type {found}"),
            Reason::CannotServe(why) => write!(f, "cannot be served: {why}"),
            Reason::Other(why) => write!(f, "{why}"),
        }
    }
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.reason)?;
        if self.attempts > 1 {
            write!(f, " (after {} attempts)", self.attempts)?;
        }
        Ok(())
    }
}

impl std::error::Error for NetError {}

/// The address without `user:password@`, which belongs in no message.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_no_password() {
        let error = NetError::new("http://anna:secret@tsa.example/a@b", Reason::TooLarge(5), 2);
        assert_eq!(
            error.to_string(),
            "http://tsa.example/a@b: the answer is larger than 5 bytes (after 2 attempts)"
        );
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        assert!(Reason::Unreachable(String::new()).may_pass());
        assert!(Reason::Status(503, String::new()).may_pass());
        assert!(!Reason::Status(404, String::new()).may_pass());
        assert!(!Reason::TooLarge(1).may_pass());
    }
}
