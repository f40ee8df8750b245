/**
 * RAUC: the real updater of Debian with its service, on a bus of their own. Two files are the slots A and B. The test plays
 * the boot loader and starts the service of the slot that runs.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { until } from '../until.ts'

const TOOLS = ['/usr/bin/rauc', '/usr/bin/dbus-daemon', '/usr/bin/mksquashfs', '/dev/loop0']

/** RAUC mounts a bundle, which only root can. */
export const hasRauc: boolean = TOOLS.every((path) => existsSync(path)) && process.getuid?.() === 0

export type RaucSlotName = 'A' | 'B'

export type RaucWish = {
  /** Lines of the section `system` that name the boot loader. */
  loader: readonly string[]
  /** Further sections. */
  sections?: string
}

export type RaucBundle = { version: string; maker?: string; compatible?: string; text?: string }

export type RaucDevice = {
  /** The settings of RAUC. */
  configuration: string
  /** The variables by which `rauc` finds the bus. */
  environment: NodeJS.ProcessEnv
  /** Makes the key and the certificate of a maker. The device trusts `maker`. */
  makeMaker(name: string): void
  /** Makes a signed bundle with one image, and gives its path. */
  makeBundle(bundle: RaucBundle): string
  /** Starts the service in a machine that runs the slot. An earlier service ends. */
  serve(slot: RaucSlotName): Promise<void>
  /** Ends the service. */
  halt(): Promise<void>
  /** Ends the service and the bus. */
  stop(): Promise<void>
}

const SLOT_BYTES = 1_000_000

/** The image of a bundle is this often its text, such as `system 2.0 `. */
export const REPEATS = 1_000

export async function openRaucDevice(folder: string, { loader, sections = '' }: RaucWish): Promise<RaucDevice> {
  const at = (name: string) => join(folder, name)
  for (const name of ['data', 'mnt']) mkdirSync(at(name))
  for (const slot of ['A', 'B']) {
    writeFileSync(at(`${slot}.img`), '')
    truncateSync(at(`${slot}.img`), SLOT_BYTES)
  }
  const makeMaker = (name: string) => {
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)]
    execFileSync('openssl', ['req', '-x509', ...key, '-subj', `/CN=${name}`, '-days', '30'], { stdio: 'ignore' })
  }
  makeMaker('maker')
  const configuration = at('system.conf')
  writeFileSync(configuration, settings(folder, { loader, sections }))
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [address] = (await once(createInterface(bus.stdout), 'line')) as [string]
  const environment = { PATH: process.env.PATH, DBUS_SESSION_BUS_ADDRESS: address, DBUS_STARTER_BUS_TYPE: 'session' }
  let service: ChildProcess | undefined
  const halt = () => end(service)
  return {
    configuration,
    environment,
    makeMaker,
    makeBundle({ version, maker = 'maker', compatible = 'plant', text = `system ${version} ` }) {
      const content = at(`content-${version}`)
      mkdirSync(content, { recursive: true })
      writeFileSync(join(content, 'root.img'), text.repeat(REPEATS))
      const manifest = `[update]\ncompatible=${compatible}\nversion=${version}\n[bundle]\nformat=plain\n[image.rootfs]\nfilename=root.img\n`
      writeFileSync(join(content, 'manifest.raucm'), manifest)
      const bundle = at(`${version}.raucb`)
      rmSync(bundle, { force: true })
      const signing = [`--cert=${at(`${maker}.pem`)}`, `--key=${at(`${maker}.key`)}`]
      execFileSync('rauc', [...signing, 'bundle', content, bundle], { stdio: 'ignore' })
      return bundle
    },
    async serve(slot) {
      await halt()
      const words = ['-c', configuration, 'service', `--override-boot-slot=${slot}`]
      service = spawn('rauc', words, { env: environment, stdio: 'ignore' })
      const status = ['-c', configuration, 'status', '--output-format=json']
      const isUp = () => {
        try {
          return execFileSync('rauc', status, { env: environment, stdio: ['ignore', 'pipe', 'ignore'] }).length > 0
        } catch {
          return false
        }
      }
      await until(isUp, { what: 'the service of RAUC answers' })
    },
    halt,
    async stop() {
      await halt()
      await end(bus)
    },
  }
}

function settings(folder: string, { loader, sections }: Required<RaucWish>): string {
  const at = (name: string) => join(folder, name)
  const slot = (index: number, name: string) =>
    `[slot.rootfs.${index}]\ndevice=${at(`${name}.img`)}\ntype=raw\nbootname=${name}\n`
  const system = [
    'compatible=plant',
    'bundle-formats=plain',
    `data-directory=${at('data')}`,
    `mountprefix=${at('mnt')}`,
    ...loader,
  ]
  return `[system]\n${system.join('\n')}\n[keyring]\npath=${at('maker.pem')}\n${sections}${slot(0, 'A')}${slot(1, 'B')}`
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
