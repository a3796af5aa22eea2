//! The client against peers that do what they should not, on loopback.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use undersign_net::{Bound, Client, Proxy, Reason, Settings};

const REPLY: &str = "application/timestamp-reply";

/// Quick settings for a quick network.
fn settings() -> Settings {
    Settings {
        connect_timeout: Duration::from_secs(2),
        attempt_timeout: Duration::from_millis(600),
        attempts: 1,
        first_pause: Duration::from_millis(10),
        longest_pause: Duration::from_millis(40),
        largest_answer: 1000,
        proxy: Proxy::Direct,
        ..Settings::default()
    }
}

fn client(settings: Settings) -> Client {
    Client::new(settings).expect("loopback works")
}

/// One request, head and body, as text in lower case.
fn received(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |value| value.trim().parse().expect("a number"));
            if bytes.len() >= head.len() + 4 + length {
                return text;
            }
        }
        match stream.read(&mut chunk) {
            Ok(count @ 1..) => bytes.extend_from_slice(&chunk[..count]),
            _ => return text,
        }
    }
}

/// Reads one request and forgets it.
fn swallow(stream: &mut TcpStream) {
    received(stream);
}

/// A peer that treats every connection with `behave`, given its number from 0. Gives its address and the count.
fn peer(behave: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback works");
    let url = format!("http://{}/", listener.local_addr().expect("loopback works"));
    let count = Arc::new(AtomicUsize::new(0));
    let (behave, seen) = (Arc::new(behave), Arc::clone(&count));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let behave = Arc::clone(&behave);
            let number = seen.fetch_add(1, Ordering::SeqCst);
            thread::spawn(move || {
                let mut stream = stream;
                behave(number, &mut stream);
            });
        }
    });
    (url, count)
}

/// A peer that reads each request and writes these bytes.
fn saying(bytes: &'static [u8]) -> (String, Arc<AtomicUsize>) {
    peer(move |_, stream| {
        swallow(stream);
        stream.write_all(bytes).ok();
    })
}

fn failure(url: &str, settings: Settings) -> Reason {
    client(settings)
        .post(url, "application/timestamp-query", REPLY, b"question")
        .expect_err("a failure")
        .reason
}

#[test]
fn a_whole_answer_comes_with_its_type() {
    let (url, _) = saying(
        b"HTTP/1.1 200 OK\r\nContent-Type: Application/Timestamp-Reply; x=1\r\nContent-Length: 3\r\n\r\nabc",
    );
    let answer = client(settings()).post(&url, "application/timestamp-query", REPLY, b"question").unwrap();
    assert_eq!(answer.body, b"abc");
    assert_eq!(answer.content_type.as_deref(), Some(REPLY));
    assert_eq!(answer.attempts, 1);
}

