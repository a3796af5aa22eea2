//! A PKI on a timeline, made by pyHanko's libraries: who is valid from when to when, who was revoked when, and the
//! revocation data of each moment at which something is signed or judged.
//!
//! Dates are written as they were on 25 November 2026 and move with the days since then ([`moved`]): peers look at the
//! machine's clock when they sign.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use types::Time;

use crate::pki::PASSPHRASE;

/// When everything is signed.
pub const SIGNED: &str = "2025-06-01T12:00:00Z";
/// When the signature is time-stamped.
pub const STAMPED: &str = "2025-06-01T12:05:00Z";
/// When revocation data are added, issued five minutes earlier.
pub const COMPLETED: &str = "2025-06-01T12:15:00Z";
/// When the archive timestamp follows.
pub const ARCHIVED: &str = "2025-06-01T13:00:00Z";
/// When another archive timestamp renews it.
pub const RENEWED: &str = "2026-12-01T00:30:00Z";

/// A time of the timeline, moved by the whole days that have passed since it was written.
pub fn moved(at: &str) -> String {
    const WRITTEN: i64 = 1_795_564_800;
    static DAYS: OnceLock<i64> = OnceLock::new();
    let days = *DAYS.get_or_init(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs());
        (i64::try_from(now).unwrap_or(WRITTEN) - WRITTEN).div_euclid(86_400)
    });
    let time: Time = at.parse().unwrap_or_else(|_| Time::from_unix(WRITTEN));
    time.plus(days * 86_400).to_string()
}

/// A moment at which files are judged, with revocation lists issued an hour earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What is so at that moment.
    pub name: &'static str,
    /// RFC 3339.
    pub at: &'static str,
    /// One hour earlier.
    lists: &'static str,
    /// A week later.
    next: &'static str,
}

/// The moments at which every file is judged.
pub const MOMENTS: [Moment; 5] = [
    Moment {
        name: "all-valid",
        at: "2025-06-03T00:00:00Z",
        lists: "2025-06-02T23:00:00Z",
        next: "2025-06-09T00:00:00Z",
    },
    Moment {
        name: "late-revoked",
        at: "2025-10-01T00:00:00Z",
        lists: "2025-09-30T23:00:00Z",
        next: "2025-10-07T00:00:00Z",
    },
    Moment {
        name: "signer-expired",
        at: "2026-06-01T00:00:00Z",
        lists: "2026-05-31T23:00:00Z",
        next: "2026-06-07T00:00:00Z",
    },
    Moment {
        name: "tsa-expired",
        at: "2027-06-01T00:00:00Z",
        lists: "2027-05-31T23:00:00Z",
        next: "2027-06-07T00:00:00Z",
    },
    Moment {
        name: "archive-expired",
        at: "2028-06-01T00:00:00Z",
        lists: "2028-05-31T23:00:00Z",
        next: "2028-06-07T00:00:00Z",
    },
];

/// Name, profile, issuer, first and last day, kind of key.
const CERTIFICATES: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("root", "authority", "root", "2020-01-01", "2060-01-01", "ec"),
    ("ca", "authority", "root", "2020-01-01", "2050-01-01", "ec"),
    ("tsa-ca", "authority", "root", "2020-01-01", "2050-01-01", "ec"),
    ("ocsp", "ocsp", "ca", "2020-01-01", "2050-01-01", "ec"),
    ("good", "signer", "ca", "2024-01-01", "2026-01-01", "ec"),
    ("early", "signer", "ca", "2024-01-01", "2026-01-01", "ec"),
    ("late", "signer", "ca", "2024-01-01", "2026-01-01", "ec"),
    ("tsa", "tsa", "tsa-ca", "2024-01-01", "2027-01-01", "rsa"),
    ("tsa-late", "tsa", "tsa-ca", "2024-01-01", "2027-01-01", "rsa"),
    ("archive", "tsa", "tsa-ca", "2024-01-01", "2028-01-01", "rsa"),
    ("renewal", "tsa", "tsa-ca", "2024-01-01", "2040-01-01", "rsa"),
    ("clock", "tsa", "tsa-ca", "2020-01-01", "2050-01-01", "rsa"),
];

/// Who was revoked when, each for the compromise of the key.
const REVOKED: &[(&str, &str)] = &[
    ("early", "2025-05-01T00:00:00Z"),
    ("late", "2025-09-01T00:00:00Z"),
    ("tsa-late", "2025-09-01T00:00:00Z"),
];

/// The files of this PKI.
#[derive(Clone, Debug)]
pub struct Timeline {
    folder: PathBuf,
}

impl Timeline {
    /// Makes it in a folder.
    pub fn make(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let mut lists = vec![
            list("signed", "2025-06-01T12:10:00Z", "2025-06-08T00:00:00Z"),
            list("renewed", "2026-12-01T00:00:00Z", "2026-12-08T00:00:00Z"),
        ];
        for Moment { name, lists: at, next, .. } in MOMENTS {
            lists.push(list(name, at, next));
        }
        let mut response = list("signed", "2025-06-01T12:10:00Z", "2025-06-08T00:00:00Z");
        response["of"] = json!(["good", "early", "late"]);
        let request = json!({
            "id": "pki", "op": "pki", "folder": folder, "p12Password": PASSPHRASE,
            "certificates": certificates(),
            "revoked": REVOKED.iter()
                .map(|(name, at)| json!({"name": name, "at": moved(at), "reason": "keyCompromise"}))
                .collect::<Vec<Value>>(),
            "lists": lists, "responses": [response],
        });
        let answers = crate::pyhanko::run(&[request])?;
        if let Some(fault) = answers.get("pki").and_then(|answer| answer.get("error")) {
            bail!("the timeline could not be made: {fault}");
        }
        let timeline = Self { folder: folder.to_path_buf() };
        let mut chain = Vec::new();
        for authority in ["ca.pem", "tsa-ca.pem"] {
            chain.extend(fs::read(timeline.file(authority)).context("an authority's certificate")?);
        }
        fs::write(timeline.chain(), chain)?;
        Ok(timeline)
    }

    /// A file of the PKI by its name.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The trusted root, PEM.
    pub fn root(&self) -> PathBuf {
        self.file("root.pem")
    }

    /// Both issuing authorities, PEM; trusted for nothing.
    pub fn chain(&self) -> PathBuf {
        self.file("authorities.pem")
    }

    /// The revocation lists of a label: `signed`, `renewed` or a moment's name.
    pub fn lists(&self, label: &str) -> Vec<PathBuf> {
        ["root", "ca", "tsa-ca"].iter().map(|name| self.file(&format!("{name}@{label}.crl"))).collect()
    }

    /// A time-stamping unit at a time, as the peers' jobs describe it.
    pub fn unit(&self, name: &str, at: &str) -> Value {
        json!({"p12": self.file(&format!("{name}.p12")), "p12Password": PASSPHRASE, "at": moved(at)})
    }
}

/// When lists or responses are issued, and when the next ones are due.
fn list(label: &str, at: &str, next: &str) -> Value {
    json!({"label": label, "at": moved(at), "next": moved(next)})
}

fn certificates() -> Vec<Value> {
    let one = |(name, profile, issuer, from, to, key): &(&str, &str, &str, &str, &str, &str)| {
        json!({
            "name": name, "profile": profile, "issuer": issuer, "key": key,
            "from": moved(&format!("{from}T00:00:00Z")), "to": moved(&format!("{to}T00:00:00Z")),
        })
    };
    CERTIFICATES.iter().map(one).collect()
}
