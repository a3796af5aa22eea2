//! A small PKI made by OpenSSL: root, intermediate, a signer for each algorithm, revocation lists.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use crate::places;

/// What protects every PKCS#12 file and vault of the harness.
pub const PASSPHRASE: &str = "correct horse battery staple";

/// The key of a signer and how `openssl genpkey` makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithm {
    /// The name of the signer's files.
    pub name: &'static str,
    genpkey: &'static [&'static str],
}

/// The signers' algorithms.
pub const ALGORITHMS: &[Algorithm] = &[
    Algorithm { name: "rsa2048", genpkey: &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"] },
    Algorithm { name: "rsa3072", genpkey: &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"] },
    Algorithm { name: "rsapss3072", genpkey: &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:3072"] },
    Algorithm { name: "rsa4096", genpkey: &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"] },
    Algorithm { name: "p256", genpkey: &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"] },
    Algorithm { name: "p384", genpkey: &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"] },
    Algorithm { name: "p521", genpkey: &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"] },
    Algorithm { name: "ed25519", genpkey: &["-algorithm", "ED25519"] },
    Algorithm {
        name: "brainpoolP256r1",
        genpkey: &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"],
    },
    Algorithm {
        name: "brainpoolP384r1",
        genpkey: &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP384r1"],
    },
];

/// Raised when the recipe changes, so that an older PKI is made anew.
const RECIPE: &str = "2";

/// The files of the PKI.
#[derive(Clone, Debug)]
pub struct Pki {
    folder: PathBuf,
}

impl Pki {
    /// The PKI under `target/interop/pki`; made when it is not there or older than about a month.
    pub fn at_hand() -> Result<Self> {
        let pki = Self { folder: places::target().join("interop/pki") };
        let month =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs() / (30 * 86_400));
        let wanted = format!("{RECIPE} {month}");
        let lock = places::target().join("interop/pki.lock");
        fs::create_dir_all(places::target().join("interop"))?;
        let lock = fs::File::create(lock).context("could not make pki.lock")?;
        lock.lock().context("could not lock pki.lock")?;
        if fs::read_to_string(pki.file("stamp")).is_ok_and(|found| found == wanted) {
            return Ok(pki);
        }
        pki.make()?;
        fs::write(pki.file("stamp"), wanted)?;
        Ok(pki)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The root's certificate, PEM.
    pub fn root(&self) -> PathBuf {
        self.file("root.pem")
    }

    /// The intermediate's certificate, PEM.
    pub fn intermediate(&self) -> PathBuf {
        self.file("intermediate.pem")
    }

    /// Intermediate and root, PEM.
    pub fn chain(&self) -> PathBuf {
        self.file("chain.pem")
    }

    /// The current revocation lists of root and intermediate, DER; nothing is revoked.
    pub fn crls(&self) -> Vec<PathBuf> {
        vec![self.file("root.crl"), self.file("intermediate.crl")]
    }

    /// A signer's certificate, PEM.
    pub fn certificate(&self, algorithm: &str) -> PathBuf {
        self.file(&format!("{algorithm}.pem"))
    }

    /// The certificate of a signer or an authority, DER.
    pub fn certificate_der(&self, name: &str) -> Result<Vec<u8>> {
        let out = self.file(&format!("{name}.der"));
        self.openssl(&[
            "x509",
            "-in",
            &format!("{name}.pem"),
            "-outform",
            "DER",
            "-out",
            &out.to_string_lossy(),
        ])?;
        fs::read(&out).with_context(|| format!("could not read {}", out.display()))
    }

    /// A signer's private key, unencrypted PKCS#8 PEM.
    pub fn key(&self, algorithm: &str) -> PathBuf {
        self.file(&format!("{algorithm}.key"))
    }

    /// A signer's key with its chain, protected by [`PASSPHRASE`].
    pub fn pkcs12(&self, algorithm: &str) -> PathBuf {
        self.file(&format!("{algorithm}.p12"))
    }

    /// A file that holds [`PASSPHRASE`].
    pub fn passphrase_file(&self) -> PathBuf {
        self.file("passphrase")
    }

    fn make(&self) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        fs::create_dir_all(&self.folder)?;
        fs::write(self.file("passphrase"), format!("{PASSPHRASE}\n"))?;
        fs::write(self.file("openssl.cnf"), CONFIGURATION)?;
        self.authority("root", "root")?;
        self.authority("intermediate", "root")?;
        let chain = [fs::read(self.intermediate())?, fs::read(self.root())?].concat();
        fs::write(self.chain(), chain)?;
        for algorithm in ALGORITHMS {
            self.signer(algorithm)?;
        }
        for authority in ["root", "intermediate"] {
            self.revocation_list(authority)?;
        }
        Ok(())
    }

    fn authority(&self, name: &str, issuer: &str) -> Result<()> {
        self.openssl(&[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-384",
            "-out",
            &format!("{name}.key"),
        ])?;
        self.certify(name, &format!("/O=Undersign Interop/CN=Interop {name}"), issuer, "authority", "7300")
    }

    fn signer(&self, algorithm: &Algorithm) -> Result<()> {
        let name = algorithm.name;
        let key = format!("{name}.key");
        let mut words = vec!["genpkey", "-out", &key];
        words.extend(algorithm.genpkey);
        self.openssl(&words)?;
        let subject = format!("/C=XX/O=Undersign Interop/CN=Test Person {name}");
        self.certify(name, &subject, "intermediate", "signer", "1000")?;
        self.openssl(&[
            "pkcs12",
            "-export",
            "-inkey",
            &key,
            "-in",
            &format!("{name}.pem"),
            "-certfile",
            "chain.pem",
            "-name",
            name,
            "-passout",
            "file:passphrase",
            "-out",
            &format!("{name}.p12"),
        ])
    }

    fn certify(&self, name: &str, subject: &str, issuer: &str, profile: &str, days: &str) -> Result<()> {
        let (key, request, certificate) =
            (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        self.openssl(&[
            "req",
            "-new",
            "-utf8",
            "-config",
            "openssl.cnf",
            "-key",
            &key,
            "-subj",
            subject,
            "-out",
            &request,
        ])?;
        let (issuer_key, issuer_certificate) = (format!("{issuer}.key"), format!("{issuer}.pem"));
        let mut words =
            vec!["x509", "-req", "-in", &request, "-days", days, "-sha384", "-extfile", "openssl.cnf"];
        words.extend(["-extensions", profile, "-out", &certificate]);
        if issuer == name {
            words.extend(["-key", &key]);
        } else {
            words.extend(["-CA", &issuer_certificate, "-CAkey", &issuer_key]);
        }
        self.openssl(&words)
    }

    fn revocation_list(&self, name: &str) -> Result<()> {
        fs::write(self.file("index.txt"), "")?;
        fs::write(self.file("crlnumber"), "01\n")?;
        let (key, certificate, list) = (format!("{name}.key"), format!("{name}.pem"), format!("{name}.crl"));
        self.openssl(&[
            "ca",
            "-config",
            "openssl.cnf",
            "-gencrl",
            "-crldays",
            "365",
            "-keyfile",
            &key,
            "-cert",
            &certificate,
            "-md",
            "sha384",
            "-out",
            "list.pem",
        ])?;
        self.openssl(&["crl", "-in", "list.pem", "-outform", "DER", "-out", &list])
    }

    fn openssl(&self, words: &[&str]) -> Result<()> {
        run_openssl(&self.folder, words)
    }
}

/// Runs OpenSSL in a folder.
pub fn run_openssl(folder: &Path, words: &[&str]) -> Result<()> {
    let output = Command::new("openssl")
        .current_dir(folder)
        .args(words)
        .output()
        .context("could not start openssl")?;
    if !output.status.success() {
        bail!("openssl {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

const CONFIGURATION: &str = "\
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
certificatePolicies = 2.5.29.32.0
[signer]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
extendedKeyUsage = 1.3.6.1.5.5.7.3.36, emailProtection
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:http://crl.invalid/interop.crl
[ca]
default_ca = lists
[lists]
database = index.txt
crlnumber = crlnumber
default_md = sha384
crl_extensions = list
[list]
authorityKeyIdentifier = keyid
";
