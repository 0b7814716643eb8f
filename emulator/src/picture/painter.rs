//! The order of work: sky, land, who is there, weather, and a last look at the whole.

use super::canvas::Canvas;
use super::color::{Color, smooth};
use super::noise::Dice;
use super::palette::Palette;
use super::scene::{Place, Scene, Weather};
use super::sky::Light;
use super::subjects::Stage;
use super::{flow, land, mountains, sky, subjects, town, water, weather};

/// Paints a scene.
pub fn paint(scene: &Scene, width: u32, height: u32) -> Canvas {
    let mut canvas = Canvas::new(width, height);
    let mut dice = Dice::new(scene.seed);
    let palette = Palette::of(scene, &mut dice);
    let Some(place) = scene.place else {
        flow::paint(&mut canvas, scene, &mut dice);
        return canvas;
    };
    let horizon = canvas.height * if place == Place::Sea { dice.range(0.52, 0.6) } else { dice.range(0.56, 0.66) };
    let light = sky::paint(&mut canvas, scene, &palette, &mut dice, horizon);
    weather::behind(&mut canvas, scene, &palette, &mut dice, horizon);
    match place {
        Place::Hills => land::hills(&mut canvas, scene, &palette, &mut dice, horizon),
        Place::Mountains => mountains::paint(&mut canvas, scene, &palette, &mut dice, horizon, &light),
        Place::Forest => land::forest(&mut canvas, scene, &palette, &mut dice, horizon),
        Place::Desert => land::desert(&mut canvas, scene, &palette, &mut dice, horizon),
        Place::City => town::city(&mut canvas, scene, &palette, &mut dice, horizon),
        Place::Sea => water::sea(&mut canvas, scene, &palette, &mut dice, horizon, &light),
    }
    foreground(&mut canvas, scene, &palette, &mut dice, &light, horizon, place);
    weather::before(&mut canvas, scene, &palette, &mut dice, horizon);
    vignette(&mut canvas);
    canvas
}

/// Something to stand on, and whoever stands on it.
fn foreground(
    canvas: &mut Canvas,
    scene: &Scene,
    palette: &Palette,
    dice: &mut Dice,
    light: &Light,
    horizon: f32,
    place: Place,
) {
    let nobody = !scene.subjects.iter().any(|subject| subject.stands());
    let height = canvas.height;
    let ground = land::rolling(canvas, dice, height * 0.93, height * 0.1, 1.3);
    if !(nobody && matches!(place, Place::Sea | Place::City | Place::Desert)) {
        let color = land::ground(scene, palette, if place == Place::Desert { 0.7 } else { 0.82 });
        canvas_ground(canvas, &ground, color, palette.near);
        if matches!(place, Place::Hills | Place::Mountains | Place::Forest) && scene.weather != Weather::Snow {
            land::grass(canvas, dice, &ground, color);
        }
    }
    let stage = Stage { scene, palette, light, ground: &ground, horizon };
    subjects::paint(canvas, &stage, dice);
}

fn canvas_ground(canvas: &mut Canvas, edge: &land::Edge, color: Color, near: Color) {
    let height = canvas.height;
    if let Some(path) = edge.under(canvas) {
        canvas.fill_down(&path, (height * 0.84, color, 1.0), (height, color.mix(near, 0.75), 1.0));
    }
}

/// Darkens the corners a little: the eye stays in the middle.
pub fn vignette(canvas: &mut Canvas) {
    let (width, height) = (canvas.width, canvas.height);
    canvas.each(|x, y, color| {
        let (dx, dy) = (x / width - 0.5, y / height - 0.5);
        let dim = 1.0 - 0.22 * smooth(0.32, 0.85, (dx * dx + dy * dy).sqrt());
        Color { r: color.r * dim, g: color.g * dim, b: color.b * dim }
    });
}
