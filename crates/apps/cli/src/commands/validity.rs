//! Whether a certificate is within its validity, before something is signed with it.

use crate::error::Failure;
use crate::streams::Streams;
use pkix::Certificate;
use types::Time;

/// What the person allows although it is unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permissions {
    expired: Permission,
    not_yet_valid: Permission,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Permission {
    Given,
    Withheld,
}

impl Permissions {
    /// From the options `--allow-expired` and `--allow-not-yet-valid`.
    pub fn new(expired: bool, not_yet_valid: bool) -> Permissions {
        let permission = |given| if given { Permission::Given } else { Permission::Withheld };
        Permissions { expired: permission(expired), not_yet_valid: permission(not_yet_valid) }
    }
}

/// Refuses a certificate outside its validity, or only warns where the person allows it.
pub fn check(
    streams: &Streams,
    certificate: &Certificate,
    now: Time,
    permissions: Permissions,
) -> Result<(), Failure> {
    let (permission, reason, option) = if now > certificate.not_after() {
        (
            permissions.expired,
            format!("the certificate expired on {}", certificate.not_after()),
            "--allow-expired",
        )
    } else if now < certificate.not_before() {
        let reason = format!("the certificate is not valid before {}", certificate.not_before());
        (permissions.not_yet_valid, reason, "--allow-not-yet-valid")
    } else {
        return Ok(());
    };
    match permission {
        Permission::Given => {
            streams
                .warning(&reason, "verifiers will not accept the signature without proof that it is older");
            Ok(())
        }
        Permission::Withheld => {
            let hint =
                format!("check the clock, use another certificate, or sign all the same with {option}");
            Err(Failure::objection("sign.certificate-validity", reason, hint))
        }
    }
}
