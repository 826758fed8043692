//! baresip as a phone that answers at once, says back what it hears or what it is given to say, and records what it hears.

use std::{
    fs,
    io::Write as _,
    net::{TcpStream, UdpSocket},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde_json::json;
use tempfile::TempDir;

use crate::{prompts::wav_of, support::until};
use test_support::free_port;

/// A phone.
pub(super) struct Baresip {
    child: Child,
    folder: TempDir,
    pub(super) port: u16,
    /// Where it is told what to do.
    orders: u16,
}

/// What somebody says into a phone.
const SPEECH: &str = "speech.wav";

impl Baresip {
    /// The phone of a number, which is written as the INVITE says it: it says back what it hears.
    pub(super) fn start(number: &str) -> Self {
        Self::start_with(number, None)
    }

    /// The phone of a number that says this from its answer on; at the end it hangs up.
    pub(super) fn speaking(number: &str, speech: &[i16]) -> Self {
        Self::start_with(number, Some(speech))
    }

    fn start_with(number: &str, speech: Option<&[i16]>) -> Self {
        // Between two moments another may take its port, or has it over TCP already.
        let started = (0..5).find_map(|_| Self::try_start(number, speech));
        started.expect("baresip finds no port")
    }

    fn try_start(number: &str, speech: Option<&[i16]>) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let [port, orders] = [0; 2].map(|_| free_port());
        let source = speech.map_or("aubridge,loop".to_owned(), |speech| {
            let file = folder.path().join(SPEECH);
            fs::write(&file, wav_of(8_000, speech)).unwrap();
            format!("aufile,{}", file.display())
        });
        fs::write(folder.path().join("config"), config(&folder, [port, orders], &source)).unwrap();
        let account = format!("<sip:{number}@127.0.0.1>;regint=0;answermode=auto\n");
        fs::write(folder.path().join("accounts"), account).unwrap();
        fs::write(folder.path().join("contacts"), "").unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let child = Command::new("baresip")
            .arg("-f")
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("baresip is not installed: apt-get install baresip-core");
        let mut phone = Self { child, folder, port, orders };
        let mut has_ended = false;
        until("baresip listens", || {
            has_ended = phone.child.try_wait().unwrap().is_some();
            has_ended || UdpSocket::bind(("127.0.0.1", port)).is_err()
        });
        (!has_ended).then_some(phone)
    }

    /// What was heard in the only call, as 16-bit samples.
    pub(super) fn heard(&self) -> Vec<i16> {
        let is_recording = |file: &PathBuf| file.to_string_lossy().ends_with("-dec.wav");
        let recording = || {
            let mut files = fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().path());
            files.find(is_recording)
        };
        until("baresip has recorded the call", || recording().is_some());
        let file = fs::read(recording().unwrap()).unwrap();
        file[44..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
    }

    /// Presses a key. The next has to wait until this was heard: it would take its place.
    pub(super) fn press(&self, key: char) {
        let mut orders = TcpStream::connect(("127.0.0.1", self.orders)).unwrap();
        let order = json!({"command": "sndcode", "params": key}).to_string();
        // As a netstring.
        write!(orders, "{}:{order},", order.len()).unwrap();
    }

    /// What it says of itself.
    pub(super) fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn config(folder: &TempDir, [port, orders]: [u16; 2], source: &str) -> String {
    let folder = folder.path().display();
    let modules: String = ["account", "menu", "g711", "aubridge", "aufile", "sndfile", "ctrl_tcp"]
        .map(|module| format!("module {module}.so\n"))
        .concat();
    format!(
        "sip_listen 127.0.0.1:{port}\nctrl_tcp_listen 127.0.0.1:{orders}\nnet_interface 127.0.0.1\naudio_source {source}\naudio_player aubridge,loop\n\
         audio_srate 8000-8000\naudio_channels 1-1\nsnd_path {folder}\nmodule_path /usr/lib/baresip/modules\n{modules}"
    )
}
