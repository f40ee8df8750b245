/**
 * Changes of the sample: makes it, and removes it, through the procedures that everybody uses. So permissions, two
 * people and the audit trail apply. Both can be repeated after a failure: a finished part stays finished.
 */

import { allRows } from '@skerry/client/page'
import { problemOf } from '@skerry/client/problem'
import { uploadBlob } from '@skerry/client/upload-blob'
import { Flow } from '@skerry/contract/flows/flow'
import { FLOW_PATH } from '@skerry/contract/kinds/flow'
import type { Digest } from '@skerry/contract/values/digest'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { connection, hub } from '../../hub/hub-client.ts'
import { digestOfFile } from '../models/upload/job/file-workers.ts'
import { jobTools } from '../models/upload/job/job-tools.ts'
import {
  SAMPLE_DEPLOYABLES,
  SAMPLE_FLOW,
  SAMPLE_MODEL,
  SAMPLE_SELECTOR,
  SAMPLE_SOURCE,
  sampleFlow,
  sampleSource,
} from './sample-data.ts'
import modelUrl from './sample-model.onnx?url&inline'
import { isSampleSite, SAMPLE_LABELS, SAMPLE_SITE } from './sample-site.ts'

/** A hub that is away for longer is not a place for a tour. */
const ATTEMPTS_MAX = 3

/** Makes the site first: its label marks all of the sample, also if a later part fails. */
export async function makeSample(signal: AbortSignal): Promise<void> {
  const states = await allRows((page) => hub.site.states(page, { signal }))
  if (!states.some(isSampleSite))
    await hub.site.apply({ name: SAMPLE_SITE, kind: 'edge', labels: { ...SAMPLE_LABELS }, ifRevision: 0 }, { signal })
  const scope = `site:${SAMPLE_SITE}` as const
  await hub.source.set({ name: SAMPLE_SOURCE, scope, spec: sampleSource }, { signal })
  const flow = new File([canonicalJson(Flow.parse(sampleFlow))], FLOW_PATH)
  await push(SAMPLE_FLOW, flow, signal)
  await push(SAMPLE_MODEL, new File([bytesOf(modelUrl)], 'model.onnx'), signal)
  for (const deployable of SAMPLE_DEPLOYABLES)
    await hub.deployment.apply({ name: deployable, deployable, selector: SAMPLE_SELECTOR }, { signal })
}

/** The bytes of a data URL. The policy of the page lets nobody fetch one. */
const bytesOf = (dataUrl: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(dataUrl.slice(dataUrl.indexOf(',') + 1)), (character) => character.charCodeAt(0))

async function push(name: string, file: File, signal: AbortSignal): Promise<void> {
  const digest = await digestOfFile(file, () => undefined, signal)
  await sendFile(file, digest, signal)
  await hub.model.push({ name, files: [{ path: file.name, digest }] }, { signal })
}

const sendFile = (file: File, digest: Digest, signal: AbortSignal) =>
  uploadBlob(
    connection,
    {
      digest,
      sizeBytes: file.size,
      source: (start) => file.slice(start).stream(),
      delayMs: jobTools.delayMs,
      attemptsMax: ATTEMPTS_MAX,
    },
    signal,
  )

/** `kept`: the site has devices, which belong to a person. It stays until they are removed. */
export async function removeSample(): Promise<'removed' | 'kept'> {
  for (const deployment of SAMPLE_DEPLOYABLES) await unless('deployment_unknown', hub.deployment.remove({ deployment }))
  for (const name of SAMPLE_DEPLOYABLES) await unless('model_unknown', hub.model.remove({ name }))
  const sources = await allRows((page) => hub.source.list(page))
  const ours = sources.filter(({ name, scope }) => name === SAMPLE_SOURCE && scope === `site:${SAMPLE_SITE}`)
  for (const { id } of ours) await unless('connection_unknown', hub.source.remove({ connection: id }))
  try {
    await unless('site_unknown', hub.site.remove({ site: SAMPLE_SITE }))
    return 'removed'
  } catch (error) {
    if (problemOf(error).code === 'site_in_use') return 'kept'
    throw error
  }
}

/** A part that is gone already needs no removal. */
async function unless(code: string, removal: Promise<unknown>): Promise<void> {
  try {
    await removal
  } catch (error) {
    if (problemOf(error).code !== code) throw error
  }
}
