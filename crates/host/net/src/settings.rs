//! How the client reaches out: time limits, attempts, proxy, sizes.

use std::time::Duration;

/// By which way requests leave the machine. A host of the machine itself (`localhost`, a loopback address) is always
/// asked directly. A proxy is asked for http addresses by the whole address (RFC 9112, 3.2.2), for https ones for a tunnel
/// (RFC 9110, 9.3.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proxy {
    /// What `ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say.
    #[default]
    Environment,
    /// No proxy, whatever the environment says.
    Direct,
    /// This one: `http://[user:password@]host:port`.
    Url(String),
}

/// Settings of a [`Client`](crate::Client).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The longest wait for a connection, name look-up and TLS included each.
    pub connect_timeout: Duration,
    /// The longest time for one attempt from the first step to the last byte of the answer.
    pub attempt_timeout: Duration,
    /// How often a question is put that fails for a reason that may pass; at least 1.
    pub attempts: u32,
    /// The pause before the second attempt; each further one is twice as long, up to [`Settings::longest_pause`].
    /// Without random parts, so that a run can be repeated.
    pub first_pause: Duration,
    /// The longest pause between two attempts, also where a server asks for more (`Retry-After`).
    pub longest_pause: Duration,
    /// The largest answer in bytes.
    pub largest_answer: u64,
    /// How many redirections of a GET are followed; a POST is never redirected.
    pub redirects: u32,
    /// By which way.
    pub proxy: Proxy,
    /// What is sent as `User-Agent`.
    pub user_agent: String,
}

impl Default for Settings {
    /// 10 s to connect, 30 s for an attempt, 3 attempts after pauses of 1 s and 2 s (at most 30 s), 64 MiB, 5
    /// redirections, the environment's proxy.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            attempt_timeout: Duration::from_secs(30),
            attempts: 3,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            largest_answer: 64 << 20,
            redirects: 5,
            proxy: Proxy::default(),
            user_agent: concat!("undersign/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl Settings {
    /// The pause after the failed attempt of this number (from 1).
    pub(crate) fn pause_after(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(20);
        self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let settings = Settings::default();
        let pauses: Vec<u64> = (1..8).map(|attempt| settings.pause_after(attempt).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(settings.pause_after(u32::MAX).as_secs(), 30);
    }
}
