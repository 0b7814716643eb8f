//! Pictures of large squares as key frames of VP8 (RFC 6386): a video that needs no encoder.
//!
//! Every macroblock (16 × 16 pixels) has one color. It is predicted from the one on its left (`H_PRED`), and the difference is one
//! number per plane, always of the largest category, which has 11 bits. With the finest quantizer, no loop filter and no other
//! coefficient a browser shows exactly the colors that were asked for.

/// The color of a square: luma and both chromas. Two colors are the same in a plane, or differ by at least [`LEAST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

/// How much luma, and how much chroma, has to differ: smaller differences would be of another category.
#[cfg(test)]
pub const LEAST: (u8, u8) = (9, 34);

/// What a decoder takes for the square on the left of the first one.
const BORDER: Color = Color(129, 129, 129);

/// The side of a square, in pixels.
const SIDE: u16 = 16;

/// The category of differences: its smallest number, and the probabilities of the bits above it.
const SMALLEST: i32 = 67;
const BITS: [u8; 11] = [254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129];

/// The way to this category, for the luma and for a block of chroma, by how many of the neighbours went it, too; and the end of
/// a block after it.
const LUMA: [[u8; 7]; 3] =
    [[198, 35, 237, 223, 162, 145, 62], [131, 45, 198, 221, 220, 252, 1], [68, 47, 146, 208, 221, 255, 128]];
const CHROMA: [[u8; 7]; 3] =
    [[253, 9, 248, 251, 255, 128, 128], [175, 13, 224, 243, 249, 255, 128], [73, 17, 171, 221, 236, 255, 128]];
const LUMA_END: u8 = 81;
const CHROMA_END: u8 = 155;

/// One of the sixteen blocks of a luma that has nothing of its own.
const EMPTY_BLOCK: u8 = 253;

/// A frame has to say of each of 1056 probabilities that it does not change. How likely that is: 255, but for these, each with
/// the number of 255s before it.
#[rustfmt::skip]
const UNCHANGED: [(u8, u8); 158] = [
    (33, 176), (0, 246), (9, 223), (0, 241), (0, 252), (8, 249), (0, 253), (0, 253), (9, 244), (0, 252), (8, 234),
    (0, 254), (0, 254), (8, 253), (11, 246), (0, 254), (8, 239), (0, 253), (0, 254), (8, 254), (1, 254), (9, 248),
    (0, 254), (8, 251), (1, 254), (20, 253), (0, 254), (8, 251), (0, 254), (0, 254), (8, 254), (1, 254), (9, 254),
    (0, 253), (1, 254), (6, 250), (1, 254), (1, 254), (6, 254), (43, 217), (10, 225), (0, 252), (0, 241), (0, 253),
    (2, 254), (4, 234), (0, 250), (0, 241), (0, 250), (0, 253), (1, 253), (0, 254), (4, 254), (9, 223), (0, 254),
    (0, 254), (8, 238), (0, 253), (0, 254), (0, 254), (8, 248), (0, 254), (8, 249), (0, 254), (21, 253), (9, 247),
    (0, 254), (21, 253), (0, 254), (8, 252), (22, 254), (0, 254), (8, 253), (22, 254), (0, 253), (8, 250), (10, 254),
    (43, 186), (0, 251), (0, 250), (8, 234), (0, 251), (0, 244), (0, 254), (7, 251), (0, 251), (0, 243), (0, 253),
    (0, 254), (1, 254), (5, 253), (0, 254), (8, 236), (0, 253), (0, 254), (8, 251), (0, 253), (0, 253), (0, 254),
    (0, 254), (7, 254), (0, 254), (8, 254), (0, 254), (0, 254), (20, 254), (9, 254), (0, 254), (9, 254), (21, 254),
    (120, 248), (10, 250), (0, 254), (0, 252), (0, 254), (7, 248), (0, 254), (0, 249), (0, 253), (8, 253), (0, 253),
    (8, 246), (0, 253), (0, 253), (8, 252), (0, 254), (0, 251), (0, 254), (0, 254), (7, 254), (0, 252), (8, 248),
    (0, 254), (0, 253), (8, 253), (1, 254), (0, 254), (8, 251), (0, 254), (8, 245), (0, 251), (0, 254), (8, 253),
    (0, 253), (0, 254), (9, 251), (0, 253), (8, 252), (0, 253), (0, 254), (9, 254), (10, 252), (9, 249), (1, 254),
    (10, 254), (10, 253), (8, 250), (32, 254),
];
const UNCHANGED_AFTER: usize = 21;

