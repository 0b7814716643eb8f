//! The city: blocks of houses one behind the other, with their windows lit when it is dark.

use tiny_skia::{PathBuilder, Rect};

use crate::canvas::{Canvas, polyline};
use crate::color::{Color, lerp};
use crate::land::ground;
use crate::palette::Palette;
use crate::random::Random;
use crate::scene::{Scene, Time, Weather};

/// Paints a skyline in three layers.
pub fn city(canvas: &mut Canvas, scene: &Scene, palette: &Palette, random: &mut Random, horizon: f32) {
    let height = canvas.height;
    for layer in 0..3 {
        let t = layer as f32 / 2.0;
        let foot = lerp(horizon + height * 0.05, height * 0.98, t);
        let tall = height * lerp(0.34, 0.5, t);
        block(canvas, scene, palette, random, (foot, tall, t));
    }
}

fn block(canvas: &mut Canvas, scene: &Scene, palette: &Palette, random: &mut Random, (foot, tall, t): (f32, f32, f32)) {
    let unit = canvas.unit();
    let color = palette.land_at(0.2 + t * 0.6);
    let lit = if scene.time == Time::Night || scene.is_dark() {
        0.45
    } else if scene.time == Time::Dusk {
        0.3
    } else {
        0.0
    };
    let middle = random.range(0.3, 0.7);
    let mut x = -unit * 0.05;
    while x < canvas.width {
        let wide = unit * lerp(0.05, 0.13, t) * random.range(0.7, 1.5);
        // Higher towards one place of the skyline; in front, low enough to look over.
        let hill = 1.0 - ((x / canvas.width - middle).abs() * 1.5).min(0.8);
        let high = tall * hill * random.range(0.35, 1.0) * lerp(1.0, 0.62, t);
        let house = (x, foot - high, wide, canvas.height - foot + high);
        let wall = color.lighter(random.range(-0.02, 0.025));
        building(canvas, palette, scene, random, house, wall, (t, lit));
        x += wide * random.range(0.88, 0.99);
    }
}

fn building(
    canvas: &mut Canvas,
    palette: &Palette,
    scene: &Scene,
    random: &mut Random,
    (x, y, wide, high): (f32, f32, f32, f32),
    color: Color,
    (t, lit): (f32, f32),
) {
    let unit = canvas.unit();
    rect(canvas, (x, y, wide, high), color, color.mix(palette.low, 0.35));
    match random.index(5) {
        0 => rect(canvas, (x + wide * 0.25, y - wide * 0.3, wide * 0.5, wide * 0.3), color, color),
        1 => {
            let tip = y - wide * random.range(0.5, 1.0);
            if let Some(mast) = polyline([(x + wide / 2.0, y), (x + wide / 2.0, tip)]) {
                canvas.stroke(&mast, unit * lerp(0.002, 0.005, t), color, 1.0);
            }
            if lit > 0.0 {
                canvas.glow((x + wide / 2.0, tip), unit * 0.02, Color { r: 1.0, g: 0.25, b: 0.2 }, 0.8);
            }
        }
        2 => rect(canvas, (x + wide * 0.1, y - wide * 0.12, wide * 0.8, wide * 0.12), color, color),
        _ => {}
    }
    if scene.weather == Weather::Snow {
        let snow = ground(scene, palette, 0.2);
        rect(canvas, (x, y, wide, unit * lerp(0.004, 0.014, t)), snow, snow);
    }
    let pane = unit * lerp(0.007, 0.017, t);
    let columns = (wide / (pane * 1.9)) as usize;
    let rows = ((high.min(canvas.height - y) - pane) / (pane * 2.2)) as usize;
    let glass = color.mix(palette.low, 0.18);
    let margin = (wide - columns as f32 * pane * 1.9 + pane * 0.9) / 2.0;
    for row in 0..rows {
        for column in 0..columns {
            let at = (x + margin + column as f32 * pane * 1.9, y + pane * 1.2 + row as f32 * pane * 2.2);
            let on = random.chance(lit);
            let light = palette.accent.mix(palette.light, random.range(0.0, 0.6));
            let (shade, alpha) = if on { (light, random.range(0.55, 1.0)) } else { (glass, 0.5) };
            if let Some(rect) = Rect::from_xywh(at.0, at.1, pane, pane * 1.25) {
                canvas.fill(&PathBuilder::from_rect(rect), shade, alpha);
            }
        }
    }
}

fn rect(canvas: &mut Canvas, (x, y, wide, high): (f32, f32, f32, f32), top: Color, foot: Color) {
    if let Some(rect) = Rect::from_xywh(x, y, wide, high) {
        canvas.fill_down(&PathBuilder::from_rect(rect), (y, top, 1.0), (y + high, foot, 1.0));
    }
}
