//! What the runner of a session shows and hears: a small world of squares, with a number that counts its pictures.

use serde_json::{Value, json};

use super::vp8::{Color, key_frame};

/// How many squares a picture has.
const COLUMNS: u16 = 20;
const ROWS: u16 = 12;
/// Rows from here on are ground.
const GROUND_ROW: u16 = 9;
/// How many bits of its number a picture shows, in its first row, after one white square.
const NUMBER_BITS: u16 = 16;
/// How many pictures a step takes.
const STEP: u32 = 2;
/// How many pictures a cloud takes to the next column.
const DRIFT: u32 = 8;

const BLACK: Color = Color(16, 129, 129);
const WHITE: Color = Color(235, 129, 129);
const SKY: Color = Color(200, 204, 54);
const GROUND: Color = Color(129, 54, 54);
/// What the walker can look like.
const COLORS: [(&str, Color); 3] =
    [("red", Color(95, 129, 204)), ("blue", Color(60, 204, 129)), ("yellow", Color(200, 54, 129))];

/// A world. It goes on with each picture.
#[derive(Debug, Clone)]
pub struct World {
    /// The number of the picture that was shown last.
    pub pictures: u32,
    walker: Color,
    column: u16,
    row: u16,
    pressed: Vec<char>,
}

impl Default for World {
    fn default() -> Self {
        let [(_, walker), ..] = COLORS;
        Self { pictures: 0, walker, column: COLUMNS / 2, row: GROUND_ROW, pressed: Vec::new() }
    }
}

impl World {
    /// Takes a message, and says what is answered.
    pub fn hear(&mut self, text: &str) -> Value {
        let Ok(message) = serde_json::from_str::<Value>(text) else {
            return refusal("The message is no JSON.");
        };
        match message.get("type").and_then(Value::as_str) {
            Some("keys") => {
                let keys = message.get("pressed").and_then(Value::as_array).into_iter().flatten();
                self.pressed = keys.filter_map(|key| key.as_str()?.chars().next()).collect();
            }
            Some("color") => {
                let wanted = message.get("value").and_then(Value::as_str);
                let Some((_, color)) = COLORS.into_iter().find(|(name, _)| Some(*name) == wanted) else {
                    return refusal("`value` is \"red\", \"blue\" or \"yellow\".");
                };
                self.walker = color;
            }
            Some("echo") => {}
            _ => {
                return refusal(
                    "`type` is \"keys\" (`pressed`: \"w\", \"a\", \"s\", \"d\"), \"color\" (`value`) or \"echo\".",
                );
            }
        }
        json!({ "type": "echo", "message": message, "picture": self.pictures })
    }

    /// The next picture, as a key frame of VP8.
    pub fn picture(&mut self) -> Vec<u8> {
        self.pictures = self.pictures.wrapping_add(1);
        if self.pictures.is_multiple_of(STEP) {
            self.walk();
        }
        let squares: Vec<Color> =
            (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |column| (row, column))).map(|at| self.square(at)).collect();
        key_frame(&squares, COLUMNS)
    }

    fn walk(&mut self) {
        for key in &self.pressed {
            match key {
                'w' => self.row = self.row.saturating_sub(1).max(1),
                's' => self.row = (self.row + 1).min(ROWS - 1),
                'a' => self.column = self.column.saturating_sub(1),
                'd' => self.column = (self.column + 1).min(COLUMNS - 1),
                _ => {}
            }
        }
    }

    fn square(&self, (row, column): (u16, u16)) -> Color {
        let cloud = (self.pictures / DRIFT % u32::from(COLUMNS)) as u16;
        match row {
            0 if column == 0 => WHITE,
            0 if column <= NUMBER_BITS => {
                if self.pictures >> (NUMBER_BITS - column) & 1 == 1 {
                    WHITE
                } else {
                    BLACK
                }
            }
            0 => BLACK,
            _ if (row, column) == (self.row, self.column) => self.walker,
            2 if column == cloud => WHITE,
            _ if row >= GROUND_ROW => GROUND,
            _ => SKY,
        }
    }
}

fn refusal(sentence: &str) -> Value {
    json!({ "type": "error", "detail": sentence })
}

#[cfg(test)]
mod tests {
    use super::super::vp8::LEAST;
    use super::*;

    #[test]
    fn every_color_can_follow_every_other_one() {
        let border = Color(129, 129, 129);
        let colors: Vec<Color> =
            [border, BLACK, WHITE, SKY, GROUND].into_iter().chain(COLORS.map(|(_, color)| color)).collect();
        for one in &colors {
            for other in &colors {
                for (a, b, least) in [(one.0, other.0, LEAST.0), (one.1, other.1, LEAST.1), (one.2, other.2, LEAST.1)] {
                    assert!(a == b || a.abs_diff(b) >= least, "{one:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn keys_move_the_walker_for_as_long_as_they_are_pressed_and_never_out_of_the_world() {
        let mut world = World::default();
        world.hear(r#"{"type":"keys","pressed":["d","w"],"activated":[]}"#);
        (0..100).for_each(|_| drop(world.picture()));
        assert_eq!((world.column, world.row), (COLUMNS - 1, 1));
        world.hear(r#"{"type":"keys","pressed":[]}"#);
        (0..100).for_each(|_| drop(world.picture()));
        assert_eq!((world.column, world.row, world.pictures), (COLUMNS - 1, 1, 200));
    }

    #[test]
    fn a_message_that_is_not_understood_is_answered_with_what_would_be() {
        let mut world = World::default();
        for wrong in ["nonsense", r#"{"type":"jump"}"#, r#"{"type":"color","value":"pink"}"#, "[]"] {
            assert_eq!(world.hear(wrong)["type"], "error", "{wrong}");
        }
    }
}
