//! Pages of a guard that asks for a proof that a person visits, in place of the site.

use super::reading::Reading;

/// What such a page says to people. Source: pages of Cloudflare, Aliyun, Tencent, Baidu and 加速乐 as
/// they are met; a site's own text is longer than a guard's.
const WORDS: [&str; 10] = [
    "just a moment",
    "checking your browser",
    "attention required",
    "人机验证",
    "安全验证",
    "滑动验证",
    "访问验证",
    "正在进行安全检测",
    "请完成验证",
    "浏览器安全检查",
];

/// What its script bears. Source: as above.
const TOKENS: [&str; 5] = [
    "cf-chl",
    "__cf_chl",
    "acw_sc__v2",
    "__jsl_clearance",
    "TencentCaptcha",
];

/// Visible characters up to which a page may be a guard's. Source: chosen here; the longest of the
/// pages above has about 300.
const LONGEST: usize = 600;

/// Whether the page is a guard's.
pub(super) fn stands_before(title: &str, reading: &Reading) -> bool {
    if reading.visible.chars().take(LONGEST + 1).count() > LONGEST {
        return false;
    }
    let said = format!("{title}\n{}", reading.visible).to_lowercase();
    WORDS.iter().any(|word| said.contains(word))
        || TOKENS
            .iter()
            .any(|token| reading.script_tail.contains(token))
}
