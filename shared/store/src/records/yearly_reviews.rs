//! What yearly reviews asked of a filing, and what was answered.

use icp_domain::campaign::Question;
use icp_domain::ids::{CampaignId, SubjectId};

use super::SHAPE;
use crate::{Change, Guard, Item, Row, Store, StoreError, keys};

/// A question as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredQuestion {
    /// The question.
    pub question: Question,
    subject: SubjectId,
    guard: Guard,
}

impl StoredQuestion {
    /// A question that is asked now.
    pub fn new(subject: SubjectId, question: Question) -> Self {
        Self {
            question,
            subject,
            guard: Guard::New,
        }
    }

    /// Writes it.
    pub fn put(&self, change: &mut Change) -> Result<(), StoreError> {
        let key = keys::yearly_question(&self.subject, &self.question.campaign);
        change.put(Row::of(key, SHAPE, self.guard, &self.question)?);
        Ok(())
    }

    fn read(subject: &SubjectId, item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            question: item.read(SHAPE)?,
            subject: subject.clone(),
            guard: Guard::Version(item.version()?),
        })
    }
}

impl Store {
    /// What a yearly review asked of a filing.
    pub async fn question(
        &self,
        subject: &SubjectId,
        campaign: &CampaignId,
    ) -> Result<Option<StoredQuestion>, StoreError> {
        let item = self.item(&keys::yearly_question(subject, campaign)).await?;
        let item = item.as_ref();
        item.map(|item| StoredQuestion::read(subject, item))
            .transpose()
    }

    /// What yearly reviews asked of a filing, the latest first.
    pub async fn questions(&self, subject: &SubjectId) -> Result<Vec<Question>, StoreError> {
        let partition = keys::subject_partition(subject);
        let rows = self.partition_between(&partition, "YEARLY#", "YEARLY#~");
        let items = rows.await?;
        let read = items.iter().map(|item| item.read::<Question>(SHAPE));
        let mut questions = read.collect::<Result<Vec<_>, _>>()?;
        questions.sort_by_key(|question| std::cmp::Reverse(question.asked_at));
        Ok(questions)
    }
}
