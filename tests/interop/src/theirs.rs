//! Files signed by pyHanko, EU DSS and OpenSSL.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

use crate::inputs::{Input, PASSWORD};
use crate::peer::{self, Job};
use crate::pki::{PASSPHRASE, Pki};

/// A file that a peer signed.
#[derive(Clone, Debug)]
pub struct Signed {
    /// `<peer>-<what>`.
    pub case: String,
    /// The signed PDF.
    pub file: PathBuf,
    /// What opens it.
    pub password: Option<String>,
}

impl Signed {
    /// The job that judges this file with the PKI's root and revocation lists.
    pub fn job(&self, pki: &Pki) -> Job {
        Job {
            case: self.case.clone(),
            file: self.file.clone(),
            trust: vec![pki.root()],
            crls: pki.crls(),
            password: self.password.clone(),
        }
    }
}

/// What a peer is asked to sign.
struct Plan<'a> {
    pki: &'a Pki,
    folder: &'a Path,
    inputs: &'a [Input],
    requests: Vec<Value>,
    signed: Vec<Signed>,
}

impl<'a> Plan<'a> {
    fn new(pki: &'a Pki, folder: &'a Path, inputs: &'a [Input]) -> Self {
        Self { pki, folder, inputs, requests: Vec::new(), signed: Vec::new() }
    }

    /// A request for one signature; `options` are members of the peer's job.
    fn add(&mut self, case: &str, input: &str, algorithm: &str, options: Value) -> PathBuf {
        let password = self.inputs.iter().find(|known| known.name == input).and_then(|known| known.password);
        let file = match self.inputs.iter().find(|known| known.name == input) {
            Some(known) => known.file.clone(),
            // Not a style: a file that this plan signs earlier.
            None => self.folder.join(format!("{input}.pdf")),
        };
        let out = self.folder.join(format!("{case}.pdf"));
        let mut request = json!({
            "id": case, "op": "sign", "file": file, "out": out,
            "p12": self.pki.pkcs12(algorithm), "p12Password": PASSPHRASE,
        });
        if password.is_some() {
            request["password"] = json!(PASSWORD);
        }
        if let (Some(request), Some(options)) = (request.as_object_mut(), options.as_object()) {
            request.extend(options.clone());
        }
        self.requests.push(request);
        self.signed.push(Signed {
            case: case.to_owned(),
            file: out.clone(),
            password: password.map(str::to_owned),
        });
        out
    }

    fn answered(self, answers: &std::collections::BTreeMap<String, Value>) -> Result<Vec<Signed>> {
        peer::answered(answers)?;
        Ok(self.signed)
    }
}

/// Algorithms that pyHanko signs with.
const PYHANKO_ALGORITHMS: &[&str] =
    &["rsa2048", "rsa4096", "p256", "p384", "p521", "ed25519", "brainpoolP256r1"];

/// Files signed by pyHanko in one process.
pub fn by_pyhanko(pki: &Pki, folder: &Path, inputs: &[Input]) -> Result<Vec<Signed>> {
    let mut plan = Plan::new(pki, folder, inputs);
    for algorithm in PYHANKO_ALGORITHMS {
        plan.add(&format!("pyhanko-{algorithm}"), "classic-1.7", algorithm, json!({}));
    }
    plan.add("pyhanko-rsa3072-pss", "classic-1.7", "rsa3072", json!({"pss": true}));
    plan.add("pyhanko-pkcs7-rsa2048", "classic-1.7", "rsa2048", json!({"subFilter": "pkcs7"}));
    plan.add("pyhanko-pkcs7-p256", "classic-1.7", "p256", json!({"subFilter": "pkcs7"}));
    plan.add("pyhanko-sha512", "classic-1.7", "rsa2048", json!({"digest": "sha512"}));
    plan.add("pyhanko-sha3", "classic-1.7", "p256", json!({"digest": "sha3_256"}));
    plan.add(
        "pyhanko-visible",
        "pages-40",
        "p256",
        json!({"box": [50, 50, 250, 110], "page": 3, "reason": "Agreed"}),
    );
    plan.add("pyhanko-field", "form", "p256", json!({"field": "Seller", "existing": true}));
    for permission in ["none", "form", "annotations"] {
        plan.add(&format!("pyhanko-certify-{permission}"), "form", "p256", json!({"certify": permission}));
    }
    for input in
        inputs.iter().filter(|input| !input.name.starts_with("verapdf") && input.name != "hybrid-1.5")
    {
        plan.add(&format!("pyhanko-style-{}", input.name), &input.name, "p256", json!({}));
    }
    plan.add("pyhanko-style-hybrid-1.5", "hybrid-1.5", "p256", json!({"strict": false}));
    plan.add("pyhanko-serial-1", "form", "p256", json!({"field": "Seller", "existing": true}));
    plan.add("pyhanko-serial-2", "pyhanko-serial-1", "rsa2048", json!({"field": "Buyer", "existing": true}));
    plan.add(
        "pyhanko-serial-3",
        "pyhanko-serial-2",
        "ed25519",
        json!({"field": "Witness", "box": [300, 100, 500, 160]}),
    );
    let answers = crate::pyhanko::run(&plan.requests)?;
    plan.answered(&answers)
}

