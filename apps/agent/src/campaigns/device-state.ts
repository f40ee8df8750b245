/**
 * Device state: the values that this device keeps for a campaign from round to round. The values of a training count when
 * the hub has counted its report: a round that is repeated begins with the same values again.
 */
import { join } from 'node:path'
import type { CampaignOrder } from '@skerry/contract/held/campaigns'
import type { FileSystem } from '@skerry/platform/files/file-system'

/** Campaigns whose values stay. The hub does not say when a campaign has ended, so the oldest ones go. */
const STATES_MAX = 32

/** Below the data folder of the agent. Each campaign has a file of its id. */
export const statesFolderIn = (data: string): string => join(data, 'campaign-states')

export type DeviceState = {
  path: string
  nextPath: string
  /** From now on, the values of the training count. */
  keep(): Promise<void>
  /** Removes the values of a training that does not count. */
  drop(): Promise<void>
}

/** Undefined if the device keeps nothing for the campaign. */
export function deviceStateFor(
  folder: string,
  order: Pick<CampaignOrder, 'campaign' | 'personal' | 'control' | 'compression'>,
  fileSystem: FileSystem,
): DeviceState | undefined {
  if (!order.personal && !order.control && !order.compression) return undefined
  const path = join(folder, order.campaign)
  const nextPath = `${path}.next`
  return {
    path,
    nextPath,
    async keep() {
      if (!(await fileSystem.stat(nextPath))) return
      {
        await using file = await fileSystem.open(nextPath, 'r+')
        await file.sync()
      }
      await fileSystem.rename(nextPath, path)
      await fileSystem.syncFolder(folder)
    },
    drop: () => fileSystem.removeFile(nextPath),
  }
}

/** Makes the folder, and removes the values of the oldest campaigns and of trainings that never counted. */
export async function openStates(folder: string, fileSystem: FileSystem): Promise<void> {
  await fileSystem.makeFolder(folder)
  const names = await fileSystem.list(folder)
  const kept: { name: string; ms: number }[] = []
  for (const name of names.filter((one) => !one.endsWith('.next')))
    kept.push({ name, ms: (await fileSystem.stat(join(folder, name)))?.modifiedAtMs ?? 0 })
  const old = kept.toSorted((a, b) => b.ms - a.ms).slice(STATES_MAX)
  const gone = [...names.filter((name) => name.endsWith('.next')), ...old.map(({ name }) => name)]
  for (const name of gone) await fileSystem.removeTree(join(folder, name))
}
