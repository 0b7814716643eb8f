//! Reading a prompt: which of its words the painter knows, and what the seed decides where it says nothing.

use crate::color::{Color, hex};
use crate::random::Random;

/// When it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    Dawn,
    Day,
    Dusk,
    Night,
}

/// What the weather is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    Clear,
    Rain,
    Storm,
    Snow,
    Fog,
}

/// What the land is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Hills,
    Mountains,
    Forest,
    Sea,
    City,
    Desert,
}

/// Who or what is in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Cat,
    Dog,
    Person,
    Birds,
    Tree,
    House,
    Castle,
    Lighthouse,
    Boat,
    Balloon,
    Rocket,
    Flowers,
}

impl Subject {
    /// Whether it stands on the ground, rather than fly or float.
    pub fn stands(self) -> bool {
        !matches!(self, Self::Birds | Self::Boat | Self::Balloon | Self::Rocket)
    }
}

/// What to paint.
#[derive(Debug, Clone)]
pub struct Scene {
    /// When.
    pub time: Time,
    /// In what weather.
    pub weather: Weather,
    /// Where; `None` when the prompt has no word the painter knows.
    pub place: Option<Place>,
    /// With whom, in the order of the prompt.
    pub subjects: Vec<Subject>,
    /// Whether sun or moon must be seen.
    pub sun: bool,
    /// Whether it must be the moon.
    pub moon: bool,
    /// A colour the prompt names.
    pub tint: Option<Color>,
    /// Decides everything else.
    pub seed: u64,
}

/// At most this many subjects find room.
const MAX_SUBJECTS: usize = 5;

enum Word {
    Time(Time),
    Weather(Weather),
    Place(Place),
    Subject(Subject),
    Sun,
    Moon,
    Tint(u32),
}

/// What a word means. Plurals lose their `s` before they are looked up.
fn meaning(word: &str) -> Option<Word> {
    use {Place as P, Subject as S, Time as T, Weather as W};
    Some(match word {
        "dawn" | "sunrise" | "morning" => Word::Time(T::Dawn),
        "day" | "noon" | "daylight" | "sunny" | "afternoon" | "summer" | "spring" => Word::Time(T::Day),
        "dusk" | "sunset" | "evening" | "twilight" | "golden" | "autumn" | "fall" => Word::Time(T::Dusk),
        "night" | "midnight" | "dark" | "star" | "starry" | "galaxy" | "milky" => Word::Time(T::Night),
        "rain" | "rainy" | "raining" | "drizzle" | "wet" | "umbrella" | "puddle" => Word::Weather(W::Rain),
        "storm" | "stormy" | "thunder" | "lightning" | "thunderstorm" => Word::Weather(W::Storm),
        "snow" | "snowy" | "snowing" | "winter" | "blizzard" | "ice" | "icy" | "frozen" | "christma" => {
            Word::Weather(W::Snow)
        }
        "fog" | "foggy" | "mist" | "misty" | "haze" | "hazy" => Word::Weather(W::Fog),
        "hill" | "meadow" | "field" | "valley" | "garden" | "village" | "farm" | "landscape" | "countryside" => {
            Word::Place(P::Hills)
        }
        "mountain" | "peak" | "alp" | "alpine" | "summit" | "cliff" | "himalaya" | "volcano" => {
            Word::Place(P::Mountains)
        }
        "forest" | "wood" | "jungle" | "pine" | "grove" | "taiga" => Word::Place(P::Forest),
        "sea" | "ocean" | "beach" | "coast" | "lake" | "island" | "harbour" | "harbor" | "bay" | "shore" | "water"
        | "wave" => Word::Place(P::Sea),
        "city" | "town" | "skyline" | "street" | "building" | "skyscraper" | "tokyo" | "pari" | "york" | "london"
        | "berlin" | "cyberpunk" | "metropolis" => Word::Place(P::City),
        "desert" | "dune" | "sahara" | "sand" | "mar" => Word::Place(P::Desert),
        "cat" | "kitten" | "kitty" => Word::Subject(S::Cat),
        "dog" | "puppy" | "corgi" | "wolf" => Word::Subject(S::Dog),
        "person" | "man" | "woman" | "girl" | "boy" | "child" | "traveller" | "traveler" | "astronaut" | "wanderer" => {
            Word::Subject(S::Person)
        }
        "bird" | "seagull" | "gull" | "swallow" | "crow" | "raven" | "geese" => Word::Subject(S::Birds),
        "tree" | "oak" | "willow" => Word::Subject(S::Tree),
        "house" | "home" | "cottage" | "cabin" | "hut" | "barn" => Word::Subject(S::House),
        "castle" | "fortress" | "tower" | "palace" => Word::Subject(S::Castle),
        "lighthouse" => Word::Subject(S::Lighthouse),
        "boat" | "ship" | "sail" | "sailing" | "sailboat" | "yacht" => Word::Subject(S::Boat),
        "balloon" => Word::Subject(S::Balloon),
        "rocket" | "spaceship" => Word::Subject(S::Rocket),
        "flower" | "tulip" | "rose" | "poppy" | "poppie" | "daisy" | "sunflower" | "blossom" => {
            Word::Subject(S::Flowers)
        }
        "sun" => Word::Sun,
        "moon" | "moonlight" | "moonlit" => Word::Moon,
        "red" | "crimson" => Word::Tint(0xd2_3b_3b),
        "orange" => Word::Tint(0xf0_8a_2c),
        "yellow" | "gold" => Word::Tint(0xf2_c1_3d),
        "green" | "emerald" => Word::Tint(0x3f_a3_5b),
        "teal" | "turquoise" | "cyan" => Word::Tint(0x2f_a8_a8),
        "blue" => Word::Tint(0x2f_6f_d6),
        "purple" | "violet" => Word::Tint(0x7b_4f_c9),
        "pink" => Word::Tint(0xee_7f_b2),
        _ => return None,
    })
}

