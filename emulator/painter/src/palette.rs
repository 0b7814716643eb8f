//! The colours of a scene: one light for everything in it.

use crate::color::{Color, WHITE, hex};
use crate::random::Random;
use crate::scene::{Place, Scene, Time, Weather};

/// The colours of a scene.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    /// The sky overhead.
    pub top: Color,
    /// The sky halfway down.
    pub middle: Color,
    /// The sky at the horizon, and the air in front of everything far away.
    pub low: Color,
    /// The sun or the moon, and what they light up.
    pub light: Color,
    /// The land far away.
    pub far: Color,
    /// The land close by, and silhouettes.
    pub near: Color,
    /// Lamps and flowers.
    pub accent: Color,
}

const fn palette(colors: [u32; 7]) -> Palette {
    let [top, middle, low, light, far, near, accent] = colors;
    Palette {
        top: hex(top),
        middle: hex(middle),
        low: hex(low),
        light: hex(light),
        far: hex(far),
        near: hex(near),
        accent: hex(accent),
    }
}

const DAWN: [Palette; 3] = [
    palette([0x3b4f8c, 0xb77a9f, 0xffd2ac, 0xfff0d0, 0x9c7f9f, 0x211f3d, 0xff9d76]),
    palette([0x5b7fb5, 0xe6a9ae, 0xffe6c4, 0xfff6dd, 0xb08fa6, 0x2c2e4f, 0xffb27a]),
    palette([0x2f5d86, 0x8fb0b8, 0xf9dcb0, 0xfff2cd, 0x7f97a0, 0x1c3340, 0xf4a261]),
];
const DAY: [Palette; 3] = [
    palette([0x2f7fd0, 0x86c1f0, 0xe8f5fb, 0xfffbe6, 0x86acc4, 0x1f4d3a, 0xff6f59]),
    palette([0x3f93b9, 0x9fd5da, 0xfdf4d8, 0xfffae0, 0x83b0a5, 0x27503c, 0xf26b5b]),
    palette([0x4a78c8, 0xa4c4f2, 0xf3f2fa, 0xffffff, 0x93a6cf, 0x2b4a55, 0xf7a440]),
];
const DUSK: [Palette; 4] = [
    palette([0x2a1d52, 0xb03a66, 0xffab52, 0xffe7a3, 0x8a3a62, 0x180e2a, 0xffc857]),
    palette([0x1e2f63, 0x7d4d8c, 0xff9a72, 0xffdfb0, 0x70497f, 0x14162e, 0xffb35c]),
    palette([0x43246f, 0xe05f76, 0xffd67a, 0xfff3c0, 0x9f4773, 0x23113a, 0xffd166]),
    palette([0x213c5c, 0xb56b6b, 0xffc27d, 0xfff0c4, 0x7d5a6c, 0x161f33, 0xffbe5c]),
];
const NIGHT: [Palette; 3] = [
    palette([0x060c24, 0x142a5e, 0x3d5f9c, 0xf4f1de, 0x2a4479, 0x050a1a, 0xffd27f]),
    palette([0x0b0b2a, 0x2a2160, 0x6a4d91, 0xf6ecd9, 0x43357a, 0x080616, 0xffc46b]),
    palette([0x04141f, 0x0d3a4f, 0x358087, 0xeef6e6, 0x1e5563, 0x030c12, 0xffdd8a]),
];

impl Palette {
    /// The colours of a scene; the seed picks and varies them.
    pub fn of(scene: &Scene, random: &mut Random) -> Self {
        let choices: &[Self] = match scene.time {
            Time::Dawn => &DAWN,
            Time::Day => &DAY,
            Time::Dusk => &DUSK,
            Time::Night => &NIGHT,
        };
        let mut palette = choices.get(random.index(choices.len())).copied().unwrap_or(palette([0x808080; 7]));
        let turn = random.range(-0.16, 0.16);
        palette = palette.each(|color| color.turned(turn));
        if scene.place == Some(Place::Desert) {
            palette.far = palette.far.mix(hex(0xe2a063), if scene.time == Time::Night { 0.15 } else { 0.8 });
            palette.near = palette.near.mix(hex(0x74381c), if scene.time == Time::Night { 0.1 } else { 0.7 });
        }
        if let Some(tint) = scene.tint {
            palette.top = palette.top.mix(tint, 0.35);
            palette.middle = palette.middle.mix(tint, 0.5);
            palette.low = palette.low.mix(tint, 0.25);
            palette.far = palette.far.mix(tint, 0.3);
        }
        palette.under(scene.weather, scene.time == Time::Night)
    }

    fn under(self, weather: Weather, night: bool) -> Self {
        let grey = if night { hex(0x1a2333) } else { hex(0x6f7f90) };
        match weather {
            Weather::Clear => self,
            Weather::Rain => self.sky(|color| color.mix(grey, 0.5).lighter(-0.04)),
            Weather::Storm => self.sky(|color| color.mix(grey.lighter(-0.12), 0.65).lighter(-0.1)),
            Weather::Fog => self.sky(|color| color.mix(self.low, 0.45).saturated(0.7)),
            Weather::Snow => {
                let snow = if night { hex(0x8fa5cf) } else { WHITE.mix(self.middle, 0.12) };
                let sky =
                    self.sky(|color| color.mix(grey.lighter(if night { 0.05 } else { 0.18 }), 0.35).saturated(0.8));
                Self { far: sky.far.mix(snow, 0.55), ..sky }
            }
        }
    }

    fn sky(self, change: impl Fn(Color) -> Color) -> Self {
        Self {
            top: change(self.top),
            middle: change(self.middle),
            low: change(self.low),
            far: change(self.far),
            ..self
        }
    }

    fn each(self, change: impl Fn(Color) -> Color) -> Self {
        let sky = self.sky(&change);
        Self { light: change(self.light), near: change(self.near), ..sky }
    }

    /// The sky at a height: 0 overhead, 1 at the horizon.
    pub fn sky_at(&self, t: f32) -> Color {
        if t < 0.5 { self.top.mix(self.middle, t * 2.0) } else { self.middle.mix(self.low, t * 2.0 - 1.0) }
    }

    /// The land at a distance: 0 far away, 1 close by.
    pub fn land_at(&self, t: f32) -> Color {
        let hazy = self.low.mix(self.far, 0.35 + 0.65 * (t * 2.2).min(1.0));
        hazy.mix(self.near, ((t - 0.2) / 0.8).max(0.0).powf(0.8))
    }
}
