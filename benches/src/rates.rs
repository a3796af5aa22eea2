//! How many time-stamps and OCSP answers our authority gives a second, asked by keep-alive connections on loopback.

use crate::options::Options;
use crate::row::{Goal, Row, Table, Unit};
use crate::service::Place;
use anyhow::{Context as _, Result, bail, ensure};
use crypto::{Digest, DigestAlgorithm, PROVIDER};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use undersign::cms::{TimestampRequest, TimestampResponse};
use undersign::pkix::{CertId, OcspRequest, OcspResponse, ResponseStatus, read_certificates};
use undersign::types::Budget;

/// Connections that ask at the same time.
const CONNECTIONS: usize = 16;

/// Measures; the machine's cores are shared by who asks and who answers.
pub fn run(options: &Options, table: &Table, place: &Place) -> Result<()> {
    let server = place.serve()?;
    let length = Duration::from_secs(options.sized(10, 1));
    let stamps = |number: u64| {
        let imprint = PROVIDER.digest(DigestAlgorithm::Sha256, &number.to_be_bytes());
        let digest = Digest { algorithm: DigestAlgorithm::Sha256, value: imprint.value };
        Ok(TimestampRequest::new(&digest, Some(&number.wrapping_add(1 << 60).to_be_bytes())).to_der())
    };
    let granted = |answer: &[u8]| {
        let response = TimestampResponse::parse(answer, &mut Budget::default());
        response.is_ok_and(|response| response.status == 0 && response.token.is_some())
    };
    rate(
        table,
        "time-stamps",
        length,
        &Asked { place, path: "/tsa", media: "timestamp-query" },
        stamps,
        granted,
    )?;
    let read = |name: &str| -> Result<_> {
        let certificates = read_certificates(&std::fs::read(place.file(name))?, &mut Budget::default())?;
        certificates.into_iter().next().context("no certificate")
    };
    let (root, own) = (read("root.pem")?, read("ada.pem")?);
    let id = CertId::of(DigestAlgorithm::Sha1, &root, own.serial(), PROVIDER);
    let good = |answer: &[u8]| {
        OcspResponse::from_der(answer, &mut Budget::default())
            .is_ok_and(|response| response.status == ResponseStatus::Successful)
    };
    let asked = Asked { place, path: "/ocsp", media: "ocsp-request" };
    let fresh = |number: u64| {
        Ok(OcspRequest::new(std::slice::from_ref(&id), Some(&u128::from(number).to_be_bytes()))?
            .der()
            .to_vec())
    };
    rate(table, "OCSP answers, each signed anew (nonce)", length, &asked, fresh, good)?;
    let same = |_: u64| Ok(OcspRequest::new(std::slice::from_ref(&id), None)?.der().to_vec());
    rate(table, "OCSP answers to the same question", length, &asked, same, good)?;
    drop(server);
    Ok(())
}

/// What is asked where.
struct Asked<'a> {
    place: &'a Place,
    path: &'a str,
    media: &'a str,
}

fn rate(
    table: &Table,
    what: &str,
    length: Duration,
    asked: &Asked<'_>,
    body: impl Fn(u64) -> Result<Vec<u8>> + Sync,
    good: impl Fn(&[u8]) -> bool + Sync,
) -> Result<()> {
    let start = Instant::now();
    let counts: Vec<Result<u64>> = std::thread::scope(|scope| {
        let one = |connection: usize| {
            let (body, good) = (&body, &good);
            scope.spawn(move || ask(asked, start + length, (connection as u64) << 40, body, good))
        };
        let threads: Vec<_> = (0..CONNECTIONS).map(one).collect();
        threads.into_iter().map(|one| one.join().unwrap_or_else(|_| bail!("a thread panicked"))).collect()
    });
    let taken = start.elapsed().as_secs_f64();
    let total: u64 = counts.into_iter().sum::<Result<u64>>()?;
    table.row(&Row {
        what: what.to_owned(),
        value: total as f64 / taken,
        unit: Unit::PerSecond,
        reference: None,
        goal: Some(Goal::AtLeast(5000.0)),
    });
    Ok(())
}

/// One connection; every hundredth answer is read, all must be answers of success.
fn ask(
    asked: &Asked<'_>,
    until: Instant,
    first: u64,
    body: impl Fn(u64) -> Result<Vec<u8>>,
    good: impl Fn(&[u8]) -> bool,
) -> Result<u64> {
    let address = asked.place.address();
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut count = 0;
    let (mut answer, mut line) = (Vec::new(), String::new());
    while Instant::now() < until {
        let body = body(first + count)?;
        let mut request = format!(
            "POST {} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/{}\r\ncontent-length: {}\r\n\r\n",
            asked.path,
            asked.media,
            body.len()
        )
        .into_bytes();
        request.extend(body);
        stream.write_all(&request)?;
        let mut len = None;
        for number in 0.. {
            line.clear();
            answers.read_line(&mut line)?;
            ensure!(number > 0 || line.starts_with("HTTP/1.1 200 "), "the server says {line:?}");
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                len = Some(value.trim().parse()?);
            }
        }
        answer.resize(len.context("an answer of unknown length")?, 0);
        answers.read_exact(&mut answer)?;
        ensure!(count % 100 != 0 || good(&answer), "the answer is none");
        count += 1;
    }
    Ok(count)
}
