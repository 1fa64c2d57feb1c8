//! A code as it is spoken (语音验证码), for numbers that take no texts.
//!
//! Neither sender of today speaks: SNS has no voice, and the gateway's SMS API has none either (its voice is another
//! product, with an account and templates of its own). Each says so, and a landline is proved by a call of the staff, in
//! a slot that the filer chose.

use icp_domain::code::Code;
use icp_domain::identifiers::Landline;
use icp_domain::notice::{Counts, WhyUnreached};
use icp_domain::personal::Personal;
use icp_domain::rulebook::Provider;

use crate::{SendError, Senders};

/// What is said on the telephone.
#[derive(Debug, Clone)]
pub struct VoiceMessage {
    /// The words.
    pub words: Personal<String>,
}

/// The words of a code: digit by digit, twice, since nobody can read them again.
pub fn voice_code(code: &Code, provider: &Provider) -> VoiceMessage {
    let digits: Vec<String> = code
        .reveal()
        .chars()
        .map(|digit| digit.to_string())
        .collect();
    let digits = digits.join("，");
    let words = format!(
        "您好，这里是{}，您的备案联系方式核验码是：{digits}。再说一遍：{digits}。十分钟内有效，请勿告诉他人。",
        provider.name.zh
    );
    VoiceMessage {
        words: Personal::new(words),
    }
}

impl Senders {
    /// Speaks to a landline, where there is a sender that can. None can yet: each says so by its name.
    pub fn speak(
        &self,
        _to: &Landline,
        _message: &VoiceMessage,
    ) -> Result<(String, Counts), SendError> {
        let sender = if self.tencent.is_some() {
            "tencent-sms"
        } else {
            "sns"
        };
        Err(SendError::Refused(WhyUnreached::NoVoice.answered(sender)))
    }
}

#[cfg(test)]
mod tests {
    use icp_domain::Rulebook;
    use icp_domain::code::derive;

    use super::*;

    #[test]
    fn a_code_is_spoken_digit_by_digit_and_twice() {
        let code = derive(b"secret", "contact", &["x"], 6);
        let message = voice_code(&code, &Rulebook::shipped().unwrap().provider);
        let spoken = "5，8，4，1，7，2";
        assert_eq!(code.reveal(), "584172");
        assert_eq!(message.words.reveal().matches(spoken).count(), 2);
        assert!(!format!("{message:?}").contains("584172"));
    }
}
