/** How programs that use the package are compiled: as strictly as TypeScript knows, in every way that it finds modules. */

/** Each way that modules are found, and what modules it goes with. */
export const RESOLUTIONS = [
  ["bundler", "esnext"],
  ["node16", "node16"],
  ["nodenext", "nodenext"],
];

const OPTIONS = {
  target: "es2022",
  lib: ["es2022", "dom", "dom.iterable"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  types: [],
  skipLibCheck: false,
};

/**
 * A `tsconfig.json` for these programs.
 *
 * @param {string[]} resolution One of {@link RESOLUTIONS}.
 * @param {string[]} files
 * @param {object} [more] Options of the compiler.
 */
export const projectOf = ([moduleResolution, module], files, more) =>
  JSON.stringify({ compilerOptions: { ...OPTIONS, module, moduleResolution, ...more }, files });
