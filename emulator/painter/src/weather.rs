//! What falls and what drifts: rain, snow, fog, and a flash.

use crate::canvas::{Canvas, polyline};
use crate::color::{WHITE, lerp, smooth};
use crate::noise::{Field, Noise};
use crate::palette::Palette;
use crate::random::Random;
use crate::scene::{Scene, Time, Weather};

/// Behind the land: lightning.
pub fn behind(canvas: &mut Canvas, scene: &Scene, palette: &Palette, random: &mut Random, horizon: f32) {
    if scene.weather != Weather::Storm {
        return;
    }
    let unit = canvas.unit();
    let start = canvas.width * random.range(0.25, 0.75);
    canvas.glow((start, horizon * 0.4), unit * 0.7, palette.light, 0.35);
    let mut bolt = vec![(start, -2.0)];
    let (mut x, mut y) = (start, 0.0);
    while y < horizon {
        y += unit * random.range(0.03, 0.07);
        x += unit * random.range(-0.045, 0.045);
        bolt.push((x, y));
        if random.chance(0.22) {
            let side = if random.chance(0.5) { 1.0 } else { -1.0 };
            let twig = (0..4)
                .map(|i| (x + side * unit * 0.03 * i as f32 * random.range(0.6, 1.2), y + unit * 0.03 * i as f32));
            if let Some(path) = polyline(twig.collect::<Vec<_>>()) {
                canvas.stroke(&path, unit * 0.002, WHITE, 0.6);
            }
        }
    }
    if let Some(path) = polyline(bolt) {
        canvas.stroke(&path, unit * 0.014, palette.light, 0.25);
        canvas.stroke(&path, unit * 0.004, WHITE, 0.95);
    }
}

/// In front of everything.
pub fn before(canvas: &mut Canvas, scene: &Scene, palette: &Palette, random: &mut Random, horizon: f32) {
    match scene.weather {
        Weather::Clear => {}
        Weather::Rain => rain(canvas, palette, random, 420, 0.14),
        Weather::Storm => rain(canvas, palette, random, 620, 0.3),
        Weather::Snow => snow(canvas, random),
        Weather::Fog => fog(canvas, scene, palette, random, horizon),
    }
}

fn rain(canvas: &mut Canvas, palette: &Palette, random: &mut Random, drops: usize, slant: f32) {
    let (width, height, unit) = (canvas.width, canvas.height, canvas.unit());
    let color = palette.low.mix(WHITE, 0.55);
    let slant = slant * random.range(0.7, 1.2);
    for _ in 0..drops {
        let near = random.range(0.0, 1.0).powi(2);
        let long = unit * lerp(0.03, 0.1, near);
        let (x, y) = (random.range(-0.2, 1.1) * width, random.range(-0.1, 1.0) * height);
        if let Some(line) = polyline([(x, y), (x + long * slant, y + long)]) {
            canvas.stroke(&line, unit * lerp(0.0012, 0.0032, near), color, lerp(0.16, 0.42, near));
        }
    }
    // Where drops hit the ground.
    for _ in 0..60 {
        let (x, y) = (random.range(0.0, width), height * random.range(0.84, 1.0));
        let size = unit * random.range(0.006, 0.016);
        let ring = (0..=16).map(|i| {
            let (sin, cos) = (i as f32 / 16.0 * std::f32::consts::TAU).sin_cos();
            (x + cos * size, y + sin * size * 0.3)
        });
        if let Some(path) = polyline(ring) {
            canvas.stroke(&path, unit * 0.0014, color, 0.3);
        }
    }
}

fn snow(canvas: &mut Canvas, random: &mut Random) {
    let unit = canvas.unit();
    for _ in 0..340 {
        let near = random.range(0.0, 1.0).powi(3);
        let at = (random.range(0.0, canvas.width), random.range(0.0, canvas.height));
        let radius = unit * lerp(0.0018, 0.009, near);
        if near > 0.5 {
            canvas.glow(at, radius * 2.2, WHITE, 0.6);
        } else {
            canvas.disc(at, radius, WHITE, lerp(0.55, 0.9, near));
        }
    }
}

fn fog(canvas: &mut Canvas, scene: &Scene, palette: &Palette, random: &mut Random, horizon: f32) {
    let noise = Noise::new(random.seed());
    let scale = 1.6 / canvas.unit();
    let height = canvas.height;
    let banks = Field::new(canvas.width, height, 6.0, |x, y| {
        let drift = noise.fractal(x * scale, y * scale * 4.0, 4);
        let level = smooth(horizon * 0.45, horizon, y) * smooth(height * 1.1, horizon * 1.05, y);
        level * smooth(0.2, 0.75, drift)
    });
    let color =
        if scene.time == Time::Night { palette.low.mix(palette.middle, 0.4) } else { palette.low.mix(WHITE, 0.25) };
    canvas.each(|x, y, old| {
        let t = banks.at(x, y) * 0.85;
        super::color::Color { r: lerp(old.r, color.r, t), g: lerp(old.g, color.g, t), b: lerp(old.b, color.b, t) }
    });
}
