//! Dates and times as YAML 1.1 writes them.

/// What a text that looks like a date is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Timestamp {
    /// A date or time, in ISO form as Python prints it.
    Valid(String),
    /// It has the form, but there is no such day, hour or zone.
    Impossible,
}

struct Cursor<'t>(&'t str);

impl<'t> Cursor<'t> {
    /// Between `least` and `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<&'t str> {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        Some(digits)
    }

    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        self.digits(least, most)?.parse().ok()
    }

    fn literal(&mut self, character: char) -> Option<()> {
        self.0 = self.0.strip_prefix(character)?;
        Some(())
    }

    fn blanks(&mut self) -> usize {
        let rest = self.0.trim_start_matches([' ', '\t']);
        let count = self.0.len() - rest.len();
        self.0 = rest;
        count
    }
}

/// The timestamp a plain text is, if it has the form of one.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let mut at = Cursor(text);
    let year = at.digits(4, 4)?;
    at.literal('-')?;
    let month = at.digits(1, 2)?;
    at.literal('-')?;
    let day = at.digits(1, 2)?;
    let valid = real_day(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let date = format!("{year}-{month:0>2}-{day:0>2}");
    if at.0.is_empty() {
        let full = month.len() == 2 && day.len() == 2;
        let read = if valid { Timestamp::Valid(date) } else { Timestamp::Impossible };
        return full.then_some(read);
    }
    if at.literal('T').or_else(|| at.literal('t')).is_none() && at.blanks() == 0 {
        return None;
    }
    let (time, possible) = time(&mut at)?;
    if !at.0.is_empty() {
        return None;
    }
    Some(match valid && possible {
        true => Timestamp::Valid(format!("{date}T{time}")),
        false => Timestamp::Impossible,
    })
}

fn time(at: &mut Cursor<'_>) -> Option<(String, bool)> {
    let hour = at.number(1, 2)?;
    at.literal(':')?;
    let minute = at.number(2, 2)?;
    at.literal(':')?;
    let second = at.number(2, 2)?;
    let mut text = format!("{hour:02}:{minute:02}:{second:02}");
    if at.literal('.').is_some() {
        let digits = at.digits(0, usize::MAX)?;
        let micros = format!("{:0<6}", digits.get(..digits.len().min(6))?);
        if micros != "000000" {
            text.push('.');
            text.push_str(&micros);
        }
    }
    let mut possible = hour < 24 && minute < 60 && second < 60;
    let before = at.0;
    at.blanks();
    if at.literal('Z').is_some() {
        text.push_str("+00:00");
    } else if let Some(minus) = zone_sign(at) {
        let hours = at.number(1, 2)?;
        let minutes = if at.literal(':').is_some() { at.number(2, 2)? } else { 0 };
        let total = hours * 60 + minutes;
        possible &= total < 24 * 60;
        let sign = if minus && total > 0 { '-' } else { '+' };
        text.push_str(&format!("{sign}{:02}:{:02}", total / 60, total % 60));
    } else {
        at.0 = before;
    }
    Some((text, possible))
}

fn zone_sign(at: &mut Cursor<'_>) -> Option<bool> {
    match at.literal('-') {
        Some(()) => Some(true),
        None => at.literal('+').map(|()| false),
    }
}

fn real_day(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    year >= 1 && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_told_from_text() {
        let valid = |text: &str| match parse(text) {
            Some(Timestamp::Valid(iso)) => Some(iso),
            _ => None,
        };
        for (text, iso) in [
            ("2026-01-31", "2026-01-31"),
            ("2026-1-3 4:05:06", "2026-01-03T04:05:06"),
            ("2026-01-31T04:05:06.5Z", "2026-01-31T04:05:06.500000+00:00"),
            ("2026-01-31t04:05:06 -5", "2026-01-31T04:05:06-05:00"),
            ("2026-01-31 04:05:06.", "2026-01-31T04:05:06"),
        ] {
            assert_eq!(valid(text).as_deref(), Some(iso), "{text}");
        }
        for text in ["2026-1-3", "2026-01-31 ", "2026-01-31 04:05", "26-01-31", "2026-01-31x"] {
            assert_eq!(parse(text), None, "{text}");
        }
        for text in ["2026-02-30", "0000-01-01", "2026-01-31 24:00:00", "2026-01-31 1:00:00+24:00"]
        {
            assert_eq!(parse(text), Some(Timestamp::Impossible), "{text}");
        }
    }
}
