//! Draws the pictures of the emulator: a prompt, a seed and a size in, the bytes of a PNG or JPEG file out.
//!
//! It knows nothing about fal, HTTP or time. [`Picture::render`] is a pure function.
//!
//! `scene` finds the words of the prompt that the painter knows. `compose` draws a small landscape from them with `sky`,
//! `land`, `mountains`, `water`, `town`, `subjects` and `weather`. A prompt without a known word becomes abstract colours
//! (`abstract_art`). The seed decides everything the words leave open.

mod abstract_art;
mod canvas;
mod color;
mod compose;
mod file;
mod format;
mod land;
mod mountains;
mod nature;
mod noise;
mod palette;
mod picture;
mod random;
mod repaint;
mod scene;
mod sky;
mod stage;
mod structures;
mod subjects;
mod town;
mod water;
mod weather;

pub use format::Format;
pub use picture::{Picture, SourceImage};
