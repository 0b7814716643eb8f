//! A picture to be drawn, and the image it may start from.

use std::sync::Arc;

use tiny_skia::Pixmap;

use crate::canvas::Canvas;
use crate::format::Format;
use crate::repaint::repaint;
use crate::scene::Scene;
use crate::{compose, file};

/// How many pictures may be drawn to draw one, when each starts from the one before. A longer chain is cut: the picture
/// starts from the last ancestor within the limit.
const MAX_GENERATIONS: u32 = 4;

/// A picture to be drawn. The same values always give the same bytes.
#[derive(Debug, Clone)]
pub struct Picture {
    /// What to draw.
    pub prompt: String,
    /// Decides everything the prompt leaves open.
    pub seed: u64,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// How to encode it.
    pub format: Format,
    /// The image to start from, for image to image.
    pub source: Option<SourceImage>,
    /// How much of the source is painted over, from 0 to 1.
    pub strength: f32,
}

impl Picture {
    /// Draws and encodes the picture. Takes up to 150 ms.
    pub fn render(&self) -> Vec<u8> {
        self.paint().encode(self.format)
    }

    fn paint(&self) -> Canvas {
        let scene = Scene::read(&self.prompt, self.seed);
        let mut canvas = compose::paint(&scene, self.width, self.height);
        let pixels = self.source.as_ref().and_then(|source| source.pixels(self.width, self.height));
        if let Some(pixels) = pixels {
            repaint(&mut canvas, &pixels, &scene, self.strength);
        }
        canvas
    }
}

/// The image that image to image starts from.
#[derive(Debug, Clone)]
pub struct SourceImage(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// Bytes of a PNG or JPEG file, and its size.
    Uploaded(Arc<[u8]>, (u32, u32)),
    /// A picture of this crate, drawn when its pixels are needed.
    Drawn(Arc<Picture>),
}

impl SourceImage {
    /// The content of a file; `None` when it does not begin like a PNG or JPEG file.
    pub fn from_file(bytes: Arc<[u8]>) -> Option<Self> {
        let size = file::dimensions(&bytes)?;
        Some(Self(Kind::Uploaded(bytes, size)))
    }

    /// A picture of this crate.
    pub fn from_picture(picture: Arc<Picture>) -> Self {
        match &picture.source {
            Some(ancestor) if ancestor.generation() + 1 >= MAX_GENERATIONS => ancestor.clone(),
            _ => Self(Kind::Drawn(picture)),
        }
    }

    fn generation(&self) -> u32 {
        match &self.0 {
            Kind::Uploaded(..) => 0,
            Kind::Drawn(picture) => 1 + picture.source.as_ref().map_or(0, Self::generation),
        }
    }

    /// Width and height in pixels.
    pub fn dimensions(&self) -> (u32, u32) {
        match &self.0 {
            Kind::Uploaded(_, size) => *size,
            Kind::Drawn(picture) => (picture.width, picture.height),
        }
    }

    /// Its pixels at another size; `None` when the rest of the file is broken.
    fn pixels(&self, width: u32, height: u32) -> Option<Pixmap> {
        let picture = match &self.0 {
            Kind::Uploaded(bytes, _) => file::decode(bytes)?,
            Kind::Drawn(picture) => picture.paint().into_pixels()?,
        };
        file::cover(&picture, width, height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(prompt: &str, seed: u64) -> Picture {
        let prompt = prompt.into();
        Picture { prompt, seed, width: 160, height: 120, format: Format::Png, source: None, strength: 1.0 }
    }

    /// Whether two pictures differ enough for an eye to tell, from 0 to 255.
    fn difference(one: &[u8], other: &[u8]) -> f64 {
        let (one, other) = (file::decode(one).unwrap(), file::decode(other).unwrap());
        let sum: u64 = one.data().iter().zip(other.data()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        // Every fourth is the opacity, which is the same.
        sum as f64 / (one.data().len() / 4 * 3) as f64
    }

    fn drawn(prompt: &str, seed: u64) -> Vec<u8> {
        picture(prompt, seed).render()
    }

    #[test]
    fn a_picture_is_reproducible_so_that_a_test_can_compare_files() {
        assert_eq!(drawn("a cat in the rain", 7), drawn("a cat in the rain", 7));
    }

    #[test]
    fn words_and_seeds_show_so_that_a_user_sees_their_own_prompt() {
        let cat = drawn("a cat in the rain", 7);
        for (prompt, seed) in
            [("a cat in the snow", 7), ("the sea at night", 7), ("xyzzy", 7), ("a cat in the rain", 8)]
        {
            let difference = difference(&cat, &drawn(prompt, seed));
            assert!(difference > 4.0, "{prompt} {seed}: {difference}");
        }
    }

    #[test]
    fn every_size_and_format_can_be_drawn() {
        for (width, height) in [(64, 64), (64, 1536), (1536, 64), (511, 333)] {
            for (format, beginning) in [(Format::Png, b"\x89PNG"), (Format::Jpeg, b"\xff\xd8\xff\xe0")] {
                for prompt in
                    ["a lighthouse by the sea in a storm at night", "city snow", "mountains forest fog cat", ""]
                {
                    let bytes = Picture { width, height, format, ..picture(prompt, 1) }.render();
                    assert!(bytes.starts_with(beginning), "{format:?}");
                    let image = file::decode(&bytes).unwrap();
                    assert_eq!((image.width(), image.height()), (width, height));
                }
            }
        }
    }

    #[test]
    fn image_to_image_shows_both_the_upload_and_the_prompt() {
        let upload: Arc<[u8]> = picture("the sea at night", 1).render().into();
        let source = SourceImage::from_file(Arc::clone(&upload)).unwrap();
        let over = |prompt: &str, strength| -> Arc<[u8]> {
            Picture { source: Some(source.clone()), strength, ..picture(prompt, 1) }.render().into()
        };
        let day = over("a sunny day", 0.8);
        assert!(difference(&upload, &day) > 8.0, "the upload was changed");
        assert!(difference(&day, &over("a red sunset", 0.8)) > 4.0, "the prompt shows");
        assert!(difference(&day, &over("a sunny day", 0.3)) > 2.0, "the strength shows");
    }

    #[test]
    fn a_chain_of_pictures_stays_short_enough_to_draw() {
        let mut last = Arc::new(picture("a cat", 1));
        for seed in 0..50 {
            last = Arc::new(Picture { source: Some(SourceImage::from_picture(last)), ..picture("a cat", seed) });
        }
        assert!(last.source.as_ref().unwrap().generation() <= MAX_GENERATIONS);
    }

    #[test]
    fn what_is_no_picture_is_refused_and_what_breaks_off_is_survived() {
        assert!(SourceImage::from_file(b"GIF89a..........".as_slice().into()).is_none());
        assert!(SourceImage::from_file(Arc::default()).is_none());
        let whole = picture("a cat", 1).render();
        let broken = SourceImage::from_file(whole[..whole.len() / 2].into()).unwrap();
        assert!(!Picture { source: Some(broken), ..picture("a cat", 1) }.render().is_empty());
    }
}