#[test]
fn an_endless_answer_ends_at_the_limit() {
    let (url, _) = peer(|_, stream| {
        swallow(stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\n\r\n").ok();
        while stream.write_all(&[0; 4096]).is_ok() {}
    });
    assert_eq!(failure(&url, settings()), Reason::TooLarge(1000));
}

#[test]
fn an_endless_head_ends_at_a_limit() {
    let (url, _) = peer(|_, stream| {
        swallow(stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\n").ok();
        while stream.write_all(b"X-More: and more and more and more\r\n").is_ok() {}
    });
    let reason = failure(&url, settings());
    assert!(matches!(reason, Reason::TooLarge(_) | Reason::BrokenOff(_)), "{reason:?}");
}

#[test]
fn half_an_answer_is_none() {
    let (url, _) = saying(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: 100\r\n\r\nonly this",
    );
    let reason = failure(&url, settings());
    assert!(matches!(reason, Reason::BrokenOff(_)), "{reason:?}");
}

#[test]
fn half_a_chunk_is_none() {
    let (url, _) = saying(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nonly",
    );
    let reason = failure(&url, settings());
    assert!(matches!(reason, Reason::BrokenOff(_)), "{reason:?}");
}

#[test]
fn more_than_the_length_says_is_not_read() {
    let (url, _) = saying(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK",
    );
    let client = client(settings());
    for _ in 0..2 {
        let answer = client.post(&url, "application/timestamp-query", REPLY, b"question").unwrap();
        assert_eq!(answer.body, b"abc");
    }
}

#[test]
fn two_lengths_or_none_that_is_a_number_are_no_answer() {
    for head in ["Content-Length: 3\r\nContent-Length: 5", "Content-Length: -3", "Content-Length: many"] {
        let text = format!("HTTP/1.1 200 OK\r\nContent-Type: {REPLY}\r\n{head}\r\n\r\nabcde");
        let (url, _) = peer(move |_, stream| {
            swallow(stream);
            stream.write_all(text.as_bytes()).ok();
        });
        let outcome = client(settings()).post(&url, "application/timestamp-query", REPLY, b"question");
        assert!(!outcome.is_ok_and(|answer| answer.body.len() > 3), "{head}");
    }
}

#[test]
fn a_slow_drip_runs_out_of_time() {
    let (url, _) = peer(|_, stream| {
        swallow(stream);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: 900\r\n\r\n")
            .ok();
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    let start = Instant::now();
    assert_eq!(failure(&url, settings()), Reason::TimedOut(Bound::Attempt, Duration::from_millis(600)));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn silence_runs_out_of_time() {
    let (url, _) = peer(|_, stream| {
        swallow(stream);
        thread::sleep(Duration::from_secs(20));
    });
    assert!(matches!(failure(&url, settings()), Reason::TimedOut(Bound::Attempt, _)));
}

#[test]
fn something_else_than_http_is_no_answer() {
    let (url, _) = saying(b"220 smtp.example ESMTP\r\n");
    let reason = failure(&url, settings());
    assert!(matches!(reason, Reason::BrokenOff(_)), "{reason:?}");
}

#[test]
fn a_log_in_page_is_no_answer() {
    let (url, count) =
        saying(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>");
    assert_eq!(
        failure(&url, Settings { attempts: 3, ..settings() }),
        Reason::WrongType("text/html".to_owned())
    );
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[test]
fn nobody_at_the_port_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let error = client(Settings { attempts: 3, ..settings() }).get(&url).unwrap_err();
    assert!(matches!(error.reason, Reason::Unreachable(_)), "{error}");
    assert_eq!(error.attempts, 3);
    assert!(error.may_pass() && !error.hint().is_empty());
}

#[test]
fn what_may_pass_is_asked_again_until_it_works() {
    let (url, count) = peer(|number, stream| {
        swallow(stream);
        let answer: &[u8] = match number {
            0 => b"HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            1 => b"HTTP/1.1 2",
            _ => {
                b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: 2\r\n\r\nok"
            }
        };
        stream.write_all(answer).ok();
    });
    let client = client(Settings { attempts: 5, ..settings() });
    let answer = client.post(&url, "application/timestamp-query", REPLY, b"question").unwrap();
    assert_eq!((answer.body.as_slice(), answer.attempts), (b"ok".as_slice(), 3));
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[test]
fn a_refusal_is_not_asked_again_and_says_the_servers_words() {
    let (url, count) = saying(
        b"HTTP/1.1 403 No\r\nContent-Type: text/plain\r\nContent-Length: 13\r\nConnection: close\r\n\r\nnot\x1b[31m for x",
    );
    let reason = failure(&url, Settings { attempts: 3, ..settings() });
    assert_eq!(reason, Reason::Status(403, "not [31m for".to_owned()));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[test]
fn a_post_is_not_redirected() {
    let (url, _) =
        saying(b"HTTP/1.1 307 Go\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(failure(&url, settings()), Reason::Redirected("http://elsewhere.example/".to_owned()));
    let (url, _) = saying(b"HTTP/1.1 302 Go\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(failure(&url, settings()), Reason::Redirected("/other".to_owned()));
}

#[test]
fn a_get_is_redirected_but_not_in_circles_nor_to_files() {
    let (url, count) = peer(|number, stream| {
        swallow(stream);
        let answer: &[u8] = match number {
            0 => b"HTTP/1.1 302 Go\r\nLocation: /other\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            _ => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        };
        stream.write_all(answer).ok();
    });
    assert_eq!(client(settings()).get(&url).unwrap().body, b"ok");
    assert_eq!(count.load(Ordering::SeqCst), 2);

    let (url, count) =
        saying(b"HTTP/1.1 302 Go\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let reason = client(settings()).get(&url).unwrap_err().reason;
    assert!(matches!(reason, Reason::Redirected(_)), "{reason:?}");
    assert_eq!(count.load(Ordering::SeqCst), 6);

    let (url, _) = saying(
        b"HTTP/1.1 302 Go\r\nLocation: file:///etc/hostname\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    assert!(client(settings()).get(&url).is_err());
}

#[test]
fn other_addresses_are_refused_without_a_socket() {
    for url in ["ftp://127.0.0.1/", "file:///etc/hostname", "127.0.0.1", "http:///x"] {
        let error = client(settings()).get(url).unwrap_err();
        assert!(matches!(error.reason, Reason::BadUrl(_)), "{url}: {error}");
        assert_eq!(error.attempts, 0);
    }
}

#[test]
fn a_proxy_that_is_none_is_named_and_a_dead_one_is_unreachable() {
    let bad = Settings { proxy: Proxy::Url("gopher://x".to_owned()), ..settings() };
    assert!(matches!(Client::new(bad).unwrap_err().reason, Reason::BadProxy(_)));
    let dead = Settings { proxy: Proxy::Url("http://127.0.0.1:9".to_owned()), ..settings() };
    let reason = client(dead).get("http://tsa.example/").unwrap_err().reason;
    assert!(matches!(reason, Reason::Unreachable(_)), "{reason:?}");
}

/// A proxy that remembers the first lines and headers of what it is asked, and answers with `bytes`.
fn proxy(bytes: &'static [u8]) -> (String, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let asked = Arc::clone(&seen);
    let (url, _) = peer(move |_, stream| {
        asked.lock().expect("nobody panics").push(received(stream));
        stream.write_all(bytes).ok();
    });
    (url, seen)
}

#[test]
fn a_proxy_is_asked_for_others_but_not_for_the_own_machine() {
    let (url, seen) = proxy(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: 7\r\nConnection: close\r\n\r\nthrough",
    );
    let (own, _) = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\ndirect");
    let url = url.replace("http://", "http://anna:secret@");
    let client = client(Settings { proxy: Proxy::Url(url), ..settings() });
    let answer =
        client.post("http://tsa.example/ask?x=1", "application/timestamp-query", REPLY, b"question").unwrap();
    assert_eq!(answer.body, b"through");
    assert_eq!(client.get(&own).unwrap().body, b"direct");
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].starts_with("post http://tsa.example/ask?x=1 http/1.1\r\n"), "{}", seen[0]);
    for header in [
        "host: tsa.example\r\n",
        "proxy-authorization: basic yw5uytpzzwnyzxq=\r\n",
        "content-type: application/timestamp-query\r\n",
        "content-length: 8\r\n",
    ] {
        assert!(seen[0].contains(header), "{header}: {}", seen[0]);
    }
}

#[test]
fn a_proxy_is_asked_for_a_tunnel_where_tls_is() {
    let (url, seen) = proxy(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
    let reason = client(Settings { proxy: Proxy::Url(url), ..settings() })
        .get("https://tsa.example/")
        .unwrap_err()
        .reason;
    assert!(matches!(reason, Reason::Unreachable(_)), "{reason:?}");
    assert!(seen.lock().unwrap()[0].starts_with("connect tsa.example:443 http/1.1\r\n"));
}

#[test]
fn a_proxy_keeps_to_the_limits_too() {
    let through = |bytes: &'static [u8]| {
        let (url, _) = proxy(bytes);
        client(Settings { proxy: Proxy::Url(url), ..settings() })
            .get("http://tsa.example/")
            .unwrap_err()
            .reason
    };
    let large = Box::leak([&b"HTTP/1.1 200 OK\r\n\r\n"[..], &[0; 5000]].concat().into_boxed_slice());
    assert_eq!(through(large), Reason::TooLarge(1000));
    let cut = through(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nonly this");
    assert!(matches!(cut, Reason::BrokenOff(_)), "{cut:?}");
    let again = through(b"HTTP/1.1 302 Go\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
    assert!(matches!(again, Reason::Redirected(_)), "{again:?}");
    let file = through(b"HTTP/1.1 302 Go\r\nLocation: file:///etc/hostname\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(file, Reason::Redirected("file:///etc/hostname".to_owned()));
    let (url, _) = peer(|_, stream| {
        swallow(stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n").ok();
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    let slow = client(Settings { proxy: Proxy::Url(url), ..settings() }).get("http://tsa.example/");
    assert!(matches!(slow.unwrap_err().reason, Reason::TimedOut(Bound::Attempt, _)));
}

#[test]
fn https_to_a_plain_server_is_no_trusted_connection() {
    let (url, _) = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let url = url.replace("http:", "https:");
    let reason = client(settings()).get(&url).unwrap_err().reason;
    assert!(!matches!(reason, Reason::Other(_) | Reason::Status(..)), "{reason:?}");
}
