//! Puts the stub where maturin picks it up: it ships in wheels and editable installs alike.
use std::{env, fs, path::Path};

fn main() {
    let stub = "../../stubs/_rapfiles.pyi";
    println!("cargo:rerun-if-changed={stub}");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    fs::copy(stub, Path::new(&out).join("_rapfiles.pyi")).expect("the stub stands in stubs/");
}
