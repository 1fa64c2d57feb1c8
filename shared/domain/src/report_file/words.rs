//! Words of what registers and carriers say.

use crate::import::words::code;
use crate::reports::{BodyState, TelephoneSays};

/// What carriers are asked for.
pub(super) const PHONES: [TelephoneSays; 3] = [
    TelephoneSays::ElementsAgree,
    TelephoneSays::ElementsDiffer,
    TelephoneSays::NoSuchNumber,
];

/// Whether carriers are asked for it: what else is said of a number comes from calls and codes.
pub fn is_of_carriers(says: TelephoneSays) -> bool {
    PHONES.contains(&says)
}

pub(super) fn phone_name(says: TelephoneSays) -> (String, String) {
    let zh = match says {
        TelephoneSays::ElementsAgree => "一致",
        TelephoneSays::ElementsDiffer => "不一致",
        TelephoneSays::NoSuchNumber => "空号",
        TelephoneSays::IsThePerson
        | TelephoneSays::IsAnother
        | TelephoneSays::DoesNotKnow
        | TelephoneSays::IsNotPrincipal
        | TelephoneSays::NoAnswer
        | TelephoneSays::SwitchedOff => "",
    };
    (code(&says), zh.to_owned())
}

/// States of a body, by their names in the API and as registers write them.
///
/// Source: 国家企业信用信息公示系统, 登记状态.
const STATES: [(BodyState, &[&str]); 4] = [
    (
        BodyState::Active,
        &[
            "active",
            "存续",
            "在业",
            "开业",
            "正常",
            "存续（在营、开业、在册）",
        ],
    ),
    (BodyState::Deregistered, &["deregistered", "注销", "已注销"]),
    (
        BodyState::Revoked,
        &["revoked", "吊销", "吊销，未注销", "吊销未注销"],
    ),
    (
        BodyState::Other,
        &["other", "其他", "迁出", "清算", "停业", "歇业", "撤销"],
    ),
];

/// The state that a word means, if it means one.
pub(super) fn state_of(word: &str) -> Option<BodyState> {
    let found = STATES.iter().find(|(_, words)| words.contains(&word));
    found.map(|(state, _)| *state)
}

/// Words of the states of a body: the name in the API, and what registers write.
pub fn state_words() -> impl Iterator<Item = (String, String)> {
    let words = |words: &[&str]| words.iter().skip(1).copied().collect::<Vec<_>>().join("、");
    STATES
        .into_iter()
        .map(move |(state, all)| (code(&state), words(all)))
}

/// Words of what carriers say.
pub fn phone_words() -> impl Iterator<Item = (String, String)> {
    PHONES.into_iter().map(phone_name)
}
