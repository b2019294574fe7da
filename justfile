# Everything a developer does here. `just --list` shows it.

# relay from KIS, with the .env in this folder
run *args:
    cargo run --release -- run {{ args }}

# relay from a simulated KIS; needs no account
demo *args:
    cargo run --release -- demo {{ args }}

# a KIS of our own, to point anything at
sim *args:
    cargo run --release -p kis-sim-bin -- {{ args }}

# the tests
test *args:
    cargo test --workspace {{ args }}

# everything CI checks
check: fmt-check lint doc boundaries licences test

# format the code
fmt:
    cargo fmt --all

fmt-check:
    cargo fmt --all --check

# clippy, warnings denied
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# the documentation, warnings denied
doc *args:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked {{ args }}

# the dependencies between crates that must not exist
boundaries:
    cargo test --locked -p ai-trade-server --test boundaries

# licences, sources and duplicate versions of what we depend on
licences:
    cargo deny --all-features --locked check licenses bans sources

# the benches
bench *args:
    cargo bench --workspace {{ args }}

# look at changed snapshots (needs cargo-insta)
review:
    cargo insta review
