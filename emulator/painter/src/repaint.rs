//! Painting a scene over an image.

use tiny_skia::Pixmap;

use crate::canvas::Canvas;
use crate::color::{Color, lerp};
use crate::palette::Palette;
use crate::random::Random;
use crate::scene::Scene;

/// Paints the scene over `pixels`, on a canvas that shows the scene alone. The forms stay those of `pixels`; light and
/// colour become the scene's, the more the higher the strength. At a strength of 1 little of `pixels` is left.
pub fn repaint(canvas: &mut Canvas, pixels: &Pixmap, scene: &Scene, strength: f32) {
    let palette = Palette::of(scene, &mut Random::new(scene.seed));
    let tones: Vec<Color> = (0..256).map(|i| tone(&palette, i as f32 / 255.0)).collect();
    let (colored, painted) = (0.35 + 0.6 * strength, 0.62 * strength.powi(3));
    canvas.each(|x, y, scene| {
        let Some(pixel) = pixels.pixel(x as u32, y as u32) else {
            return scene;
        };
        let [r, g, b] = [pixel.red(), pixel.green(), pixel.blue()].map(|byte| f32::from(byte) / 255.0);
        let light = 0.299 * r + 0.587 * g + 0.114 * b;
        let tone = tones.get((light * 255.0) as usize).copied().unwrap_or(scene);
        let mixed = |own: f32, tone: f32, scene: f32| lerp(lerp(own, tone, colored), scene, painted);
        Color { r: mixed(r, tone.r, scene.r), g: mixed(g, tone.g, scene.g), b: mixed(b, tone.b, scene.b) }
    });
}

/// The scene's colour for a lightness: its shadows are the near land, its lights the sun.
fn tone(palette: &Palette, t: f32) -> Color {
    let stops = [palette.near, palette.top, palette.middle, palette.low, palette.light];
    let mut stops: Vec<(f32, Color)> = stops.into_iter().map(|color| (color.lightness(), color)).collect();
    stops.sort_by(|a, b| a.0.total_cmp(&b.0));
    let place = t * 4.0;
    let get = |i: usize| stops.get(i.min(4)).map_or(palette.light, |(_, color)| *color);
    get(place as usize).mix(get(place as usize + 1), place.fract())
}
