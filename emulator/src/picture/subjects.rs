//! Who and what is in the picture: silhouettes in the foreground, with an edge of light.

use super::canvas::{Canvas, outline};
use super::color::Color;
use super::land::Edge;
use super::noise::Dice;
use super::palette::Palette;
use super::scene::{Scene, Subject};
use super::sky::Light;
use super::{living, things};

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

/// Draws the subjects: what flies and floats first, then what stands, the first named in front.
pub fn paint(canvas: &mut Canvas, stage: &Stage, dice: &mut Dice) {
    let subjects = &stage.scene.subjects;
    let (grounded, loose): (Vec<Subject>, Vec<Subject>) = subjects.iter().partition(|subject| subject.stands());
    for subject in loose {
        match subject {
            Subject::Birds => living::birds(canvas, stage, dice),
            Subject::Boat => things::boat(canvas, stage, dice),
            Subject::Balloon => things::balloon(canvas, stage, dice),
            _ => things::rocket(canvas, stage, dice),
        }
    }
    // The first stands away from the middle and from the light, the others away from each other.
    let light_on_the_right = stage.light.at.0 > canvas.width / 2.0;
    let first = if light_on_the_right { dice.range(0.26, 0.4) } else { dice.range(0.6, 0.74) };
    let count = grounded.len().max(1) as f32;
    for (index, subject) in grounded.into_iter().enumerate().rev() {
        let apart = if index > 0 { index as f32 / count + 0.06 } else { 0.0 };
        let x = (0.12 + 0.76 * ((first + apart) % 1.0)) * canvas.width;
        let at = (x, stage.ground.at(x) + canvas.unit() * 0.008);
        match subject {
            Subject::Cat => living::cat(canvas, stage, at, dice.range(0.3, 0.42)),
            Subject::Dog => living::dog(canvas, stage, at),
            Subject::Person => living::person(canvas, stage, at),
            Subject::Tree => living::tree(canvas, stage, dice, at),
            Subject::House => things::house(canvas, stage, dice, at),
            Subject::Castle => things::castle(canvas, stage, at),
            Subject::Lighthouse => things::lighthouse(canvas, stage, at),
            _ => living::flowers(canvas, stage, dice),
        }
    }
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
