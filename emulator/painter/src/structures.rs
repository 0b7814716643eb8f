//! What was built: on the ground, on the water and in the air.

use crate::canvas::{Canvas, outline, polyline};
use crate::color::{Color, WHITE};
use crate::random::Random;
use crate::stage::{Stage, dark, facing, rim, shape};

const HOUSE: &str =
    "M -44 0 L -44 -44 L -54 -44 L 0 -92 L 54 -44 L 44 -44 L 44 0 Z M 20 -70 L 20 -96 L 33 -96 L 33 -60 Z";
const CASTLE: &str = "M -60 0 L -60 -62 L -52 -62 L -52 -56 L -46 -56 L -46 -62 L -38 -62 L -38 -40 L -22 -40 L -22 -84 L -26 -84 L 0 -118 \
    L 26 -84 L 22 -84 L 22 -40 L 38 -40 L 38 -74 L 34 -74 L 50 -98 L 66 -74 L 62 -74 L 62 0 Z";
const LIGHTHOUSE: &str = "M -15 0 L -9 -84 L -14 -84 L -14 -88 L 14 -88 L 14 -84 L 9 -84 L 15 0 Z M -7 -88 L -7 -99 L 7 -99 L 7 -88 Z \
    M -10 -99 L 0 -110 L 10 -99 Z";
const BOAT: &str = "M -46 -8 C -30 -6 30 -6 50 -12 C 44 2 34 10 24 10 L -26 10 C -36 10 -42 2 -46 -8 Z M -1 -10 L -1 -104 L 2 -104 L 2 -10 Z";
const SAILS: &str = "M 5 -100 C 34 -66 42 -40 44 -17 L 5 -14 Z M -4 -92 C -18 -60 -28 -38 -36 -14 L -4 -14 Z";
const BALLOON: &str = "M 0 -100 C 30 -100 42 -76 38 -56 C 34 -38 16 -26 9 -16 L -9 -16 C -16 -26 -34 -38 -38 -56 C -42 -76 -30 -100 0 -100 Z";
const BALLOON_STRIPES: &str = "M 0 -100 C 16 -100 20 -76 18 -56 C 16 -38 8 -26 4 -16 L -4 -16 C -8 -26 -16 -38 -18 -56 C -20 -76 -16 -100 0 -100 Z";
const BASKET: &str = "M -7 -8 L 7 -8 L 6 1 L -6 1 Z";
const ROCKET: &str = "M 0 -100 C 14 -84 18 -60 14 -30 L 26 -8 L 13 -14 L 9 -10 L -9 -10 L -13 -14 L -26 -8 L -14 -30 C -18 -60 -14 -84 0 -100 Z";
const FLAME: &str = "M -8 -9 C -10 6 -3 14 0 34 C 3 14 10 6 8 -9 Z";

pub fn house(canvas: &mut Canvas, stage: &Stage, random: &mut Random, at: (f32, f32)) {
    let size = canvas.unit() * 0.26;
    shape(canvas, stage, HOUSE, at, 0.26, 1.0);
    let light = stage.palette.accent.mix(WHITE, 0.15);
    let window = "M 0 0 L 15 0 15 -17 0 -17 Z";
    for x in [-33.0, 17.0] {
        let corner = (at.0 + x * size / 100.0, at.1 - size * 0.18);
        canvas.glow((corner.0 + size * 0.07, corner.1 - size * 0.08), size * 0.35, light, 0.4);
        if let Some(path) = outline(window, corner, size, 1.0) {
            canvas.fill(&path, light, 1.0);
        }
    }
    let door = "M -9 0 L -9 -26 Q 0 -36 9 -26 L 9 0 Z";
    if let Some(path) = outline(door, at, size, 1.0) {
        canvas.fill(&path, stage.palette.near.mix(light, 0.35), 1.0);
    }
    // Smoke.
    let (mut x, mut y) = (at.0 + size * 0.265, at.1 - size);
    for puff in 0..9 {
        canvas.disc((x, y), size * (0.035 + 0.012 * puff as f32), stage.palette.low, 0.2 - 0.018 * puff as f32);
        x += size * random.range(0.0, 0.07);
        y -= size * 0.075;
    }
}

pub fn castle(canvas: &mut Canvas, stage: &Stage, at: (f32, f32)) {
    let size = canvas.unit() * 0.36;
    shape(canvas, stage, CASTLE, at, 0.36, 1.0);
    for (x, y) in [(0.0, -62.0), (50.0, -50.0), (-49.0, -36.0), (0.0, -26.0), (50.0, -24.0)] {
        let window = "M -3 0 L -3 -8 Q 0 -13 3 -8 L 3 0 Z";
        if let Some(path) = outline(window, (at.0 + x * size / 100.0, at.1 + y * size / 100.0), size, 1.0) {
            canvas.fill(&path, stage.palette.accent, 0.95);
        }
    }
}

