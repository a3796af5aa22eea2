//! `xsd:dateTime` (XML Schema part 2, 3.2.7).

use types::Time;

/// The time, fractions of seconds cut off. Without a zone it is taken as UTC.
pub(crate) fn parse(text: &str) -> Option<Time> {
    let (date, rest) = text.trim().split_once('T')?;
    let zone_at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at_checked(zone_at)?;
    let number = |text: &str, length: usize| {
        (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u32>().ok())
            .flatten()
    };
    let date: Vec<&str> = date.split('-').collect();
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let clock: Vec<&str> = clock.split(':').collect();
    let ([year, month, day], [hour, minute, second]) = (date.as_slice(), clock.as_slice()) else {
        return None;
    };
    let time = Time::from_civil(
        number(year, 4)?.into(),
        number(month, 2)?,
        number(day, 2)?,
        number(hour, 2)?,
        number(minute, 2)?,
        number(second, 2)?,
    )?;
    let offset = match zone {
        "" | "Z" => 0,
        _ => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let (hours, minutes) = zone.get(1..)?.split_once(':')?;
            sign * i64::from(number(hours, 2)? * 3600 + number(minutes, 2)? * 60)
        }
    };
    Some(time.plus(-offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_and_fractions_are_read() {
        let noon = Time::from_civil(2020, 5, 29, 12, 0, 0);
        for text in ["2020-05-29T12:00:00Z", "2020-05-29T14:00:00.123+02:00", " 2020-05-29T11:30:00-00:30\n"]
        {
            assert_eq!(parse(text), noon, "{text}");
        }
        for text in
            ["", "2020-05-29", "2020-05-29T12:00Z", "2020-05-29T12:00:00+2", "2020-13-29T12:00:00Z", "é-T"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
