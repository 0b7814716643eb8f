//! The sky: its colours, stars, sun or moon, and clouds.

use crate::canvas::Canvas;
use crate::color::{Color, WHITE, lerp, smooth};
use crate::noise::{Field, Noise};
use crate::palette::Palette;
use crate::random::Random;
use crate::scene::{Scene, Time, Weather};

/// What the rest of the picture must know about the light.
#[derive(Debug, Clone, Copy)]
pub struct Light {
    /// Where the sun or the moon is.
    pub at: (f32, f32),
    /// Its radius.
    pub radius: f32,
    /// How strong it is, from 0 to 1.
    pub strength: f32,
}

/// Paints the sky down to the horizon, and below it the colour of the air there.
pub fn paint(canvas: &mut Canvas, scene: &Scene, palette: &Palette, random: &mut Random, horizon: f32) -> Light {
    let light = place(canvas, scene, random, horizon);
    let cover = match scene.weather {
        Weather::Clear => random.range(0.22, 0.5),
        Weather::Snow => 0.62,
        Weather::Rain => 0.75,
        Weather::Storm => 0.9,
        Weather::Fog => 0.35,
    };
    let clouds = clouds(canvas, random, cover, horizon);
    let shade = cloud_colors(scene, palette);
    // One colour per row, and one more per row for clouds: mixing per pixel would be dear.
    let rows =
        |color: &dyn Fn(f32) -> Color| (0..canvas.height as usize + 1).map(|y| color(y as f32 / horizon)).collect();
    let sky: Vec<Color> = rows(&|t| palette.sky_at(t.min(1.0)));
    let (width, halo) = (canvas.width, canvas.unit() * 0.75);
    canvas.each(|x, y, _| {
        let base = sky.get(y as usize).copied().unwrap_or(WHITE);
        let (dx, dy) = ((x - light.at.0) / halo, (y - light.at.1) / halo);
        let near = (1.0 - (dx * dx + dy * dy).sqrt()).max(0.0);
        let warm = plain(base, palette.light, light.strength * 0.55 * near * near);
        let cloud = clouds.at(x, y);
        if cloud <= 0.0 || width <= 0.0 {
            return warm;
        }
        let lit = plain(shade.0, shade.1, smooth(0.1, 0.95, cloud + near * 0.3));
        plain(warm, lit, smooth(0.0, 0.5, cloud) * shade.2)
    });
    if scene.time == Time::Night && matches!(scene.weather, Weather::Clear | Weather::Fog) {
        stars(canvas, random, horizon);
    }
    if light.strength > 0.0 {
        luminary(canvas, scene, palette, &light, random);
    }
    light
}

/// Mixing in sRGB: fine for colours that are close to each other, and quick.
fn plain(from: Color, to: Color, t: f32) -> Color {
    Color { r: lerp(from.r, to.r, t), g: lerp(from.g, to.g, t), b: lerp(from.b, to.b, t) }
}

fn place(canvas: &Canvas, scene: &Scene, random: &mut Random, horizon: f32) -> Light {
    let asked = scene.sun || scene.moon;
    let (height, radius) = match scene.time {
        Time::Dawn | Time::Dusk => (random.range(0.72, 0.9), random.range(0.055, 0.085)),
        Time::Day => (random.range(0.2, 0.45), 0.045),
        Time::Night => (random.range(0.22, 0.42), random.range(0.05, 0.075)),
    };
    let (side, away) = (random.chance(0.5), random.range(0.1, 0.28));
    let x = if side { 0.5 + away } else { 0.5 - away };
    let strength = match scene.weather {
        Weather::Clear => 1.0,
        _ if asked => 0.8,
        Weather::Fog => 0.6,
        Weather::Snow => 0.35,
        Weather::Rain | Weather::Storm => 0.0,
    };
    Light { at: (x * canvas.width, height * horizon), radius: radius * canvas.unit(), strength }
}

/// How dense the clouds are at each place: 0 is open sky.
fn clouds(canvas: &Canvas, random: &mut Random, cover: f32, horizon: f32) -> Field {
    let noise = Noise::new(random.seed());
    let scale = 2.2 / canvas.unit();
    let stretch = random.range(2.2, 3.6);
    Field::new(canvas.width, canvas.height, 4.0, |x, y| {
        if y > horizon {
            return 0.0;
        }
        // Clouds lie flatter and closer together towards the horizon.
        let depth = 1.0 + 1.6 * (y / horizon).powi(2);
        let (u, v) = (x * scale, y * scale * stretch * depth);
        let wave = noise.value(u * 0.7 + 9.0, v * 0.7);
        let density = noise.fractal(u + wave, v, 5);
        (density - (0.92 - cover * 0.72)) * 3.2 * smooth(1.08, 0.8, y / horizon)
    })
}

/// Clouds in shadow, clouds in the light, and how much they hide.
fn cloud_colors(scene: &Scene, palette: &Palette) -> (Color, Color, f32) {
    match (scene.time, scene.weather) {
        (_, Weather::Rain | Weather::Storm) => {
            (palette.top.lighter(-0.05), palette.middle.mix(palette.low, 0.35).lighter(0.03), 0.9)
        }
        (Time::Day, _) => (palette.middle.mix(WHITE, 0.45), WHITE, 0.85),
        (Time::Night, _) => (palette.top.mix(palette.middle, 0.6), palette.low.mix(palette.light, 0.08), 0.5),
        (Time::Dawn | Time::Dusk, _) => {
            (palette.middle.mix(palette.top, 0.35), palette.low.mix(palette.light, 0.35), 0.75)
        }
    }
}

fn stars(canvas: &mut Canvas, random: &mut Random, horizon: f32) {
    let unit = canvas.unit();
    for _ in 0..260 {
        let at = (random.range(0.0, canvas.width), random.range(0.0, 1.0).powf(1.4) * horizon * 0.95);
        let size = random.range(0.0, 1.0).powi(3);
        let fade = 1.0 - at.1 / horizon * 0.8;
        canvas.disc(at, unit * (0.0006 + 0.0016 * size), WHITE, (0.25 + 0.7 * size) * fade);
        if size > 0.8 {
            canvas.glow(at, unit * 0.012, WHITE, 0.35 * fade);
        }
    }
}

fn luminary(canvas: &mut Canvas, scene: &Scene, palette: &Palette, light: &Light, random: &mut Random) {
    let (radius, strength) = (light.radius, light.strength);
    canvas.glow(light.at, radius * 4.5, palette.light, 0.4 * strength);
    canvas.disc(light.at, radius, palette.light, 0.35 + 0.65 * strength);
    if scene.time != Time::Night {
        canvas.glow(light.at, radius * 1.6, WHITE, 0.4 * strength);
        return;
    }
    // The moon has seas.
    for _ in 0..7 {
        let (angle, out) = (random.range(0.0, std::f32::consts::TAU), random.range(0.1, 0.66) * radius);
        let at = (light.at.0 + angle.cos() * out, light.at.1 + angle.sin() * out);
        canvas.glow(at, radius * random.range(0.2, 0.42), palette.middle, 0.26);
    }
}
