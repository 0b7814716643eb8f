//! What lives in the picture: animals, people, trees and flowers.

use tiny_skia::PathBuilder;

use crate::canvas::{Canvas, outline, polyline};
use crate::color::{Color, hex};
use crate::random::Random;
use crate::stage::{Stage, dark, facing, rim, shape};

const CAT: &str = "M -8 -63 C -22 -55 -31 -33 -31 -13 C -31 -3 -25 1 -17 1 L 19 1 C 28 1 32 -5 31 -16 C 29 -36 21 -54 9 -63 Z \
    M -17 -74 C -17 -64 -8 -59 1 -59 C 10 -59 19 -64 19 -74 C 19 -79 18 -82 17 -85 L 16 -101 C 12 -98 8 -94 6 -90 \
    C 3 -91 -1 -91 -4 -90 C -6 -94 -10 -98 -14 -101 L -15 -85 C -16 -82 -17 -79 -17 -74 Z";
const CAT_TAIL: &str = "M 22 -5 C 42 2 58 -10 52 -27 C 49 -36 40 -36 39 -29";
const DOG: &str = "M -13 -66 C -20 -48 -24 -25 -22 -1 L -12 1 L 22 1 C 33 0 36 -14 30 -30 C 25 -46 18 -58 12 -68 Z \
    M -14 -83 C -20 -82 -28 -80 -31 -75 C -33 -68 -27 -64 -18 -63 C -14 -57 4 -55 11 -62 C 19 -68 20 -82 16 -89 \
    C 12 -97 0 -100 -7 -96 C -12 -93 -12 -87 -14 -82 Z";
const DOG_EAR: &str = "M 3 -93 C 14 -97 24 -86 25 -72 C 25 -62 16 -60 12 -68 C 9 -76 6 -82 3 -93 Z";
const DOG_TAIL: &str = "M 26 -6 C 40 -8 48 -20 46 -34";
const PERSON: &str = "M -9 0 L -8 -32 L -16 -33 L -12 -72 C -11 -79 -6 -81 0 -81 C 6 -81 11 -79 12 -72 L 16 -33 L 8 -32 L 9 0 \
    L 2 0 L 1 -31 L -1 -31 L -2 0 Z M -7 -91 C -7 -96 -4 -100 0 -100 C 4 -100 7 -96 7 -91 C 7 -86 4 -82 0 -82 C -4 -82 -7 -86 -7 -91 Z";
const BIRD: &str = "M -50 -10 Q -26 -34 0 0 Q 26 -34 50 -10 Q 26 -22 0 10 Q -26 -22 -50 -10 Z";

/// A cat's, in any light.
const EYES: Color = hex(0xff_d9_7a);

/// Somebody in a long coat.
pub fn person(canvas: &mut Canvas, stage: &Stage, at: (f32, f32)) {
    shape(canvas, stage, PERSON, at, 0.24, facing(stage, at));
}

fn tail(canvas: &mut Canvas, stage: &Stage, commands: &str, at: (f32, f32), high: f32, stretch: f32) {
    let unit = canvas.unit();
    if let Some(path) = outline(commands, at, unit * high, stretch) {
        canvas.stroke(&path, unit * high * 0.085, dark(stage), 1.0);
    }
}

pub fn cat(canvas: &mut Canvas, stage: &Stage, at: (f32, f32), high: f32) {
    let side = facing(stage, at);
    tail(canvas, stage, CAT_TAIL, at, high, side);
    shape(canvas, stage, CAT, at, high, side);
    let size = canvas.unit() * high / 100.0;
    for eye in [-6.5, 8.5] {
        let (x, y) = (at.0 + eye * side * size, at.1 - 75.0 * size);
        canvas.glow((x, y), size * 8.0, EYES, 0.4);
        let almond = "M -30 0 Q 0 -24 30 0 Q 0 24 -30 0 Z";
        if let Some(path) = outline(almond, (x, y), size * 11.0, 1.0) {
            canvas.fill(&path, EYES, 1.0);
        }
        if let Some(slit) = polyline([(x, y - size * 1.6), (x, y + size * 1.6)]) {
            canvas.stroke(&slit, size * 1.1, dark(stage), 1.0);
        }
    }
}

