//! `undersign serve authority`: time-stamps, OCSP answers, CRLs and the certificate of the authority, over HTTP.

use super::crl::{Kind, make};
use super::folder::{Folder, Place};
use super::service::Services;
use crate::clock;
use crate::commands::Context;
use crate::commands::options::PassphraseOptions;
use crate::error::Failure;
use crate::exit::Exit;
use crate::streams::Streams;
use authority::{Register, Settings};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use net::{Limits, Method, Request, Response, Server, Stop};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use store::{Disk, JournalReader};
use types::Time;

/// Serve time-stamps, OCSP answers, CRLs and the certificate of your authority over HTTP
#[derive(Debug, Args)]
#[command(
    long_about = "Serve what others ask of your authority, over HTTP, until interrupted:\n\n\
        \x20 POST /tsa            time-stamps (RFC 3161)\n\
        \x20 POST, GET /ocsp      status of certificates (RFC 6960)\n\
        \x20 GET /complete.crl    the complete CRL; made anew when something changed or it is getting old\n\
        \x20 GET /delta.crl       what changed since\n\
        \x20 GET /authority.cer   the certificate of the authority\n\n\
        All answers are signed; whoever wants TLS puts a reverse proxy in front. Keep the clock synchronised: tokens say \
        that it is right to a second. Certificates may be issued and revoked meanwhile; the next answer knows of it.",
    after_long_help = "\
Examples:
  undersign serve authority --passphrase-file pass.txt
  undersign serve authority --address 0.0.0.0:80

Exit codes: 0 stopped by a signal, 1 refused, 2 usage, 4 a file could not be read
or written, 5 wrong passphrase or locked."
)]
pub struct ServeAuthority {
    #[command(flatten)]
    place: Place,
    /// Listen here; port 0 lets the system choose
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8318")]
    address: String,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

impl ServeAuthority {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let folder = self.place.open(context)?;
        let settings = folder.settings()?;
        let services = Services::new(&folder.unlocked(context, &self.passphrase)?, &settings)?;
        let mut reader = folder.reader()?;
        let text = reader.news()?;
        let mut register = Register::default();
        let lines = register.read_more(&text, 0).map_err(|error| folder.broken(&error))?;
        let desk = Desk {
            streams: *context.streams,
            disk: context.disk.clone(),
            folder,
            settings,
            services,
            register: RwLock::new(register),
            follower: Mutex::new(Follower { reader, lines }),
            reused: Mutex::new(Reused::default()),
            answered: Arc::new([const { AtomicU64::new(0) }; 3]),
        };
        desk.current(Kind::Complete)?;
        let answered = Arc::clone(&desk.answered);
        let server = Server::bind(&self.address, Limits::default())?;
        context.streams.data(&format!("http://{}\n", server.address()))?;
        context.streams.note("serving; stop with Ctrl-C");
        server.run(move |request: Request| desk.answer(&request), &Stop::on_signals())?;
        let [timestamps, ocsp, others] = [0, 1, 2].map(|kind: usize| {
            answered.get(kind).map_or(0, |count: &AtomicU64| count.load(Ordering::Relaxed))
        });
        context.streams.note(&format!(
            "answered {timestamps} requests for time-stamps, {ocsp} by OCSP, {others} for CRLs and certificates"
        ));
        Ok(Exit::Success)
    }
}

/// Follows the register, to which other processes write.
struct Follower {
    reader: JournalReader,
    lines: usize,
}

/// OCSP answers of this second by a register of so many lines: whoever asks the same without a nonce would get the same
/// words under another signature.
#[derive(Default)]
struct Reused {
    at: Option<(Time, usize)>,
    answers: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Reused {
    /// So many answers are kept.
    const MOST: usize = 1024;

    fn get(&self, at: (Time, usize), request: &[u8]) -> Option<Vec<u8>> {
        self.answers.get(request).filter(|_| self.at == Some(at)).cloned()
    }

    fn put(&mut self, at: (Time, usize), request: &[u8], answer: &[u8]) {
        if self.at != Some(at) || self.answers.len() >= Self::MOST {
            *self = Reused { at: Some(at), answers: BTreeMap::new() };
        }
        self.answers.insert(request.to_vec(), answer.to_vec());
    }
}

/// Where all requests are answered.
struct Desk {
    streams: Streams,
    disk: Disk,
    folder: Folder,
    settings: Settings,
    services: Services,
    register: RwLock<Register>,
    follower: Mutex<Follower>,
    reused: Mutex<Reused>,
    /// How many requests for time-stamps, by OCSP and for files were answered.
    answered: Arc<[AtomicU64; 3]>,
}

impl Desk {
    fn answer(&self, request: &Request) -> Response {
        let kind = match (request.method, request.path.as_str()) {
            (Method::Post, "/tsa" | "/") => 0,
            (_, path) if path.starts_with("/ocsp") => 1,
            _ => 2,
        };
        if let Some(count) = self.answered.get(kind) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let outcome = match (request.method, request.path.as_str()) {
            (Method::Post, "/tsa" | "/") => self.timestamp(&request.body),
            (Method::Post, "/ocsp") => self.ocsp(&request.body),
            (Method::Get, "/complete.crl") => self.crl(Kind::Complete),
            (Method::Get, "/delta.crl") => self.crl(Kind::Delta),
            (Method::Get, "/authority.cer") => {
                let certificate = self.services.certificate.der().to_vec();
                Ok(Response::ok("application/pkix-cert", certificate))
            }
            (Method::Get, path) => match path.strip_prefix("/ocsp/").and_then(ocsp_request) {
                Some(body) => self.ocsp(&body),
                None => Ok(Response::text(404, "there is nothing here")),
            },
            (Method::Post, _) => Ok(Response::text(404, "there is nothing here")),
        };
        // What the file system or the register objects to is nothing for the client, but for whoever runs this.
        outcome.unwrap_or_else(|failure| {
            self.streams.failure(&failure);
            Response::text(503, "not available at the moment")
        })
    }

