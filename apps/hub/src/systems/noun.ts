/** Systems: releases of several versions, and the place of each device between two of them. */
import type { Noun } from '../nouns/noun.ts'

export const systemNoun = {
  purge: [
    ['system_stages', ['device_id', 'deployment_id']],
    ['system_parts', ['version_id', 'position']],
  ],
} satisfies Noun
