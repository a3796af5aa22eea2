//! The client: one question, one answer, within limits of time and size.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use http::Uri;
use ureq::Agent;
use ureq::config::Config;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use crate::error::{Bound, NetError, Reason};
use crate::forward::{Forwarded, Forwarder, resolve};
use crate::settings::{Proxy, Settings};

/// The most that is kept of a server's words about its own fault, in characters.
const WORDS_OF_A_FAULT: usize = 200;
/// Idle connections are given up before servers do so themselves.
const IDLE: Duration = Duration::from_secs(5);
const IDLE_CONNECTIONS: usize = 16;

/// A whole answer with a status of success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The body, as received.
    pub body: Vec<u8>,
    /// The `Content-Type` without its parameters, in lower case.
    pub content_type: Option<String>,
    /// How many attempts it took.
    pub attempts: u32,
}

/// A client. Cheap to clone; clones share connections and may be used from several threads.
#[derive(Clone)]
pub struct Client {
    /// For hosts elsewhere.
    agent: Agent,
    /// For the machine itself: without a proxy.
    own_machine: Agent,
    /// The proxy of the agent for elsewhere, and how it is asked for http addresses.
    proxy: Option<(ureq::Proxy, Forwarder)>,
    settings: Arc<Settings>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("user_agent", &self.settings.user_agent).finish_non_exhaustive()
    }
}

enum Question<'a> {
    Get,
    Post { content_type: &'a str, body: &'a [u8] },
}

/// What an attempt brought, apart from a usable answer.
struct Failure {
    reason: Reason,
    /// How long the server asks to wait.
    retry_after: Option<Duration>,
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self { reason, retry_after: None }
    }
}

impl Client {
    /// Makes a client; opens no connection.
    ///
    /// # Errors
    /// [`Reason::BadProxy`] when the settings name a proxy that is none.
    pub fn new(settings: Settings) -> Result<Self, NetError> {
        let proxy = match &settings.proxy {
            Proxy::Environment => ureq::Proxy::try_from_env(),
            Proxy::Direct => None,
            Proxy::Url(url) => Some(
                ureq::Proxy::new(url)
                    .map_err(|error| NetError::new(url, Reason::BadProxy(error.to_string()), 0))?,
            ),
        };
        let settings = Arc::new(settings);
        let forwarder = proxy.as_ref().and_then(|proxy| Forwarder::new(proxy, &settings));
        Ok(Self {
            agent: config(&settings, proxy.clone()).new_agent(),
            own_machine: config(&settings, None).new_agent(),
            proxy: proxy.zip(forwarder),
            settings,
        })
    }

    /// Fetches the resource at `url` (RFC 9110, 9.3.1). Redirections are followed up to the settings' number, never
    /// from https to http.
    ///
    /// # Errors
    /// See [`Reason`]; what may pass was tried as often as the settings say.
    pub fn get(&self, url: &str) -> Result<Answer, NetError> {
        self.ask(url, "*/*", &Question::Get)
    }

    /// Posts `body` to `url` (RFC 9110, 9.3.3) and takes an answer of type `accept` only (`*/*`: of any type). Not
    /// redirected: whoever is sent elsewhere should know. The request may arrive more than once.
    ///
    /// # Errors
    /// See [`Reason`]; what may pass was tried as often as the settings say.
    pub fn post(&self, url: &str, content_type: &str, accept: &str, body: &[u8]) -> Result<Answer, NetError> {
        self.ask(url, accept, &Question::Post { content_type, body })
    }

    fn ask(&self, url: &str, accept: &str, question: &Question<'_>) -> Result<Answer, NetError> {
        let uri = usable(url).map_err(|reason| NetError::new(url, reason, 0))?;
        let mut attempt = 1;
        loop {
            let failure = match self.attempt(&uri, accept, question) {
                Ok((body, content_type)) => return Ok(Answer { body, content_type, attempts: attempt }),
                Err(failure) => failure,
            };
            if attempt >= self.settings.attempts || !failure.reason.may_pass() {
                return Err(NetError::new(url, failure.reason, attempt));
            }
            let asked = failure.retry_after.unwrap_or_default().min(self.settings.longest_pause);
            thread::sleep(self.settings.pause_after(attempt).max(asked));
            attempt += 1;
        }
    }

