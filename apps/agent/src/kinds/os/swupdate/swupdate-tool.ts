/**
 * SWUpdate tool: the program `swupdate`, started for one image at a time. It verifies the signature, the hardware and the
 * hashes of an image. SWUpdate does not record which image a slot has, so the notes of the agent do.
 */
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { SWU_PATH } from '@skerry/contract/kinds/os'
import type { Slot } from '@skerry/core/os/slot-step'
import * as z from 'zod'
import { type Ran, runTool } from '../run-tool.ts'
import { failureOf, type Refused, refuse, type SlotDeps, type SlotTool, type SlotWork } from '../slots/slot-tool.ts'
import { readNote, writeNote } from '../slots/trial-notes.ts'
import { type BootPlace, type NextStart, writeNextStart } from './boot-environment.ts'
import { readSwupdateSettings, type SlotKey, type SwupdateSettings } from './swupdate-settings.ts'

export type SwupdateWish = {
  /** The file of the integrator. */
  settings: string
  environment?: NodeJS.ProcessEnv
  /** The words with which the kernel of the machine was started. */
  kernelLine?: () => Promise<string>
}

type Swupdate = Pick<SlotDeps, 'folder' | 'fileSystem'> & Required<SwupdateWish> & { notesPath: string }

/** `digest`: the slot has this version as a whole. Absent while it is written. */
const SlotNote = z.object({ digest: z.string().optional(), isBad: z.boolean().optional() })
const SlotNotes = z.object({ a: SlotNote, b: SlotNote })
type SlotNotes = z.infer<typeof SlotNotes>

const KEYS: readonly SlotKey[] = ['a', 'b']

/** A full disk and the lock of another SWUpdate are no fault of the version. */
const PASSING = /Address already in use|Resource busy/i

export function openSwupdateTool({ folder, fileSystem }: Pick<SlotDeps, 'folder' | 'fileSystem'>, wish: SwupdateWish) {
  const readLine = async () => Buffer.from((await fileSystem.readFile('/proc/cmdline')) ?? []).toString('utf8')
  const it: Swupdate = {
    folder,
    fileSystem,
    settings: wish.settings,
    environment: wish.environment ?? process.env,
    kernelLine: wish.kernelLine ?? readLine,
    notesPath: join(folder, 'swupdate-slots.json'),
  }
  const tool: SlotTool = {
    mainFile: SWU_PATH,
    suffix: '.swu',
    name: 'swupdate',
    passing: PASSING,
    readSlots: () => withSettings(it, async (settings) => readSlots(it, settings)),
    // The version inside an image is a text of its maker. The digest says which bytes a slot has.
    versionOf: async ({ digest }: DesiredItem) => digest,
    marksOf: ({ path, item }, signal) =>
      withSettings(it, (settings) => checkImage(it, { settings, path, item }, signal)),
    markGood: (signal) => ranWith(it, (settings) => markGood(it, settings, signal)),
    mark: (mark, slot, signal) => ranWith(it, (settings) => MARKS[mark](it, { settings, slot }, signal)),
    install: (work, signal) => ranWith(it, (settings) => install(it, { settings, work }, signal)),
    tryOn: ({ name }, signal) =>
      ranWith(it, (settings) => nextStart(it, { settings, ...trialOf(settings, name) }, signal)),
  }
  return tool
}

async function withSettings<T>(
  { fileSystem, settings: path }: Swupdate,
  work: (settings: SwupdateSettings) => Promise<T | Refused>,
): Promise<T | Refused> {
  const settings = await readSwupdateSettings(fileSystem, path)
  return 'code' in settings ? settings : work(settings)
}

async function ranWith(it: Swupdate, work: (settings: SwupdateSettings) => Promise<Ran>): Promise<Ran> {
  const settings = await readSwupdateSettings(it.fileSystem, it.settings)
  return 'code' in settings ? { ok: false, text: settings.message, isStopped: false } : work(settings)
}

async function bootedSlot({ kernelLine }: Swupdate, { slots }: SwupdateSettings): Promise<SlotKey | Refused> {
  const words = (await kernelLine()).trim().split(/\s+/)
  const found = KEYS.filter((key) => words.includes(slots[key].kernelWord))
  const [only] = found
  if (found.length === 1 && only) return only
  const wanted = KEYS.map((key) => slots[key].kernelWord).join(' or ')
  return refuse('os_slots_unknown', `the kernel was not started with ${wanted}: correct kernelWord of both slots`)
}

async function readNotes({ fileSystem, notesPath }: Swupdate): Promise<SlotNotes> {
  return (await readNote(fileSystem, notesPath, SlotNotes)) ?? { a: {}, b: {} }
}

async function noteSlot(it: Swupdate, key: string, note: z.infer<typeof SlotNote>): Promise<void> {
  await writeNote(it, it.notesPath, { ...(await readNotes(it)), [key]: note })
}

