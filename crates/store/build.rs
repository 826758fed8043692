//! Builds again when a migration is added: they are part of the library.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