    fn attempt(
        &self,
        uri: &Uri,
        accept: &str,
        question: &Question<'_>,
    ) -> Result<(Vec<u8>, Option<String>), Failure> {
        let response = self.answer(uri.clone(), accept, question)?;
        let content_type = header(&response, "content-type").map(|value| bare_type(&value));
        if !response.status().is_success() {
            return Err(refusal(&response, content_type.as_deref()));
        }
        match &content_type {
            Some(found) if accept != "*/*" && found != accept => Err(Reason::WrongType(found.clone()).into()),
            None if accept != "*/*" => Err(Reason::WrongType("unknown".to_owned()).into()),
            _ => Ok((response.into_body(), content_type)),
        }
    }

    /// The whole answer, whatever its status, after the redirections that are followed.
    fn answer(
        &self,
        mut uri: Uri,
        accept: &str,
        question: &Question<'_>,
    ) -> Result<http::Response<Vec<u8>>, Reason> {
        for _ in 0..=self.settings.redirects {
            let Some(forwarder) = self.forwarder(&uri) else { return self.direct(&uri, accept, question) };
            let (method, content_type, body): (_, _, &[u8]) = match question {
                Question::Get => (http::Method::GET, None, &[]),
                Question::Post { content_type, body } => (http::Method::POST, Some(*content_type), body),
            };
            let response = forwarder.ask(&Forwarded { method, uri: &uri, accept, content_type, body })?;
            let location = header(&response, "location");
            match (question, location) {
                (Question::Get, Some(to)) if response.status().is_redirection() => {
                    uri = usable(&resolve(&uri, &to)).map_err(|_| Reason::Redirected(printable(&to)))?;
                }
                _ => return Ok(response),
            }
        }
        Err(Reason::Redirected("more often than is followed".to_owned()))
    }

    /// Who is asked by the whole address, if somebody is: the proxy, for an http address elsewhere.
    fn forwarder(&self, uri: &Uri) -> Option<&Forwarder> {
        let (proxy, forwarder) = self.proxy.as_ref()?;
        let is_forwarded =
            uri.scheme_str() == Some("http") && !is_own_machine(uri) && !proxy.is_no_proxy(uri);
        is_forwarded.then_some(forwarder)
    }

    fn direct(
        &self,
        uri: &Uri,
        accept: &str,
        question: &Question<'_>,
    ) -> Result<http::Response<Vec<u8>>, Reason> {
        let agent = if is_own_machine(uri) { &self.own_machine } else { &self.agent };
        let https_only = uri.scheme_str() == Some("https");
        let sent = match question {
            Question::Get => {
                agent.get(uri).config().https_only(https_only).build().header("Accept", accept).call()
            }
            Question::Post { content_type, body } => agent
                .post(uri)
                .config()
                .max_redirects(0)
                .max_redirects_will_error(false)
                .build()
                .header("Accept", accept)
                .header("Content-Type", *content_type)
                .send(*body),
        };
        let (head, mut body) = sent.map_err(|error| self.reason(error))?.into_parts();
        let limit = self.settings.largest_answer;
        let body = body.with_config().limit(limit).read_to_vec();
        // Of a refusal only the status counts; its words are a courtesy.
        let body = match body {
            Err(_) if !head.status.is_success() => Vec::new(),
            body => body.map_err(|error| self.reason(error))?,
        };
        Ok(http::Response::from_parts(head, body))
    }

    fn reason(&self, error: ureq::Error) -> Reason {
        match error {
            ureq::Error::BadUri(why) => Reason::BadUrl(why),
            ureq::Error::Http(error) => Reason::BadUrl(error.to_string()),
            ureq::Error::InvalidProxyUrl => Reason::BadProxy("no proxy address".to_owned()),
            ureq::Error::HostNotFound => Reason::Unreachable("unknown host".to_owned()),
            ureq::Error::ConnectionFailed => Reason::Unreachable("no connection".to_owned()),
            ureq::Error::ConnectProxyFailed(why) => {
                Reason::Unreachable(format!("proxy: {}", printable(&why)))
            }
            ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => {
                Reason::TimedOut(Bound::Connect, self.settings.connect_timeout)
            }
            ureq::Error::Timeout(_) => Reason::TimedOut(Bound::Attempt, self.settings.attempt_timeout),
            ureq::Error::TooManyRedirects | ureq::Error::RedirectFailed => {
                Reason::Redirected("more often than is followed".to_owned())
            }
            ureq::Error::RequireHttpsOnly(to) => {
                Reason::Redirected(format!("from https to {}", printable(&to)))
            }
            ureq::Error::BodyExceedsLimit(limit) => Reason::TooLarge(limit),
            ureq::Error::LargeResponseHeader(_, limit) => Reason::TooLarge(limit as u64),
            ureq::Error::Protocol(why) => Reason::BrokenOff(why.to_string()),
            ureq::Error::Tls(why) => Reason::Tls(why.to_owned()),
            ureq::Error::Rustls(why) => Reason::Tls(why.to_string()),
            ureq::Error::Io(error) => io_reason(&error),
            other => Reason::Other(printable(&other.to_string())),
        }
    }
}

