/**
 * Random stream: random numbers that are the same for the same seed, so that a simulated fleet repeats its behaviour.
 * Not for secrets.
 */

/** Returns numbers in [0, 1). Streams with different names are independent, however many numbers each takes. */
export function randomStream(seed: number, name: string): () => number {
  // [Steele et al., "Fast splittable pseudorandom number generators"; mulberry32] 32 bits of state are plenty for
  // delays and choices.
  let state = hashOf(`${seed}/${name}`)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** [FNV-1a, 32 bits] */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash
}
