//! Words that make a person look at a page. A word is never a finding by itself.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{self, RulebookFault};
use super::source::{Source, Sources};
use crate::look::WordSeen;

/// The file's name.
pub(crate) const FILE: &str = "content-words.json";

/// Words kept of one page: enough for a person to see what it is about.
const MOST_WORDS: usize = 20;

/// What words of a list speak of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum WordGroup {
    /// An enterprise presents itself (企业).
    Enterprise,
    /// Goods or services are sold on the page (交易).
    Trade,
    /// News (新闻): pre-approval (前置审批).
    News,
    /// Publishing (出版): pre-approval.
    Publishing,
    /// Drugs and medical devices (药品、医疗器械): pre-approval.
    Medicine,
    /// Culture and games (文化、游戏): pre-approval.
    Culture,
    /// Film and television (影视): pre-approval.
    Film,
    /// Ride hailing (网约车): pre-approval.
    RideHailing,
    /// Finance (金融): pre-approval.
    Finance,
}

impl WordGroup {
    /// Whether the trade wants an approval before a filing (前置审批).
    pub fn wants_approval(self) -> bool {
        match self {
            Self::Enterprise | Self::Trade => false,
            Self::News
            | Self::Publishing
            | Self::Medicine
            | Self::Culture
            | Self::Film
            | Self::RideHailing
            | Self::Finance => true,
        }
    }
}

/// The lists of words.
#[derive(Debug, Clone)]
pub struct ContentWords {
    words: Vec<(WordGroup, String)>,
    sources: BTreeMap<WordGroup, Source>,
    matcher: AhoCorasick,
}

impl PartialEq for ContentWords {
    fn eq(&self, other: &Self) -> bool {
        (&self.words, &self.sources) == (&other.words, &other.sources)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    #[serde(rename = "note")]
    _note: Option<String>,
    sources: BTreeMap<String, Source>,
    groups: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Row {
    group: WordGroup,
    source: String,
    words: Vec<String>,
}

impl ContentWords {
    /// Reads the file's text.
    pub(crate) fn read(text: &str) -> Result<Self, RulebookFault> {
        let file: File = fault::read(FILE, text)?;
        let named = Sources {
            file: FILE,
            by_key: &file.sources,
        };
        let mut words: Vec<(WordGroup, String)> = Vec::new();
        let mut sources = BTreeMap::new();
        for (at, row) in file.groups.into_iter().enumerate() {
            let path = format!("/groups/{at}");
            sources.insert(row.group, named.named(&row.source, &path)?);
            for (index, word) in row.words.into_iter().enumerate() {
                let path = format!("{path}/words/{index}");
                let known = words.iter().any(|(_, other)| *other == word);
                if word.trim() != word || word.chars().count() < 2 || known {
                    let allowed = "two characters or more, without blanks around, given once";
                    return Err(RulebookFault::at(FILE, path, format!("{word:?}"), allowed));
                }
                words.push((row.group, word));
            }
        }
        let matcher = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .build(words.iter().map(|(_, word)| word))
            .map_err(|error| {
                RulebookFault::at(FILE, "/groups", "of all words", error.to_string())
            })?;
        Ok(Self {
            words,
            sources,
            matcher,
        })
    }

    /// The words that stand in any of the texts, each once, in order of appearance.
    pub fn seen_in<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Vec<WordSeen> {
        let mut seen: Vec<WordSeen> = Vec::new();
        for text in texts {
            for found in self.matcher.find_iter(text) {
                let Some((group, word)) = self.words.get(found.pattern().as_usize()) else {
                    continue;
                };
                if seen.iter().any(|other| other.word == *word) {
                    continue;
                }
                if seen.len() == MOST_WORDS {
                    return seen;
                }
                seen.push(WordSeen {
                    group: *group,
                    word: word.clone(),
                });
            }
        }
        seen
    }

    /// Who says that words of a list matter.
    pub fn source(&self, group: WordGroup) -> Option<&Source> {
        self.sources.get(&group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;

    #[test]
    fn the_longest_word_is_seen_and_each_once() {
        let words = Rulebook::shipped().unwrap().content_words;
        let seen = words.seen_in(["某某有限公司", "p2p理财 有限责任公司 有限公司"]);
        let seen: Vec<_> = seen
            .iter()
            .map(|seen| (seen.group, seen.word.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (WordGroup::Enterprise, "有限公司"),
                (WordGroup::Finance, "P2P理财"),
                (WordGroup::Enterprise, "有限责任公司"),
            ]
        );
        assert!(words.source(WordGroup::Finance).unwrap().as_of.is_some());
    }

    #[test]
    fn a_bad_word_is_refused_with_its_path() {
        let path = |groups: &str| {
            let text =
                format!(r#"{{ "sources": {{ "s": {{ "title": "t" }} }}, "groups": [{groups}] }}"#);
            ContentWords::read(&text).unwrap_err().path
        };
        assert_eq!(
            path(r#"{ "group": "news", "source": "s", "words": ["新闻", "新"] }"#),
            "/groups/0/words/1"
        );
        assert_eq!(
            path(r#"{ "group": "news", "source": "x", "words": [] }"#),
            "/groups/0/source"
        );
        assert_eq!(
            path(r#"{ "group": "sports", "source": "s", "words": [] }"#),
            "/groups/0/group"
        );
    }
}
