//! Environment variables as values: what the process has, and what `.env` adds.

use std::collections::BTreeMap;
use std::fmt;

/// Variables by name. Its `Debug` shows names only, because values may be secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

impl fmt::Debug for Variables {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}

impl Variables {
    /// These variables.
    pub fn new(all: impl IntoIterator<Item = (String, String)>) -> Variables {
        Variables(all.into_iter().collect())
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names alone.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.0.keys().cloned()
    }

    /// Adds what a `.env` file sets. A variable that is there already stays as it is.
    pub fn add_dotenv(&mut self, text: &str) {
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        while let Some(line) = lines.next() {
            let line = line.trim_start();
            let line = line.strip_prefix("export ").unwrap_or(line);
            let Some((name, value)) = line.split_once('=') else { continue };
            let name = name.trim();
            if name.is_empty() || name.starts_with('#') {
                continue;
            }
            let value = dotenv_value(value.trim_start(), &mut lines);
            self.0.entry(name.to_owned()).or_insert(value);
        }
    }

    /// A text with `${NAME}`, `${NAME:default}` and `$NAME` filled in, or the name that is not set
    /// and has no default.
    pub fn fill(&self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            filled.push_str(before);
            if let Some((inside, behind)) =
                after.strip_prefix('{').and_then(|one| one.split_once('}'))
            {
                let (name, default) = match inside.split_once(':') {
                    Some((name, default)) => (name, Some(default)),
                    None => (inside, None),
                };
                filled.push_str(self.get(name).or(default).ok_or(name)?);
                rest = behind;
                continue;
            }
            let name = word(after);
            match name.is_empty() {
                true => filled.push('$'),
                false => filled.push_str(self.get(name).ok_or(name)?),
            }
            rest = after.get(name.len()..).unwrap_or_default();
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// The longest variable name at the start of a text.
fn word(text: &str) -> &str {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.get(..end).filter(|_| starts).unwrap_or_default()
}

/// A value as `.env` files write it: in quotes, over several lines if need be, or up to a comment.
fn dotenv_value<'t>(first: &'t str, lines: &mut impl Iterator<Item = &'t str>) -> String {
    let Some(quote) = first.chars().next().filter(|one| matches!(one, '\'' | '"')) else {
        let end = first.find(" #").or_else(|| first.starts_with('#').then_some(0));
        return first.get(..end.unwrap_or(first.len())).unwrap_or_default().trim_end().to_owned();
    };
    let mut value = String::new();
    let mut line = first.get(1..).unwrap_or_default();
    loop {
        let mut characters = line.chars();
        while let Some(character) = characters.next() {
            match character {
                _ if character == quote => return value,
                '\\' => match characters.next() {
                    Some('n') if quote == '"' => value.push('\n'),
                    Some('t') if quote == '"' => value.push('\t'),
                    Some(escaped) if escaped == quote || escaped == '\\' => value.push(escaped),
                    Some(other) => value.extend(['\\', other]),
                    None => value.push('\\'),
                },
                _ => value.push(character),
            }
        }
        match lines.next() {
            Some(next) => line = next,
            None => return value,
        }
        value.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(text: &str) -> Variables {
        let mut variables = Variables::new([("HOME".to_owned(), "/root".to_owned())]);
        variables.add_dotenv(text);
        variables
    }

    #[test]
    fn a_dotenv_file_is_read_as_its_writers_mean_it() {
        let text = "# a comment\nexport A = one # why\nB='two # three'\nC=\"x\\ny\"\nD=\nHOME=/other\n\
                    E=\"first\nsecond\"\nF=after\nno value here\n";
        let all = variables(text);
        let pairs = [("A", "one"), ("B", "two # three"), ("C", "x\ny"), ("D", "")];
        for (name, value) in pairs {
            assert_eq!(all.get(name), Some(value), "{name}");
        }
        assert_eq!(all.get("HOME"), Some("/root"), "what the process has stays");
        assert_eq!(all.get("E"), Some("first\nsecond"));
        assert_eq!(all.get("F"), Some("after"));
    }

    #[test]
    fn names_are_filled_in_and_a_missing_one_is_named() {
        let all = variables("USER_1=ann\n");
        assert_eq!(
            all.fill("$USER_1@${HOST:db}, 5$ and ${HOME}/x").unwrap(),
            "ann@db, 5$ and /root/x"
        );
        assert_eq!(all.fill("${PASSWORD}"), Err("PASSWORD".to_owned()));
        assert_eq!(all.fill("$PASSWORD"), Err("PASSWORD".to_owned()));
        assert_eq!(all.fill("é${HOME"), Ok("é${HOME".to_owned()));
    }

    #[test]
    fn values_are_not_shown() {
        assert_eq!(format!("{:?}", variables("TOKEN=abc123")), "{\"HOME\", \"TOKEN\"}");
    }
}
