//! The page of a diagnostic code: prose, a bad example, its message, a good example.
//!
//! Pages are tests. This reads them; the crates that own the codes try the examples.

use crate::Failure;
use std::fs;
use std::path::Path;

/// A page, taken apart.
pub struct Page {
    /// The name of the code and of the file.
    pub code: String,
    /// What has the problem.
    pub bad: Block,
    /// What is said about it.
    pub message: String,
    /// What has no problem.
    pub good: Block,
}

/// A fenced block.
pub struct Block {
    /// What stands behind the fence's backticks.
    pub info: String,
    /// What stands in it.
    pub text: String,
}

/// Every page of a folder, by name.
pub fn read(folder: &Path) -> Result<Vec<Page>, Failure> {
    let listing = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut pages = Vec::new();
    for path in listing.flatten().map(|entry| entry.path()) {
        let code = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        if !text.starts_with(&format!("# {code}\n\n")) {
            return Err(format!("{} does not begin with its name", path.display()));
        }
        let blocks: [Block; 3] = blocks(&text)
            .try_into()
            .map_err(|_| format!("{} needs three blocks: bad, message, good", path.display()))?;
        let [bad, message, good] = blocks;
        pages.push(Page { code, bad, message: message.text.trim_end().to_owned(), good });
    }
    pages.sort_by(|one, two| one.code.cmp(&two.code));
    Ok(pages)
}

fn blocks(page: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match (line.strip_prefix("```"), found.last_mut()) {
            (Some(_), _) if inside => inside = false,
            (Some(info), _) => {
                found.push(Block { info: info.to_owned(), text: String::new() });
                inside = true;
            }
            (None, Some(block)) if inside => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, _) => {}
        }
    }
    found
}

impl Block {
    /// The bytes of an example. An `escaped` one writes bytes as `\xE9`, a `repeated` one stands
    /// for itself many times.
    pub fn bytes(&self) -> Vec<u8> {
        let words: Vec<&str> = self.info.split(' ').collect();
        match words.as_slice() {
            [_, "escaped"] => unescape(&self.text),
            [_, "repeated", count] => {
                let one =
                    if self.text.len() > 2 { self.text.as_str() } else { self.text.trim_end() };
                one.repeat(count.parse().unwrap_or(0)).into_bytes()
            }
            _ => self.text.clone().into_bytes(),
        }
    }

    /// The files of an example: each begins with a line `# path`. Without such lines it is one file.
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = Vec::new();
        for line in self.text.lines() {
            match (line.strip_prefix("# seeknal/"), files.last_mut()) {
                (Some(path), _) => files.push((format!("seeknal/{path}"), String::new())),
                (None, Some((_, text))) => {
                    text.push_str(line);
                    text.push('\n');
                }
                (None, None) => {
                    files.push(("seeknal/example.yml".to_owned(), format!("{line}\n")));
                }
            }
        }
        files
    }
}

fn unescape(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        bytes.extend(u8::from_str_radix(digits, 16).ok());
        bytes.extend(rest.as_bytes());
    }
    bytes
}
