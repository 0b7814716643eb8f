//! What every subject in the foreground shares: its light, its ground, and how a silhouette is drawn.

use crate::canvas::{Canvas, outline};
use crate::color::Color;
use crate::land::Edge;
use crate::palette::Palette;
use crate::scene::Scene;
use crate::sky::Light;

/// What a subject is drawn with.
pub struct Stage<'a> {
    /// The scene.
    pub scene: &'a Scene,
    /// Its colours.
    pub palette: &'a Palette,
    /// Where the light comes from.
    pub light: &'a Light,
    /// What stands on the ground stands on this.
    pub ground: &'a Edge,
    /// Where sea or land meet the sky.
    pub horizon: f32,
}

/// 1 or -1: turned towards the light.
pub fn facing(stage: &Stage, at: (f32, f32)) -> f32 {
    if stage.light.at.0 < at.0 { 1.0 } else { -1.0 }
}

/// The colour of a silhouette.
pub fn dark(stage: &Stage) -> Color {
    stage.palette.near.saturated(0.6).lighter(-0.1)
}

/// The colour of an edge that the light catches.
pub fn rim(stage: &Stage) -> Color {
    stage.palette.light.mix(stage.palette.low, 0.5)
}

/// A silhouette as high as `high` of the picture, with an edge of light towards the light.
pub fn shape(canvas: &mut Canvas, stage: &Stage, commands: &str, at: (f32, f32), high: f32, stretch: f32) {
    let unit = canvas.unit();
    let shift = unit * 0.0032 * -facing(stage, at);
    let rim_at = (at.0 + shift, at.1 - unit * 0.0022);
    if let Some(edge) = outline(commands, rim_at, unit * high, stretch) {
        canvas.fill(&edge, rim(stage), 0.75);
    }
    if let Some(path) = outline(commands, at, unit * high, stretch) {
        canvas.fill(&path, dark(stage), 1.0);
    }
}