impl Scene {
    /// Reads a prompt.
    pub fn read(prompt: &str, seed: u64) -> Self {
        let lower = prompt.to_lowercase();
        // FNV-1a: the prompt takes part in every random decision.
        let hash = lower
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
        let seed = hash ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut random = Random::new(seed);
        let mut scene = Self {
            time: Time::Day,
            weather: Weather::Clear,
            place: None,
            subjects: Vec::new(),
            sun: false,
            moon: false,
            tint: None,
            seed,
        };
        let (mut time, mut known) = (None, false);
        for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let found = meaning(word).or_else(|| meaning(word.strip_suffix('s')?));
            known |= found.as_ref().is_some_and(|word| !matches!(word, Word::Tint(_)));
            match found {
                Some(Word::Time(word)) => time = time.or(Some(word)),
                Some(Word::Weather(word)) => scene.weather = word,
                Some(Word::Place(word)) => scene.place = scene.place.or(Some(word)),
                Some(Word::Subject(word)) if scene.subjects.contains(&word) => {}
                Some(Word::Subject(word)) if scene.subjects.len() < MAX_SUBJECTS => scene.subjects.push(word),
                Some(Word::Sun) => scene.sun = true,
                Some(Word::Moon) => scene.moon = true,
                Some(Word::Tint(rgb)) => scene.tint = Some(hex(rgb)),
                Some(Word::Subject(_)) | None => {}
            }
        }
        let usual = [Time::Dawn, Time::Day, Time::Dusk, Time::Dusk, Time::Night];
        let chosen = usual.get(random.index(usual.len())).copied().unwrap_or(Time::Day);
        let by_light = if scene.moon { Time::Night } else { chosen };
        scene.time = time.unwrap_or(by_light);
        if known && scene.place.is_none() {
            let at_sea = scene.subjects.iter().any(|subject| matches!(subject, Subject::Boat | Subject::Lighthouse));
            scene.place = Some(if at_sea { Place::Sea } else { Place::Hills });
        }
        scene
    }

    /// Whether it is dark enough for lamps.
    pub fn is_dark(&self) -> bool {
        self.time == Time::Night || (self.time == Time::Dusk && matches!(self.weather, Weather::Rain | Weather::Storm))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_people_use_are_found_in_a_sentence() {
        let scene = Scene::read("Two cats, watching BOATS on the sea at sunset; rainy!", 1);
        assert_eq!((scene.time, scene.weather, scene.place), (Time::Dusk, Weather::Rain, Some(Place::Sea)));
        assert_eq!(scene.subjects, [Subject::Cat, Subject::Boat]);
    }

    #[test]
    fn what_is_left_open_is_filled_in_sensibly() {
        assert_eq!(Scene::read("a lighthouse", 1).place, Some(Place::Sea));
        assert_eq!(Scene::read("moon over a house", 1).time, Time::Night);
        assert_eq!(Scene::read("xyzzy, in blue", 1).place, None);
        assert_eq!(Scene::read("", 1).place, None);
    }
}
