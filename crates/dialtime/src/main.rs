//! dialtime
fn main() {}
