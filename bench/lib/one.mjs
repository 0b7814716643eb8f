/** `node --expose-gc one.mjs NAME [quick]`: runs one benchmark, and prints its rows as JSON. */

import { KEY } from "../../tests/lib/keys.mjs";

const [name, quick] = process.argv.slice(2);
process.env.FAL_KEY = KEY;
const { bench } = await import(`../${name}.mjs`);
const rows = await bench({ quick: quick === "quick" });
process.stdout.write(JSON.stringify(rows), () => process.exit());
