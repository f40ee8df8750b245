/** Open campaigns: the parts of a device that campaigns need. */
import { join } from 'node:path'
import { namedItems, openFetchedFiles } from '../bench/fetched-files.ts'
import { memoryAvailableBytes } from '../inventory.ts'
import type { BlobIndex } from '../reconcile/blob-index.ts'
import type { AgentStore } from '../store/agent-store.ts'
import { type CampaignKeeper, type CampaignKeeperDeps, openCampaignKeeper } from './campaign-keeper.ts'
import { statesFolderIn } from './device-state.ts'
import { watchMachine } from './training-moment.ts'

export type CampaignParts = Pick<
  CampaignKeeperDeps,
  | 'fileSystem'
  | 'blobs'
  | 'send'
  | 'near'
  | 'download'
  | 'clock'
  | 'random'
  | 'log'
  | 'sets'
  | 'when'
  | 'captured'
  | 'fingerprint'
  | 'news'
> & {
  data: string
  store: Pick<AgentStore, 'document' | 'lives'>
  index: Pick<BlobIndex, 'remove' | 'removePart'>
}

export function openCampaigns({ data, store, ...parts }: CampaignParts): Promise<CampaignKeeper> {
  const named = () => namedItems(store.document()?.items ?? [], store.lives())
  const fetched = openFetchedFiles({ ...parts, path: join(data, 'training'), has: parts.blobs.has, named })
  return openCampaignKeeper({
    ...parts,
    data,
    folder: join(data, 'updates'),
    statesFolder: statesFolderIn(data),
    memoryAvailableBytes,
    watch: watchMachine(),
    note: fetched.note,
    clear: fetched.clear,
  })
}
