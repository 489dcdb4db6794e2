//! Checksums, and the functions that would need randomness.
//!
//! Keys, certificates and password hashes differ at every run of Helm, so they are placeholders of the right
//! shape here, made from the stated seed; each use is reported. None of them is a secret, and none works.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256, Sha512};

use super::super::eval::{Eval, Fault};
use super::super::value::Value;
use super::encoding::base64_encode;
use super::{Function, Kind, fixed, int, open, raw, text, unsupported};

const A: Kind = Kind::Any;
const S: Kind = Kind::Str;
const I: Kind = Kind::Int;

pub(super) static TABLE: &[Function] = &[
    fixed("sha256sum", &[S], |_, a| {
        Ok(Value::from(hex(&Sha256::digest(raw(&a[0])))))
    }),
    fixed("sha512sum", &[S], |_, a| {
        Ok(Value::from(hex(&Sha512::digest(raw(&a[0])))))
    }),
    fixed("sha1sum", &[S], |_, a| {
        Ok(Value::from(hex(&sha1(raw(&a[0])))))
    }),
    fixed("adler32sum", &[S], |_, a| {
        Ok(Value::from(adler32(raw(&a[0])).to_string()))
    }),
    fixed("bcrypt", &[S], |eval, _| {
        eval.note_unstable("bcrypt");
        Ok(Value::from(bcrypt_like(eval)))
    }),
    fixed("htpasswd", &[S, S], |eval, a| {
        eval.note_unstable("htpasswd");
        let user = text(&a[0]);
        if user.contains(':') {
            return Ok(Value::from(format!("invalid username: {user}")));
        }
        Ok(Value::from(format!("{user}:{}", bcrypt_like(eval))))
    }),
    fixed("randBytes", &[I], |eval, a| {
        eval.note_unstable("randBytes");
        let Ok(count) = usize::try_from(int(&a[0])) else {
            return Err(Fault::new("`randBytes` takes no negative count"));
        };
        eval.spend_bytes(count.saturating_mul(2))?;
        eval.spend(u64::try_from(count / 8).unwrap_or(u64::MAX))?;
        Ok(Value::from(base64_encode(&eval.random.bytes(count))))
    }),
    fixed("uuidv4", &[], |eval, _| {
        eval.note_unstable("uuidv4");
        let mut bytes = eval.random.bytes(16);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let h = hex(&bytes);
        Ok(Value::from(format!(
            "{}-{}-{}-{}-{}",
            &h[..8],
            &h[8..12],
            &h[12..16],
            &h[16..20],
            &h[20..]
        )))
    }),
    fixed("genPrivateKey", &[S], |eval, a| {
        eval.note_unstable("genPrivateKey");
        match &*text(&a[0]) {
            "" | "rsa" => Ok(Value::from(pem(eval, "RSA PRIVATE KEY", 1190))),
            "dsa" => Ok(Value::from(pem(eval, "DSA PRIVATE KEY", 830))),
            "ecdsa" => Ok(Value::from(pem(eval, "EC PRIVATE KEY", 121))),
            "ed25519" => Ok(Value::from(pem(eval, "PRIVATE KEY", 48))),
            other => Ok(Value::from(format!("Unknown type {other}"))),
        }
    }),
    fixed("genCA", &[S, I], |eval, _| {
        Ok(certificate(eval, "genCA", None))
    }),
    fixed("genCAWithKey", &[S, I, S], |eval, a| {
        Ok(certificate(eval, "genCAWithKey", Some(text(&a[2]))))
    }),
    fixed("genSelfSignedCert", &[S, A, A, I], |eval, _| {
        Ok(certificate(eval, "genSelfSignedCert", None))
    }),
    fixed("genSelfSignedCertWithKey", &[S, A, A, I, S], |eval, a| {
        Ok(certificate(
            eval,
            "genSelfSignedCertWithKey",
            Some(text(&a[4])),
        ))
    }),
    fixed("genSignedCert", &[S, A, A, I, A], |eval, _| {
        Ok(certificate(eval, "genSignedCert", None))
    }),
    fixed("genSignedCertWithKey", &[S, A, A, I, A, S], |eval, a| {
        Ok(certificate(eval, "genSignedCertWithKey", Some(text(&a[5]))))
    }),
    fixed("buildCustomCert", &[S, S], |_, a| {
        let plain = |value: &Value| {
            super::encoding::base64_decode(raw(value))
                .map(Value::from_bytes)
                .map_err(|_| Fault::new("`buildCustomCert` takes base64"))
        };
        let mut map = BTreeMap::new();
        map.insert(Arc::from("Cert"), plain(&a[0])?);
        map.insert(Arc::from("Key"), plain(&a[1])?);
        Ok(Value::map(map))
    }),
    open("derivePassword", &[A], A, |_, _| {
        Err(unsupported(
            "derivePassword",
            "it derives a password with scrypt",
        ))
    }),
    fixed("encryptAES", &[S, S], |eval, a| {
        eval.note_unstable("encryptAES");
        let length = 16 + (raw(&a[1]).len() / 16 + 1) * 16;
        eval.spend_bytes(length * 2)?;
        Ok(Value::from(base64_encode(&eval.random.bytes(length))))
    }),
    fixed("decryptAES", &[S, S], |_, _| {
        Err(unsupported(
            "decryptAES",
            "it would need AES in this program",
        ))
    }),
];

