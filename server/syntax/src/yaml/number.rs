//! Whole and fractional numbers as YAML 1.1 and as YAML 1.2 write them.

/// A whole number in the digits of its base, without underscores and leading sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Whole<'t> {
    pub(super) negative: bool,
    pub(super) base: u32,
    /// The digits, or for base 60 the parts between colons; underscores may stand among them.
    pub(super) digits: &'t str,
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(allowed)
}

fn starts_with_digit(text: &str) -> bool {
    text.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
}

/// A whole number of YAML 1.1: underscores, `0b`, `0` for octal, `0x`, base 60 with colons.
pub(super) fn whole_11(text: &str) -> Option<Whole<'_>> {
    let (negative, rest) = sign(text);
    let found = |base, digits| Some(Whole { negative, base, digits });
    if let Some(digits) = rest.strip_prefix("0b")
        && all(digits, |byte| matches!(byte, b'0' | b'1' | b'_'))
    {
        return found(2, digits);
    }
    if let Some(digits) = rest.strip_prefix("0x")
        && all(digits, |byte| byte.is_ascii_hexdigit() || byte == b'_')
    {
        return found(16, digits);
    }
    if let Some(digits) = rest.strip_prefix('0') {
        return match digits {
            "" => found(10, rest),
            _ if all(digits, |byte| matches!(byte, b'0'..=b'7' | b'_')) => found(8, rest),
            _ => None,
        };
    }
    if !starts_with_digit(rest) {
        return None;
    }
    let mut parts = rest.split(':');
    let first = parts.next().unwrap_or_default();
    if !all(first, |byte| byte.is_ascii_digit() || byte == b'_') {
        return None;
    }
    let mut base = 10;
    for part in parts {
        base = 60;
        if !sixtieth(part) {
            return None;
        }
    }
    found(base, rest)
}

/// Up to two digits below 60.
fn sixtieth(part: &str) -> bool {
    match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => matches!(ten, b'0'..=b'5') && one.is_ascii_digit(),
        _ => false,
    }
}

/// Infinity and what is no number, which both versions write alike.
fn without_digits(text: &str) -> Option<f64> {
    let (negative, rest) = sign(text);
    match rest {
        ".inf" | ".Inf" | ".INF" if negative => Some(f64::NEG_INFINITY),
        ".inf" | ".Inf" | ".INF" => Some(f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if rest.len() == text.len() => Some(f64::NAN),
        _ => None,
    }
}

/// What stands before and behind the letter of an exponent.
fn split_exponent(text: &str) -> (&str, Option<&str>) {
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    }
}

/// A fractional number of YAML 1.1: the point is required, an exponent needs its sign.
pub(super) fn fraction_11(text: &str) -> Option<f64> {
    if let Some(value) = without_digits(text) {
        return Some(value);
    }
    let (negative, rest) = sign(text);
    let signed = |value: f64| Some(if negative { -value } else { value });
    let (mantissa, exponent) = split_exponent(rest);
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+'])?;
        if !all(digits, |byte| byte.is_ascii_digit()) {
            return None;
        }
    }
    let (before, after) = mantissa.split_once('.')?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    if before.contains(':') {
        let clean = exponent.is_none() && digits(after);
        return clean.then(|| base_60(before, after)).flatten().and_then(signed);
    }
    let bare = before.is_empty();
    let leads = if bare {
        starts_with_digit(after) && rest.len() == text.len()
    } else {
        starts_with_digit(before)
    };
    if !leads || !digits(before) || !digits(after) {
        return None;
    }
    rest.replace('_', "").parse().ok().and_then(signed)
}

fn base_60(before: &str, after: &str) -> Option<f64> {
    let mut parts = before.split(':');
    let first = parts.next()?;
    if !starts_with_digit(first) || !all(first, |byte| byte.is_ascii_digit() || byte == b'_') {
        return None;
    }
    let middle: Vec<&str> = parts.collect();
    if !middle.iter().all(|part| sixtieth(part)) {
        return None;
    }
    let (last, rest) = middle.split_last()?;
    let mut terms: Vec<f64> = vec![format!("{last}.{}", after.replace('_', "")).parse().ok()?];
    for part in rest.iter().rev() {
        terms.push(part.parse().ok()?);
    }
    terms.push(first.replace('_', "").parse().ok()?);
    let mut base = 1.0;
    let mut sum = 0.0;
    for term in terms {
        sum += term * base;
        base *= 60.0;
    }
    Some(sum)
}

