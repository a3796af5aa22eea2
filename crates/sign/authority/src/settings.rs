//! The settings of an authority (`undersign-authority@v1`): where it is reached, how long its answers are good.

use crate::duration;
use cms::Oid;
use serde::Deserialize;
use std::fmt;

const FORMAT: &str = "undersign-authority@v1";

/// Settings of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where it is reached; goes into every certificate it issues.
    pub locations: Locations,
    /// Seconds from one complete CRL to the next.
    pub complete_crl_seconds: i64,
    /// Seconds from one delta CRL to the next.
    pub delta_crl_seconds: i64,
    /// Seconds that an OCSP answer is good.
    pub ocsp_seconds: i64,
    /// The policy of time-stamps.
    pub timestamp_policy: Oid,
    /// How far the clock may be off, in seconds; at most one (EN 319 422, 5.2.2).
    pub timestamp_accuracy_seconds: u64,
}

/// Where an authority is reached. What is absent is not said in certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locations {
    /// The complete CRL.
    pub complete_crl: Option<String>,
    /// The delta CRL.
    pub delta_crl: Option<String>,
    /// The OCSP responder.
    pub ocsp: Option<String>,
    /// The certificate of the authority.
    pub certificate: Option<String>,
}

impl Locations {
    /// Everything below one URL, as `undersign serve authority` has it.
    pub fn below(base: &str) -> Locations {
        let base = base.trim_end_matches('/');
        let at = |name: &str| Some(format!("{base}/{name}"));
        Locations {
            complete_crl: at("complete.crl"),
            delta_crl: at("delta.crl"),
            ocsp: at("ocsp"),
            certificate: at("authority.cer"),
        }
    }
}

/// Why settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    format: String,
    base_url: Option<String>,
    #[serde(default)]
    announce_delta_crl: bool,
    complete_crl: String,
    delta_crl: String,
    ocsp: String,
    timestamp_policy: String,
    timestamp_accuracy: String,
}

impl Settings {
    /// The file to begin with. `policy` is the dotted object identifier of the policy of time-stamps.
    pub fn template(base_url: Option<&str>, policy: &str) -> String {
        let base_url = match base_url {
            Some(url) => format!("base-url = {}", toml::Value::String(url.to_owned())),
            None => "# base-url = \"http://pki.example.org\"".to_owned(),
        };
        format!(
            "# Settings of this authority; they hold for what it issues from now on.\n\
             format = \"{FORMAT}\"\n\n\
             # Where `undersign serve authority` is reached from outside. It goes into every certificate: CRLs, OCSP and\n\
             # the certificate of the authority are found below it.\n\
             {base_url}\n\
             # Whether certificates say where the delta CRL is. Some validators then do not do without it.\n\
             announce-delta-crl = false\n\n\
             # How long each answer is good.\n\
             complete-crl = \"7 days\"\n\
             delta-crl = \"1 day\"\n\
             ocsp = \"1 hour\"\n\n\
             # The policy of time-stamps, and how far the clock of this computer may be off: keep it synchronised.\n\
             timestamp-policy = \"{policy}\"\n\
             timestamp-accuracy = \"1 second\"\n"
        )
    }

    /// Reads settings (TOML).
    ///
    /// # Errors
    /// If they cannot be read or a value makes no sense.
    pub fn parse(text: &str) -> Result<Settings, SettingsError> {
        let file: File = toml::from_str(text).map_err(|error| SettingsError(error.to_string()))?;
        if file.format != FORMAT {
            return Err(SettingsError(format!("format is {:?}, expected {FORMAT:?}", file.format)));
        }
        let length = |name: &str, text: &str| {
            duration::seconds(text).ok_or_else(|| {
                SettingsError(format!("{name} is {text:?}, no length of time like \"7 days\""))
            })
        };
        let accuracy = length("timestamp-accuracy", &file.timestamp_accuracy)?;
        if accuracy > 1 {
            return Err(SettingsError("timestamp-accuracy is at most 1 second (EN 319 422, 5.2.2)".into()));
        }
        let policy = Oid::from_dotted(&file.timestamp_policy).ok_or_else(|| {
            SettingsError(format!("timestamp-policy {:?} is no object identifier", file.timestamp_policy))
        })?;
        let locations = match &file.base_url {
            None => Locations::default(),
            Some(url) if is_url(url) => {
                let all = Locations::below(url);
                Locations { delta_crl: all.delta_crl.filter(|_| file.announce_delta_crl), ..all }
            }
            Some(url) => return Err(SettingsError(format!("base-url {url:?} is no http or https URL"))),
        };
        Ok(Settings {
            locations,
            complete_crl_seconds: length("complete-crl", &file.complete_crl)?,
            delta_crl_seconds: length("delta-crl", &file.delta_crl)?,
            ocsp_seconds: length("ocsp", &file.ocsp)?,
            timestamp_policy: policy,
            timestamp_accuracy_seconds: accuracy.unsigned_abs(),
        })
    }
}

/// Certificates carry it as an IA5String (RFC 5280, 4.2.1.6).
fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && !text.contains(['?', '#', '"'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_to_begin_with_can_be_read() {
        let settings = Settings::parse(&Settings::template(None, "2.25.1")).unwrap();
        assert_eq!((settings.locations, settings.ocsp_seconds), (Locations::default(), 3600));
        let located = Settings::template(Some("http://pki.example.org/"), "1.2.3");
        let located = Settings::parse(&located).unwrap();
        assert_eq!(located.locations.ocsp.as_deref(), Some("http://pki.example.org/ocsp"));
        assert_eq!(located.timestamp_policy.to_string(), "1.2.3");
    }

    #[test]
    fn values_that_make_no_sense_are_refused() {
        let text = Settings::template(Some("http://pki.example.org"), "1.2.3");
        for broken in [
            text.replace("@v1", "@v2"),
            text.replace("http://", "ftp://"),
            text.replace("7 days", "soon"),
            text.replace("1 second", "2 seconds"),
            text.replace("1.2.3", "1.x"),
            format!("{text}\nmore = 1"),
        ] {
            assert!(Settings::parse(&broken).is_err(), "{broken}");
        }
    }
}
