//! Mountains: every peak has a lit side, a side in shadow, and snow on top.

use crate::canvas::{Canvas, polygon};
use crate::color::{Color, WHITE, lerp};
use crate::land;
use crate::palette::Palette;
use crate::random::Random;
use crate::scene::{Scene, Time};
use crate::sky::Light;

/// Points along each edge of a peak.
const POINTS: usize = 12;

/// One peak: from its top down its left edge, its right edge and the ridge between them.
struct Peak {
    left: Vec<(f32, f32)>,
    right: Vec<(f32, f32)>,
    ridge: Vec<(f32, f32)>,
}

impl Peak {
    fn new(random: &mut Random, top: (f32, f32), foot: f32, half: f32) -> Self {
        let mut down = |to: f32, rough: f32| {
            let point = |i: usize, random: &mut Random| {
                let t = i as f32 / (POINTS - 1) as f32;
                let rough = if i == 0 { 0.0 } else { rough * half };
                let x = lerp(top.0, to, t.powf(1.06)) + random.range(-rough, rough);
                (x, lerp(top.1, foot, t) + random.range(-rough, rough) * 0.35)
            };
            (0..POINTS).map(|i| point(i, random)).collect::<Vec<_>>()
        };
        Self {
            left: down(top.0 - half, 0.045),
            right: down(top.0 + half, 0.045),
            ridge: down(top.0 + half * 0.1, 0.09),
        }
    }

    /// The points of one edge and back up another.
    fn between(one: &[(f32, f32)], other: &[(f32, f32)]) -> Vec<(f32, f32)> {
        one.iter().chain(other.iter().rev()).copied().collect()
    }

    /// The snow: down to a ragged line on both edges.
    fn snow(&self, random: &mut Random, depth: usize) -> Vec<(f32, f32)> {
        let (left, right) = (self.left.get(..depth), self.right.get(..depth));
        let (left, right) = (left.unwrap_or_default(), right.unwrap_or_default());
        let mut points: Vec<(f32, f32)> = left.iter().rev().chain(right).copied().collect();
        if let (Some(&from), Some(&to)) = (right.last(), left.last()) {
            let step = (from.0 - to.0) / 8.0;
            for tooth in 1..8 {
                let t = tooth as f32 / 8.0;
                let drop = if tooth % 2 == 0 { random.range(0.3, 1.3) } else { random.range(-1.1, -0.3) };
                points.push((lerp(from.0, to.0, t), lerp(from.1, to.1, t) + drop * step));
            }
        }
        points
    }
}

/// Two ranges of peaks, and hills at their feet.
pub fn paint(canvas: &mut Canvas, scene: &Scene, palette: &Palette, random: &mut Random, horizon: f32, light: &Light) {
    let (width, height) = (canvas.width, canvas.height);
    for (layer, count) in [(0, 5), (1, 4)] {
        let far = layer == 0;
        let foot = horizon + height * if far { 0.1 } else { 0.2 };
        let color = land::ground(scene, palette, if far { 0.2 } else { 0.42 });
        let mut peaks: Vec<(f32, f32)> = (0..count)
            .map(|i| {
                let x = width * ((i as f32 + random.range(0.1, 0.9)) / count as f32);
                let rise = height * if far { random.range(0.3, 0.52) } else { random.range(0.2, 0.4) };
                (x, foot - rise)
            })
            .collect();
        // The highest stand at the back.
        peaks.sort_by(|a, b| a.1.total_cmp(&b.1));
        for top in peaks {
            let half = (foot - top.1) * random.range(0.85, 1.25);
            let peak = Peak::new(random, top, foot, half);
            draw(canvas, scene, palette, random, &peak, (color, foot), light.at.0 < top.0);
        }
        let valley = land::rolling(canvas, random, foot + height * 0.02, height * 0.07, 3.0);
        land::fill(canvas, &valley, color.mix(palette.low, 0.3), palette.low, foot + height * 0.1);
    }
    for (base, t) in [(0.84, 0.6), (0.95, 0.78)] {
        let edge = land::rolling(canvas, random, height * base, height * 0.12, 2.4);
        land::fill(canvas, &edge, land::ground(scene, palette, t), palette.low, height * 1.3);
        for _ in 0..2 {
            land::scatter_trees(canvas, scene, palette, random, &edge, t + 0.12, 0.05);
        }
    }
}

fn draw(
    canvas: &mut Canvas,
    scene: &Scene,
    palette: &Palette,
    random: &mut Random,
    peak: &Peak,
    (color, foot): (Color, f32),
    light_from_left: bool,
) {
    let Some(&(_, top)) = peak.ridge.first() else { return };
    if let Some(path) = polygon(Peak::between(&peak.left, &peak.right)) {
        canvas.fill_down(&path, (top, color.mix(palette.light, 0.12), 1.0), (foot, color.mix(palette.low, 0.6), 1.0));
    }
    let snow = match scene.time {
        Time::Night => palette.low.mix(WHITE, 0.3),
        Time::Day => WHITE,
        Time::Dawn | Time::Dusk => WHITE.mix(palette.light, 0.5),
    };
    if let Some(path) = polygon(peak.snow(random, 4 + random.clone().index(2))) {
        canvas.fill(&path, snow, 0.9);
    }
    let shaded = if light_from_left { &peak.right } else { &peak.left };
    if let Some(path) = polygon(Peak::between(&peak.ridge, shaded)) {
        let shadow = color.mix(palette.near, 0.45).mix(palette.top, 0.25);
        canvas.fill_down(&path, (top, shadow, 0.6), (foot, shadow, 0.0));
    }
}
