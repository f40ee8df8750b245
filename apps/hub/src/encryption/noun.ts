/** The data keys that encrypt what the database keeps secret. */
import type { Noun } from '../nouns/noun.ts'

export const encryptionNoun = {
  // Without its keys, the secrets of the organisation in old backups cannot be read.
  purge: [['data_keys', ['id']]],
} satisfies Noun
