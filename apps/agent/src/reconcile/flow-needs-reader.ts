/** Flow needs reader: what flows on this disk name, read from their files once. */
import type { DesiredItem } from '@skerry/contract/desired'
import { Flow } from '@skerry/contract/flow'
import { kindOf } from '@skerry/contract/kinds/kinds'
import { type FlowNeeds, flowNeeds } from '@skerry/core/flow-needs'
import type { ItemLife } from '@skerry/core/item-life'
import { readSource } from '@skerry/inference/model-source'
import type { VersionFiles } from '../runner/version-files.ts'

export type FlowNeedsReader = {
  /** Of all that wait to be loaded. One that cannot be read has no needs: its load says what is wrong with it. */
  of(lives: readonly ItemLife[]): Promise<ReadonlyMap<DesiredItem['digest'], FlowNeeds>>
}

/** Reads by `files`. */
export function createFlowNeedsReader(files: Pick<VersionFiles, 'withSource'>): FlowNeedsReader {
  let known = new Map<DesiredItem['digest'], FlowNeeds>()
  return {
    async of(lives) {
      const waiting = lives.filter(({ state, target }) => state === 'loading' && kindOf(target.files) === 'flow')
      const found = new Map<DesiredItem['digest'], FlowNeeds>()
      for (const { target } of waiting) {
        const needs = known.get(target.digest) ?? (await read(target, files).catch(() => undefined))
        if (needs) found.set(target.digest, needs)
      }
      known = found
      return found
    },
  }
}

const read = (item: DesiredItem, files: Pick<VersionFiles, 'withSource'>): Promise<FlowNeeds | undefined> =>
  files.withSource(item, async (source) => {
    if (!('flow' in source)) return undefined
    const parsed = Flow.safeParse(JSON.parse(Buffer.from(readSource(source.flow)).toString('utf8')))
    return parsed.success ? flowNeeds(parsed.data) : undefined
  })
