//! What was sent, and how those answer to whom it was sent.

use super::Deployment;
use crate::relay::{ReadMail, SentMail};
use crate::sns::{Sms, TopicMessage};

impl Deployment {
    /// Every SMS that was sent, oldest first.
    pub fn sms(&self) -> Vec<Sms> {
        self.0.port.sns().sms()
    }

    /// Says that a mobile, in the form `+86…`, is out of service: the gateway takes what is sent to it, and its receipt
    /// says that there is no such number.
    pub fn take_out_of_service(&self, mobile: &str) {
        self.0.port.take_out_of_service(mobile);
    }

    /// Has SNS, for SMS, and the mail relay fail, or work again.
    pub fn take_senders_down(&self, down: bool) {
        self.0.port.take_sms_down(down);
        self.0.relay.take_down(down);
    }

    /// Every mail, oldest first, as a mail program shows it.
    pub fn mails(&self) -> Vec<ReadMail> {
        let mails = self.0.relay.mails();
        mails.iter().map(SentMail::read).collect()
    }

    /// Where the mail relay is reached.
    pub fn relay_url(&self) -> String {
        self.0.relay.url()
    }

    /// Has the mail relay answer an address with a reply, such as `550 5.1.1 no such user`.
    pub fn relay_answers(&self, address: &str, reply: &str) {
        self.0.relay.answer(address, reply);
    }

    /// Has the mail relay put an address off at its next try, as greylisting does.
    pub fn relay_puts_off(&self, address: &str) {
        self.0.relay.put_off(address);
    }

    /// Has the mail relay take what comes for an address again.
    pub fn relay_welcomes(&self, address: &str) {
        self.0.relay.welcome(address);
    }

    /// Every message that a topic was told, oldest first.
    pub fn topic_messages(&self) -> Vec<TopicMessage> {
        self.0.port.sns().topic_messages()
    }
}
