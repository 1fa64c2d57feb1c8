//! Whether an order is about what its kind is about, and says no more than its kind may.

use super::{Demand, Desk, cited, demand};
use crate::filing::{Link, LinkState, SubjectState};
use crate::ids::ServiceId;
use crate::order::{MOST_SERVICES, OrderKind};

impl Desk<'_> {
    pub(super) fn wish(&mut self) {
        self.kind_of_order();
        self.services_of_order();
        if !self.files_data() {
            self.data_stays();
        }
    }

    /// A first filing is for a subject without a number; who has one elsewhere adds a site or access
    /// here; every other order is of what is filed here.
    fn kind_of_order(&mut self) {
        let fits = match (&self.against.filing.subject.state, self.against.kind) {
            (SubjectState::New, kind) => match kind {
                OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess => true,
                OrderKind::Change
                | OrderKind::DeregisterSite
                | OrderKind::DeregisterSubject
                | OrderKind::CancelAccess => false,
            },
            (SubjectState::Filed { .. }, kind) => kind != OrderKind::FirstFiling,
            (SubjectState::Deregistered { .. }, _) => false,
        };
        if !fits {
            self.refuse(
                String::new(),
                demand(
                    "order-kind",
                    "首次备案仅适用于尚无备案号的主体，变更、注销、取消接入仅适用于在本商已备案的主体",
                    "a first filing is for a subject without a number; a change or an end is of what is filed here",
                    cited::TYPES,
                ),
            );
        }
    }

    fn services_of_order(&mut self) {
        let filed = &self.against.filing.services;
        let listed: Vec<(usize, Option<ServiceId>)> = self
            .typed
            .services
            .iter()
            .map(|typed| typed.id.parse().ok())
            .enumerate()
            .collect();
        let mut strays = Vec::new();
        for (at, id) in &listed {
            let Some(id) = id else { continue };
            let service = filed.get(id);
            let ended = service.is_some_and(|service| !service.is_on_record());
            let has_access = self
                .against
                .filing
                .links
                .get(id)
                .is_some_and(Link::is_on_record);
            let fits = match self.against.kind {
                _ if ended => false,
                OrderKind::FirstFiling => true,
                OrderKind::AddSite => service.is_none(),
                OrderKind::AddAccess => !has_access,
                OrderKind::Change | OrderKind::DeregisterSite => service.is_some(),
                OrderKind::DeregisterSubject => false,
                OrderKind::CancelAccess => service.is_some() && has_access,
            };
            if !fits {
                strays.push(*at);
            }
        }
        for at in strays {
            let demand = self.service_of_order(listed.get(at).and_then(|(_, id)| id.as_ref()));
            self.refuse(format!("/services/{at}/id"), demand);
        }
        let count = listed.len();
        let on_record = self.against.filing.on_record().count();
        let holds = match self.against.kind {
            OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess => 0 < count,
            OrderKind::Change => true,
            OrderKind::DeregisterSite | OrderKind::CancelAccess => count == 1,
            // So that its approval fits one transaction.
            OrderKind::DeregisterSubject => count == 0 && on_record <= MOST_SERVICES,
        };
        if !holds {
            self.refuse(
                "/services",
                demand(
                    "services-of-order",
                    format!(
                        "首次备案、新增网站、接入备案至少列一个服务；注销网站、取消接入只列一个；注销主体不列服务，且在册服务不超过{MOST_SERVICES}个，多于此数请先注销网站"
                    ),
                    format!(
                        "a first filing, added site or access filing lists a service at least; a deregistration of a site or cancellation of access lists one; a deregistration of the subject lists none and ends {MOST_SERVICES} at most: deregister sites first where there are more"
                    ),
                    cited::TYPES,
                ),
            );
        }
    }

    /// Why a service is none for the order.
    fn service_of_order(&self, id: Option<&ServiceId>) -> Demand<'static> {
        let link = id.and_then(|id| self.against.filing.links.get(id));
        let (zh, en) = match (self.against.kind, link.map(|link| &link.state)) {
            (OrderKind::AddAccess, Some(LinkState::Live { .. })) => (
                "该网站在本接入商的接入正常，不需要接入备案",
                "this service has its access here: it needs no access filing",
            ),
            (
                OrderKind::AddAccess,
                Some(LinkState::Stopped { .. } | LinkState::Reported { .. }),
            ) => (
                "该网站的接入已停止，但管局还没有登记取消接入，此时不能提交接入备案：请先看“恢复接入的步骤”，整改后申请复查或提出异议",
                "access was stopped, but the bureau has not recorded its cancellation, and takes no access filing before: see the way back, put it right and ask for a recheck, or object",
            ),
            (_, _) => (
                "该服务不适用此类订单：新增网站只列新服务，接入备案只列未接入的服务，变更、注销、取消接入只列已备案的服务",
                "this service is not one for such an order: an added site lists new ones, an access filing those without access here, a change or an end those that are filed",
            ),
        };
        demand("service-of-order", zh, en, cited::TYPES)
    }

    /// An order that gives or takes access or a record changes no data of what is filed.
    fn data_stays(&mut self) {
        let filing = self.against.filing;
        let Some(details) = &filing.subject.details else {
            // Held elsewhere: the order brings the data as they stand there.
            return;
        };
        let mut changed = Vec::new();
        if self.parts.subject.as_ref().is_some_and(|it| it != details) {
            changed.push("/subject".to_owned());
        }
        for (at, typed) in self.typed.persons.iter().enumerate() {
            let of_filing = typed.id.parse().ok();
            let of_filing = of_filing.and_then(|id| filing.persons.get(&id));
            let brought = self.parts.person(&typed.id);
            if of_filing.is_some_and(|filed| brought.is_some_and(|it| *it != filed.details)) {
                changed.push(format!("/persons/{at}"));
            }
        }
        for (at, typed) in self.typed.services.iter().enumerate() {
            let of_filing = typed.id.parse().ok();
            let of_filing = of_filing.and_then(|id| filing.services.get(&id));
            let brought = self.parts.service(&typed.id);
            if of_filing.is_some_and(|filed| brought.is_some_and(|it| *it != filed.details)) {
                changed.push(format!("/services/{at}"));
            }
        }
        for field in changed {
            self.refuse(
                field,
                demand(
                    "data-of-order",
                    "此类订单不变更已备案信息，请另提交变更备案",
                    "such an order changes nothing of what is filed; a change filing does",
                    cited::TYPES,
                ),
            );
        }
    }
}
