//! The land: ranges one behind the other, each hazier than the one in front of it.

use tiny_skia::Path;

use crate::canvas::{Canvas, outline, polygon};
use crate::color::{Color, WHITE, hex, lerp, smooth};
use crate::noise::Noise;
use crate::palette::Palette;
use crate::random::Random;
use crate::scene::{Scene, Time, Weather};

/// The upper edge of a range, a point every few pixels from left to right.
pub struct Edge {
    points: Vec<(f32, f32)>,
}

impl Edge {
    /// The edge along `height`, a function from 0..1 across the picture to pixels from the top.
    pub fn new(canvas: &Canvas, height: impl Fn(f32) -> f32) -> Self {
        let steps = (canvas.width / 3.0).ceil() as usize + 1;
        let point = |step: usize| {
            let t = step as f32 / (steps - 1) as f32;
            (t * canvas.width, height(t))
        };
        Self { points: (0..steps).map(point).collect() }
    }

    /// How high the land is at `x`.
    pub fn at(&self, x: f32) -> f32 {
        let after = self.points.iter().find(|(px, _)| *px >= x).or(self.points.last());
        after.map_or(0.0, |(_, y)| *y)
    }

    /// Everything under the edge.
    pub fn under(&self, canvas: &Canvas) -> Option<Path> {
        let down = canvas.height + 2.0;
        let corners = [(canvas.width + 2.0, down), (-2.0, down)];
        polygon(self.points.iter().copied().chain(corners))
    }

    fn top(&self) -> f32 {
        self.points.iter().map(|(_, y)| *y).fold(f32::MAX, f32::min)
    }
}

/// Fills a range with its colour, and with mist towards its foot.
pub fn fill(canvas: &mut Canvas, edge: &Edge, color: Color, mist: Color, foot: f32) {
    if let Some(path) = edge.under(canvas) {
        canvas.fill_down(&path, (edge.top(), color, 1.0), (foot, color.mix(mist, 0.45), 1.0));
    }
}

/// A rolling edge.
pub fn rolling(canvas: &Canvas, random: &mut Random, base: f32, rise: f32, bumps: f32) -> Edge {
    let noise = Noise::new(random.seed());
    let shift = random.range(0.0, 50.0);
    Edge::new(canvas, |t| base - rise * noise.fractal(t * bumps + shift, 0.5, 3))
}

/// Rolling hills: the land of most pictures.
pub fn hills(canvas: &mut Canvas, scene: &Scene, palette: &Palette, random: &mut Random, horizon: f32) {
    let height = canvas.height;
    for layer in 0..4 {
        let t = layer as f32 / 4.0;
        let base = lerp(horizon + height * 0.03, height * 0.86, t);
        let edge = rolling(canvas, random, base, height * lerp(0.1, 0.14, t), lerp(3.2, 1.8, t));
        let color = ground(scene, palette, 0.15 + t * 0.62);
        fill(canvas, &edge, color, palette.low, base + height * 0.22);
        if layer >= 2 {
            scatter_trees(canvas, scene, palette, random, &edge, 0.15 + t * 0.62 + 0.12, 0.022 + 0.012 * t);
        }
    }
}

/// The colour of the ground at a distance: white where snow lies.
pub fn ground(scene: &Scene, palette: &Palette, t: f32) -> Color {
    let color = palette.land_at(t);
    if scene.weather != Weather::Snow {
        return color;
    }
    let snow = match scene.time {
        Time::Night => hex(0x7f93c4),
        Time::Day => WHITE.mix(palette.middle, 0.1),
        Time::Dawn | Time::Dusk => WHITE.mix(palette.low, 0.35),
    };
    color.mix(snow.mix(palette.far, 0.25 * t), 0.72)
}

/// Blades of grass along an edge.
pub fn grass(canvas: &mut Canvas, random: &mut Random, edge: &Edge, color: Color) {
    let unit = canvas.unit();
    for _ in 0..(canvas.width / unit * 260.0) as usize {
        let x = random.range(0.0, canvas.width);
        let y = edge.at(x) + unit * random.range(0.0, 0.012);
        let (high, lean) = (unit * random.range(0.006, 0.022), unit * random.range(-0.008, 0.008));
        if let Some(blade) = polygon([(x - unit * 0.0016, y), (x + lean, y - high), (x + unit * 0.0016, y)]) {
            canvas.fill(&blade, color, 1.0);
        }
    }
}

