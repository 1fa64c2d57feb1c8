//! What data keys are for.

/// What a data key is for. A key of one purpose opens nothing of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyPurpose {
    /// Wraps the keys of persons and subjects, and seals stored answers.
    Personal,
    /// Hashes numbers and certificates, so that they can be looked up.
    Index,
    /// Derives codes.
    Code,
    /// Signs what callers hold for us: cursors, confirmations.
    Signature,
}

impl KeyPurpose {
    /// Its name in keys and in KMS's encryption context.
    pub fn name(self) -> &'static str {
        match self {
            Self::Personal => "PERSONAL",
            Self::Index => "INDEX",
            Self::Code => "CODE",
            Self::Signature => "SIGNATURE",
        }
    }
}
