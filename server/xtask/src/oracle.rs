pub fn run(_: &[&str]) -> Result<(), String> { Ok(()) }
pub fn fresh() -> Result<(), String> { Ok(()) }