    fn timestamp(&self, request: &[u8]) -> Result<Response, Failure> {
        let Some(unit) = &self.services.timestamping else {
            return Ok(Response::text(404, "this authority gives no time-stamps"));
        };
        // A clock that was set back shows in what others wrote down meanwhile.
        self.follow()?;
        let register = self.register.read().unwrap_or_else(PoisonError::into_inner);
        let answer = unit.answer(request, &register, clock::now());
        Ok(Response::ok("application/timestamp-reply", answer.der))
    }

    fn ocsp(&self, request: &[u8]) -> Result<Response, Failure> {
        let (lines, now) = (self.follow()?, clock::now());
        let reused = || self.reused.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = reused().get((now, lines), request) {
            return Ok(Response::ok("application/ocsp-response", answer));
        }
        let register = self.register.read().unwrap_or_else(PoisonError::into_inner);
        let answer = self.services.ocsp.answer(request, &register, now);
        if answer.reusable_until.is_some() {
            reused().put((now, lines), request, &answer.der);
        }
        Ok(Response::ok("application/ocsp-response", answer.der))
    }

    fn crl(&self, kind: Kind) -> Result<Response, Failure> {
        Ok(Response::ok("application/pkix-crl", self.current(kind)?))
    }

    /// Takes in what others wrote into the register; gives how many lines it has.
    fn follow(&self) -> Result<usize, Failure> {
        let mut follower = self.follower.lock().unwrap_or_else(PoisonError::into_inner);
        let text = follower.reader.news()?;
        if !text.is_empty() {
            let mut register = self.register.write().unwrap_or_else(PoisonError::into_inner);
            let lines = register.read_more(&text, follower.lines);
            follower.lines = lines.map_err(|error| self.folder.broken(&error))?;
        }
        Ok(follower.lines)
    }

    /// The CRL that is kept, or a new one if something changed since, or half of its time is over.
    fn current(&self, kind: Kind) -> Result<Vec<u8>, Failure> {
        self.follow()?;
        let seconds = match kind {
            Kind::Complete => self.settings.complete_crl_seconds,
            Kind::Delta => self.settings.delta_crl_seconds,
        };
        let kept = self.folder.kept(kind.file());
        if let Some(kept) = kept
            && self.is_current(&kept, clock::now().plus(-seconds / 2))
        {
            return Ok(kept);
        }
        let mut register = self.folder.open_register(&self.disk)?;
        let (certificate, signer) = (&self.services.certificate, &self.services.signer);
        let folder = &self.folder;
        let made = make(&self.disk, folder, &self.settings, &mut register, certificate, signer, kind)?;
        Ok(made.der().to_vec())
    }

    /// Whether it says all that the register says, and less than half of its time is over.
    fn is_current(&self, kept: &[u8], since: Time) -> bool {
        let Ok(list) = pkix::Crl::from_der(kept) else { return false };
        let register = self.register.read().unwrap_or_else(PoisonError::into_inner);
        register.is_current(&list) && list.this_update() >= since
    }
}

/// A request in the path: base64, then percent-encoded (RFC 6960, A.1).
fn ocsp_request(path: &str) -> Option<Vec<u8>> {
    let mut bytes = path.bytes();
    let mut text = String::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            text.push(char::from(byte));
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
        text.push(char::from(u8::try_from(high * 16 + low).ok()?));
    }
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_in_paths_are_decoded() {
        assert_eq!(ocsp_request("MAA%3D").as_deref(), Some(&[0x30, 0][..]));
        assert_eq!(ocsp_request("MAA=").as_deref(), Some(&[0x30, 0][..]));
        for broken in ["%", "%3", "%zz", "MAA", "\u{fc}"] {
            assert_eq!(ocsp_request(broken), None, "{broken}");
        }
    }
}
