/**
 * Reference places: finds for each missing part of a file the bytes of one old file that probably resemble it. Around a
 * changed part, the unchanged parts show how far both files are shifted against each other.
 */
import type { Part } from './delta-plan.ts'

/** `startOf` gives the position of a copied part in the reference; undefined if the part lies in another file. */
export type Reference<Place> = { sizeBytes: number; startOf(place: Place): number | undefined }

/** Adds the positions. Without an unchanged part, both files are compared from their first bytes. */
export function placeInReference<Place>(parts: readonly Part<Place>[], reference: Reference<Place>): Part<Place>[] {
  const shiftOf = ({ place, start }: Part<Place>) => {
    const at = place === undefined ? undefined : reference.startOf(place)
    return at === undefined ? undefined : at - start
  }
  let shift = parts.map(shiftOf).find((each) => each !== undefined) ?? 0
  return parts.map((part) => {
    shift = shiftOf(part) ?? shift
    if (part.place !== undefined) return part
    const from = Math.max(0, Math.min(part.start + shift, reference.sizeBytes - part.length))
    return { ...part, from }
  })
}
