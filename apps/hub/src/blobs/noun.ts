/** Blobs: the bytes of model files. */
import type { Noun } from '../nouns/noun.ts'
import { collectBlobs, scrubBlobs } from './blob-collection.ts'

export const blobNoun = {
  // The collection removes the bytes first, then the rows.
  kept: ['blobs'],
  sweeps: [
    { name: 'blob_collection', everyMs: 600_000, run: collectBlobs },
    { name: 'blob_scrub', everyMs: 86_400_000, run: scrubBlobs },
  ],
} satisfies Noun