/// The key frame of a picture, row by row; each row has `columns` squares.
pub fn key_frame(squares: &[Color], columns: u16) -> Vec<u8> {
    let (mut head, mut rest) = (BoolEncoder::default(), BoolEncoder::default());
    write_header(&mut head);
    let mut above = vec![Written::default(); usize::from(columns)];
    for row in squares.chunks(usize::from(columns).max(1)) {
        let (mut left, mut left_written) = (BORDER, Written::default());
        for (color, above) in row.iter().zip(&mut above) {
            // The color is the left one's: there is nothing to add.
            head.put(*color == left, 128);
            // Predicted from the left, in luma and in chroma.
            for (bit, probability) in [(true, 145), (true, 156), (false, 128), (true, 142), (true, 114), (false, 183)] {
                head.put(bit, probability);
            }
            let written = if *color == left {
                Written::default()
            } else {
                write_square(&mut rest, *color, left, above, &left_written)
            };
            (left, left_written, *above) = (*color, written, written);
        }
    }
    let rows = squares.len().div_ceil(usize::from(columns).max(1)) as u16;
    let (head, rest) = (head.finish(), rest.finish());
    // A key frame that is shown, and how long its first part is.
    let tag = ((head.len() as u32) << 5) | 0x10;
    let mut frame = tag.to_le_bytes().into_iter().take(3).chain([0x9d, 0x01, 0x2a]).collect::<Vec<u8>>();
    frame.extend((columns * SIDE).to_le_bytes());
    frame.extend((rows * SIDE).to_le_bytes());
    frame.extend(head);
    frame.extend(rest);
    frame
}

/// What a square has written: neighbours choose their probabilities by it. Of chroma, both blocks at an edge are alike.
#[derive(Debug, Clone, Copy, Default)]
struct Written {
    luma: bool,
    chroma: [bool; 2],
}

fn write_header(head: &mut BoolEncoder) {
    // Color space and clamping, no segments, no loop filter (kind, level, sharpness), no adjustments of it, one partition.
    head.literal(0, 1 + 1 + 1 + 1 + 6 + 3 + 1 + 2);
    // The finest quantizer for everything.
    head.literal(0, 7 + 5);
    // Probabilities are kept for the next frame, unchanged.
    head.literal(1, 1);
    for (before, probability) in UNCHANGED {
        for _ in 0..before {
            head.put(false, 255);
        }
        head.put(false, probability);
    }
    for _ in 0..UNCHANGED_AFTER {
        head.put(false, 255);
    }
    // Squares may say that they add nothing, which is as likely as not.
    head.literal(1, 1);
    head.literal(128, 8);
}

/// Writes what a square adds to the color on its left.
fn write_square(out: &mut BoolEncoder, color: Color, left: Color, above: &Written, beside: &Written) -> Written {
    let difference = |color: u8, left: u8| i32::from(color) - i32::from(left);
    let luma = difference(color.0, left.0);
    // The quantizers are 8 for luma and 4 for chroma; the transforms divide by 64 and by 8.
    out.coefficient(luma * 8, LUMA, LUMA_END, above.luma, beside.luma);
    for _ in 0..16 {
        out.put(false, EMPTY_BLOCK);
    }
    let mut written = Written { luma: luma != 0, chroma: [false; 2] };
    let planes = [(color.1, left.1), (color.2, left.2)];
    for ((written, (color, left)), (above, beside)) in
        written.chroma.iter_mut().zip(planes).zip(above.chroma.into_iter().zip(beside.chroma))
    {
        let level = difference(color, left) * 2;
        *written = level != 0;
        // Two blocks by two: those in the middle are neighbours of each other.
        for (above, beside) in [(above, beside), (above, *written), (*written, beside), (*written, *written)] {
            out.coefficient(level, CHROMA, CHROMA_END, above, beside);
        }
    }
    written
}

/// Bits, each with the probability (of 256) that it is 0.
struct BoolEncoder {
    bytes: Vec<u8>,
    low: u32,
    range: u32,
    /// How many more bits until there is a byte.
    wanted: u8,
}

impl Default for BoolEncoder {
    fn default() -> Self {
        Self { bytes: Vec::new(), low: 0, range: 255, wanted: 24 }
    }
}

impl BoolEncoder {
    fn put(&mut self, bit: bool, probability: u8) {
        let split = 1 + (((self.range - 1) * u32::from(probability)) >> 8);
        if bit {
            self.low += split;
            self.range -= split;
        } else {
            self.range = split;
        }
        while self.range < 128 {
            self.range <<= 1;
            self.shift();
        }
    }

    fn shift(&mut self) {
        if self.low & (1 << 31) != 0 {
            self.carry();
        }
        self.low <<= 1;
        self.wanted -= 1;
        if self.wanted == 0 {
            self.bytes.push((self.low >> 24) as u8);
            self.low &= 0x00ff_ffff;
            self.wanted = 8;
        }
    }

    /// Adds one to what has been written.
    fn carry(&mut self) {
        for byte in self.bytes.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
    }

    fn literal(&mut self, value: u32, bits: u32) {
        for bit in (0..bits).rev() {
            self.put(value >> bit & 1 == 1, 128);
        }
    }

    /// The only coefficient of a block. `above` and `beside`: whether those blocks have one.
    fn coefficient(&mut self, level: i32, ways: [[u8; 7]; 3], end: u8, above: bool, beside: bool) {
        let [none, one, both] = ways;
        let way = match (above, beside) {
            (false, false) => none,
            (true, true) => both,
            _ => one,
        };
        if level == 0 {
            let [first, ..] = way;
            return self.put(false, first);
        }
        for probability in way {
            self.put(true, probability);
        }
        let more = level.abs() - SMALLEST;
        for (bit, probability) in (0..BITS.len()).rev().zip(BITS) {
            self.put(more >> bit & 1 == 1, probability);
        }
        self.put(level < 0, 128);
        self.put(false, end);
    }

    /// All of it: what is still kept is shifted out.
    fn finish(mut self) -> Vec<u8> {
        for _ in 0..32 {
            self.shift();
        }
        self.bytes
    }
}
