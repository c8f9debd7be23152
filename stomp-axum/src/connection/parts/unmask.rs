/// Takes the mask off a piece of a payload, and returns the mask for the piece behind it.
pub(super) fn unmask(payload: &mut [u8], mask: [u8; 4]) -> [u8; 4] {
    let (words, rest) = payload.as_chunks_mut::<4>();
    let word = u32::from_ne_bytes(mask);
    for chunk in words {
        *chunk = (u32::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    let mut next = mask;
    next.rotate_left(rest.len());
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_may_come_in_any_pieces() {
        let mask = [1, 2, 3, 4];
        let masked: Vec<u8> = (0..50).collect();
        let expected: Vec<u8> = masked
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask)
            .collect();
        for first in 0..masked.len() {
            for second in first..masked.len() {
                let mut payload = masked.clone();
                let rest = unmask(&mut payload[..first], mask);
                let rest = unmask(&mut payload[first..second], rest);
                unmask(&mut payload[second..], rest);
                assert_eq!(payload, expected);
            }
        }
    }
}
