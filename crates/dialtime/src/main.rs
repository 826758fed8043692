//! The binary: commands, settings, telemetry, lifecycle, and the wiring of the crates.
//!
//! It is the only place that knows the real clock and the real random source ([`system`]).

mod check;
mod command;
mod demo;
mod doctor;
mod holidays;
mod manage;
mod metrics;
mod output;
mod serve;
mod system;
mod telemetry;

use std::process::ExitCode;

use clap::Parser;

use crate::command::{Command, Program};

fn main() -> ExitCode {
    let program = Program::parse();
    let _guard = telemetry::start(program.log_format);
    match run(program.command) {
        Ok(code) => code,
        Err(error) => {
            output::complain(&format!("dialtime: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(serve) => serve::run(serve).await?,
        Command::Demo(demo) => demo::run(demo).await?,
        Command::Check(check) => check::run(&check)?,
        Command::Migrate { database } => {
            database.open_and_migrate().await?;
            output::say("The database has the newest schema.");
        }
        Command::Partner { database, command } => manage::partner(&database, command).await?,
        Command::User { database, command } => manage::user(&database, command).await?,
        Command::Token { database, command } => manage::token(&database, command).await?,
        Command::Holidays { database, command } => holidays::run(&database, command).await?,
        Command::Openapi => output::say(api::openapi().trim_end()),
        Command::Doctor { database } => return doctor::run(&database).await,
    }
    Ok(ExitCode::SUCCESS)
}