pub fn dog(canvas: &mut Canvas, stage: &Stage, at: (f32, f32)) {
    let side = facing(stage, at);
    tail(canvas, stage, DOG_TAIL, at, 0.36, side);
    shape(canvas, stage, DOG, at, 0.36, side);
    if let Some(ear) = outline(DOG_EAR, at, canvas.unit() * 0.36, side) {
        canvas.fill(&ear, dark(stage).mix(stage.palette.far, 0.25), 1.0);
    }
}

pub fn tree(canvas: &mut Canvas, stage: &Stage, random: &mut Random, at: (f32, f32)) {
    let unit = canvas.unit();
    let size = unit * random.range(0.4, 0.52);
    let trunk = "M -5 0 C -2 -14 -3 -30 -4 -46 L 4 -46 C 3 -30 3 -14 7 0 Z";
    if let Some(path) = outline(trunk, at, size, 1.0) {
        canvas.fill(&path, dark(stage), 1.0);
    }
    let crown = (at.0, at.1 - size * 0.66);
    let (leaf, lit) = (stage.palette.near.mix(stage.palette.far, 0.3), rim(stage));
    let side = -facing(stage, at);
    for index in 0..90 {
        // From the outside in, so that the edge is dark and the middle catches the light.
        let out = 1.0 - index as f32 / 90.0;
        let angle = random.range(0.0, std::f32::consts::TAU);
        let (x, y) = (angle.cos() * out.sqrt() * 0.3, angle.sin() * out.sqrt() * 0.25);
        let bright = ((x * side - y) * 1.6 + random.range(0.0, 0.5)) * (1.0 - out).sqrt();
        let color = dark(stage).mix(leaf, bright * 2.0).mix(lit, (bright - 0.35) * 0.7);
        let place = (crown.0 + size * x, crown.1 + size * y);
        canvas.disc(place, size * random.range(0.05, 0.1) * (0.6 + 0.4 * out), color, 1.0);
    }
}

pub fn birds(canvas: &mut Canvas, stage: &Stage, random: &mut Random) {
    let unit = canvas.unit();
    let middle = (canvas.width * random.range(0.3, 0.7), stage.horizon * random.range(0.28, 0.5));
    for _ in 0..(6 + random.index(6)) {
        let at = (middle.0 + unit * random.range(-0.3, 0.3), middle.1 + unit * random.range(-0.12, 0.12));
        let size = unit * random.range(0.03, 0.065);
        if let Some(path) = outline(BIRD, at, size, if random.chance(0.5) { 1.0 } else { -1.0 }) {
            canvas.fill(&path, dark(stage), 0.9);
        }
    }
}

pub fn flowers(canvas: &mut Canvas, stage: &Stage, random: &mut Random) {
    let unit = canvas.unit();
    for _ in 0..46 {
        let x = random.range(0.0, canvas.width);
        let foot = stage.ground.at(x) + unit * random.range(0.01, 0.16);
        let high = unit * random.range(0.05, 0.12);
        let lean = unit * random.range(-0.015, 0.015);
        if let Some(stem) = polyline([(x, foot), (x + lean * 0.3, foot - high * 0.6), (x + lean, foot - high)]) {
            canvas.stroke(&stem, unit * 0.004, stage.palette.near.mix(stage.palette.far, 0.25), 1.0);
        }
        let color = stage.palette.accent.turned(random.range(-0.9, 0.9));
        let radius = unit * random.range(0.009, 0.017);
        for petal in 0..6 {
            let (sin, cos) = (petal as f32 * std::f32::consts::TAU / 6.0).sin_cos();
            canvas.disc((x + lean + cos * radius, foot - high + sin * radius), radius * 0.75, color, 1.0);
        }
        let heart = PathBuilder::from_circle(x + lean, foot - high, radius * 0.6);
        if let Some(heart) = heart {
            canvas.fill(&heart, stage.palette.light, 1.0);
        }
    }
}
