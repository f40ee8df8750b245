/** The texts of ratings, notes and usage. */
import { type ListingUsage, type Rating, STARS_MAX } from '@skerry/contract/market/opinion'
import { count } from '../../../texts/count.ts'

export const opinionsTexts = {
  title: 'Ratings and notes',
  lead: 'Only your organisation sees them. Publishers do not.',
  rating: ({ mean, count: ratings }: Rating) => `${mean} of ${STARS_MAX}, ${count(ratings, 'rating')}`,
  usage: ({ devices, healthy }: ListingUsage) => `Runs on ${count(devices, 'device')}, ${healthy} healthy`,
  recommended: (protocols: readonly string[]) => `Works with your ${protocols.join(', ')}`,
  onlyRecommended: 'For my equipment',
  none: 'Nobody has rated it.',
  by: (name: string, isOwn: boolean) => (isOwn ? `${name} (you)` : name),
  isPrivate: 'private',
  stars: 'Stars',
  starsOf: (stars: number) => `${stars} of ${STARS_MAX}`,
  noStars: 'no rating',
  note: 'Note',
  noteHint: 'Settings that worked, or a warning to colleagues.',
  keepPrivate: 'Only I read the note',
  save: 'Save',
  saved: 'Saved',
  remove: 'Remove',
  removed: 'Removed',
  nothing: 'Choose stars or write a note',
} as const
