//! Who and what is in the picture: silhouettes in the foreground, with an edge of light.

use crate::canvas::Canvas;
use crate::random::Random;
use crate::scene::Subject;
use crate::stage::Stage;
use crate::{nature, structures};

/// Draws the subjects: what flies and floats first, then what stands, the first named in front.
pub fn paint(canvas: &mut Canvas, stage: &Stage, random: &mut Random) {
    let subjects = &stage.scene.subjects;
    let (grounded, loose): (Vec<Subject>, Vec<Subject>) = subjects.iter().partition(|subject| subject.stands());
    for subject in loose {
        match subject {
            Subject::Birds => nature::birds(canvas, stage, random),
            Subject::Boat => structures::boat(canvas, stage, random),
            Subject::Balloon => structures::balloon(canvas, stage, random),
            _ => structures::rocket(canvas, stage, random),
        }
    }
    // The first stands away from the middle and from the light, the others away from each other.
    let light_on_the_right = stage.light.at.0 > canvas.width / 2.0;
    let first = if light_on_the_right { random.range(0.26, 0.4) } else { random.range(0.6, 0.74) };
    let count = grounded.len().max(1) as f32;
    for (index, subject) in grounded.into_iter().enumerate().rev() {
        let apart = if index > 0 { index as f32 / count + 0.06 } else { 0.0 };
        let x = (0.12 + 0.76 * ((first + apart) % 1.0)) * canvas.width;
        let at = (x, stage.ground.at(x) + canvas.unit() * 0.008);
        match subject {
            Subject::Cat => nature::cat(canvas, stage, at, random.range(0.3, 0.42)),
            Subject::Dog => nature::dog(canvas, stage, at),
            Subject::Person => nature::person(canvas, stage, at),
            Subject::Tree => nature::tree(canvas, stage, random, at),
            Subject::House => structures::house(canvas, stage, random, at),
            Subject::Castle => structures::castle(canvas, stage, at),
            Subject::Lighthouse => structures::lighthouse(canvas, stage, at),
            _ => nature::flowers(canvas, stage, random),
        }
    }
}
