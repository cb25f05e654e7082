//! What `cargo metadata` says of the workspace and of everything it builds with.

use crate::{Failure, process, root};
use serde_json::Value;

pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) license: Option<String>,
    pub(super) source: Option<String>,
    pub(super) dependencies: Vec<Dependency>,
}

pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) rename: Option<String>,
    pub(super) requirement: String,
    /// Only tests need it.
    pub(super) dev: bool,
}

impl Package {
    pub(super) fn in_workspace(&self) -> bool {
        self.source.is_none()
    }
}

pub(super) fn packages() -> Result<Vec<Package>, Failure> {
    let text = process::read("cargo", &["metadata", "--format-version", "1", "--locked"], &root())?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let list = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    Ok(list.iter().map(package).collect())
}

fn package(value: &Value) -> Package {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let dependencies = value["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    Package {
        name: text(&value["name"]).unwrap_or_default(),
        version: text(&value["version"]).unwrap_or_default(),
        license: text(&value["license"]),
        source: text(&value["source"]),
        dependencies: dependencies
            .iter()
            .map(|one| Dependency {
                name: text(&one["name"]).unwrap_or_default(),
                rename: text(&one["rename"]),
                requirement: text(&one["req"]).unwrap_or_default(),
                dev: one["kind"] == "dev",
            })
            .collect(),
    }
}