/// Files signed by EU DSS in one JVM.
pub fn by_dss(pki: &Pki, folder: &Path, inputs: &[Input]) -> Result<Vec<Signed>> {
    let mut plan = Plan::new(pki, folder, inputs);
    for (algorithm, digest) in [
        ("rsa2048", "SHA256"),
        ("rsa4096", "SHA512"),
        ("p256", "SHA256"),
        ("p384", "SHA384"),
        ("p521", "SHA512"),
    ] {
        plan.add(&format!("dss-{algorithm}"), "classic-1.7", algorithm, json!({"digest": digest}));
    }
    plan.add("dss-rsa3072-pss", "classic-1.7", "rsa3072", json!({"algorithm": "RSA_SSA_PSS_SHA256_MGF1"}));
    plan.add("dss-visible", "classic-1.7", "p256", json!({"visible": true, "reason": "Agreed"}));
    plan.add("dss-field", "form", "rsa2048", json!({"field": "Seller", "visible": true}));
    plan.add("dss-certified", "form", "rsa2048", json!({"certify": "MINIMAL_CHANGES_PERMITTED"}));
    for style in ["stream-1.5", "hybrid-1.5", "classic-2.0", "linearised", "object-streams", "archive-2b"] {
        if inputs.iter().any(|input| input.name == style) {
            plan.add(&format!("dss-style-{style}"), style, "p256", json!({}));
        }
    }
    plan.add("dss-serial-1", "form", "p256", json!({"field": "Seller"}));
    plan.add("dss-serial-2", "dss-serial-1", "rsa2048", json!({"field": "Buyer"}));
    let answers = crate::dss::run(&plan.requests)?;
    plan.answered(&answers)
}

/// One plain file by each peer that signs: `pyhanko-p256` and `dss-p256`.
pub fn one_of_each(pki: &Pki, folder: &Path, inputs: &[Input]) -> Result<Vec<Signed>> {
    let mut signed = Vec::new();
    for (case, run) in [("pyhanko-p256", crate::pyhanko::run as Run), ("dss-p256", crate::dss::run as Run)] {
        let mut plan = Plan::new(pki, folder, inputs);
        plan.add(case, "classic-1.7", "p256", json!({}));
        let answers = run(&plan.requests)?;
        signed.extend(plan.answered(&answers)?);
    }
    Ok(signed)
}

type Run = fn(&[Value]) -> Result<std::collections::BTreeMap<String, Value>>;

/// Files whose CMS `openssl cms -sign` made, embedded by pyHanko's writer.
pub fn by_openssl(pki: &Pki, folder: &Path, inputs: &[Input]) -> Result<Vec<Signed>> {
    let mut plan = Plan::new(pki, folder, inputs);
    let kinds = [
        ("rsa2048", json!({})),
        ("rsa2048-cades", json!({"cades": true})),
        ("rsa2048-pss", json!({"options": ["-keyopt", "rsa_padding_mode:pss"]})),
        ("rsapss3072", json!({"options": ["-keyopt", "rsa_padding_mode:pss"]})),
        ("p256", json!({})),
        ("p384-cades", json!({"cades": true})),
        ("p521", json!({})),
        ("p256-no-attributes", json!({"options": ["-noattr"]})),
        ("p256-key-identifier", json!({"options": ["-keyid"]})),
        ("brainpoolP256r1", json!({})),
    ];
    for (case, options) in kinds {
        let algorithm = case.split('-').next().unwrap_or(case);
        plan.add(&format!("openssl-{case}"), "classic-1.7", algorithm, options);
        if let Some(request) = plan.requests.last_mut() {
            request["op"] = json!("openssl");
            request["certificate"] = json!(pki.certificate(algorithm));
            request["key"] = json!(pki.key(algorithm));
            request["chain"] = json!(pki.chain());
        }
    }
    let answers = crate::pyhanko::run(&plan.requests)?;
    plan.answered(&answers)
}
