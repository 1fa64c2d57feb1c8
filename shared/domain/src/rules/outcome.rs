//! What a rule says of an object, and why it may say nothing.

use crate::Text;
use crate::look::Failure;

/// What a rule says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As it must be.
    Kept,
    /// Not as it must be, and on what that rests.
    Broken(Basis),
    /// A machine could not decide; people looked and found it not as it must be, and on what that rests.
    BrokenByPeople(Basis),
    /// A machine is unsure and people judge: what they should look at.
    ForPeople(Basis),
    /// It could not be seen; never held against the filer.
    Undecided(Undecided),
    /// The rule does not speak of this object.
    NotApplicable(NotApplicable),
}

/// What a broken outcome rests on, for the filer to read.
pub type Basis = Text;

/// Why a rule cannot decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecided {
    /// The look failed.
    LookFailed(Failure),
    /// The provider's address file is too old to be held against anyone.
    AddressesStale,
    /// The page is drawn by a script, and too little of it is text.
    DrawnByScript,
    /// The page goes on beyond what was read.
    CutOff,
    /// The server answers with a status that says nothing of the page.
    Status(u16),
    /// A guard stands before the page.
    Challenge,
    /// The report is older than its source is good for.
    ReportStale,
    /// The registry hides it.
    Hidden,
    /// The name is written in another script.
    OtherScript,
    /// The operator's list does not name it.
    NotListed,
}

impl Undecided {
    /// Whether people are asked at the first such look: another look by a machine would see the
    /// same. Source: behaviour of this service, part 3 (Reachable, Text).
    pub fn wants_people(self) -> bool {
        match self {
            Self::Challenge | Self::DrawnByScript => true,
            Self::Status(status) => matches!(status, 412 | 429 | 451 | 521),
            Self::LookFailed(_)
            | Self::AddressesStale
            | Self::CutOff
            | Self::ReportStale
            | Self::Hidden
            | Self::OtherScript
            | Self::NotListed => false,
        }
    }

    /// What kept a machine from deciding, for the people who look.
    pub fn text(self) -> Text {
        match self {
            Self::LookFailed(failure) => {
                let why = failure.text();
                Text::new(
                    format!("未能看清：{}", why.zh),
                    format!("the look failed: {}", why.en),
                )
            }
            Self::AddressesStale => {
                Text::new("服务商地址表过期", "the provider's address file is too old")
            }
            Self::DrawnByScript => Text::new("页面由脚本生成，文字过少", "a script draws the page"),
            Self::CutOff => Text::new("页面过长，未读完", "the page goes on beyond what was read"),
            Self::Status(status) => Text::new(
                format!("服务器返回状态{status}"),
                format!("the server answers {status}"),
            ),
            Self::Challenge => Text::new("页面前有人机验证", "a guard stands before the page"),
            Self::ReportStale => Text::new("所依据的资料过期", "the report is too old"),
            Self::Hidden => Text::new("注册信息被隐藏", "the registry hides it"),
            Self::OtherScript => Text::new(
                "名称以另一种文字书写",
                "the name is written in another script",
            ),
            Self::NotListed => {
                Text::new("不在所提供的名单内", "the operator's list does not name it")
            }
        }
    }
}

/// Why a rule does not speak of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotApplicable {
    /// The filing never brought the fact.
    NoBaseline,
    /// The filer declared no public home page.
    NoHomePage,
    /// Another rule speaks of it.
    OtherRule,
    /// The nature of the subject is not meant.
    Nature,
    /// The kind of service is not meant.
    Kind,
    /// No source says what must be.
    Silent,
    /// It was not looked up.
    NotLookedUp,
    /// The province lets the site be closed.
    MayBeClosed,
    /// The duty has not begun.
    TooEarly,
    /// Staff exempted it for a time.
    Exempt,
    /// Access is not given now.
    NotLive,
}
