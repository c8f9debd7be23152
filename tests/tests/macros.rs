//! What compiles with the attribute macros, and what the compiler says about what does not.

/// Each case is a program that also checks what its handlers have registered.
#[test]
fn programs_that_compile_and_run() {
    trybuild::TestCases::new().pass("tests/macros/pass/*.rs");
}

/// One error for each mistake, at the place that is wrong. The text of errors belongs to one version of the compiler.
#[test]
fn mistakes_that_do_not_compile() {
    const VERSION: &str = "rustc 1.95.";
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = std::process::Command::new(rustc)
        .arg("--version")
        .output()
        .unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    if version.starts_with(VERSION) {
        trybuild::TestCases::new().compile_fail("tests/macros/fail/*.rs");
    } else {
        println!("skipped: the error texts are those of {VERSION}x, and this is {version}");
    }
}
