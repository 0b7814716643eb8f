//! Smooth randomness: hills, clouds and everything else that is irregular without being rough.

use crate::color::lerp;

/// Value noise: random numbers on a grid, and smooth ways between them.
#[derive(Debug, Clone, Copy)]
pub struct Noise(u32);

impl Noise {
    /// A field of its own for every seed.
    pub fn new(seed: u64) -> Self {
        Self((seed ^ (seed >> 32)) as u32)
    }

    fn at(self, x: i32, y: i32) -> f32 {
        let mut h = self.0 ^ (x as u32).wrapping_mul(0x85eb_ca6b) ^ (y as u32).wrapping_mul(0xc2b2_ae35);
        h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
        h = (h ^ (h >> 12)).wrapping_mul(0x297a_2d39);
        (h ^ (h >> 15)) as f32 / u32::MAX as f32
    }

    /// One octave, from 0 to 1.
    pub fn value(self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let fade = |t: f32| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
        let (u, v) = (fade(x - left), fade(y - top));
        let (i, j) = (left as i32, top as i32);
        let row = |j: i32| lerp(self.at(i, j), self.at(i.wrapping_add(1), j), u);
        lerp(row(j), row(j.wrapping_add(1)), v)
    }

    /// Several octaves, each half as strong and twice as fine; from 0 to 1.
    pub fn fractal(self, x: f32, y: f32, octaves: u32) -> f32 {
        let (mut sum, mut weight, mut total, mut scale) = (0.0, 1.0, 0.0, 1.0);
        for octave in 0..octaves {
            // Shifted, so that the octaves do not share their grid lines.
            let shift = octave as f32 * 17.3;
            sum += weight * self.value(x * scale + shift, y * scale - shift);
            total += weight;
            weight *= 0.5;
            scale *= 2.0;
        }
        sum / total
    }
}

/// A coarse picture of a function, read smoothly: noise per pixel is dear.
pub struct Field {
    columns: usize,
    cell: f32,
    values: Vec<f32>,
}

impl Field {
    /// Samples `f` every `cell` pixels over a canvas.
    pub fn new(width: f32, height: f32, cell: f32, f: impl Fn(f32, f32) -> f32) -> Self {
        let columns = (width / cell) as usize + 2;
        let rows = (height / cell) as usize + 2;
        let place = |i: usize| ((i % columns) as f32 * cell, (i / columns) as f32 * cell);
        let values = (0..columns * rows).map(place).map(|(x, y)| f(x, y)).collect();
        Self { columns, cell, values }
    }

    /// The value at a pixel.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x / self.cell, y / self.cell);
        let (i, j) = (x as usize, y as usize);
        let get = |i: usize, j: usize| self.values.get(j * self.columns + i).copied().unwrap_or_default();
        let (u, v) = (x - i as f32, y - j as f32);
        let row = |j: usize| lerp(get(i, j), get(i + 1, j), u);
        lerp(row(j), row(j + 1), v)
    }
}
