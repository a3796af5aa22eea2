//! The client against peers that do what they should not, on loopback.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// Reads one request's head and body and forgets it; whether one came.
fn swallow(stream: &mut TcpStream) -> bool {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(count) = stream.read(&mut chunk) {
        if count == 0 {
            return false;
        }
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |value| value.trim().parse().expect("loopback works"));
        if bytes.len() >= head.len() + 4 + length {
            return true;
        }
    }
    false
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

#[test]
fn a_proxy_is_asked_for_others_but_not_for_the_own_machine() {
    let (proxy, through) = peer(|_, stream| {
        swallow(stream);
        stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").ok();
        swallow(stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nthrough").ok();
    });
    let (own, _) = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\ndirect");
    let client = client(Settings { proxy: Proxy::Url(proxy), ..settings() });
    assert_eq!(client.get("http://tsa.example/").unwrap().body, b"through");
    assert_eq!(client.get(&own).unwrap().body, b"direct");
    assert_eq!(through.load(Ordering::SeqCst), 1);
}

#[test]
fn https_to_a_plain_server_is_no_trusted_connection() {
    let (url, _) = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let url = url.replace("http:", "https:");
    let reason = client(settings()).get(&url).unwrap_err().reason;
    assert!(!matches!(reason, Reason::Other(_) | Reason::Status(..)), "{reason:?}");
}
