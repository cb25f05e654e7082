//! A hash of parts, each led by its length, so that no two lists of parts run together.

#[derive(Default)]
pub(crate) struct Parts(blake3::Hasher);

impl Parts {
    pub(crate) fn add(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    pub(crate) fn end(self) -> blake3::Hash {
        self.0.finalize()
    }
}
