//! The program: commands, settings, telemetry, lifecycle, and the wiring of the crates. The binary calls [`main`] and nothing else;
//! it is a library so that tests can run a [`Node`] in their own process, with a clock of their own.
//!
//! It is the only place that knows the real clock and the real random source (`system`).

mod answering_machines;
mod audit;
mod backup;
mod check;
mod closures;
mod command;
mod connections;
mod demo;
mod doctor;
mod erase;
mod evidence;
mod exceptions;
mod holidays;
mod line_check;
mod lines;
mod manage;
mod measure;
mod metrics;
mod node;
mod numbers;
mod output;
mod serve;
mod simulated_network;
mod stop;
mod system;
mod telemetry;
mod test_call;

use std::process::ExitCode;

use clap::Parser;

use crate::command::{Command, Invocation};

pub use crate::node::{Node, NodeSettings};

/// Reads the command line. What is wrong with it is told with the arguments at fault; one that has a password in it is
/// not repeated.
fn parse() -> Invocation {
    Invocation::try_parse().unwrap_or_else(|error| {
        let said = error.to_string();
        let is_address = |argument: &String| argument.contains("://") && said.contains(argument.as_str());
        let Some(address) = std::env::args().skip(1).find(is_address) else { error.exit() };
        output::complain(said.replace(&address, "<address>").trim_end());
        #[expect(clippy::exit, reason = "as the error itself would")]
        std::process::exit(error.exit_code());
    })
}

/// Runs the program with the arguments it was started with.
pub fn main() -> ExitCode {
    let program = parse();
    let _guard = telemetry::start(program.log_format);
    match run(program.command) {
        Ok(code) => code,
        Err(error) => {
            output::complain(&format!("dialtime: {}", output::told(&error)));
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(serve) => serve::run(serve).await?,
        Command::Demo(demo) => Box::pin(demo::run(demo)).await?,
        Command::Amd(amd) => return Ok(answering_machines::run(&amd)),
        Command::Check(check) => return Ok(check::run(&check)),
        Command::Exceptions(arguments) => exceptions::run(&arguments)?,
        Command::Migrate { database } => {
            if let Some(file) = database.migrate().await? {
                output::say(&format!("Made a new database, {}.", file.display()));
            }
            output::say("The database has the newest schema.");
        }
        Command::Partner { database, command } => manage::partner(&database, command).await?,
        Command::User { database, command } => manage::user(&database, command).await?,
        Command::Token { database, command } => manage::token(&database, command).await?,
        Command::Evidence { database, command } => evidence::run(&database, command).await?,
        Command::Line { database, command } => lines::run(&database, command).await?,
        Command::Holidays { database, command } => holidays::run(&database, command).await?,
        Command::Numbers { database, command } => numbers::run(&database, command).await?,
        Command::Backup { database, file } => backup::run(&database, &file).await?,
        Command::StopDialing { database, reason } => stop::stop(&database, reason.as_deref()).await?,
        Command::ResumeDialing { database, reason } => stop::resume(&database, reason.as_deref()).await?,
        Command::Closure { database, command } => closures::run(&database, command).await?,
        Command::Audit { database, changes } => audit::run(&database, changes).await?,
        Command::Openapi => output::say(api::openapi().trim_end()),
        Command::SimulatedNetwork { listen } => simulated_network::run(listen).await?,
        Command::Doctor { database } => return doctor::run(&database).await,
    }
    Ok(ExitCode::SUCCESS)
}
