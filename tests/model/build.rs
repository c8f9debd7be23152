//! Sets `cfg(loom)` for this crate alone. `RUSTFLAGS="--cfg loom"` would set it for all, and have them all compiled
//! again, some of them with stand-ins of their own.

fn main() {
    println!("cargo::rustc-cfg=loom");
}
