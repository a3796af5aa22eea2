//! The server: many small questions at once, each within limits, until told to stop.
//!
//! Plain HTTP/1.1: what is served (time-stamps, OCSP responses, CRLs, packs) is signed and public. Whoever wants TLS
//! puts a reverse proxy in front.

mod connection;
mod patient;

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener as AsyncListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, watch};

use crate::error::{NetError, Reason};

/// The methods that a handler sees; others are refused with status 405 before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Fetch; also what a HEAD asks for, whose answer then goes without its body.
    Get,
    /// Ask with a body.
    Post,
}

/// One request, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// How it is asked.
    pub method: Method,
    /// The path as sent, still percent-encoded, starting with `/`; of the client's choosing, so never a file's name.
    pub path: String,
    /// What follows the `?`, still percent-encoded.
    pub query: Option<String>,
    /// The `Content-Type` without its parameters, in lower case.
    pub content_type: Option<String>,
    /// The body, at most [`Limits::largest_body`] bytes.
    pub body: Vec<u8>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status (RFC 9110, 15); outside 200 to 599 it becomes 500.
    pub status: u16,
    /// The `Content-Type`.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer of success.
    #[must_use]
    pub fn ok(content_type: &str, body: Vec<u8>) -> Self {
        Self { status: 200, content_type: content_type.to_owned(), body }
    }

    /// A line of plain text, for people who look at refusals.
    #[must_use]
    pub fn text(status: u16, line: &str) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8".to_owned(),
            body: format!("{line}\n").into(),
        }
    }
}

/// Answers requests, several at a time. It may compute and use files; it should not wait for the network. A panic
/// becomes an answer with status 500 and ends nothing else.
pub trait Handler: Send + Sync + 'static {
    /// The answer.
    fn answer(&self, request: Request) -> Response;
}

impl<F: Fn(Request) -> Response + Send + Sync + 'static> Handler for F {
    fn answer(&self, request: Request) -> Response {
        self(request)
    }
}

/// What a client may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest body of a request in bytes.
    pub largest_body: usize,
    /// The longest time for the head of a request, also the longest that an idle connection is kept.
    pub head_time: Duration,
    /// The longest time for the body of a request.
    pub body_time: Duration,
    /// The longest time that a client may take no byte of an answer.
    pub write_stall: Duration,
    /// How many connections are open at a time; further ones wait in the system's queue.
    pub connections: usize,
    /// How many requests are answered at a time.
    pub answering: usize,
    /// How long open requests may take to end after the stop.
    pub grace: Duration,
}

impl Default for Limits {
    /// 1 MiB bodies, 10 s for head and body each and for a stall, 1024 connections, 16 answers at a time, 5 s of grace.
    fn default() -> Self {
        Self {
            largest_body: 1 << 20,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(10),
            write_stall: Duration::from_secs(10),
            connections: 1024,
            answering: 16,
            grace: Duration::from_secs(5),
        }
    }
}

/// The switch that ends a server. Clones are the same switch.
#[derive(Clone, Debug)]
pub struct Stop {
    switch: Arc<watch::Sender<bool>>,
    listens: Listens,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listens {
    ToCaller,
    ToSignals,
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

impl Stop {
    /// Stops when [`Stop::stop`] is called.
    #[must_use]
    pub fn new() -> Self {
        Self { switch: Arc::new(watch::Sender::new(false)), listens: Listens::ToCaller }
    }

    /// Stops also when the process is interrupted (Ctrl-C) or, on Unix, asked to end (SIGTERM).
    #[must_use]
    pub fn on_signals() -> Self {
        Self { listens: Listens::ToSignals, ..Self::new() }
    }

    /// Stops the server: no further request is taken, those under way are answered.
    pub fn stop(&self) {
        self.switch.send_replace(true);
    }

    /// Whether the stop was asked for.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.switch.borrow()
    }

    async fn wait(&self) {
        let mut seen = self.switch.subscribe();
        let called = async { seen.wait_for(|stopped| *stopped).await.is_ok() };
        match self.listens {
            Listens::ToCaller => {
                called.await;
            }
            Listens::ToSignals => {
                tokio::select! {
                    _ = called => {}
                    () = signals() => self.stop(),
                }
            }
        }
    }
}

#[cfg(unix)]
async fn signals() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => interrupt().await,
    }
}

#[cfg(not(unix))]
async fn signals() {
    interrupt().await;
}

async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// A server that has its address and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
}

impl Server {
    /// Takes `address` (`host:port`; port 0 lets the system choose).
    ///
    /// # Errors
    /// [`Reason::CannotServe`].
    pub fn bind(address: &str, limits: Limits) -> Result<Self, NetError> {
        let bound = TcpListener::bind(address).and_then(|listener| {
            listener.set_nonblocking(true)?;
            Ok((listener.local_addr()?, listener))
        });
        let (local, listener) = bound.map_err(|error| cannot_serve(address, &error))?;
        Ok(Self { listener, address: local, limits })
    }

    /// The address taken, with its port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers with `handler` until `stop`, then lets open requests end within [`Limits::grace`]. Uses as many threads
    /// as the machine has cores, and [`Limits::answering`] for the handler.
    ///
    /// # Errors
    /// [`Reason::CannotServe`] when the system gives no threads or takes the address away.
    pub fn run(self, handler: impl Handler, stop: &Stop) -> Result<(), NetError> {
        let name = self.address.to_string();
        let limits = self.limits;
        let runtime = runtime(limits).map_err(|error| cannot_serve(&name, &error))?;
        let result = runtime.block_on(accept_until(self.listener, limits, Arc::new(handler), stop));
        runtime.shutdown_timeout(limits.grace);
        result.map_err(|error| cannot_serve(&name, &error))
    }
}

/// Serves at `address` with the default [`Limits`] until `stop`.
///
/// # Errors
/// [`Reason::CannotServe`].
pub fn serve(address: &str, handler: impl Handler, stop: &Stop) -> Result<(), NetError> {
    Server::bind(address, Limits::default())?.run(handler, stop)
}

fn cannot_serve(address: &str, error: &std::io::Error) -> NetError {
    NetError::new(address, Reason::CannotServe(error.to_string()), 0)
}

fn runtime(limits: Limits) -> std::io::Result<Runtime> {
    Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(limits.answering.max(1))
        .thread_name("undersign-serve")
        .build()
}

async fn accept_until<H: Handler>(
    listener: TcpListener,
    limits: Limits,
    handler: Arc<H>,
    stop: &Stop,
) -> std::io::Result<()> {
    let listener = AsyncListener::from_std(listener)?;
    let slots = Arc::new(Semaphore::new(limits.connections.max(1)));
    let mut stopped = std::pin::pin!(stop.wait());
    while let Some(Ok(slot)) = unless(&mut stopped, Arc::clone(&slots).acquire_owned()).await {
        match unless(&mut stopped, listener.accept()).await {
            None => break,
            Some(Ok((stream, _))) => {
                let served = connection::serve(stream, limits, Arc::clone(&handler), stop.clone());
                tokio::spawn(async move {
                    served.await;
                    drop(slot);
                });
            }
            // One connection that broke before it was taken, or no free descriptor for a moment.
            Some(Err(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    drop(listener);
    let all = u32::try_from(limits.connections.max(1)).unwrap_or(u32::MAX);
    let _open_ones_ended = tokio::time::timeout(limits.grace, slots.acquire_many(all)).await;
    Ok(())
}

/// The outcome of `work`, or `None` once the stop has come.
async fn unless<T>(stopped: impl Future<Output = ()>, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = stopped => None,
        outcome = work => Some(outcome),
    }
}
