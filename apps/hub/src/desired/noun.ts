/** Desired documents: what each device is to run. */
import type { Noun } from '../nouns/noun.ts'

export const desiredNoun = {
  purge: [
    ['desired_queue', ['device_id']],
    ['desired_documents', ['device_id', 'generation']],
  ],
} satisfies Noun
