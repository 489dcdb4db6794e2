//! The `gen` command: parses its arguments, dispatches, exits.

use std::process::ExitCode;

fn main() -> ExitCode {
    delivery::cli::run(std::env::args_os())
}