pub fn lighthouse(canvas: &mut Canvas, stage: &Stage, at: (f32, f32)) {
    let size = canvas.unit() * 0.5;
    let lamp = (at.0, at.1 - size * 0.935);
    let away = facing(stage, at);
    for (commands, alpha) in [("M 0 -3 L 300 -34 L 300 26 L 0 3 Z", 0.1), ("M 0 -2 L 300 -18 L 300 12 L 0 2 Z", 0.16)] {
        let strong = if stage.scene.is_dark() { 2.0 } else { 1.0 };
        if let Some(beam) = outline(commands, lamp, size, away) {
            canvas.fill(&beam, stage.palette.accent.mix(WHITE, 0.4), alpha * strong);
        }
    }
    shape(canvas, stage, LIGHTHOUSE, at, 0.5, 1.0);
    let wall = stage.palette.low.mix(WHITE, 0.3);
    let tower = "M -15 0 L -9 -84 L 9 -84 L 15 0 Z";
    if let Some(path) = outline(tower, at, size, 1.0) {
        canvas.fill_down(&path, (at.1 - size * 0.84, wall, 0.95), (at.1, wall.mix(stage.palette.near, 0.45), 0.95));
    }
    for (top, foot) in [(-70.0_f32, -54.0_f32), (-36.0, -18.0)] {
        let half = |y: f32| 9.0 + 6.0 * (84.0 + y) / 84.0;
        let band =
            format!("M {} {top} L {} {top} {} {foot} {} {foot} Z", -half(top), half(top), half(foot), -half(foot));
        if let Some(path) = outline(&band, at, size, 1.0) {
            canvas.fill(&path, stage.palette.accent.mix(stage.palette.near, 0.5), 0.9);
        }
    }
    canvas.glow(lamp, size * 0.22, stage.palette.accent, 0.9);
    canvas.disc(lamp, size * 0.035, stage.palette.accent.mix(WHITE, 0.6), 1.0);
}

pub fn boat(canvas: &mut Canvas, stage: &Stage, random: &mut Random) {
    let (width, unit) = (canvas.width, canvas.unit());
    let y = stage.horizon + (canvas.height - stage.horizon) * random.range(0.16, 0.28);
    // Between the light and the middle, where the water shines.
    let x = (stage.light.at.0 + width * random.range(-0.16, 0.16)).clamp(width * 0.18, width * 0.82);
    let high = 0.2;
    let color = dark(stage);
    for (commands, color, alpha) in [(SAILS, color.mix(rim(stage), 0.62), 1.0), (BOAT, color, 1.0)] {
        if let Some(path) = outline(commands, (x, y), unit * high, 1.0) {
            canvas.fill(&path, color, alpha);
        }
    }
    // Its picture in the water.
    for row in 0..14 {
        let t = row as f32 / 14.0;
        let half = unit * high * (0.42 - 0.25 * t) * random.range(0.6, 1.1);
        let at = y + unit * high * (0.13 + 0.5 * t);
        if let Some(line) = polyline([(x - half, at), (x + half, at)]) {
            canvas.stroke(&line, unit * 0.004, color, 0.5 * (1.0 - t));
        }
    }
}

pub fn balloon(canvas: &mut Canvas, stage: &Stage, random: &mut Random) {
    let unit = canvas.unit();
    for (index, high) in [0.26, 0.13, 0.09].into_iter().enumerate().take(1 + random.index(3)) {
        let x =
            canvas.width * (0.5 + [-0.22, 0.24, 0.02].get(index).copied().unwrap_or(0.0) + random.range(-0.06, 0.06));
        let at = (x, stage.horizon * random.range(0.5, 0.72));
        let haze = if index == 0 { 0.0 } else { 0.35 };
        let color = |color: Color| color.mix(stage.palette.low, haze);
        let cloth = stage.palette.accent.turned(random.range(-0.6, 0.6)).mix(stage.palette.near, 0.15);
        let parts = [(BALLOON, cloth), (BALLOON_STRIPES, cloth.mix(WHITE, 0.55)), (BASKET, dark(stage))];
        for (commands, shade) in parts {
            if let Some(path) = outline(commands, at, unit * high, 1.0) {
                let (top, foot) = (at.1 - unit * high, at.1);
                canvas.fill_down(
                    &path,
                    (top, color(shade.lighter(0.05)), 1.0),
                    (foot, color(shade.lighter(-0.12)), 1.0),
                );
            }
        }
        for rope in [-6.0, 6.0] {
            let end = (at.0 + rope * unit * high / 100.0, at.1 - unit * high * 0.08);
            if let Some(line) =
                polyline([(end.0 * 1.0, end.1), (at.0 + rope * 1.3 * unit * high / 100.0, at.1 - unit * high * 0.17)])
            {
                canvas.stroke(&line, unit * 0.0015, color(dark(stage)), 0.8);
            }
        }
    }
}

pub fn rocket(canvas: &mut Canvas, stage: &Stage, random: &mut Random) {
    let unit = canvas.unit();
    let at = (canvas.width * random.range(0.35, 0.65), stage.horizon * 0.62);
    let size = unit * 0.26;
    // The trail.
    let mut y = at.1 + size * 0.2;
    while y < canvas.height {
        let t = (y - at.1) / (canvas.height - at.1);
        let puff = (at.0 + size * random.range(-0.1, 0.1) * (0.4 + 2.0 * t), y);
        canvas.glow(puff, size * (0.12 + 0.5 * t), stage.palette.low.mix(WHITE, 0.6), 0.3 * (1.0 - t));
        y += size * 0.03;
    }
    canvas.glow((at.0, at.1), size * 0.8, stage.palette.accent, 0.8);
    for (commands, color) in
        [(FLAME, stage.palette.accent.mix(WHITE, 0.3)), (ROCKET, WHITE.mix(stage.palette.middle, 0.2))]
    {
        if let Some(path) = outline(commands, at, size, 1.0) {
            canvas.fill(&path, color, 1.0);
        }
    }
    canvas.disc((at.0, at.1 - size * 0.6), size * 0.065, stage.palette.near, 1.0);
    canvas.disc((at.0, at.1 - size * 0.6), size * 0.045, stage.palette.middle.mix(WHITE, 0.3), 1.0);
}
