//! The sea: the sky once more, upside down and darker, with the light lying on it.

use crate::canvas::{Canvas, polygon, polyline};
use crate::color::{WHITE, lerp};
use crate::land;
use crate::noise::Noise;
use crate::palette::Palette;
use crate::random::Random;
use crate::scene::{Scene, Time};
use crate::sky::Light;

/// Paints the sea from the horizon down, with a coast far away.
pub fn sea(canvas: &mut Canvas, scene: &Scene, palette: &Palette, random: &mut Random, horizon: f32, light: &Light) {
    let (width, height, unit) = (canvas.width, canvas.height, canvas.unit());
    if random.chance(0.75) {
        let rise = height * random.range(0.06, 0.14);
        let edge = land::rolling(canvas, random, horizon + height * 0.035, rise, 3.0);
        land::fill(canvas, &edge, land::ground(scene, palette, 0.2), palette.low, horizon);
    }
    let whole = [(0.0, horizon), (width, horizon), (width, height), (0.0, height)];
    let deep = palette.top.mix(palette.near, 0.35);
    if let Some(water) = polygon(whole) {
        let near_sky = palette.low.mix(palette.far, 0.4);
        canvas.fill_down(
            &water,
            (horizon, near_sky, 1.0),
            (lerp(horizon, height, 0.45), palette.middle.mix(deep, 0.55), 1.0),
        );
        canvas.fill_down(&water, (lerp(horizon, height, 0.3), deep, 0.0), (height, deep, 1.0));
    }
    ripples(canvas, palette, random, horizon);
    if light.strength > 0.0 {
        // The path of the light: short strokes, wider and rarer towards the viewer.
        for _ in 0..240 {
            let t = random.range(0.0, 1.0).powf(1.5);
            let y = lerp(horizon + unit * 0.004, height, t);
            let spread = light.radius * lerp(0.7, 3.4, t);
            let x = light.at.0 + spread * (random.range(-1.0, 1.0) + random.range(-1.0, 1.0)) * 0.5;
            let long = unit * lerp(0.008, 0.05, t) * random.range(0.4, 1.2);
            if let Some(line) = polyline([(x - long, y), (x + long, y)]) {
                let alpha = light.strength * lerp(0.75, 0.3, t) * random.range(0.4, 1.0);
                canvas.stroke(&line, unit * lerp(0.0016, 0.006, t), palette.light, alpha);
            }
        }
    }
    if scene.time == Time::Day {
        foam(canvas, random, horizon);
    }
}

fn ripples(canvas: &mut Canvas, palette: &Palette, random: &mut Random, horizon: f32) {
    let (height, unit) = (canvas.height, canvas.unit());
    for _ in 0..260 {
        let t = random.range(0.0, 1.0).powf(1.3);
        let y = lerp(horizon + unit * 0.006, height, t);
        let x = random.range(-0.05, 1.0) * canvas.width;
        let long = unit * lerp(0.02, 0.2, t) * random.range(0.4, 1.3);
        let bend = unit * lerp(0.0, 0.006, t) * random.range(-1.0, 1.0);
        if let Some(line) = polyline([(x, y), (x + long * 0.5, y + bend), (x + long, y)]) {
            let color = if random.chance(0.5) { palette.low } else { palette.near };
            canvas.stroke(&line, unit * lerp(0.001, 0.005, t), color, random.range(0.04, 0.16));
        }
    }
}

fn foam(canvas: &mut Canvas, random: &mut Random, horizon: f32) {
    let (width, height, unit) = (canvas.width, canvas.height, canvas.unit());
    let noise = Noise::new(random.seed());
    for row in 0..4 {
        let t = (row as f32 + random.range(0.2, 0.8)) / 4.0;
        let y = lerp(horizon, height, 0.25 + 0.75 * t);
        let from = random.range(-0.2, 0.7) * width;
        let long = width * random.range(0.15, 0.4);
        let step = |i: usize| {
            let x = from + long * i as f32 / 40.0;
            (x, y + unit * 0.02 * (noise.fractal(x / unit * 4.0, t * 9.0, 2) - 0.5))
        };
        if let Some(line) = polyline((0..=40).map(step)) {
            canvas.stroke(&line, unit * lerp(0.0015, 0.004, t), WHITE, 0.3);
        }
    }
}