/// A certificate and its key as a template sees them.
fn certificate(eval: &mut Eval<'_>, name: &'static str, key: Option<Arc<str>>) -> Value {
    eval.note_unstable(name);
    let mut map = BTreeMap::new();
    map.insert(
        Arc::from("Cert"),
        Value::from(pem(eval, "CERTIFICATE", 790)),
    );
    let key = match key {
        Some(key) => Value::from(key),
        None => Value::from(pem(eval, "RSA PRIVATE KEY", 1190)),
    };
    map.insert(Arc::from("Key"), key);
    Value::map(map)
}

/// A PEM block that says in its first bytes that it is none.
fn pem(eval: &mut Eval<'_>, label: &str, length: usize) -> String {
    let mut bytes = b"placeholder made by gen; no key and no certificate ".to_vec();
    if length > bytes.len() {
        let more = eval.random.bytes(length - bytes.len());
        bytes.extend(more);
    }
    bytes.truncate(length);
    let text = base64_encode(&bytes);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

fn bcrypt_like(eval: &mut Eval<'_>) -> String {
    const LETTERS: &str = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    format!("$2a$10${}", eval.random.text(LETTERS, 53))
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn adler32(bytes: &[u8]) -> u32 {
    const BASE: u32 = 65_521;
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % BASE;
        b = (b + a) % BASE;
    }
    b << 16 | a
}

/// SHA-1 as in FIPS 180-4; only for templates that ask for it.
fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut state = [
        0x6745_2301_u32,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    let mut message = bytes.to_vec();
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend_from_slice(&(bytes.len() as u64 * 8).to_be_bytes());
    for block in message.chunks_exact(64) {
        let mut w = [0_u32; 80];
        for (at, word) in block.chunks_exact(4).enumerate() {
            w[at] = word
                .iter()
                .fold(0, |word, byte| word << 8 | u32::from(*byte));
        }
        for at in 16..80 {
            w[at] = (w[at - 3] ^ w[at - 8] ^ w[at - 14] ^ w[at - 16]).rotate_left(1);
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (at, word) in w.iter().enumerate() {
            let (f, k) = match at {
                0..20 => (b & c | !b & d, 0x5a82_7999),
                20..40 => (b ^ c ^ d, 0x6ed9_eba1),
                40..60 => (b & c | b & d | c & d, 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6_u32),
            };
            let next = a
                .rotate_left(5)
                .wrapping_add(f)
                .wrapping_add(e)
                .wrapping_add(k)
                .wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (part, value) in state.iter_mut().zip([a, b, c, d, e]) {
            *part = part.wrapping_add(value);
        }
    }
    let mut out = [0; 20];
    for (at, word) in state.iter().enumerate() {
        out[at * 4..at * 4 + 4].copy_from_slice(&word.to_be_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_the_published_ones() {
        assert_eq!(
            hex(&sha1(b"abc")),
            "a9993e364706816aba3e25717850c26c9cd0d89d"
        );
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }
}
