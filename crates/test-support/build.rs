//! Builds again when a migration is added, as the store does: both know the same ones.

fn main() {
    println!("cargo:rerun-if-changed=../store/migrations");
}
