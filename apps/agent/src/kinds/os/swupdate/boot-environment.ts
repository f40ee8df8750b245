/** Boot environment: the variables that the boot loader reads, written by the programs of U-Boot and GRUB. */
import { join } from 'node:path'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { type Ran, runTool } from '../run-tool.ts'
import type { SwupdateSettings } from './swupdate-settings.ts'

export type BootPlace = { folder: string; fileSystem: FileSystem; environment: NodeJS.ProcessEnv }

type Writing = { file: string; values: readonly (readonly [name: string, value: string])[]; place: BootPlace }

/** All variables in one write: the boot loader must not see half of them. */
const WRITERS: Readonly<
  Record<SwupdateSettings['environment']['kind'], (writing: Writing, signal: AbortSignal) => Promise<Ran>>
> = {
  async 'u-boot'({ file, values, place }, signal) {
    // [fw_setenv(8), `-s`]
    const script = join(place.folder, 'swupdate-variables')
    await place.fileSystem.makeFolder(place.folder)
    await writeAtomic(place.fileSystem, script, values.map(([name, value]) => `${name}=${value}\n`).join(''))
    return run('fw_setenv', ['-c', file, '-s', script], place, signal)
  },
  grub: ({ file, values, place }, signal) =>
    run('grub-editenv', [file, 'set', ...values.map(([name, value]) => `${name}=${value}`)], place, signal),
}

const run = (program: string, words: string[], { environment }: BootPlace, signal: AbortSignal) =>
  runTool({ program, words, env: { PATH: environment.PATH, LC_ALL: 'C' } }, signal)

/** [SWUpdate, "Update state"] The state that SWUpdate's own services read: 0 is good, 1 is installed, 3 has failed. */
const UPDATE_STATES = { good: '0', installed: '1', failed: '3' } as const

/** The boot loader starts this slot next, on trial or to stay. */
export type NextStart = { slot: string; values: Readonly<Record<string, string>>; state: keyof typeof UPDATE_STATES }

export function writeNextStart(
  { kind, file, slotVariable }: SwupdateSettings['environment'],
  { slot, values, state }: NextStart,
  place: BootPlace,
  signal: AbortSignal,
): Promise<Ran> {
  const all = { ...values, [slotVariable]: slot, ustate: UPDATE_STATES[state] }
  return WRITERS[kind]({ file, values: Object.entries(all), place }, signal)
}
