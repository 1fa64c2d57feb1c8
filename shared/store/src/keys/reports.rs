//! Keys of what people and files report.

use icp_domain::command::hashed;
use icp_domain::ids::{ServiceId, UnitId};

use super::{HEAD, Key, key, subject_partition};

/// What is reported of a unit.
pub fn reported(unit: &UnitId) -> Key {
    let name = unit.service.as_ref().map_or("S", ServiceId::as_str);
    key(subject_partition(&unit.subject), format!("REPORTED#{name}"))
}

/// That the operator brought a list of registrars.
pub fn registrars() -> Key {
    key("REGISTRARS", HEAD)
}

/// A registrar of the operator's list, by its name as registries write it.
pub fn registrar(name: &str) -> Key {
    key(
        "REGISTRARS",
        format!("NAME#{}", hashed("registrar", &[name])),
    )
}

/// Until when files of the provider's front ends were brought.
pub fn front_end_files() -> Key {
    key("FRONT-ENDS", HEAD)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use icp_domain::ids::SubjectId;

    use super::*;

    #[test]
    fn every_key_is_pinned() {
        let s: SubjectId = "s1".parse().unwrap();
        let keys = [
            reported(&UnitId::of_subject(s.clone())),
            reported(&UnitId::of_service(s, "1".parse().unwrap())),
            registrars(),
            registrar("阿里云"),
            front_end_files(),
        ];
        let lines: Vec<String> = keys.iter().map(Key::to_string).collect();
        expect![[r#"
            SUBJECT#s1 REPORTED#S
            SUBJECT#s1 REPORTED#1
            REGISTRARS HEAD
            REGISTRARS NAME#e648ab448d6c111243fcc61948a846b5
            FRONT-ENDS HEAD"#]]
        .assert_eq(&lines.join("\n"));
    }
}
