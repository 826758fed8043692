//! Connections that others open to us, over TCP. The stack would take any number of them and keep each for minutes; here few strangers come in
//! at once, each for a short time. Who answers one of our calls is no stranger: its connections stay for as long as there is such a call.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use rsipstack::{
    transaction::endpoint::EndpointInner,
    transport::{SipAddr, SipConnection, tcp::TcpConnection},
};
use socket2::{SockRef, Socket};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::peers::Peers;

/// How many connections there may be, those of strangers counted with the others. Each takes 200 KiB before a word is said.
const MOST: usize = 1_000;

/// With so many no stranger comes in any more.
const MOST_WITH_STRANGERS: usize = 64;

/// How many one stranger may have: more than anyone needs, also behind a NAT.
const MOST_OF_STRANGER: usize = 8;

/// For how long a connection stays that is a stranger's; then it is looked again whose it is.
const STAY: Duration = Duration::from_secs(10);

/// How long the stack may take to notice that a connection was closed.
const CLOSING: Duration = Duration::from_secs(5);

/// After this it is tried again to take a connection, where the system has none left to give.
const PAUSE: Duration = Duration::from_millis(100);

/// Who lets connections in.
pub(crate) struct Door {
    /// Where they come.
    pub(crate) listener: TcpListener,
    /// What the stack calls that.
    pub(crate) local: SipAddr,
    /// Who is no stranger.
    pub(crate) peers: Peers,
}

/// How many connections each address has.
#[derive(Clone, Default)]
struct Guests(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection that was let in: its place is free again when this is dropped.
struct Guest {
    guests: Guests,
    from: IpAddr,
}

impl Door {
    /// Lets connections in, until the stack stops or is gone.
    pub(crate) async fn keep(self, endpoint: Weak<EndpointInner>, stop: CancellationToken) {
        let guests = Guests::default();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, from)) => {
                    let Some(endpoint) = endpoint.upgrade() else { return };
                    if let Err(error) = self.let_in(&endpoint, stream, from, &guests, &stop) {
                        tracing::debug!(%error, "a connection was lost before it was taken");
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "no connection could be taken");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    fn let_in(
        &self,
        endpoint: &EndpointInner,
        stream: TcpStream,
        from: SocketAddr,
        guests: &Guests,
        stop: &CancellationToken,
    ) -> io::Result<()> {
        let from = from.ip();
        let Some(guest) = guests.let_in(from, self.peers.knows(from)) else {
            tracing::debug!("a stranger's connection is one too many");
            return Ok(());
        };
        // The stack keeps the connection for itself: this is to close it from here.
        let socket = SockRef::from(&stream).try_clone()?;
        // Cancelled when the stack is done with it.
        let over = stop.child_token();
        let connection = TcpConnection::from_stream(stream, self.local.clone(), Some(over.clone()))
            .map_err(io::Error::other)?;
        endpoint.transport_layer.add_connection(SipConnection::Tcp(connection));
        tokio::spawn(show_out(socket, guest, self.peers.clone(), over));
        Ok(())
    }
}

/// Closes a connection once it is a stranger's for too long.
async fn show_out(socket: Socket, guest: Guest, peers: Peers, over: CancellationToken) {
    while timeout(STAY, over.cancelled()).await.is_err() {
        if !peers.knows(guest.from) {
            // It may be closed already.
            let _ = socket.shutdown(std::net::Shutdown::Both);
            let _ = timeout(CLOSING, over.cancelled()).await;
            return;
        }
    }
}

impl Guests {
    fn places(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more connection, if there is one.
    fn let_in(&self, from: IpAddr, is_known: bool) -> Option<Guest> {
        let mut places = self.places();
        let (all, own) = (places.values().sum::<usize>(), places.get(&from).copied().unwrap_or(0));
        let is_room = if is_known { all < MOST } else { all < MOST_WITH_STRANGERS && own < MOST_OF_STRANGER };
        is_room.then(|| {
            *places.entry(from).or_default() += 1;
            Guest { guests: self.clone(), from }
        })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut places = self.guests.places();
        if let Some(own) = places.get_mut(&self.from) {
            *own -= 1;
            if *own == 0 {
                places.remove(&self.from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn strangers_have_few_places_and_leave_enough_to_the_others() {
        let guests = Guests::default();
        let of_one: Vec<_> = (0..20).filter_map(|_| guests.let_in(address(1), false)).collect();
        assert_eq!(of_one.len(), MOST_OF_STRANGER);
        let of_all: Vec<_> = (2..200).filter_map(|last| guests.let_in(address(last), false)).collect();
        assert_eq!(of_one.len() + of_all.len(), MOST_WITH_STRANGERS);
        let known: Vec<_> = (0..2_000).filter_map(|_| guests.let_in(address(1), true)).collect();
        assert_eq!(known.len(), MOST - MOST_WITH_STRANGERS);
        drop((of_one, known));
        assert!(guests.let_in(address(1), false).is_some());
        drop(of_all);
        assert!(guests.places().is_empty());
    }
}
