//! The server with good and bad clients, on loopback.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use undersign_net::{
    Client, Limits, Method, NetError, Proxy, Reason, Request, Response, Server, Settings, Stop,
};

/// A server on a free port that ends with the test.
struct Running {
    address: SocketAddr,
    stop: Stop,
    thread: Option<JoinHandle<Result<(), NetError>>>,
}

impl Running {
    fn new(limits: Limits) -> Self {
        let server = Server::bind("127.0.0.1:0", limits).expect("loopback works");
        let (address, stop) = (server.address(), Stop::new());
        let switch = stop.clone();
        Self { address, stop, thread: Some(thread::spawn(move || server.run(echo, &switch))) }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("loopback works");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("loopback works");
        stream
    }

    fn end(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("loopback works").expect("loopback works");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

fn echo(request: Request) -> Response {
    match request.path.as_str() {
        "/panic" => panic!("as the test wants"),
        "/slow" => {
            thread::sleep(Duration::from_millis(300));
            Response::ok("text/plain", b"slow".to_vec())
        }
        "/large" => Response::ok("application/octet-stream", vec![7; 20 << 20]),
        "/status" => Response { status: 7, content_type: "a\nb".to_owned(), body: Vec::new() },
        _ if request.method == Method::Get => {
            Response::ok("text/plain", format!("{}?{:?}", request.path, request.query).into_bytes())
        }
        _ => Response::ok(&request.content_type.unwrap_or_default(), request.body),
    }
}

fn limits() -> Limits {
    Limits {
        largest_body: 1000,
        head_time: Duration::from_millis(500),
        body_time: Duration::from_millis(500),
        write_stall: Duration::from_millis(500),
        grace: Duration::from_secs(3),
        ..Limits::default()
    }
}

fn client() -> Client {
    Client::new(Settings { attempts: 1, proxy: Proxy::Direct, ..Settings::default() })
        .expect("loopback works")
}

/// All that the server says until it ends the connection.
fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _reset_counts_as_end = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn requests_reach_the_handler_whole() {
    let server = Running::new(limits());
    let answer = client().post(&server.url("/a"), "application/ocsp-request", "*/*", b"body").unwrap();
    assert_eq!(answer.body, b"body");
    assert_eq!(answer.content_type.as_deref(), Some("application/ocsp-request"));
    let answer = client().get(&server.url("/a%2Fb?c=d")).unwrap();
    assert_eq!(answer.body, b"/a%2Fb?Some(\"c=d\")");
}

#[test]
fn one_connection_carries_many_requests() {
    let server = Running::new(limits());
    let mut stream = server.connect();
    for _ in 0..50 {
        stream.write_all(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"/x?None") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }
}

#[test]
fn a_large_body_is_refused_announced_or_not() {
    let server = Running::new(limits());
    let reason = client().post(&server.url("/"), "a/b", "*/*", &[0; 1001]).unwrap_err().reason;
    assert!(matches!(&reason, Reason::Status(413, words) if words.contains("1000 bytes")), "{reason:?}");
    let mut stream = server.connect();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    for _ in 0..100 {
        if stream
            .write_all(b"40\r\n0123456789012345678901234567890123456789012345678901234567890123\r\n")
            .is_err()
        {
            break;
        }
    }
    let answer = rest(&mut stream);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!(client().post(&server.url("/"), "a/b", "*/*", &[1; 1000]).unwrap().body.len(), 1000);
}

#[test]
fn other_methods_and_bad_requests_are_refused() {
    let server = Running::new(limits());
    let mut stream = server.connect();
    stream.write_all(b"DELETE / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let answer = rest(&mut stream);
    assert!(
        answer.starts_with("HTTP/1.1 405") && answer.to_ascii_lowercase().contains("allow: get"),
        "{answer}"
    );
    let mut stream = server.connect();
    stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 no http\r\n\r\n").unwrap();
    let answer = rest(&mut stream);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[test]
fn smuggled_lengths_are_refused() {
    let server = Running::new(limits());
    let mut stream = server.connect();
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde")
        .unwrap();
    let answer = rest(&mut stream);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[test]
fn slow_clients_lose_their_connection_and_delay_nobody() {
    let patience = Duration::from_secs(2);
    let server = Running::new(Limits { head_time: patience, body_time: patience, ..limits() });
    let slow = |number: usize| {
        let mut stream = server.connect();
        let start: &[u8] = match number % 3 {
            0 => b"",
            1 => b"GET / HT",
            _ => b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
        };
        stream.write_all(start).unwrap();
        stream
    };
    let mut slow: Vec<TcpStream> = (0..200).map(slow).collect();
    // All of them are still waited for while others are answered.
    client().get(&server.url("/quick")).unwrap();
    for (number, stream) in slow.iter_mut().enumerate() {
        let answer = rest(stream);
        let is_told = number % 3 == 2 && answer.starts_with("HTTP/1.1 408");
        assert!(is_told || answer.is_empty(), "{number}: {answer}");
    }
}

#[test]
fn a_client_that_takes_nothing_frees_its_place() {
    let server = Running::new(Limits { connections: 2, ..limits() });
    let greedy: Vec<TcpStream> = (0..2)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
            stream
        })
        .collect();
    assert_eq!(client().get(&server.url("/third")).unwrap().body, b"/third?None");
    drop(greedy);
}

#[test]
fn a_panic_of_the_handler_is_one_answer() {
    let server = Running::new(limits());
    let reason = client().get(&server.url("/panic")).unwrap_err().reason;
    assert_eq!(reason, Reason::Status(500, "the server has a fault".to_owned()));
    assert!(client().get(&server.url("/after")).is_ok());
    assert!(matches!(client().get(&server.url("/status")).unwrap_err().reason, Reason::Status(500, _)));
}

#[test]
fn open_requests_end_before_the_server_does() {
    let mut server = Running::new(limits());
    let url = server.url("/slow");
    let idle = server.connect();
    let asking = thread::spawn(move || client().get(&url));
    thread::sleep(Duration::from_millis(100));
    let start = Instant::now();
    server.end();
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(asking.join().unwrap().unwrap().body, b"slow");
    assert!(TcpStream::connect(server.address).is_err());
    drop(idle);
}

#[test]
fn a_taken_address_is_named() {
    let server = Running::new(limits());
    let address = server.address.to_string();
    let error = Server::bind(&address, limits()).unwrap_err();
    assert!(matches!(error.reason, Reason::CannotServe(_)) && error.url == address, "{error}");
}
