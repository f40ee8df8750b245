/**
 * Rauc gateway: a device with RAUC, its service and two slots. The slots are two files, the variables of GRUB are a file
 * too, and a program in place of systemctl notes each restart. The test restarts the machine, and plays GRUB.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { until } from '@skerry/testkit/until'
import { openRaucDevice, type RaucSlotName, REPEATS } from '@skerry/testkit/updates/rauc'

/** The agent of the machine. */
type Machine = { stop(): Promise<unknown>; start(): Promise<unknown> }

export type RaucGateway = {
  /** The options by which the agent updates the system. */
  words: readonly string[]
  /** The variables of the agent. */
  env: NodeJS.ProcessEnv
  /** The variables that GRUB reads. */
  variables(): Record<string, string>
  /** The version of the system in a slot; undefined if it is not whole. */
  systemOf(slot: RaucSlotName): Promise<string | undefined>
  /** Makes a signed bundle, and gives its path. */
  bundle(version: string): string
  restarts(): Promise<number>
  /** Waits until the agent requests a restart, and starts the machine in the slot that GRUB chooses. */
  restarted(machine: Machine, seen: () => unknown): Promise<RaucSlotName>
  stop(): Promise<void>
}

/** The slots are in the folder. Slot A runs system 0.0. */
export async function openRaucGateway(folder: string): Promise<RaucGateway> {
  const at = (name: string) => join(folder, name)
  await mkdir(at('rauc'))
  await mkdir(at('bin'))
  const grubenv = at('grubenv')
  const device = await openRaucDevice(at('rauc'), { loader: ['bootloader=grub', `grubenv=${grubenv}`] })
  const set = (values: Readonly<Record<string, string>>) => {
    const words = Object.entries(values).map(([name, value]) => `${name}=${value}`)
    execFileSync('grub-editenv', [grubenv, 'set', ...words])
  }
  const variables = (): Record<string, string> => {
    const lines = execFileSync('grub-editenv', [grubenv, 'list']).toString().trim().split('\n')
    return Object.fromEntries(lines.map((line) => line.split('=') as [string, string]))
  }
  execFileSync('grub-editenv', [grubenv, 'create'])
  set({ ORDER: 'A B', A_OK: '1', A_TRY: '0', B_OK: '0', B_TRY: '0' })
  await writeFile(at('rauc/A.img'), 'system 0.0 '.repeat(REPEATS))
  // The agent finds RAUC in the search path, and RAUC its configuration in /etc.
  const rauc = `#!/bin/sh\nexec /usr/bin/rauc -c ${device.configuration} "$@"\n`
  await writeFile(at('bin/rauc'), rauc, { mode: 0o755 })
  await writeFile(at('bin/systemctl'), `#!/bin/sh\necho restart >>${at('restarts')}\n`, { mode: 0o755 })
  const restarts = async () => (await readFile(at('restarts'), 'utf8').catch(() => '')).split('\n').length - 1
  await device.serve('A')
  let known = 0
  return {
    words: ['--allow-os', 'rauc,reboot'],
    env: { ...device.environment, PATH: `${at('bin')}${delimiter}${process.env.PATH}` },
    variables,
    async systemOf(slot) {
      const text = (await readFile(at(`rauc/${slot}.img`), 'utf8')).replaceAll('\0', '')
      const [, version = ''] = /^system (\d\.\d) /.exec(text) ?? []
      return text === `system ${version} `.repeat(REPEATS) ? version : undefined
    },
    bundle: (version) => device.makeBundle({ version }),
    restarts,
    async restarted(machine, seen) {
      await until(async () => (await restarts()) > known, { what: 'a restart of the machine', seen })
      await machine.stop()
      known = await restarts()
      const chosen = chooseSlot(variables())
      set({ [`${chosen}_TRY`]: String(Number(variables()[`${chosen}_TRY`]) + 1) })
      await device.serve(chosen)
      await machine.start()
      return chosen
    },
    stop: () => device.stop(),
  }
}

const STARTS_MAX = 3

/** GRUB of an image takes the first slot of the order that may start and has starts left. */
function chooseSlot(values: Readonly<Record<string, string>>): RaucSlotName {
  const order = (values.ORDER ?? '').split(' ') as RaucSlotName[]
  const chosen = order.find((slot) => values[`${slot}_OK`] === '1' && Number(values[`${slot}_TRY`]) < STARTS_MAX)
  if (!chosen) throw new Error(`GRUB starts no slot: ${JSON.stringify(values)}`)
  return chosen
}
