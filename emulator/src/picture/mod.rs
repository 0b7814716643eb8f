//! What the picture models draw: a pure function from an order to PNG or JPEG bytes.
//!
//! A newcomer meets these pictures first, so they are meant to be pleasant: `scene` reads the words of a prompt, `painter`
//! composes a small landscape from them (`sky`, `land`, `mountains`, `water`, `town`, `subjects`, `weather`), and where no word is known
//! `flow` paints colours that run into each other. The seed decides everything the words leave open.

mod canvas;
mod color;
mod flow;
mod land;
mod living;
mod mountains;
mod noise;
mod painter;
mod palette;
mod scene;
mod sky;
mod source;
mod subjects;
mod things;
mod town;
mod water;
mod weather;

pub use source::Source;

use canvas::Canvas;
use scene::Scene;

/// A picture to be drawn. The same order always gives the same bytes.
#[derive(Debug, Clone)]
pub struct Order {
    /// What to draw.
    pub prompt: String,
    /// Which of all the pictures of it.
    pub seed: u64,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// How to encode it.
    pub format: Format,
    /// The picture to start from, for image to image.
    pub source: Option<Source>,
    /// How much of the start is painted over: 0 to 1.
    pub strength: f32,
}

/// How a picture is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
}

impl Format {
    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// What file names end with, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

impl Order {
    /// Draws and encodes the picture.
    pub fn draw(&self) -> Vec<u8> {
        self.paint().encode(self.format)
    }

    fn paint(&self) -> Canvas {
        let scene = Scene::read(&self.prompt, self.seed);
        match &self.source {
            None => painter::paint(&scene, self.width, self.height),
            Some(source) => source::repaint(source, &scene, self.width, self.height, self.strength),
        }
    }
}

/// An order without a source, for tests.
#[cfg(test)]
fn order(prompt: &str, seed: u64) -> Order {
    Order { prompt: prompt.into(), seed, width: 160, height: 120, format: Format::Png, source: None, strength: 1.0 }
}

/// Whether two pictures differ enough for an eye to tell, from 0 to 255.
#[cfg(test)]
fn difference(one: &[u8], other: &[u8]) -> f64 {
    let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().to_rgb8().into_raw();
    let (one, other) = (pixels(one), pixels(other));
    let sum: u64 = one.iter().zip(&other).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / one.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(prompt: &str, seed: u64) -> Vec<u8> {
        order(prompt, seed).draw()
    }

    #[test]
    fn an_order_replays_so_that_a_test_can_compare_files() {
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
            for (format, kind) in [(Format::Png, image::ImageFormat::Png), (Format::Jpeg, image::ImageFormat::Jpeg)] {
                for prompt in
                    ["a lighthouse by the sea in a storm at night", "city snow", "mountains forest fog cat", ""]
                {
                    let bytes = Order { width, height, format, ..order(prompt, 1) }.draw();
                    assert_eq!(image::guess_format(&bytes).unwrap(), kind);
                    let picture = image::load_from_memory(&bytes).unwrap();
                    assert_eq!((picture.width(), picture.height()), (width, height));
                }
            }
        }
    }
}
