/** Rauc tool: RAUC and its service. RAUC verifies the signature of a bundle with the keyring of the device. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { RAUC_FACTS_PATH, RAUC_PATH } from '@skerry/contract/kinds/os'
import { RaucImage } from '@skerry/contract/os/rauc-image'
import { parseJson } from '@skerry/core/values/parse-json'
import * as z from 'zod'
import { type Ran, runTool } from '../run-tool.ts'
import { failureOf, type Refused, refuse, type SlotTool } from '../slots/slot-tool.ts'
import { versionText } from '../updater.ts'
import { readRaucSlots } from './rauc-slots.ts'

export type RaucWish = {
  environment?: NodeJS.ProcessEnv
  /** The configuration of RAUC, if it is not the one of the system. */
  configuration?: string
}

/** One call of the program. */
export type Rauc = (words: readonly string[], signal: AbortSignal) => Promise<Ran>

const RAUC_PASSING = /already processing|Failed to connect|D-Bus|GDBus|timeout/i

/** The variables that say where the bus of the system is. */
const PASSED = ['PATH', 'DBUS_SYSTEM_BUS_ADDRESS', 'DBUS_SESSION_BUS_ADDRESS', 'DBUS_STARTER_BUS_TYPE']

export function openRaucTool({ configuration, environment = process.env }: RaucWish): SlotTool {
  const env = { ...Object.fromEntries(PASSED.map((name) => [name, environment[name]])), LC_ALL: 'C' }
  const before = configuration === undefined ? [] : ['-c', configuration]
  const rauc: Rauc = (words, signal) => runTool({ program: 'rauc', words: [...before, ...words], env }, signal)
  // The facts that the maker stated, until the bundle itself is read.
  const facts = new Map<string, RaucImage>()
  return {
    mainFile: RAUC_PATH,
    suffix: '.raucb',
    name: 'rauc',
    passing: RAUC_PASSING,
    readSlots: (signal) => readRaucSlots(rauc, signal),
    async versionOf({ digest }, read) {
      const stated = RaucImage.safeParse(parseJson(await versionText(read, RAUC_FACTS_PATH)))
      if (!stated.success) return refuse('os_image_refused', `${RAUC_FACTS_PATH} cannot be read; update the agent`)
      facts.set(digest, stated.data)
      return stated.data.version
    },
    marksOf: ({ path, item }, signal) => bundleMarks(rauc, { path, item, facts: facts.get(item.digest) }, signal),
    markGood: (signal) => rauc(['status', 'mark-good', 'booted'], signal),
    mark: (mark, slot, signal) => rauc(['status', `mark-${mark}`, slot.name], signal),
    install: ({ path }, signal) => rauc(['install', path], signal),
    tryOn: (slot, signal) => rauc(['status', 'mark-active', slot.name], signal),
  }
}

/** [RAUC 1.13, `rauc info --output-format=json`] */
const Info = z.object({
  compatible: z.string(),
  version: z.string().nullish(),
  hash: z.string().nullish(),
  images: z.array(z.record(z.string(), z.object({ checksum: z.string().nullish() }))).optional(),
})

type Bundle = { path: string; item: DesiredItem; facts: RaucImage | undefined }

/** The marks that a slot with the bundle has: the hash of its manifest, or the digest of an image for an older RAUC. */
async function bundleMarks(rauc: Rauc, { path, facts }: Bundle, signal: AbortSignal): Promise<string[] | Refused> {
  const ran = await rauc(['info', '--output-format=json', path], signal)
  if (!ran.ok) return failureOf('os_image_refused', ran, RAUC_PASSING)
  const info = Info.safeParse(parseJson(ran.text))
  if (!info.success) return refuse('os_image_refused', 'the facts of the bundle cannot be read')
  const { hash, images = [], ...told } = info.data
  if (told.version !== facts?.version || told.compatible !== facts?.compatible) {
    const pushed = `${facts?.compatible} ${facts?.version}`
    const message = `the bundle is ${told.compatible} ${told.version ?? ''}, and was pushed as ${pushed}`
    return refuse('os_image_refused', message)
  }
  const checksums = images.flatMap((image) => Object.values(image)).map(({ checksum }) => checksum)
  return [hash, ...checksums].filter((mark) => typeof mark === 'string')
}