/// The failure that a status without success is.
fn refusal(response: &http::Response<Vec<u8>>, content_type: Option<&str>) -> Failure {
    if response.status().is_redirection() {
        let to = header(response, "location").unwrap_or_else(|| "nowhere".to_owned());
        return Reason::Redirected(printable(&to)).into();
    }
    let retry_after =
        header(response, "retry-after").and_then(|value| value.trim().parse().ok()).map(Duration::from_secs);
    let is_text = content_type == Some("text/plain");
    let words = if is_text { printable(&String::from_utf8_lossy(response.body())) } else { String::new() };
    Failure { reason: Reason::Status(response.status().as_u16(), words), retry_after }
}

fn io_reason(error: &std::io::Error) -> Reason {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            Reason::BrokenOff(error.to_string())
        }
        ErrorKind::InvalidData => Reason::Tls(error.to_string()),
        _ => Reason::Unreachable(error.to_string()),
    }
}

fn config(settings: &Settings, proxy: Option<ureq::Proxy>) -> Config {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .build();
    Agent::config_builder()
        .tls_config(tls)
        .proxy(proxy)
        .http_status_as_error(false)
        .max_redirects(settings.redirects)
        .max_redirects_will_error(true)
        .timeout_resolve(Some(settings.connect_timeout))
        .timeout_connect(Some(settings.connect_timeout))
        .timeout_global(Some(settings.attempt_timeout))
        .user_agent(settings.user_agent.as_str())
        .max_idle_age(IDLE)
        .max_idle_connections(IDLE_CONNECTIONS)
        .max_idle_connections_per_host(IDLE_CONNECTIONS)
        .build()
}

/// The address, if it is one that may be asked: http or https, with a host.
fn usable(url: &str) -> Result<Uri, Reason> {
    let uri: Uri = url.parse().map_err(|error: http::uri::InvalidUri| Reason::BadUrl(error.to_string()))?;
    match uri.scheme_str() {
        Some("http" | "https") => {}
        Some(other) => return Err(Reason::BadUrl(format!("`{other}` is neither http nor https"))),
        None => return Err(Reason::BadUrl("it has no scheme".to_owned())),
    }
    match uri.host() {
        Some(host) if !host.is_empty() => Ok(uri),
        _ => Err(Reason::BadUrl("it has no host".to_owned())),
    }
}

fn is_own_machine(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn header(response: &http::Response<Vec<u8>>, name: &str) -> Option<String> {
    response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn bare_type(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The first words of what a stranger sent, on one line and without control characters.
fn printable(text: &str) -> String {
    let words: String =
        text.chars().take(4 * WORDS_OF_A_FAULT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    words.trim().chars().take(WORDS_OF_A_FAULT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_and_https_are_asked() {
        for url in ["ftp://a.example/", "file:///etc/passwd", "a.example", "http://", "", "http://a b/"] {
            assert!(matches!(usable(url), Err(Reason::BadUrl(_))), "{url}");
        }
        assert!(usable("http://a.example").is_ok());
        assert!(usable("https://[::1]:8443/tsa?x=1").is_ok());
    }

    #[test]
    fn the_own_machine_is_known_by_its_names() {
        for (url, expected) in [
            ("http://localhost:1/", true),
            ("http://127.9.0.1/", true),
            ("http://[::1]/", true),
            ("http://localhost.example/", false),
            ("http://10.0.0.1/", false),
        ] {
            assert_eq!(is_own_machine(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
