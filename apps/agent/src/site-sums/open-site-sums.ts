/** Open site sums: this device adds the updates of its neighbours at the door of its cache. */
import { memoryAvailableBytes } from '../inventory.ts'
import type { CacheServerDeps } from '../site-cache/cache-server.ts'
import { answerAboutSum } from './sum-answers.ts'
import { openSumDesk, type SumDeskDeps } from './sum-desk.ts'

/** Answers requests about sums, until the signal of the deps fires. */
export function openSiteSums(
  deps: Omit<SumDeskDeps, 'memoryAvailableBytes'>,
): NonNullable<CacheServerDeps['answerSum']> {
  const sums = openSumDesk({ ...deps, memoryAvailableBytes })
  return (ground, request) => answerAboutSum({ ...ground, sums }, request, deps.signal)
}
