/** Texts of the models in memory. */
import { durationWords } from '@skerry/core/values/duration'
import { count } from '../../../texts/count.ts'

/** More names make a sentence unreadable. */
const NAMES_MAX = 5

const namesText = (names: readonly string[]) =>
  names.length > NAMES_MAX
    ? `${names.slice(0, NAMES_MAX).join(', ')} and ${names.length - NAMES_MAX} more`
    : names.join(', ')

export const residencyTexts = {
  title: 'Models in memory',
  meter: 'Used share of the memory for models',
  used: (used: string, limit: string) => `About ${used} of ${limit}`,
  away: (names: readonly string[]) => `Not loaded until a request comes: ${namesText(names)}`,
  waiting: (models: number) => `${count(models, 'model')} waiting for room`,
  evictions: (times: number) => `${count(times, 'time')} a model made room for another one`,
  columns: { model: 'Model', memory: 'Memory', use: 'Last request' },
  pinned: (isPast: boolean) => (isPast ? 'Stayed loaded' : 'Stays loaded'),
  /** The last report of a silent device counts from its own time. */
  idle: (seconds: number, isPast: boolean) => {
    if (seconds === 0) return isPast ? 'when it last reported' : 'now'
    return `${durationWords(seconds)} ${isPast ? 'before its last report' : 'ago'}`
  },
  more: (models: number) => `and ${count(models, 'model')} more`,
}
