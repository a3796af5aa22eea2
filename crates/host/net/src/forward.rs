//! One request for an http address through an HTTP proxy, by its whole address (RFC 9112, 3.2.2). A tunnel is for https:
//! proxies as they are usually set up refuse one to the port of http, where time-stamps and OCSP are.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderName, PROXY_AUTHORIZATION, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::error::{Bound, Reason};
use crate::settings::Settings;

/// The room for the head of an answer, in bytes.
const HEAD: usize = 64 << 10;

/// A proxy that forwards.
#[derive(Clone)]
pub(crate) struct Forwarder {
    host: String,
    port: u16,
    /// `Proxy-Authorization` (RFC 7617), if the proxy's address has a user.
    authorization: Option<HeaderValue>,
    settings: Arc<Settings>,
}

/// What is asked of the proxy.
pub(crate) struct Forwarded<'a> {
    pub(crate) method: Method,
    pub(crate) uri: &'a Uri,
    pub(crate) accept: &'a str,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

impl Forwarder {
    /// For proxies that are asked over plain HTTP; others only make tunnels.
    pub(crate) fn new(proxy: &ureq::Proxy, settings: &Arc<Settings>) -> Option<Forwarder> {
        if proxy.protocol() != ureq::ProxyProtocol::Http {
            return None;
        }
        let authorization =
            proxy.username().and_then(|user| basic(user, proxy.password().unwrap_or_default()));
        let host = proxy.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        Some(Forwarder { host, port: proxy.port(), authorization, settings: Arc::clone(settings) })
    }

    /// One answer, whatever its status, within the limits of the settings.
    pub(crate) fn ask(&self, forwarded: &Forwarded<'_>) -> Result<Response<Vec<u8>>, Reason> {
        let request = self.request(forwarded)?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Reason::Other(error.to_string()))?;
        let limit = self.settings.attempt_timeout;
        let outcome = runtime.block_on(async { timeout(limit, self.exchange(request)).await });
        // A look-up of a name that still hangs must not hold this thread.
        runtime.shutdown_background();
        outcome.unwrap_or(Err(Reason::TimedOut(Bound::Attempt, limit)))
    }

    fn request(&self, forwarded: &Forwarded<'_>) -> Result<Request<Full<Bytes>>, Reason> {
        let authority = forwarded.uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
        // User information goes to nobody.
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let uri = Uri::builder()
            .scheme("http")
            .authority(host)
            .path_and_query(forwarded.uri.path_and_query().map_or("/", |path| path.as_str()))
            .build();
        let mut builder = Request::builder()
            .method(&forwarded.method)
            .uri(uri.map_err(|error| Reason::BadUrl(error.to_string()))?)
            .header(HOST, host)
            .header(USER_AGENT, &self.settings.user_agent)
            .header(ACCEPT, forwarded.accept);
        let more: [(HeaderName, Option<HeaderValue>); 2] = [
            (CONTENT_TYPE, forwarded.content_type.and_then(|kind| HeaderValue::from_str(kind).ok())),
            (PROXY_AUTHORIZATION, self.authorization.clone()),
        ];
        for (name, value) in more {
            if let Some(value) = value {
                builder = builder.header(name, value);
            }
        }
        let body = Full::new(Bytes::copy_from_slice(forwarded.body));
        builder.body(body).map_err(|error| Reason::BadUrl(error.to_string()))
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Response<Vec<u8>>, Reason> {
        let stream = self.connect(self.settings.connect_timeout).await?;
        let broken = |error: hyper::Error| Reason::BrokenOff(error.to_string());
        let (mut sender, connection) =
            http1::Builder::new().max_buf_size(HEAD).handshake(TokioIo::new(stream)).await.map_err(broken)?;
        tokio::spawn(connection);
        let (head, body) = sender.send_request(request).await.map_err(broken)?.into_parts();
        let body = self.whole(body).await?;
        Ok(Response::from_parts(head, body))
    }

    async fn connect(&self, limit: Duration) -> Result<TcpStream, Reason> {
        match timeout(limit, TcpStream::connect((self.host.as_str(), self.port))).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(Reason::Unreachable(format!("proxy: {error}"))),
            Err(_elapsed) => Err(Reason::TimedOut(Bound::Connect, limit)),
        }
    }

    async fn whole(&self, body: Incoming) -> Result<Vec<u8>, Reason> {
        let limit = self.settings.largest_answer;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        match Limited::new(body, most).collect().await {
            Ok(body) => Ok(body.to_bytes().to_vec()),
            Err(error) if error.is::<LengthLimitError>() => Err(Reason::TooLarge(limit)),
            Err(error) => Err(Reason::BrokenOff(error.to_string())),
        }
    }
}

/// `Basic` credentials (RFC 7617, 2).
fn basic(user: &str, password: &str) -> Option<HeaderValue> {
    let mut value =
        HeaderValue::from_str(&format!("Basic {}", base64(format!("{user}:{password}").as_bytes()))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// RFC 4648, 4.
fn base64(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
}

/// Where a redirection from `base` leads (RFC 3986, 5.2, for what servers send): a whole address, one on the same
/// host, or a path beside the present one.
pub(crate) fn resolve(base: &Uri, location: &str) -> String {
    let location = location.split('#').next().unwrap_or_default();
    let origin = |uri: &Uri| {
        let authority = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
        format!("{}://{authority}", uri.scheme_str().unwrap_or("http"))
    };
    if location.contains("://") {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{}:{location}", base.scheme_str().unwrap_or("http"))
    } else if location.starts_with('/') {
        format!("{}{location}", origin(base))
    } else {
        let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{}{folder}/{location}", origin(base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirections_lead_where_they_say() {
        let base: Uri = "http://a.example:8080/b/c?d".parse().unwrap();
        for (location, expected) in [
            ("https://e.example/f#g", "https://e.example/f"),
            ("//e.example/f", "http://e.example/f"),
            ("/f?x", "http://a.example:8080/f?x"),
            ("f", "http://a.example:8080/b/f"),
        ] {
            assert_eq!(resolve(&base, location), expected);
        }
    }

    #[test]
    fn credentials_are_no_text_for_logs() {
        let value = basic("anna", "secret").unwrap();
        assert_eq!(value, "Basic YW5uYTpzZWNyZXQ=");
        assert!(!format!("{value:?}").contains("YW5u"));
    }
}
