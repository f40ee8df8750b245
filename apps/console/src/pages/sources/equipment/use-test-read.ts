/** Use test read: lets a device read a source once. */
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { hub } from '../../../hub/hub-client.ts'
import { type Trial, useTrial } from './use-trial.ts'

export type TestWish = {
  device: string
  spec: ConnectionSpec
  /** Undefined means the first of all tags. */
  tags: readonly string[] | undefined
  /** The number of requested tags beyond the limit. */
  leftCount: number
  waitMs: number
}
export type Tested = Awaited<ReturnType<typeof hub.source.test>>
export type SourceTrial = Trial<TestWish, Tested>

export const useTestRead = () => useTrial(askDevice)

function askDevice({ device, spec, tags, waitMs }: TestWish, signal: AbortSignal): Promise<Tested> {
  return hub.source.test({ device, source: spec.name, spec, waitMs, ...(tags && { tags: [...tags] }) }, { signal })
}
