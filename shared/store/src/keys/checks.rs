//! Keys of checks that somebody asked for.

use icp_domain::ids::{CheckId, LookId};

use super::{HEAD, Key, key};

/// Partition of a check.
pub fn check_partition(check: &CheckId) -> String {
    format!("CHECK#{check}")
}

/// A filer's self-check.
pub fn self_check(check: &CheckId) -> Key {
    key(check_partition(check), HEAD)
}

/// A public check.
pub fn public_check(check: &CheckId) -> Key {
    key(check_partition(check), "PUBLIC")
}

/// What a look of a check said.
pub fn check_look(check: &CheckId, look: &LookId) -> Key {
    key(check_partition(check), format!("LOOK#{look}"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn every_key_is_pinned() {
        let check: CheckId = "k1".parse().unwrap();
        let keys = [
            self_check(&check),
            public_check(&check),
            check_look(&check, &"l1".parse().unwrap()),
        ];
        let lines: Vec<String> = keys.iter().map(Key::to_string).collect();
        expect![[r#"
            CHECK#k1 HEAD
            CHECK#k1 PUBLIC
            CHECK#k1 LOOK#l1"#]]
        .assert_eq(&lines.join("\n"));
    }
}
