/** Options and references that the commands of a publisher share. */
import { ListingVersion, ShortName } from '@skerry/contract/market/listing'
import { fits, needed, usually, value } from '../../../program/command.ts'
import { parseDuration } from '../../../program/values.ts'
import type { Level } from './certify-folder.ts'

export const CATALOGUE_FOLDER = needed(
  '--catalogue <folder>',
  'folder of the catalogue; it is called as the folder',
  String,
)
/** Its versions are neighbours: level 2 tries an upgrade from them, and a rollback. */
export const BEFORE = value('--catalogue <folder>', 'catalogue with the versions that this one follows', String)
export const PUBLISHER_KEY = needed('--key <file>', 'private key of the publisher, from "skerry market key"', String)

/** A hub that misses a publication for so long no longer installs from its copy. */
export const EXPIRES = usually('--expires <duration>', '90d', 'time until the index expires', parseDuration)

/** Level 2 runs the listing, which takes seconds to minutes. Level 3 reads the state of devices. */
export const LEVEL = usually(
  '--level <level>',
  '1',
  '1: form and supply chain; 2: also behaviour in a sandbox; 3: also devices of an installation',
  parseLevel,
)

function parseLevel(text: string): Level {
  if (text === '1') return 1
  if (text === '2') return 2
  if (text === '3') return 3
  throw new Error('must be 1, 2 or 3')
}

export type ListingReference = { name: string; version: string }

/** Parses `NAME@VERSION`. */
export function parseListing(text: string): ListingReference {
  const [name = '', version] = text.split('@')
  if (version === undefined) throw new Error('must be NAME@VERSION, such as pump-watch@1.0.0')
  return { name: fits(ShortName)(name), version: fits(ListingVersion)(version) }
}
