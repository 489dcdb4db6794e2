//! The `gen` command: parses its arguments, dispatches, exits.

use std::process::ExitCode;

// Rendering is many small texts on several threads, which it serves in half the time of the system's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    delivery::cli::run(std::env::args_os())
}