/// A whole number of YAML 1.2's core schema.
pub(super) fn whole_12(text: &str) -> Option<Whole<'_>> {
    if let Some(digits) = text.strip_prefix("0o") {
        let octal = all(digits, |byte| matches!(byte, b'0'..=b'7'));
        return octal.then_some(Whole { negative: false, base: 8, digits });
    }
    if let Some(digits) = text.strip_prefix("0x") {
        let hex = all(digits, |byte| byte.is_ascii_hexdigit());
        return hex.then_some(Whole { negative: false, base: 16, digits });
    }
    let (negative, digits) = sign(text);
    all(digits, |byte| byte.is_ascii_digit()).then_some(Whole { negative, base: 10, digits })
}

/// A fractional number of YAML 1.2's core schema.
pub(super) fn fraction_12(text: &str) -> Option<f64> {
    if let Some(value) = without_digits(text) {
        return Some(value);
    }
    let (negative, rest) = sign(text);
    let signed = |value: f64| Some(if negative { -value } else { value });
    let (mantissa, exponent) = split_exponent(rest);
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if !all(digits, |byte| byte.is_ascii_digit()) {
            return None;
        }
    }
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(before) || !digits(after) || (before.is_empty() && after.is_empty()) {
        return None;
    }
    rest.parse().ok().and_then(signed)
}

/// The number in decimal digits, with a minus where it is negative; none where a digit is missing.
pub(super) fn decimal(whole: &Whole<'_>) -> Option<String> {
    let mut value: Vec<u8> = vec![0];
    if whole.base == 60 {
        for part in whole.digits.split(':') {
            let part: u32 = part.replace('_', "").parse().ok()?;
            multiply_add(&mut value, 60, part);
        }
    } else {
        let mut any = false;
        for digit in whole.digits.chars().filter(|digit| *digit != '_') {
            any = true;
            multiply_add(&mut value, whole.base, digit.to_digit(whole.base)?);
        }
        if !any {
            return None;
        }
    }
    let digits: String = value.iter().rev().map(|digit| char::from(b'0' + digit)).collect();
    let minus = whole.negative && digits != "0";
    Some(if minus { format!("-{digits}") } else { digits })
}

/// Digits stand lowest first.
fn multiply_add(value: &mut Vec<u8>, base: u32, digit: u32) {
    let mut carry = u64::from(digit);
    for place in value.iter_mut() {
        let sum = u64::from(*place) * u64::from(base) + carry;
        *place = (sum % 10) as u8;
        carry = sum / 10;
    }
    while carry > 0 {
        value.push((carry % 10) as u8);
        carry /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(text: &str) -> Option<String> {
        whole_11(text).and_then(|whole| decimal(&whole))
    }

    #[test]
    fn whole_numbers_of_1_1() {
        for (text, value) in [
            ("0", "0"),
            ("-0", "0"),
            ("012", "10"),
            ("1_000", "1000"),
            ("1:30", "90"),
            ("-0x_F", "-15"),
            ("0b1_0", "2"),
            ("+7", "7"),
            ("0_", "0"),
            ("190:20:30", "685230"),
            ("340282366920938463463374607431768211456", "340282366920938463463374607431768211456"),
            ("0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "87112285931760246646623899502532662132735"),
        ] {
            assert_eq!(int(text).as_deref(), Some(value), "{text}");
        }
        for text in ["08", "1:60", "1e3", "_1", "0o7", "", "-", "1:", "0b", "0b2", "1.0"] {
            assert_eq!(int(text), None, "{text}");
        }
        assert!(whole_11("0b_").is_some_and(|whole| decimal(&whole).is_none()));
    }

    #[test]
    fn fractions_of_1_1_need_a_point_and_a_signed_exponent() {
        for (text, value) in [
            ("1.", 1.0),
            (".5", 0.5),
            ("1_0.5", 10.5),
            ("1.5e+3", 1500.0),
            ("-1.5", -1.5),
            ("1:30.5", 90.5),
            ("-.inf", f64::NEG_INFINITY),
        ] {
            assert_eq!(fraction_11(text), Some(value), "{text}");
        }
        for text in ["1e3", "1.5e3", "+.5", ".", "+.nan", "1", "._5", "1:60.0"] {
            assert_eq!(fraction_11(text), None, "{text}");
        }
    }
}
