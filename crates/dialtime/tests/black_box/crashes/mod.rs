//! Nodes that die, sleep, or are without their database while they dial: real processes and real signals, over a simulated telephone
//! network that is a process of its own, outlives the nodes and counts what they do.

mod blows;
mod checks;
mod dialed;
mod network;
mod proxy;
mod random;
mod waking;

pub(crate) use self::blows::Chance;