async function readSlots(it: Swupdate, settings: SwupdateSettings): Promise<Slot[] | Refused> {
  const booted = await bootedSlot(it, settings)
  if (typeof booted !== 'string') return booted
  const notes = await readNotes(it)
  return KEYS.map((key) => {
    const { digest, isBad = false } = notes[key]
    const isBooted = key === booted
    return { name: key, bootName: key, isBooted, isGood: !isBad, version: digest, mark: digest }
  })
}

type Checked = { settings: SwupdateSettings; path: string; item: DesiredItem }

/** [SWUpdate, `-c`] Verifies the signature, the hardware and all hashes, and writes nothing. */
async function checkImage(it: Swupdate, { settings, path, item }: Checked, signal: AbortSignal) {
  const booted = await bootedSlot(it, settings)
  if (typeof booted !== 'string') return booted
  const ran = await swupdate(
    it,
    { settings, words: ['-c', '-e', settings.slots[otherOf(booted)].select, '-i', path] },
    signal,
  )
  return ran.ok ? [item.digest] : failureOf('os_image_refused', ran, PASSING)
}

const otherOf = (key: SlotKey): SlotKey => (key === 'a' ? 'b' : 'a')

type Installing = { settings: SwupdateSettings; work: SlotWork }

/** The notes lose the slot before the first byte is written, because a cut leaves a part of an image in it. */
async function install(it: Swupdate, { settings, work }: Installing, signal: AbortSignal): Promise<Ran> {
  const key = KEYS.find((one) => one === work.to?.name)
  if (!key) return { ok: false, text: 'the slot to write is unknown', isStopped: false }
  await noteSlot(it, key, {})
  const ran = await swupdate(it, { settings, words: ['-e', settings.slots[key].select, '-i', work.path] }, signal)
  if (!ran.ok) return ran
  await noteSlot(it, key, { digest: work.item.digest })
  return nextStart(it, { settings, ...trialOf(settings, key) }, signal)
}

async function markGood(it: Swupdate, settings: SwupdateSettings, signal: AbortSignal): Promise<Ran> {
  const key = await bootedSlot(it, settings)
  if (typeof key !== 'string') return { ok: false, text: key.message, isStopped: false }
  const { digest } = (await readNotes(it))[key]
  await noteSlot(it, key, digest === undefined ? {} : { digest })
  return nextStart(it, { settings, slot: key, values: settings.environment.good, state: 'good' }, signal)
}

type Marking = { settings: SwupdateSettings; slot: Slot }

const MARKS = {
  async bad(it: Swupdate, { slot }: Marking): Promise<Ran> {
    await noteSlot(it, slot.name, { ...(slot.mark !== undefined && { digest: slot.mark }), isBad: true })
    return { ok: true, text: '' }
  },
  active: (it: Swupdate, { settings, slot }: Marking, signal: AbortSignal): Promise<Ran> =>
    nextStart(it, { settings, slot: slot.name, values: settings.environment.good, state: 'failed' }, signal),
} as const

const trialOf = ({ environment }: SwupdateSettings, slot: string): NextStart => ({
  slot,
  values: environment.trial,
  state: 'installed',
})

function nextStart(
  it: Swupdate,
  { settings, ...next }: NextStart & { settings: SwupdateSettings },
  signal: AbortSignal,
) {
  const place: BootPlace = { folder: it.folder, fileSystem: it.fileSystem, environment: it.environment }
  return writeNextStart(settings.environment, next, place, signal)
}

type Call = { settings: SwupdateSettings; words: readonly string[] }

/** Level 3 has the errors with their reasons, and no progress. */
const LOG_LEVEL = '3'

/** SWUpdate keeps its sockets and the parts that it unpacks in `TMPDIR`: a service of the device has others. */
async function swupdate(it: Swupdate, { settings, words }: Call, signal: AbortSignal): Promise<Ran> {
  const { hardware, certificate, configuration } = settings
  const work = join(it.folder, 'swupdate')
  await it.fileSystem.makeFolder(work)
  const before = ['-l', LOG_LEVEL, '-H', hardware, '-k', certificate, ...(configuration ? ['-f', configuration] : [])]
  const env = { PATH: it.environment.PATH, LC_ALL: 'C', TMPDIR: work }
  const ran = await runTool({ program: 'swupdate', words: [...before, ...words], env }, signal)
  return ran.ok ? ran : { ...ran, text: errorsIn(ran.text) }
}

/** SWUpdate ends each failure with these words, which name no reason. */
const GENERAL = /Image invalid or corrupted|SWUpdate \*failed\*/

/** [SWUpdate] `[ERROR] : SWUPDATE failed [0] ERROR file.c : function : 12 : reason`; with fewer parts at low levels. */
function errorsIn(text: string): string {
  const errors = [...text.matchAll(/SWUPDATE failed \[\d+\] (?:ERROR .*?: )?(.+)$/gm)].map(([, reason = '']) => reason)
  const reasons = errors.filter((reason) => !GENERAL.test(reason))
  return [reasons, errors, [text]].find(({ length }) => length > 0)?.join('\n') ?? text
}
