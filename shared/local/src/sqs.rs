//! SQS: queues with visibility time-outs, receive counts and dead letters, kept over restarts.
//!
//! **Invariant:** time comes from the deployment's clock, so a visibility time-out passes when the
//! clock is moved, and never while a test waits.

mod calls;
mod form;
pub(crate) mod queue;

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::SignedDuration;
use serde_json::Value as Json;

use crate::clock::LocalClock;
use crate::error::LocalError;
use crate::files::{Log, Place};
use crate::sync::locked;
use crate::template;
use form::later;
pub(crate) use form::{md5, system_attributes};
use queue::{Change, Depth, Message, Messages};

/// All queues.
pub(crate) struct Sqs {
    queues: BTreeMap<String, template::Queue>,
    clock: LocalClock,
    state: Mutex<State>,
    /// Whether every body is kept that was ever sent: for tests.
    listens: bool,
}

struct State {
    messages: BTreeMap<String, Messages>,
    next: u64,
    log: Log,
    heard: Vec<String>,
}

impl Sqs {
    /// Opens the queues with what their log holds.
    pub(crate) fn open(
        place: &Place,
        queues: &BTreeMap<String, template::Queue>,
        clock: LocalClock,
    ) -> Result<Self, LocalError> {
        let (mut log, changes) = Log::open::<Change>(place, "queues.jsonl")?;
        let empty = queues.keys().map(|name| (name.clone(), Messages::new()));
        let mut messages: BTreeMap<String, Messages> = empty.collect();
        let mut next = 1;
        for change in changes {
            match change {
                Change::Stands { queue, message } => {
                    next = next.max(message.number + 1);
                    // A queue that the template no longer has took its messages with it.
                    if let Some(messages) = messages.get_mut(&queue) {
                        messages.insert(message.number, message);
                    }
                }
                Change::Gone { queue, number } => {
                    next = next.max(number + 1);
                    if let Some(messages) = messages.get_mut(&queue) {
                        messages.remove(&number);
                    }
                }
            }
        }
        let standing: Vec<Change> = messages
            .iter()
            .flat_map(|(queue, messages)| {
                messages.values().map(|message| Change::Stands {
                    queue: queue.clone(),
                    message: message.clone(),
                })
            })
            .collect();
        log.rewrite(&standing)?;
        Ok(Self {
            queues: queues.clone(),
            clock,
            listens: *place == Place::Memory,
            state: Mutex::new(State {
                messages,
                next,
                log,
                heard: Vec::new(),
            }),
        })
    }

    /// Puts a message into a queue; gives its id.
    pub(crate) fn send(
        &self,
        queue: &template::Queue,
        body: &str,
        attributes: BTreeMap<String, Json>,
        delay_seconds: i64,
    ) -> Result<String, LocalError> {
        let now = self.clock.now();
        let mut state = locked(&self.state);
        state.heard.extend(self.listens.then(|| body.to_owned()));
        let message = Message {
            number: state.next,
            body: body.to_owned(),
            attributes,
            sent_at: now,
            visible_at: later(now, delay_seconds),
            receives: 0,
            first_received_at: None,
            dead_letter_of: None,
        };
        let id = message.id();
        state.next += 1;
        state.stand(&queue.name, message).map(|()| id)
    }

    /// Takes up to `most` messages out.
    pub(crate) fn receive(
        &self,
        queue: &template::Queue,
        most: usize,
        visibility_seconds: i64,
    ) -> Result<Vec<Message>, LocalError> {
        let visibility = SignedDuration::from_secs(visibility_seconds);
        let mut state = locked(&self.state);
        let Some(messages) = state.messages.get_mut(&queue.name) else {
            return Ok(Vec::new());
        };
        let received = queue::receive(queue, messages, self.clock.now(), most, visibility);
        let mut changes: Vec<Change> = received
            .expired
            .iter()
            .copied()
            .chain(received.dead.iter().map(|message| message.number))
            .map(|number| Change::Gone {
                queue: queue.name.clone(),
                number,
            })
            .collect();
        changes.extend(received.delivered.iter().map(|message| Change::Stands {
            queue: queue.name.clone(),
            message: message.clone(),
        }));
        for mut message in received.dead {
            message.receives = 0;
            message.first_received_at = None;
            message.dead_letter_of = Some(queue.arn.clone());
            if let Some((target, _)) = &queue.dead_letters
                && let Some(messages) = state.messages.get_mut(target)
            {
                messages.insert(message.number, message.clone());
                changes.push(Change::Stands {
                    queue: target.clone(),
                    message,
                });
            }
        }
        state.log.append(&changes)?;
        Ok(received.delivered)
    }

    /// Deletes the message of a handle, unless it was received again since.
    pub(crate) fn delete(&self, queue: &template::Queue, handle: &str) -> Result<bool, LocalError> {
        let mut state = locked(&self.state);
        let Some(number) = state.held(&queue.name, handle) else {
            return Ok(false);
        };
        if let Some(messages) = state.messages.get_mut(&queue.name) {
            messages.remove(&number);
        }
        state.log.append(&[Change::Gone {
            queue: queue.name.clone(),
            number,
        }])?;
        Ok(true)
    }

    /// How full a queue is.
    pub(crate) fn depth(&self, queue: &template::Queue) -> Depth {
        let state = locked(&self.state);
        let none = Messages::new();
        queue::depth(
            state.messages.get(&queue.name).unwrap_or(&none),
            self.clock.now(),
        )
    }

    /// The bodies of all messages of a queue, oldest first.
    pub(crate) fn bodies(&self, queue: &template::Queue) -> Vec<String> {
        let state = locked(&self.state);
        let messages = state.messages.get(&queue.name);
        messages
            .into_iter()
            .flat_map(Messages::values)
            .map(|message| message.body.clone())
            .collect()
    }
}

impl State {
    fn stand(&mut self, queue: &str, message: Message) -> Result<(), LocalError> {
        self.log.append(&[Change::Stands {
            queue: queue.to_owned(),
            message: message.clone(),
        }])?;
        if let Some(messages) = self.messages.get_mut(queue) {
            messages.insert(message.number, message);
        }
        Ok(())
    }

    /// The number of the message whose latest receive the handle is.
    fn held(&self, queue: &str, handle: &str) -> Option<u64> {
        let (number, receive) = queue::parse_handle(handle)?;
        let message = self.messages.get(queue)?.get(&number)?;
        (message.receives == receive).then_some(number)
    }
}
