//! The signature dictionary without its placeholders (ISO 32000-2, Table 255; ETSI EN 319 142-1, 5.3).

use super::{ClaimedTime, SignatureRequest, SubFilter};
use crate::object::{Dictionary, Object, ObjectId};
use crate::signatures::{FieldLock, LockedFields};

/// The entries besides `ByteRange` and `Contents`. `lock` is the lock that takes effect, `catalog` the object that
/// FieldMDP refers to.
pub(super) fn entries(request: &SignatureRequest, lock: Option<&FieldLock>, catalog: ObjectId) -> Dictionary {
    let is_timestamp = request.sub_filter == SubFilter::EtsiRfc3161;
    let mut entries = Dictionary::new()
        .with("Type", Object::name(if is_timestamp { "DocTimeStamp" } else { "Sig" }))
        .with("Filter", Object::name("Adobe.PPKLite"))
        .with("SubFilter", Object::name(request.sub_filter.as_str()));
    if is_timestamp {
        return entries;
    }
    for (key, value) in [
        ("Name", &request.name),
        ("Reason", &request.reason),
        ("Location", &request.location),
        ("ContactInfo", &request.contact_info),
    ] {
        if let Some(value) = value {
            entries.set(key, Object::text(value));
        }
    }
    if let Some(claimed) = request.claimed_time {
        entries.set("M", Object::string(date(claimed)));
    }
    if let Some(application) = &request.application {
        let app = Dictionary::new()
            .with("Name", Object::name(&application.name))
            .with("REx", Object::text(&application.version));
        let build = Dictionary::new().with("App", Object::Dictionary(app));
        entries.set("Prop_Build", Object::Dictionary(build));
    }
    let references = references(request, lock, catalog);
    if !references.is_empty() {
        entries.set("Reference", Object::Array(references));
    }
    entries
}

/// Signature reference dictionaries (ISO 32000-2, Table 256).
fn references(request: &SignatureRequest, lock: Option<&FieldLock>, catalog: ObjectId) -> Vec<Object> {
    let reference = |method: &str, params: Dictionary| {
        Dictionary::new()
            .with("Type", Object::name("SigRef"))
            .with("TransformMethod", Object::name(method))
            .with("TransformParams", Object::Dictionary(params))
    };
    let params =
        || Dictionary::new().with("Type", Object::name("TransformParams")).with("V", Object::name("1.2"));
    let mut references = Vec::new();
    if let Some(certification) = request.certification {
        let params = params().with("P", Object::Integer(i64::from(certification.level())));
        references.push(Object::Dictionary(reference("DocMDP", params)));
    }
    if let Some(lock) = lock {
        let mut params = params();
        params.0.extend(locked_fields(&lock.fields).0);
        let reference = reference("FieldMDP", params).with("Data", Object::Reference(catalog));
        references.push(Object::Dictionary(reference));
    }
    references
}

/// `Action` and `Fields` (ISO 32000-2, Tables 236 and 259).
fn locked_fields(fields: &LockedFields) -> Dictionary {
    let names = |names: &[String]| Object::Array(names.iter().map(|name| Object::text(name)).collect());
    match fields {
        LockedFields::All => Dictionary::new().with("Action", Object::name("All")),
        LockedFields::Include(included) => {
            Dictionary::new().with("Action", Object::name("Include")).with("Fields", names(included))
        }
        LockedFields::Exclude(excluded) => {
            Dictionary::new().with("Action", Object::name("Exclude")).with("Fields", names(excluded))
        }
    }
}

/// A signature field lock dictionary (ISO 32000-2, Table 236).
pub(super) fn lock(lock: &FieldLock) -> Dictionary {
    let mut dictionary = Dictionary::new().with("Type", Object::name("SigFieldLock"));
    dictionary.0.extend(locked_fields(&lock.fields).0);
    if let Some(permissions) = lock.permissions {
        dictionary.set("P", Object::Integer(i64::from(permissions)));
    }
    dictionary
}

/// A date string (ISO 32000-2, 7.9.4).
fn date(claimed: ClaimedTime) -> String {
    let offset = claimed.offset_minutes;
    let local = claimed.time.plus(i64::from(offset) * 60);
    let (year, month, day, hour, minute, second) = local.civil();
    let digits = format!("D:{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}");
    match offset {
        0 => digits + "Z",
        _ => format!("{digits}{}{:02}'{:02}'", sign(offset), offset.abs() / 60, offset.abs() % 60),
    }
}

/// The claimed time as people read it, with its offset.
pub(super) fn shown_time(claimed: ClaimedTime) -> String {
    let offset = claimed.offset_minutes;
    let (year, month, day, hour, minute, second) = claimed.time.plus(i64::from(offset) * 60).civil();
    let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
    let local = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
    match offset {
        0 => local + " UTC",
        _ => format!("{local} UTC{}{hours:02}:{minutes:02}", sign(offset)),
    }
}

fn sign(offset: i32) -> char {
    if offset < 0 { '-' } else { '+' }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Time;

    #[test]
    fn dates_carry_the_local_time_and_its_offset() {
        let time: Time = "2026-01-31T23:30:00Z".parse().unwrap();
        let claimed = |offset_minutes| ClaimedTime { time, offset_minutes };
        assert_eq!(date(claimed(0)), "D:20260131233000Z");
        assert_eq!(date(claimed(120)), "D:20260201013000+02'00'");
        assert_eq!(date(claimed(-210)), "D:20260131200000-03'30'");
        assert_eq!(shown_time(claimed(-210)), "2026-01-31 20:00:00 UTC-03:30");
        assert_eq!(shown_time(claimed(0)), "2026-01-31 23:30:00 UTC");
    }
}
