//! The network: one HTTP client and one HTTP server, and the only code of the project with sockets.
//!
//! **No network unless asked.** Nothing here happens by itself: there is no global client, no background task, no
//! look-up at start. A socket is opened by [`Client::post`], [`Client::get`] and [`Server::bind`] alone, and of the
//! whole project only the command line (`apps/cli`) may depend on this crate, in the commands that say so: `sync`,
//! `serve`, and those given an address to fetch from. `cargo xtask tidy` enforces both: the dependency, and that no
//! other crate names `std::net`. Signing and verifying cannot reach a network, because they cannot name one.
//!
//! What comes over the network is never believed for where it came from. Answers that matter (time-stamps, OCSP
//! responses, CRLs, certificates, trust packs) are signed, and whoever asked checks them; TLS only hides the question.
//!
//! ```no_run
//! # use undersign_net as net;
//! # fn main() -> Result<(), net::NetError> {
//! let client = net::Client::new(net::Settings::default())?;
//! let answer = client.post(
//!     "http://tsa.example/",
//!     "application/timestamp-query",
//!     "application/timestamp-reply",
//!     &[0x30, 0x00],
//! )?;
//! println!("{} bytes of {:?}", answer.body.len(), answer.content_type);
//! # Ok(())
//! # }
//! ```

mod client;
mod error;
mod forward;
mod server;
mod settings;

pub use client::{Answer, Client};
pub use error::{Bound, NetError, Reason};
pub use server::{Handler, Limits, Method, Request, Response, Server, Stop, serve};
pub use settings::{Proxy, Settings};
