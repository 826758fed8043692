//! Whether what is heard is no more than one tone or two, as exchanges ring and mailboxes beep.

/// How many of the samples before one tell what it is where there are two tones: each takes two.
const BEFORE: usize = 4;

/// The part of the power that may be left when what can be told is taken away. Of tones in a call nearly nothing is left but what the law of its
/// bytes adds; of voices, where it is least, a fiftieth.
const LEFT: f64 = 0.006;

/// Says whether these samples are one or two steady tones: each sample is then a sum of those before it, always the same one. It is looked for by
/// least squares (linear prediction by the covariance method).
pub(super) fn is_tones(samples: &[f32]) -> bool {
    let products = products(samples);
    let power = products[0][0];
    let mut left = power;
    // Gauss and Jordan; a little is added to the diagonal, for one tone alone needs only two of the four.
    let mut rows = [[0.0; BEFORE + 1]; BEFORE];
    for (place, row) in rows.iter_mut().enumerate() {
        row[..BEFORE].copy_from_slice(&products[place + 1][1..]);
        row[place] += power * 1e-5;
        row[BEFORE] = products[0][place + 1];
    }
    for place in 0..BEFORE {
        let pivot = rows[place][place];
        if pivot <= 0.0 {
            return false;
        }
        rows[place] = rows[place].map(|value| value / pivot);
        let done = rows[place];
        for (_, row) in rows.iter_mut().enumerate().filter(|(other, _)| *other != place) {
            let factor = row[place];
            for (value, of_done) in row.iter_mut().zip(done) {
                *value -= factor * of_done;
            }
        }
    }
    for (place, row) in rows.iter().enumerate() {
        left -= row[BEFORE] * products[0][place + 1];
    }
    power > 0.0 && left < LEFT * power
}

/// How alike the samples are to themselves so many samples later.
fn products(samples: &[f32]) -> [[f64; BEFORE + 1]; BEFORE + 1] {
    let product = |one: usize, other: usize| {
        let of_window = |window: &[f32]| f64::from(window[BEFORE - one] * window[BEFORE - other]);
        samples.windows(BEFORE + 1).map(of_window).sum()
    };
    std::array::from_fn(|one| std::array::from_fn(|other| product(one, other)))
}
