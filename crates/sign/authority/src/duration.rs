//! Lengths of time as files say them: `90 days`, `24 hours`, `10 minutes`, `1 second`.

/// Seconds in a text of a number and a unit; `None` if it is none, is zero, or is more than a century.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let (number, unit) = text.split_once(' ')?;
    let number: i64 =
        Some(number).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?;
    let unit = match unit {
        "second" | "seconds" => 1,
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3600,
        "day" | "days" => 86_400,
        _ => return None,
    };
    number.checked_mul(unit).filter(|seconds| (1..=36_525 * 86_400).contains(seconds))
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_length_of_time_is_a_number_and_a_unit() {
        assert_eq!(seconds("1 second"), Some(1));
        assert_eq!(seconds("90 days"), Some(7_776_000));
        for text in ["", "0 days", "-1 days", "+1 day", "1", "1  day", "1 week", "9999999999999999999 days"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
