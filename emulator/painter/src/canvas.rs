//! The canvas: shapes, strokes, light, and the pixels as a file.

use tiny_skia::{
    FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Paint, Path, PathBuilder, Pixmap, Point, RadialGradient,
    Shader, SpreadMode, Stroke, Transform,
};

use crate::color::{Color, smooth};
use crate::file;
use crate::format::Format;

/// Pixels to draw on. Coordinates are pixels; (0, 0) is the top left corner.
pub struct Canvas {
    pixmap: Option<Pixmap>,
    /// In pixels.
    pub width: f32,
    /// In pixels.
    pub height: f32,
}

impl Canvas {
    /// A canvas of this many pixels.
    pub fn new(width: u32, height: u32) -> Self {
        Self { pixmap: Pixmap::new(width, height), width: width as f32, height: height as f32 }
    }

    /// What sizes are measured in: the shorter side.
    pub fn unit(&self) -> f32 {
        self.width.min(self.height)
    }

    /// Fills a shape.
    pub fn fill(&mut self, path: &Path, color: Color, alpha: f32) {
        self.fill_with(path, Shader::SolidColor(color.paint(alpha)));
    }

    /// Fills a shape with a colour that changes from one height to another.
    pub fn fill_down(&mut self, path: &Path, from: (f32, Color, f32), to: (f32, Color, f32)) {
        // Some stops on the way: the gradient itself is mixed in sRGB, which goes through grey.
        let stop = |t: f32| GradientStop::new(t, from.1.mix(to.1, t).paint(from.2 + (to.2 - from.2) * t));
        let stops = [0.0, 0.25, 0.5, 0.75, 1.0].map(stop).to_vec();
        let (start, end) = (Point::from_xy(0.0, from.0), Point::from_xy(0.0, to.0));
        if let Some(shader) = LinearGradient::new(start, end, stops, SpreadMode::Pad, Transform::identity()) {
            self.fill_with(path, shader);
        }
    }

    /// A disc of light that fades towards its edge.
    pub fn glow(&mut self, (x, y): (f32, f32), radius: f32, color: Color, alpha: f32) {
        let stop = |t: f32| GradientStop::new(t, color.paint(alpha * (1.0 - t).powi(2)));
        let stops = [0.0, 0.15, 0.3, 0.5, 0.75, 1.0].map(stop).to_vec();
        let center = Point::from_xy(x, y);
        let shader = RadialGradient::new(center, 0.0, center, radius, stops, SpreadMode::Pad, Transform::identity());
        if let (Some(shader), Some(circle)) = (shader, PathBuilder::from_circle(x, y, radius)) {
            self.fill_with(&circle, shader);
        }
    }

    /// A filled circle.
    pub fn disc(&mut self, (x, y): (f32, f32), radius: f32, color: Color, alpha: f32) {
        if let Some(circle) = PathBuilder::from_circle(x, y, radius) {
            self.fill(&circle, color, alpha);
        }
    }

    /// Draws along a path, with round ends.
    pub fn stroke(&mut self, path: &Path, width: f32, color: Color, alpha: f32) {
        let Some(pixmap) = &mut self.pixmap else { return };
        let stroke = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        let paint = Paint { shader: Shader::SolidColor(color.paint(alpha)), anti_alias: true, ..Paint::default() };
        pixmap.stroke_path(path, &paint, &stroke, Transform::identity(), None);
    }

    fn fill_with(&mut self, path: &Path, shader: Shader) {
        let Some(pixmap) = &mut self.pixmap else { return };
        let paint = Paint { shader, anti_alias: true, ..Paint::default() };
        pixmap.fill_path(path, &paint, FillRule::Winding, Transform::identity(), None);
    }

