//! An authority whose services listen on loopback, and a home that it certified.

use super::bench::Bench;
use cms::TimestampRequest;
use net::{Limits, Method, Request, Response, Server, Stop};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use testkit::authority::{Actor, CrlMade, Declared, Key, Role, Stamp, der};
use undersign::pkix::{Certificate, Oid, oid};

/// An authority whose services listen on loopback.
pub struct Services {
    address: String,
    asked: Arc<[AtomicUsize; 3]>,
    /// Whom everybody trusts.
    #[allow(dead_code, reason = "each test program uses some of these")]
    pub root: Actor,
    stop: Stop,
    thread: Option<JoinHandle<()>>,
}

/// Which of the counters of [`Services`].
pub const TIMESTAMPS: usize = 0;
#[allow(dead_code, reason = "each test program uses some of these")]
pub const LISTS: usize = 1;

/// Extensions of CRLs (RFC 5280, 5.2.3, 5.2.4 and 5.2.6).
const CRL_NUMBER: &str = "2.5.29.20";
const DELTA_CRL_INDICATOR: &str = "2.5.29.27";
const FRESHEST_CRL: &str = "2.5.29.46";

/// What the clock says.
pub fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock");
    undersign::Time::from_unix(since.as_secs() as i64).to_string()
}

fn pem(label: &str, der: &[u8]) -> Vec<u8> {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n").into_bytes()
}

/// cRLDistributionPoints with one address.
#[allow(dead_code, reason = "each test program uses some of these")]
pub fn point(address: &str) -> (Oid, Vec<u8>) {
    let name = der::value(0xa0, &der::value(0xa0, &der::value(0x86, address.as_bytes())));
    (oid::CRL_DISTRIBUTION_POINTS, der::sequence(&[der::sequence(&[name])]))
}

impl Services {
    /// Starts to serve.
    pub fn new() -> Services {
        let server = Server::bind("127.0.0.1:0", Limits::default()).expect("loopback works");
        let address = format!("http://{}", server.address());
        let root = Actor::root("Root", "2020-01-01", "2060-01-01");
        let (list, der) = point(&format!("{address}/root.crl"));
        let tsa = root.issue(&Declared::new("TSA", Role::Tsa, "2021-01-01", "2050-01-01").with(list, der));
        let asked = Arc::new([const { AtomicUsize::new(0) }; 3]);
        let (counters, switch) = (asked.clone(), Stop::new());
        let stop = switch.clone();
        let (issuer, delta) = (root.clone(), point(&format!("{address}/delta.crl")).1);
        let answer = move |request: Request| answer(&request, &counters, (&issuer, &delta), &tsa);
        let thread = Some(thread::spawn(move || server.run(answer, &switch).expect("it serves")));
        Services { address, asked, root, stop, thread }
    }

    /// How often something was asked for.
    pub fn asked(&self, what: usize) -> usize {
        self.asked[what].load(Ordering::SeqCst)
    }

    /// The address of a service.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// A home whose identity this authority certified.
    pub fn bench(&self) -> Bench {
        self.bench_with("/root.crl")
    }

    /// The same, where the certificate of the identity says that its list is there.
    pub fn bench_with(&self, list: &str) -> Bench {
        let bench = Bench::new();
        bench.init();
        let (list, der) = point(&self.url(list));
        let key = Key::of("Person");
        let declared = Declared::new("Person", Role::Person, "2021-01-01", "2045-01-01").with(list, der);
        let person = self.root.certify(&declared, &key);
        bench.write(
            "person.pem",
            &[pem("PRIVATE KEY", &key.pkcs8()), certificate(&person.certificate)].concat(),
        );
        bench.write("root.pem", &certificate(&self.root.certificate));
        let import = ["identity", "import", "person.pem", "--default", "--passphrase-file", "pass.txt"];
        assert_eq!(bench.run(&import).code, 0);
        assert_eq!(bench.run(&["trust", "add", "root.pem"]).code, 0);
        bench
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it ends");
        }
    }
}

fn certificate(certificate: &Certificate) -> Vec<u8> {
    pem("CERTIFICATE", certificate.der())
}

fn answer(
    request: &Request,
    asked: &[AtomicUsize; 3],
    (root, delta_point): (&Actor, &[u8]),
    tsa: &Actor,
) -> Response {
    let count = |what: usize| asked[what].fetch_add(1, Ordering::SeqCst);
    match (request.method, request.path.as_str()) {
        (Method::Post, "/tsa") => {
            count(TIMESTAMPS);
            assert!(TimestampRequest::parse(&request.body, &mut Default::default()).is_ok());
            Response::ok("application/timestamp-reply", Stamp::new(tsa, &now()).response(&request.body))
        }
        (Method::Post, "/broken") => Response::ok("application/timestamp-reply", b"<html>".to_vec()),
        // What is told must not be older than the timestamps; theirs are whole seconds.
        (Method::Get, "/root.crl") => {
            count(LISTS);
            thread::sleep(std::time::Duration::from_millis(1100));
            Response::ok("application/pkix-crl", CrlMade::new(root, &now(), "2050-01-01").sign(root))
        }
        // A list of long ago, which says where to find what changed since.
        (Method::Get, "/old.crl") => {
            let old =
                CrlMade::new(root, "2024-01-01", "2050-01-01").with(CRL_NUMBER, false, &der::integer(1));
            Response::ok("application/pkix-crl", old.with(FRESHEST_CRL, false, delta_point).sign(root))
        }
        (Method::Get, "/delta.crl") => {
            thread::sleep(std::time::Duration::from_millis(1100));
            let delta = CrlMade::new(root, &now(), "2050-01-01").with(CRL_NUMBER, false, &der::integer(2));
            let delta = delta.with(DELTA_CRL_INDICATOR, true, &der::integer(1));
            Response::ok("application/pkix-crl", delta.sign(root))
        }
        _ => Response::text(404, "not here"),
    }
}
