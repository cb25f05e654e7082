//! The project file, as far as this program acts on it.

use crate::node::entry;
use seeknal_syntax::yaml::{self, Value, construct};

const HOUR: u64 = 3_600_000;

/// What the project file sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The folder of the state, from the project's root where it is no absolute path.
    pub state_dir: String,
    /// How many of the last states of each environment stay.
    pub operations: usize,
    /// For how many milliseconds a state stays that was shown.
    pub period: u64,
    /// For how many milliseconds anything stays after its last use.
    pub grace: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        let state_dir = ".seeknal/state".to_owned();
        Settings { state_dir, operations: 10, period: 7 * 24 * HOUR, grace: 24 * HOUR }
    }
}

impl Settings {
    /// Reads a project file. What is wrong in it is said where the file is read, and sets nothing.
    pub fn read(text: &str) -> Settings {
        let tree = yaml::parse(text);
        let mut settings = Settings::default();
        let Some(root) = tree.documents.into_iter().find_map(|document| document.root) else {
            return settings;
        };
        if let Some(Value::Text(folder)) =
            value(&root, "state_dir").filter(|one| *one != Value::Text(String::new()))
        {
            settings.state_dir = folder;
        }
        let Some(retention) = entry(&root, "retention") else { return settings };
        let of = |key: &str| value(&retention.value, key);
        if let Some(Value::Int(number)) = of("operations")
            && let Ok(number) = number.parse()
        {
            settings.operations = number;
        }
        for (key, place) in [("period", &mut settings.period), ("grace", &mut settings.grace)] {
            let said = match of(key) {
                Some(Value::Text(text)) | Some(Value::Int(text)) => milliseconds(&text),
                _ => None,
            };
            *place = said.unwrap_or(*place);
        }
        settings
    }
}

fn value(root: &yaml::Node, key: &str) -> Option<Value> {
    entry(root, key).map(|entry| construct(&entry.value))
}

/// `30s`, `5m`, `24h`, `2d` or a number of seconds.
fn milliseconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let (digits, unit) = match text.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(digits) => (digits, text.get(digits.len()..)?),
        None => (text, "s"),
    };
    let factor = match unit {
        "m" => 60_000,
        "h" => HOUR,
        "d" => 24 * HOUR,
        _ => 1000,
    };
    let length = digits.trim().parse::<f64>().ok()?;
    let length = std::time::Duration::try_from_secs_f64(length).ok()?.as_millis();
    u64::try_from(length).ok()?.checked_mul(factor / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_counts_and_what_is_wrong_sets_nothing() {
        let text = "state_dir: /data/state\nretention: {operations: 3, period: 1.5d, grace: 90}\n";
        let expected = Settings {
            state_dir: "/data/state".to_owned(),
            operations: 3,
            period: 36 * HOUR,
            grace: 90_000,
        };
        assert_eq!(Settings::read(text), expected);
        for wrong in [
            "",
            "[]",
            "retention: 3\n",
            "retention: {operations: x, period: 1y, grace: -1}\n",
            "state_dir: ''\n",
        ] {
            assert_eq!(Settings::read(wrong), Settings::default(), "{wrong}");
        }
    }
}
