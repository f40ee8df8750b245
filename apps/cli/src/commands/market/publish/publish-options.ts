/** Options and references that the commands of a publisher share. */
import { ListingVersion, ShortName } from '@skerry/contract/market/listing'
import { fits, needed, usually } from '../../../program/command.ts'
import { parseDuration } from '../../../program/values.ts'

export const CATALOGUE_FOLDER = needed(
  '--catalogue <folder>',
  'folder of the catalogue; it is called as the folder',
  String,
)
export const PUBLISHER_KEY = needed('--key <file>', 'private key of the publisher, from "skerry market key"', String)

/** A hub that misses a publication for so long no longer installs from its copy. */
export const EXPIRES = usually('--expires <duration>', '90d', 'time until the index expires', parseDuration)

export type ListingReference = { name: string; version: string }

/** Parses `NAME@VERSION`. */
export function parseListing(text: string): ListingReference {
  const [name = '', version] = text.split('@')
  if (version === undefined) throw new Error('must be NAME@VERSION, such as pump-watch@1.0.0')
  return { name: fits(ShortName)(name), version: fits(ListingVersion)(version) }
}
