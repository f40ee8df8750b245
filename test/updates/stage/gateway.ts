/**
 * Gateway: a device with SWUpdate and two slots. The slots are two files, the variables of U-Boot are a file too, and a
 * program in place of systemctl notes each restart. The test restarts the machine.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { until } from '@skerry/testkit/until'
import { type ImageMaker, makeSlotImage, newImageMaker } from '@skerry/testkit/updates/swu'

/** U-Boot counts the starts of a slot on trial. */
const TRIAL = { upgrade_available: '1', bootcount: '0' }
/** The variables after a probation. */
export const GOOD = { upgrade_available: '0', bootcount: '0' }

/** The agent finds its slot by a word of the kernel. This machine was started with the first word, and without the second. */
const HERE = readFileSync('/proc/cmdline', 'utf8').trim().split(/\s+/)[0] ?? ''
const ELSEWHERE = 'skerry.slot=elsewhere'

/** The agent of the machine. */
type Machine = { stop(): Promise<unknown>; start(): Promise<unknown> }

export type Gateway = {
  at(name: string): string
  maker: ImageMaker
  /** The options by which the agent updates the system. */
  words: readonly string[]
  /** The variables of the agent. */
  env: { PATH: string }
  /** The variables that the boot loader reads. */
  variables(): Record<string, string>
  /** The first words of a slot, such as `system 1.0`. */
  slotText(slot: string): Promise<string>
  /** Makes a signed image, and gives its path. */
  image(version: string, by?: ImageMaker): Promise<string>
  restarts(): Promise<number>
  /** Stops the machine. The boot loader starts the wanted slot, and the agent runs in it. */
  reboot(machine: Machine): Promise<string>
  /** Reboots if the agent has requested it. */
  rebootIfWanted(machine: Machine): Promise<void>
  /** Waits until the agent requests a restart, and reboots. */
  restarted(machine: Machine, seen?: () => unknown): Promise<string>
}

/** The slots are in the folder. Slot `a` runs. */
export async function openGateway(folder: string): Promise<Gateway> {
  const at = (name: string) => join(folder, name)
  const maker = await newImageMaker(folder)
  for (const slot of ['a.img', 'b.img']) await writeFile(at(slot), Buffer.alloc(8_000_000))
  await writeFile(at('env.bin'), Buffer.alloc(0x4000))
  await writeFile(at('env'), `${at('env.bin')} 0x0 0x4000\n`)
  await writeFile(at('first'), 'skerry_slot=a\nustate=0\n')
  execFileSync('fw_setenv', ['-c', at('env'), '-f', at('first'), '-s', at('first')], { stdio: 'ignore' })
  await writeFile(at('swupdate.cfg'), `globals: { bootloader = "uboot"; fwenv-config-location = "${at('env')}"; };\n`)
  await mkdir(at('bin'))
  await writeFile(at('bin/systemctl'), `#!/bin/sh\necho restart >>${at('restarts')}\n`, { mode: 0o755 })
  const describe = (running: string) => {
    const slot = (name: string) => ({ select: `stable,${name}`, kernelWord: name === running ? HERE : ELSEWHERE })
    const settings = {
      hardware: 'gateway:1.0',
      certificate: maker.certificatePath,
      configuration: at('swupdate.cfg'),
      slots: { a: slot('a'), b: slot('b') },
      environment: { kind: 'u-boot', file: at('env'), trial: TRIAL, good: GOOD },
    }
    return writeFile(at('settings.json'), JSON.stringify(settings))
  }
  await describe('a')
  const variables = (): Record<string, string> => {
    const text = execFileSync('fw_printenv', ['-c', at('env')])
      .toString()
      .trim()
    return Object.fromEntries(text.split('\n').map((line) => line.split('=') as [string, string]))
  }
  const restarts = async () => (await readFile(at('restarts'), 'utf8').catch(() => '')).split('\n').length - 1
  let known = 0
  const reboot = async (machine: Machine) => {
    await machine.stop()
    known = await restarts()
    const wanted = variables().skerry_slot ?? ''
    await describe(wanted)
    await machine.start()
    return wanted
  }
  return {
    at,
    maker,
    words: ['--allow-os', 'swupdate,reboot', '--swupdate-settings', at('settings.json')],
    env: { PATH: `${at('bin')}${delimiter}${process.env.PATH}` },
    variables,
    slotText: async (slot) => (await readFile(at(`${slot}.img`), 'utf8')).slice(0, 10),
    async image(version, by = maker) {
      const devices = { a: at('a.img'), b: at('b.img') }
      const content = Buffer.from(`system ${version} `.repeat(500_000))
      const file = at(`${version}.swu`)
      await writeFile(file, await makeSlotImage({ version, content, hardware: '1.0', devices }, by))
      return file
    },
    restarts,
    reboot,
    async rebootIfWanted(machine) {
      if ((await restarts()) > known) await reboot(machine)
    },
    async restarted(machine, seen = () => undefined) {
      await until(async () => (await restarts()) > known, { what: 'a restart of the machine', seen })
      return reboot(machine)
    },
  }
}
