//! One connection: its requests one after the other, each read whole before the handler sees it.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;

use super::patient::Patient;
use super::{Handler, Limits, Method, Request, Response, Stop};

type Answer = hyper::Response<Full<Bytes>>;

/// The room for the head of a request, in bytes.
const HEAD: usize = 32 << 10;

/// Serves one connection to its end; what goes wrong on it is the client's loss alone.
pub(super) async fn serve<H: Handler>(stream: TcpStream, limits: Limits, handler: Arc<H>, stop: Stop) {
    // Small answers should not wait for the next ones; without this they are only slower.
    let _slower = stream.set_nodelay(true);
    let io = TokioIo::new(Patient::new(stream, limits.write_stall));
    let service = service_fn(move |request| {
        let handler = Arc::clone(&handler);
        async move { Ok::<_, Infallible>(answer(request, limits, handler).await) }
    });
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_time)
            .max_buf_size(HEAD)
            .keep_alive(true)
            .serve_connection(io, service)
    );
    let mut seen = stop.switch.subscribe();
    tokio::select! {
        _ended = connection.as_mut() => return,
        _ = seen.wait_for(|stopped| *stopped) => connection.as_mut().graceful_shutdown(),
    }
    let _ended = connection.await;
}

async fn answer<H: Handler>(request: hyper::Request<Incoming>, limits: Limits, handler: Arc<H>) -> Answer {
    let request = match read(request, limits).await {
        Ok(request) => request,
        Err(refusal) => return closing(finish(refusal)),
    };
    match tokio::task::spawn_blocking(move || handler.answer(request)).await {
        Ok(response) => finish(response),
        Err(_panic) => finish(Response::text(500, "the server has a fault")),
    }
}

/// The whole request, or the answer that refuses it.
async fn read(request: hyper::Request<Incoming>, limits: Limits) -> Result<Request, Response> {
    let (head, body) = request.into_parts();
    let method = match head.method {
        hyper::Method::GET | hyper::Method::HEAD => Method::Get,
        hyper::Method::POST => Method::Post,
        _ => return Err(Response::text(405, "only GET and POST are served")),
    };
    let too_large = || Response::text(413, &format!("a request has at most {} bytes", limits.largest_body));
    if body.size_hint().lower() > limits.largest_body as u64 {
        return Err(too_large());
    }
    let whole = Limited::new(body, limits.largest_body).collect();
    let body = match tokio::time::timeout(limits.body_time, whole).await {
        Err(_elapsed) => return Err(Response::text(408, "the request did not arrive in time")),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(too_large()),
        Ok(Err(_broken)) => return Err(Response::text(400, "the request broke off")),
        Ok(Ok(body)) => body.to_bytes().to_vec(),
    };
    Ok(Request {
        method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        content_type: head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(bare_type),
        body,
    })
}

fn bare_type(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn finish(response: Response) -> Answer {
    let status = hyper::StatusCode::from_u16(response.status).ok().filter(|status| status.as_u16() >= 200);
    let mut answer = Answer::new(Full::new(Bytes::from(response.body)));
    *answer.status_mut() = status.unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::from_str(&response.content_type) {
        answer.headers_mut().insert(CONTENT_TYPE, value);
    }
    if response.status == 405 {
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    }
    answer
}

/// The rest of a refused request is not worth reading.
fn closing(mut answer: Answer) -> Answer {
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}
