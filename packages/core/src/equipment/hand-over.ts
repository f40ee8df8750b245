/**
 * Hand-over: whether what was handed to a queue has come to be there. Who hands over counts it first, in a file that a kill leaves whole; the queue gives each
 * value that it stores, or counts as lost, a number. What was counted and has no number died on the way.
 */
import { Priority } from '@skerry/contract/sinks/sink-value'

export type PriorityCounts = Record<Priority, number>

/** `ahead`: how many more numbers there were than values handed over, as the two were last brought together; undefined where they never were. */
export type Books = { handed: PriorityCounts; numbered: PriorityCounts; ahead: PriorityCounts | undefined }

const perPriority = (count: (priority: Priority) => number): PriorityCounts => ({
  urgent: count('urgent'),
  normal: count('normal'),
  bulk: count('bulk'),
})

/** Never too many: a count that a power cut set back is behind the numbers, and nothing is known to be missing then. */
export const missingOf = ({ handed, numbered, ahead }: Books): PriorityCounts =>
  perPriority((priority) => (ahead ? Math.max(0, handed[priority] - (numbered[priority] - ahead[priority])) : 0))

/** To be kept when what is missing has been given its numbers. */
export const aheadOf = ({ handed, numbered }: Pick<Books, 'handed' | 'numbered'>): PriorityCounts =>
  perPriority((priority) => numbered[priority] - handed[priority])

export const isSameCount = (one: PriorityCounts | undefined, other: PriorityCounts): boolean =>
  one !== undefined && Priority.options.every((priority) => one[priority] === other[priority])
