//! The `gen` command: parses its arguments, dispatches, exits.

use std::process::ExitCode;

// Rendering makes many small texts on several threads, which the allocator of the system is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    delivery::cli::run(std::env::args_os())
}
