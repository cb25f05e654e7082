//! Paths to URIs and back, as the client spells them.

use crate::proto::Uri;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The path of a URI, if it is one of a file.
pub(crate) fn path(uri: &Uri) -> Option<PathBuf> {
    let is_file = uri.scheme().as_str().eq_ignore_ascii_case("file");
    let path = is_file.then(|| uri.to_file_path())??;
    match path.to_str() {
        Some(text) => Some(PathBuf::from(same_drive(text))),
        None => Some(path.into_owned()),
    }
}

/// `c:/x` and `C:/x` are one place.
fn same_drive(path: &str) -> String {
    let bytes = path.as_bytes();
    match bytes {
        [drive, b':', ..] if drive.is_ascii_lowercase() => {
            let mut same = path.to_owned();
            same.replace_range(..1, &char::from(drive.to_ascii_uppercase()).to_string());
            same
        }
        _ => path.to_owned(),
    }
}

/// The URI of a path below a folder, beginning as the client spells that folder.
pub(crate) fn below(folder: &str, relative: &str) -> Option<Uri> {
    let folder = folder.trim_end_matches('/');
    // The crate encodes paths; a leading slash makes one of what is relative.
    let encoded = Uri::from_file_path(format!("/{relative}"))?;
    Uri::from_str(&format!("{folder}{}", encoded.path().as_str())).ok()
}

/// The URI of a path that the client never spelled.
pub(crate) fn uri(path: &Path) -> Option<Uri> {
    Uri::from_file_path(path)
}

/// A path below another, with `/` between folders.
pub(crate) fn relative(path: &Path, root: &Path) -> Option<String> {
    let rest = path.strip_prefix(root).ok()?.to_str()?;
    Some(rest.replace('\\', "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_is_kept() {
        for (folder, relative, expected) in [
            ("file:///a%20b", "seeknal/x.yml", "file:///a%20b/seeknal/x.yml"),
            ("file:///c%3A/p/", "a b/100%.yml", "file:///c%3A/p/a%20b/100%25.yml"),
            ("file:///C:/p", "é.yml", "file:///C:/p/%C3%A9.yml"),
        ] {
            assert_eq!(below(folder, relative).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn a_path_is_decoded_and_only_files_have_one() {
        let of = |text: &str| path(&Uri::from_str(text).unwrap());
        assert_eq!(of("file:///a%20b/%25.yml"), Some(PathBuf::from("/a b/%.yml")));
        assert_eq!(of("untitled:Untitled-1"), None);
        assert_eq!(of("git:/a/b.yml?x"), None);
        assert_eq!(same_drive("c:/p"), same_drive("C:/p"));
    }
}
