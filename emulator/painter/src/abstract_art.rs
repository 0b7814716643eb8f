//! Colours that run into each other, for prompts without a word the painter knows.

use crate::canvas::Canvas;
use crate::color::{Color, WHITE, hex, lerp, smooth};
use crate::noise::{Field, Noise};
use crate::random::Random;
use crate::scene::Scene;

/// Sets of colours that go together.
const CHORDS: [[u32; 5]; 6] = [
    [0x0b1d3a, 0x1f5f8b, 0x4fb3bf, 0xf6e7cb, 0xf08a5d],
    [0x1a1040, 0x5b2a86, 0xc2478e, 0xff8f6b, 0xffe3b3],
    [0x06252b, 0x0f6b62, 0x5fb58d, 0xe6e3a8, 0xf2a359],
    [0x14213d, 0x3a4f9b, 0x9aa7e0, 0xf4d9e4, 0xee7f8b],
    [0x2b0f1d, 0x8c1c46, 0xe0524a, 0xf9a94c, 0xfdf0c3],
    [0x101820, 0x27536b, 0x7fb0a8, 0xe9e1cc, 0xc98b5e],
];

/// Paints a canvas full of flowing colour.
pub fn paint(canvas: &mut Canvas, scene: &Scene, random: &mut Random) {
    let chord = CHORDS.get(random.index(CHORDS.len())).copied().unwrap_or_default();
    let turn = random.range(-0.5, 0.5);
    let colors = chord.map(|rgb| {
        let color = hex(rgb).turned(turn);
        scene.tint.map_or(color, |tint| color.mix(tint, 0.4))
    });
    let ramp: Vec<Color> = (0..256).map(|i| along(&colors, i as f32 / 255.0)).collect();

    let unit = canvas.unit();
    let (bends, folds) = (Noise::new(random.seed()), Noise::new(random.seed()));
    let (angle, stretch) = (random.range(0.0, std::f32::consts::TAU), random.range(1.6, 3.0));
    let (sin, cos) = angle.sin_cos();
    let scale = random.range(0.9, 1.3) / unit;
    let strength = random.range(1.7, 2.5);
    let silk = Field::new(canvas.width, canvas.height, 3.0, |x, y| {
        let (u, v) = ((x * cos + y * sin) * scale, (y * cos - x * sin) * scale * stretch);
        // Noise bent by noise bent by noise.
        let a = bends.fractal(u, v, 2);
        let b = bends.fractal(u + 5.2 + strength * a, v + 1.3, 3);
        folds.fractal(u + strength * b, v + strength * a, 4)
    });
    let light = (cos * 3.0, sin * 3.0);
    canvas.each(|x, y, _| {
        let here = silk.at(x, y);
        let there = silk.at((x + light.0).max(0.0), (y + light.1).max(0.0));
        let step = smooth(0.22, 0.78, here) * 255.0;
        let color = ramp.get(step as usize).copied().unwrap_or(WHITE);
        let next = ramp.get(step as usize + 1).copied().unwrap_or(color);
        // Lit as if it were cloth.
        let strands = (here * 70.0).sin() * 0.035;
        let sheen = ((here - there) * 14.0).clamp(-0.3, 0.3) + strands;
        let part = step.fract();
        let lit = |a: f32, b: f32| (lerp(a, b, part) * (1.0 + sheen * 0.8) + sheen.max(0.0) * 0.12).clamp(0.0, 1.0);
        Color { r: lit(color.r, next.r), g: lit(color.g, next.g), b: lit(color.b, next.b) }
    });
    canvas.vignette();
}

fn along(colors: &[Color; 5], t: f32) -> Color {
    let place = t * 4.0;
    let get = |i: usize| colors.get(i.min(4)).copied().unwrap_or(WHITE);
    let i = place as usize;
    get(i).mix(get(i + 1), place - i as f32)
}
