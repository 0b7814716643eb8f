//! The picture that image to image starts from, and painting it over.

use std::io::Cursor;
use std::sync::Arc;

use image::imageops::FilterType;
use image::{ImageFormat, ImageReader, Limits, RgbImage};

use super::Order;
use super::canvas::Canvas;
use super::color::{Color, lerp};
use super::noise::Dice;
use super::painter;
use super::palette::Palette;
use super::scene::Scene;

/// How many pictures may be drawn to draw one: a picture of a picture of a picture. Beyond that, the ancestor is used.
const MAX_GENERATIONS: u32 = 4;
/// What decoding may allocate.
const MAX_DECODED_BYTES: u64 = 256 * 1024 * 1024;

/// Where to start from.
#[derive(Debug, Clone)]
pub struct Source(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// Bytes of a PNG or JPEG file, and its size.
    Uploaded(Arc<[u8]>, (u32, u32)),
    /// A picture that was drawn here.
    Drawn(Arc<Order>),
}

impl Source {
    /// An uploaded file; `None` when its beginning is not that of a PNG or JPEG.
    pub fn uploaded(bytes: Arc<[u8]>) -> Option<Self> {
        let format = image::guess_format(&bytes).ok()?;
        if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg) {
            return None;
        }
        let size = ImageReader::with_format(Cursor::new(&bytes), format).into_dimensions().ok()?;
        Some(Self(Kind::Uploaded(bytes, size)))
    }

    /// A picture of this crate's own.
    pub fn drawn(order: Arc<Order>) -> Self {
        match &order.source {
            Some(ancestor) if ancestor.generation() + 1 >= MAX_GENERATIONS => ancestor.clone(),
            _ => Self(Kind::Drawn(order)),
        }
    }

    fn generation(&self) -> u32 {
        match &self.0 {
            Kind::Uploaded(..) => 0,
            Kind::Drawn(order) => 1 + order.source.as_ref().map_or(0, Self::generation),
        }
    }

    /// Width and height in pixels.
    pub fn dimensions(&self) -> (u32, u32) {
        match &self.0 {
            Kind::Uploaded(_, size) => *size,
            Kind::Drawn(order) => (order.width, order.height),
        }
    }

    /// Its pixels at another size; `None` when the file is broken further on.
    fn pixels(&self, width: u32, height: u32) -> Option<RgbImage> {
        let bytes = match &self.0 {
            Kind::Uploaded(bytes, _) => Arc::clone(bytes),
            Kind::Drawn(order) => order.draw().into(),
        };
        let mut reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().ok()?;
        let mut limits = Limits::default();
        limits.max_alloc = Some(MAX_DECODED_BYTES);
        reader.limits(limits);
        let picture = reader.decode().ok()?;
        Some(picture.resize_to_fill(width, height, FilterType::Triangle).into_rgb8())
    }
}

/// Paints the scene over its source. The forms stay the source's; light and colour become the scene's, the more the
/// stronger: at a strength of 1 little of the source is left.
pub fn repaint(source: &Source, scene: &Scene, width: u32, height: u32, strength: f32) -> Canvas {
    let mut canvas = painter::paint(scene, width, height);
    let Some(pixels) = source.pixels(width, height) else {
        return canvas;
    };
    let palette = Palette::of(scene, &mut Dice::new(scene.seed));
    let tones: Vec<Color> = (0..256).map(|i| tone(&palette, i as f32 / 255.0)).collect();
    let (colored, painted) = (0.35 + 0.6 * strength, 0.62 * strength.powi(3));
    canvas.each(|x, y, scene| {
        let Some(pixel) = pixels.get_pixel_checked(x as u32, y as u32) else {
            return scene;
        };
        let [r, g, b] = pixel.0.map(|byte| f32::from(byte) / 255.0);
        let light = 0.299 * r + 0.587 * g + 0.114 * b;
        let tone = tones.get((light * 255.0) as usize).copied().unwrap_or(scene);
        let mixed = |own: f32, tone: f32, scene: f32| lerp(lerp(own, tone, colored), scene, painted);
        Color { r: mixed(r, tone.r, scene.r), g: mixed(g, tone.g, scene.g), b: mixed(b, tone.b, scene.b) }
    });
    canvas
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

#[cfg(test)]
mod tests {
    use super::super::{difference, order};
    use super::*;

    #[test]
    fn image_to_image_shows_both_the_upload_and_the_prompt() {
        let upload: Arc<[u8]> = order("the sea at night", 1).draw().into();
        let source = Source::uploaded(Arc::clone(&upload)).unwrap();
        let over = |prompt: &str, strength| -> Arc<[u8]> {
            Order { source: Some(source.clone()), strength, ..order(prompt, 1) }.draw().into()
        };
        let day = over("a sunny day", 0.8);
        assert!(difference(&upload, &day) > 8.0, "the upload was changed");
        assert!(difference(&day, &over("a red sunset", 0.8)) > 4.0, "the prompt shows");
        assert!(difference(&day, &over("a sunny day", 0.3)) > 2.0, "the strength shows");
    }

    #[test]
    fn a_chain_of_pictures_stays_short_enough_to_draw() {
        let mut last = Arc::new(order("a cat", 1));
        for seed in 0..50 {
            last = Arc::new(Order { source: Some(Source::drawn(last)), ..order("a cat", seed) });
        }
        assert!(last.source.as_ref().unwrap().generation() <= MAX_GENERATIONS);
    }

    #[test]
    fn what_is_no_picture_is_refused_and_what_breaks_off_is_survived() {
        assert!(Source::uploaded(b"GIF89a..........".as_slice().into()).is_none());
        assert!(Source::uploaded(Arc::default()).is_none());
        let whole = order("a cat", 1).draw();
        let broken = Source::uploaded(whole[..whole.len() / 2].into()).unwrap();
        assert!(!Order { source: Some(broken), ..order("a cat", 1) }.draw().is_empty());
    }
}
