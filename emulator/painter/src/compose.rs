//! The order of work: sky, land, who is there, weather, and a last look at the whole.

use crate::canvas::Canvas;
use crate::color::Color;
use crate::palette::Palette;
use crate::random::Random;
use crate::scene::{Place, Scene, Weather};
use crate::sky::Light;
use crate::stage::Stage;
use crate::{abstract_art, land, mountains, sky, subjects, town, water, weather};

/// Paints a scene.
pub fn paint(scene: &Scene, width: u32, height: u32) -> Canvas {
    let mut canvas = Canvas::new(width, height);
    let mut random = Random::new(scene.seed);
    let palette = Palette::of(scene, &mut random);
    let Some(place) = scene.place else {
        abstract_art::paint(&mut canvas, scene, &mut random);
        return canvas;
    };
    let horizon = canvas.height * if place == Place::Sea { random.range(0.52, 0.6) } else { random.range(0.56, 0.66) };
    let light = sky::paint(&mut canvas, scene, &palette, &mut random, horizon);
    weather::behind(&mut canvas, scene, &palette, &mut random, horizon);
    match place {
        Place::Hills => land::hills(&mut canvas, scene, &palette, &mut random, horizon),
        Place::Mountains => mountains::paint(&mut canvas, scene, &palette, &mut random, horizon, &light),
        Place::Forest => land::forest(&mut canvas, scene, &palette, &mut random, horizon),
        Place::Desert => land::desert(&mut canvas, scene, &palette, &mut random, horizon),
        Place::City => town::city(&mut canvas, scene, &palette, &mut random, horizon),
        Place::Sea => water::sea(&mut canvas, scene, &palette, &mut random, horizon, &light),
    }
    foreground(&mut canvas, scene, &palette, &mut random, &light, horizon, place);
    weather::before(&mut canvas, scene, &palette, &mut random, horizon);
    canvas.vignette();
    canvas
}

/// The ground in front, and the subjects that stand on it.
fn foreground(
    canvas: &mut Canvas,
    scene: &Scene,
    palette: &Palette,
    random: &mut Random,
    light: &Light,
    horizon: f32,
    place: Place,
) {
    let nobody = !scene.subjects.iter().any(|subject| subject.stands());
    let height = canvas.height;
    let ground = land::rolling(canvas, random, height * 0.93, height * 0.1, 1.3);
    if !(nobody && matches!(place, Place::Sea | Place::City | Place::Desert)) {
        let color = land::ground(scene, palette, if place == Place::Desert { 0.7 } else { 0.82 });
        canvas_ground(canvas, &ground, color, palette.near);
        if matches!(place, Place::Hills | Place::Mountains | Place::Forest) && scene.weather != Weather::Snow {
            land::grass(canvas, random, &ground, color);
        }
    }
    let stage = Stage { scene, palette, light, ground: &ground, horizon };
    subjects::paint(canvas, &stage, random);
}

fn canvas_ground(canvas: &mut Canvas, edge: &land::Edge, color: Color, near: Color) {
    let height = canvas.height;
    if let Some(path) = edge.under(canvas) {
        canvas.fill_down(&path, (height * 0.84, color, 1.0), (height, color.mix(near, 0.75), 1.0));
    }
}
