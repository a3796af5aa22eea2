//! Where timestamps are asked for, and how the network is reached (docs/guide/maturing.md).

use serde::{Deserialize, Serialize};

/// Identifier of the form.
pub const SERVICES_FORMAT: &str = "undersign-services@v1";

/// The services that `sync` may use. Revocation data come from where the certificates say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Services {
    /// [`SERVICES_FORMAT`].
    pub format: String,
    /// Addresses of time-stamping authorities, in the order in which they are tried.
    #[serde(default)]
    pub timestamp: Vec<String>,
    /// The proxy that all requests go through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// How long an answer may take, seconds.
    #[serde(default = "Services::usual_timeout")]
    pub timeout_seconds: u64,
    /// How often each service is tried.
    #[serde(default = "Services::usual_attempts")]
    pub attempts: u32,
}

impl Default for Services {
    fn default() -> Services {
        Services {
            format: SERVICES_FORMAT.to_owned(),
            timestamp: Vec::new(),
            proxy: None,
            timeout_seconds: Services::usual_timeout(),
            attempts: Services::usual_attempts(),
        }
    }
}

impl Services {
    fn usual_timeout() -> u64 {
        30
    }

    fn usual_attempts() -> u32 {
        3
    }

    /// Reads the file; refuses other forms and unknown keys, naming the line.
    pub fn from_toml(text: &str) -> Result<Services, String> {
        let services: Services =
            toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        if services.format != SERVICES_FORMAT {
            return Err(format!("its format is {:?}, expected {SERVICES_FORMAT:?}", services.format));
        }
        Ok(services)
    }

    /// The file.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("services hold only strings and numbers")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_only_what_is_unusual_and_mistakes_are_named() {
        let services = Services::from_toml("format = \"undersign-services@v1\"").unwrap();
        assert_eq!(services, Services::default());
        assert_eq!(Services::from_toml(&services.to_toml()), Ok(services));
        assert!(Services::from_toml("format = \"undersign-services@v2\"").is_err());
        let unknown = Services::from_toml("format = \"undersign-services@v1\"\ntimestmap = []").unwrap_err();
        assert!(unknown.contains("timestmap") && unknown.contains("line 2"), "{unknown}");
    }
}
