//! The console: its files, as any client gets them, and the page, in a real browser.
//!
//! A test of the page starts a world and a [`person::Person`] who looks at it, and tells what they do there and see. Where the look
//! of the page matters it takes pictures, for people to look at when they change the page (CONTRIBUTING.md says where they are).

mod browser;
mod bulk;
mod calendar;
mod calls;
mod ceilings;
mod clicks;
mod closures;
mod dialing;
mod editor;
mod events;
mod exceptions;
mod files;
mod goals;
mod groups;
mod harness;
mod hearing;
mod history;
mod holidays;
mod imports;
mod keyboard;
mod limits;
mod lines;
mod looks;
mod modules;
mod numbers;
mod overrides;
mod panels;
mod person;
mod records;
mod scripts;
mod seasons;
mod setup;
mod signing;
mod stops;
mod tasks;
mod today;
mod tokens;
mod webhooks;
