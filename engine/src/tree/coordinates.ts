// Places on the map, in degrees: as numbers in a tree, or as what a template renders to.

/** The largest latitude and longitude; the least are their negatives. */
export const degreesMax = Object.freeze({ latitude: 90, longitude: 180 });

/** The degrees a text writes out, when they are within `max` of zero; undefined for any other text. */
export function findDegrees(text: string, max: number): number | undefined {
  const written = text.trim();
  if (!/^[+-]?[0-9]{1,3}(\.[0-9]{1,20})?(e-[0-9]{1,3})?$/i.test(written)) return undefined;
  const degrees = Number(written) + 0;
  return Math.abs(degrees) <= max ? degrees : undefined;
}
