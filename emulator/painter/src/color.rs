//! Colours, and mixing them so that the middle is not grey: in Oklab (Björn Ottosson, 2020).

/// A colour in sRGB, each part from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Color {
    /// Red.
    pub r: f32,
    /// Green.
    pub g: f32,
    /// Blue.
    pub b: f32,
}

/// Snow, foam, the moon.
pub const WHITE: Color = Color { r: 1.0, g: 1.0, b: 1.0 };

/// The colour written `0xRRGGBB`.
pub const fn hex(rgb: u32) -> Color {
    Color {
        r: ((rgb >> 16) & 0xff) as f32 / 255.0,
        g: ((rgb >> 8) & 0xff) as f32 / 255.0,
        b: (rgb & 0xff) as f32 / 255.0,
    }
}

impl Color {
    /// The colour on the way to `other`: 0 is here, 1 is there.
    pub fn mix(self, other: Self, t: f32) -> Self {
        let (from, to) = (self.to_oklab(), other.to_oklab());
        let t = t.clamp(0.0, 1.0);
        let [l, a, b] = [0, 1, 2].map(|i| lerp(pick(from, i), pick(to, i), t));
        from_oklab([l, a, b])
    }

    /// The same colour, `by` lighter (or darker, below 0) on a scale from 0 to 1.
    pub fn lighter(self, by: f32) -> Self {
        let [l, a, b] = self.to_oklab();
        from_oklab([(l + by).clamp(0.0, 1.0), a, b])
    }

    /// The same colour with its saturation multiplied.
    pub fn saturated(self, by: f32) -> Self {
        let [l, a, b] = self.to_oklab();
        from_oklab([l, a * by, b * by])
    }

    /// The same colour with its hue turned by some radians.
    pub fn turned(self, by: f32) -> Self {
        let [l, a, b] = self.to_oklab();
        let (sin, cos) = by.sin_cos();
        from_oklab([l, a * cos - b * sin, a * sin + b * cos])
    }

    /// How light it looks, from 0 to 1.
    pub fn lightness(self) -> f32 {
        let [l, _, _] = self.to_oklab();
        l
    }

    /// For drawing, with an opacity.
    pub fn paint(self, alpha: f32) -> tiny_skia::Color {
        let part = |part: f32| part.clamp(0.0, 1.0);
        tiny_skia::Color::from_rgba(part(self.r), part(self.g), part(self.b), part(alpha))
            .unwrap_or(tiny_skia::Color::TRANSPARENT)
    }

    fn to_oklab(self) -> [f32; 3] {
        let [r, g, b] = [self.r, self.g, self.b].map(linear);
        let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
        let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
        let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
        [
            0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
            1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
            0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
        ]
    }
}

fn from_oklab([l, a, b]: [f32; 3]) -> Color {
    let l_ = (l + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let m_ = (l - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let s_ = (l - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    let [r, g, b] = [
        4.076_741_7 * l_ - 3.307_711_6 * m_ + 0.230_969_94 * s_,
        -1.268_438 * l_ + 2.609_757_4 * m_ - 0.341_319_38 * s_,
        -0.004_196_086_3 * l_ - 0.703_418_6 * m_ + 1.707_614_7 * s_,
    ]
    .map(|part| gamma(part.clamp(0.0, 1.0)));
    Color { r, g, b }
}

fn pick(parts: [f32; 3], i: usize) -> f32 {
    parts.get(i).copied().unwrap_or_default()
}

/// From `from` to `to`.
pub fn lerp(from: f32, to: f32, t: f32) -> f32 {
    from + (to - from) * t
}

/// 0 before `from`, 1 after `to`, and a gentle slope between.
pub fn smooth(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

fn linear(part: f32) -> f32 {
    if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

fn gamma(part: f32) -> f32 {
    if part <= 0.003_130_8 { part * 12.92 } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_survives_the_way_to_oklab_and_back() {
        for rgb in [0x000000, 0xffffff, 0xff8800, 0x123456, 0x00ff00] {
            let (there, back) = (hex(rgb), hex(rgb).mix(hex(rgb), 0.3));
            let error = (there.r - back.r).abs() + (there.g - back.g).abs() + (there.b - back.b).abs();
            assert!(error < 0.01, "{rgb:06x}: {error}");
        }
    }
}