/// A few pines together.
pub fn scatter_trees(
    canvas: &mut Canvas,
    scene: &Scene,
    palette: &Palette,
    random: &mut Random,
    edge: &Edge,
    t: f32,
    size: f32,
) {
    let count = 5 + random.index(9);
    let (middle, spread) = (random.range(0.1, 0.9), random.range(0.08, 0.2));
    let color = ground(scene, palette, t).mix(palette.near, 0.35);
    for _ in 0..count {
        let x = (middle + random.range(-spread, spread) * random.range(0.3, 1.0)) * canvas.width;
        let tall = canvas.unit() * size * random.range(0.7, 1.5);
        pine(canvas, (x, edge.at(x) + tall * 0.08), tall, color);
    }
}

/// Dunes: a lit side and a side in shadow, meeting in a winding crest.
pub fn desert(canvas: &mut Canvas, scene: &Scene, palette: &Palette, random: &mut Random, horizon: f32) {
    let (width, height) = (canvas.width, canvas.height);
    for layer in 0..5 {
        let t = layer as f32 / 4.0;
        let base = lerp(horizon + height * 0.03, height * 1.02, t);
        let rise = height * lerp(0.05, 0.27, t);
        let noise = Noise::new(random.seed());
        let (shift, bumps) = (random.range(0.0, 40.0), lerp(3.2, 1.6, t));
        let edge = Edge::new(canvas, |t| base - rise * noise.value(t * bumps + shift, 0.0));
        let color = ground(scene, palette, 0.2 + t * 0.38);
        fill(canvas, &edge, color.mix(palette.light, 0.22), color, base + height * 0.1);
        // From each crest the side away from the light, down to a line that winds like wind-blown sand.
        let lower = |&(x, y): &(f32, f32)| {
            let crest = ((base - y) / rise).clamp(0.0, 1.0);
            let wind = noise.value(x / width * bumps * 1.7 + shift + 9.3, 4.0);
            (x, y + rise * 1.5 * crest * smooth(0.42, 0.75, wind))
        };
        let lower: Vec<(f32, f32)> = edge.points.iter().rev().map(lower).collect();
        if let Some(path) = polygon(edge.points.iter().copied().chain(lower)) {
            canvas.fill(&path, color.mix(palette.near, 0.55), 0.55);
        }
    }
}

/// A wood: rows of pines, one behind the other.
pub fn forest(canvas: &mut Canvas, scene: &Scene, palette: &Palette, random: &mut Random, horizon: f32) {
    let height = canvas.height;
    let back = rolling(canvas, random, horizon, height * 0.12, 2.5);
    fill(canvas, &back, ground(scene, palette, 0.15), palette.low, horizon + height * 0.1);
    for layer in 0..5 {
        let t = layer as f32 / 4.0;
        let base = lerp(horizon + height * 0.02, height * 0.94, t.powf(1.2));
        let edge = rolling(canvas, random, base, height * 0.06, 2.0);
        let color = palette.land_at(0.22 + t * 0.7);
        let tall = canvas.unit() * lerp(0.09, 0.42, t * t);
        let gap = tall * lerp(0.2, 0.42, t);
        // In front, a clearing to look through.
        let clearing = if layer >= 3 { random.range(0.35, 0.65) } else { -9.0 };
        let mut x = -gap;
        while x < canvas.width + gap {
            let far_off = ((x / canvas.width - clearing).abs() / lerp(0.2, 0.36, t)).min(1.0);
            let size = tall * random.range(0.65, 1.15);
            if far_off >= 1.0 || random.chance(far_off * far_off * 0.3) {
                let at = (x + random.range(-0.3, 0.3) * gap, edge.at(x.max(0.0)) + size * 0.1);
                if scene.weather == Weather::Snow {
                    // The same tree a little higher, in white: what shows of it lies on the branches.
                    pine(canvas, (at.0, at.1 - size * 0.035), size, ground(scene, palette, 0.3));
                }
                pine(canvas, at, size, color);
            }
            x += gap * random.range(0.6, 1.3);
        }
        fill(canvas, &edge, ground(scene, palette, 0.22 + t * 0.7), palette.low, base + height * 0.3);
    }
}

const PINE: &str = "M 0 -100 L 9 -76 5 -77 15 -54 9 -56 21 -31 13 -33 26 -7 4 -9 4 2 -4 2 -4 -9 -26 -7 -13 -33 -21 -31 -9 -56 -15 -54 -5 -77 -9 -76 Z";

/// A pine standing at a point.
pub fn pine(canvas: &mut Canvas, at: (f32, f32), size: f32, color: Color) {
    if let Some(path) = outline(PINE, at, size, 1.0) {
        canvas.fill(&path, color, 1.0);
    }
}
