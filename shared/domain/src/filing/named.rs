//! Parts of a filing as people know them, without anything personal.

use crate::Text;
use crate::filing::Filing;
use crate::finding::Object;
use crate::ids::PersonId;

/// Sites of a person that are named; of more, their number says enough.
const MOST_SITES: usize = 3;

impl Filing {
    /// What is at fault, as a filer knows it: a person by role, a material by kind, a domain by itself. Nothing of the
    /// subject's own fields and of a service as a whole, which a finding speaks of anyway.
    pub fn names(&self, object: &Object) -> Option<Text> {
        match object {
            Object::Person(person) => self.roles_in_words(person),
            Object::Material(material) => Some(self.materials.get(material)?.kind.text()),
            Object::MaterialKind(kind) => Some(kind.text()),
            Object::Domain(domain) => Some(Text::new(domain.as_str(), domain.as_str())),
            Object::Subject | Object::Service => None,
        }
    }

    /// The roles of a person: 主体负责人, 网站负责人 with the first domain of each of the first sites.
    fn roles_in_words(&self, person: &PersonId) -> Option<Text> {
        let roles = self.roles(person);
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        if roles.subject {
            zh.push("主体负责人".to_owned());
            en.push("the subject's principal".to_owned());
        }
        let services = roles.services.iter().filter_map(|id| self.services.get(id));
        for service in services.take(MOST_SITES) {
            let site = service.details.domains.first();
            let site = site.map_or(service.details.name.as_str(), |domain| domain.as_str());
            zh.push(format!("网站负责人（{site}）"));
            en.push(format!("the principal of {site}"));
        }
        let others = roles.services.len().saturating_sub(MOST_SITES);
        if 0 < others {
            zh.push(format!("另有{others}个网站"));
            en.push(format!("and {others} more sites"));
        }
        (!zh.is_empty()).then(|| Text::new(zh.join("、"), en.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filing::MaterialKind;
    use crate::rules::testing::Scene;

    #[test]
    fn a_part_is_named_as_its_filer_knows_it_and_by_nothing_personal() {
        let filing = Scene::default().filing;
        let principal = filing.subject.details.as_ref().unwrap().principal.clone();
        let named = |object: &Object| filing.names(object).map(|text| text.zh);
        let of_both = filing
            .services
            .values()
            .any(|service| service.details.principal == principal);
        let words = named(&Object::Person(principal)).unwrap();
        assert!(words.starts_with("主体负责人"), "{words}");
        assert_eq!(words.contains("、网站负责人（"), of_both, "{words}");
        let kind = MaterialKind::SubjectCertificate;
        assert_eq!(named(&Object::MaterialKind(kind)), Some(kind.text().zh));
        let domain = "example.cn".parse().unwrap();
        assert_eq!(
            named(&Object::Domain(domain)).as_deref(),
            Some("example.cn")
        );
        for nobody in [
            Object::Subject,
            Object::Service,
            Object::Person("gone".parse().unwrap()),
        ] {
            assert_eq!(named(&nobody), None, "{nobody:?}");
        }
    }
}
