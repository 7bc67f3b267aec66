// The peer of the clusters in tiles: supercluster with its defaults. Reads points (longitude and latitude as 64-bit
// floats, little-endian) from the file that is named, and prints the milliseconds of loading and of the tile 0/0/0.
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import Supercluster from "supercluster";

const bytes = readFileSync(process.argv[2]);
const numbers = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
const points = [];
for (let at = 0; at < numbers.length; at += 2) {
  const coordinates = [numbers[at], numbers[at + 1]];
  points.push({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates } });
}
const began = performance.now();
const index = new Supercluster({ log: false }).load(points);
const loaded = performance.now();
const tile = index.getTile(0, 0, 0);
const ended = performance.now();
const counted = tile.features.reduce((sum, one) => sum + (one.tags.point_count ?? 1), 0);
console.log(JSON.stringify({ load_ms: loaded - began, z0_ms: ended - loaded, points: counted }));