    /// Computes every pixel from its place and what is there.
    pub fn each(&mut self, change: impl Fn(f32, f32, Color) -> Color) {
        let width = self.width as usize;
        let Some(pixmap) = &mut self.pixmap else { return };
        for (y, row) in pixmap.data_mut().chunks_exact_mut(width * 4).enumerate() {
            for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
                if let [r, g, b, a] = pixel {
                    let old = Color { r: unit(*r), g: unit(*g), b: unit(*b) };
                    let new = change(x as f32, y as f32, old);
                    let dither = dither(x, y);
                    [*r, *g, *b] = [new.r, new.g, new.b].map(|part| (part * 255.0 + dither).clamp(0.0, 255.0) as u8);
                    *a = 255;
                }
            }
        }
    }

    /// Darkens the corners a little, to keep the eye in the middle.
    pub fn vignette(&mut self) {
        let (width, height) = (self.width, self.height);
        self.each(|x, y, color| {
            let (dx, dy) = (x / width - 0.5, y / height - 0.5);
            let dim = 1.0 - 0.22 * smooth(0.32, 0.85, (dx * dx + dy * dy).sqrt());
            Color { r: color.r * dim, g: color.g * dim, b: color.b * dim }
        });
    }

    /// Its pixels; `None` when it has none.
    pub fn into_pixels(self) -> Option<Pixmap> {
        self.pixmap
    }

    /// The picture as a file.
    pub fn encode(&self, format: Format) -> Vec<u8> {
        self.pixmap.as_ref().map_or_else(Vec::new, |pixmap| file::encode(pixmap, format))
    }
}

fn unit(byte: u8) -> f32 {
    f32::from(byte) / 255.0
}

/// What is added before rounding, so that a slow gradient has no steps: a 4×4 Bayer pattern, which compresses well.
fn dither(x: usize, y: usize) -> f32 {
    const BAYER: [f32; 16] = [0., 8., 2., 10., 12., 4., 14., 6., 3., 11., 1., 9., 15., 7., 13., 5.];
    BAYER.get((y % 4) * 4 + x % 4).copied().unwrap_or_default() / 16.0
}

/// A closed shape through these points.
pub fn polygon(points: impl IntoIterator<Item = (f32, f32)>) -> Option<Path> {
    let mut path = line_through(points);
    path.close();
    path.finish()
}

/// An open line through these points.
pub fn polyline(points: impl IntoIterator<Item = (f32, f32)>) -> Option<Path> {
    line_through(points).finish()
}

fn line_through(points: impl IntoIterator<Item = (f32, f32)>) -> PathBuilder {
    let mut path = PathBuilder::new();
    for (index, (x, y)) in points.into_iter().enumerate() {
        if index == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
    }
    path
}

/// A shape written like an SVG path with the absolute commands `M`, `L`, `C`, `Q` and `Z`, numbers parted by spaces, moved to
/// `at` and scaled so that 100 units are `size` pixels; a negative `stretch` mirrors it.
pub fn outline(commands: &str, at: (f32, f32), size: f32, stretch: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    for part in commands.split_inclusive(|c: char| c.is_ascii_alphabetic()).collect::<Vec<_>>().windows(2) {
        let [before, numbers] = part else { continue };
        let command = before.chars().last();
        let numbers = numbers.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let numbers: Vec<f32> = numbers.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        match (command, numbers.as_slice()) {
            (Some('M'), [x, y]) => path.move_to(*x, *y),
            (Some('L'), points) => points.chunks_exact(2).for_each(|point| {
                if let [x, y] = point {
                    path.line_to(*x, *y);
                }
            }),
            (Some('Q'), points) => points.chunks_exact(4).for_each(|point| {
                if let [a, b, x, y] = point {
                    path.quad_to(*a, *b, *x, *y);
                }
            }),
            (Some('C'), points) => points.chunks_exact(6).for_each(|point| {
                if let [a, b, c, d, x, y] = point {
                    path.cubic_to(*a, *b, *c, *d, *x, *y);
                }
            }),
            _ => {}
        }
        if command == Some('Z') {
            path.close();
        }
    }
    if commands.trim_end().ends_with('Z') {
        path.close();
    }
    let scale = size / 100.0;
    path.finish()?.transform(Transform::from_row(scale * stretch, 0.0, 0.0, scale, at.0, at.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_are_read_where_they_are_put() {
        let square = outline("M 0 0 L 100 0 100 -100 0 -100 Z", (10.0, 60.0), 50.0, 1.0).unwrap();
        let bounds = square.bounds();
        assert_eq!((bounds.left(), bounds.right(), bounds.top(), bounds.bottom()), (10.0, 60.0, 10.0, 60.0));
        let mirrored = outline("M 0 0 L 100 0 100 -100 Z M 0 0 L 5 5 5 0 Z", (100.0, 60.0), 50.0, -1.0).unwrap();
        assert_eq!(mirrored.bounds().left(), 50.0);
    }
}
