//! The checkout keeps the rules that `cargo xtask tidy` reads off its files.

#[test]
fn this_checkout_is_tidy() {
    let faults = xtask::tidy::faults(&xtask::command::root()).expect("readable checkout");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
