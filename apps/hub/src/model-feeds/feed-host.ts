/**
 * Feed host: the hub as a host of imports. A person has named the address, so the hub connects only where it may, to
 * exactly the checked address, and fetches no more than its limits.
 */
import { mkdir } from 'node:fs/promises'
import { Agent as PlainAgent } from 'node:http'
import { Agent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { FEED_BYTES_MAX } from '@skerry/contract/model-feeds/model-feed'
import { digestOf } from '@skerry/platform/files/hash'
import { IDLE_MS } from '@skerry/platform/imports/fetch-file'
import type { ImportHost } from '@skerry/platform/imports/import-host'
import { ImportProblem } from '@skerry/platform/imports/import-problem'
import * as z from 'zod'
import type { Hub } from '../hub.ts'
import type { Address } from '../webhooks/webhook-address.ts'
import type { Way } from '../webhooks/webhooks.ts'
import { weightPathsOf } from './feed-files.ts'

/** The host of one import, in a folder of its own. */
export function feedHost(hub: Hub, folder: string, signal: AbortSignal): ImportHost {
  let fetched = 0
  return {
    signal,
    random: hub.random,
    async agentFor(url) {
      const way = await reachable(hub, url, signal)
      const connection =
        way.kind === 'direct' ? { lookup: pinned(way.address) } : { proxyEnv: { HTTPS_PROXY: way.proxy } }
      const options = { ...connection, timeout: IDLE_MS }
      const { ca } = hub.config.git
      if (url.protocol !== 'https:') return new PlainAgent(options)
      return new Agent({ ...options, ...(ca !== undefined && { ca: [...rootCertificates, ca] }) })
    },
    async folderFor(address) {
      const place = join(folder, digestOf(address).slice(7, 39))
      await mkdir(place, { recursive: true })
      return place
    },
    weightPaths: weightPathsOf,
    parseYaml: (text) => readYaml(text, { file: 'document', schema: z.unknown() }).values[0]?.value,
    progress() {
      let seen = 0
      return {
        at(done) {
          fetched += Math.max(0, done - seen)
          seen = done
          if (fetched > FEED_BYTES_MAX) throw tooLarge()
        },
        [Symbol.dispose]: () => undefined,
      }
    },
  }
}

const tooLarge = () =>
  new ImportProblem('import_refused', `the model has more than ${FEED_BYTES_MAX / 1024 ** 2} MiB in all`, {
    next: 'import it with "skerry model import", which has no such limit',
  })

/** The way on which the hub may connect for this URL. */
export async function reachable(hub: Pick<Hub, 'webhooks'>, url: URL, signal: AbortSignal): Promise<Way> {
  try {
    return await hub.webhooks.wayTo(url, signal)
  } catch (cause) {
    signal.throwIfAborted()
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ImportProblem('import_refused', `the hub does not connect to the place: ${reason}`, { cause })
  }
}

/** The name was looked up once and checked. A second lookup might return another machine. */
function pinned({ address, family }: Address): LookupFunction {
  return (_hostname, options, done) => {
    if (options.all) done(null, [{ address, family }])
    else done(null, address, family)
  }
}
