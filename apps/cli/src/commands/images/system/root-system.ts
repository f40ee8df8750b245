/** Root system: the root file system of an image, made by mmdebstrap in a folder. */
import { constants } from 'node:fs'
import { access, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ImagePackage, readDpkgStatus } from '@skerry/core/os/image/image-packages'
import {
  BASE_PACKAGES,
  CHECK_PROGRAM,
  LOADERS,
  MASKED,
  MOUNT_POINTS,
  SERVICES,
  systemFiles,
} from '@skerry/core/os/image/system-files'
import { TAR_END, tarEntry } from '@skerry/platform/files/tar-write'
import { fail } from '../../../program/failure.ts'
import type { Session } from '../../../program/session.ts'
import { runProgram } from './image-program.ts'
import type { RootInput } from './root-options.ts'

/** The only processor for which images are made now. */
export const LOADER: (typeof LOADERS)['amd64'] = LOADERS.amd64

export type RootSystem = {
  folder: string
  packages: ImagePackage[]
  /** The release of Debian, such as 13. */
  release: string
}

export const imagePackages = ({ packages, kernel }: Pick<RootInput, 'packages' | 'kernel'>): string[] =>
  [...new Set([...BASE_PACKAGES, ...LOADER.packages, kernel ?? LOADER.kernel, ...packages])].toSorted()

/** [mmdebstrap(1), "HOOKS"] A hook is a line of the shell, so each path is quoted. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** Makes the root file system inside the work folder. */
export async function makeRootSystem(work: string, input: RootInput, session: Session): Promise<RootSystem> {
  const folder = join(work, 'root')
  const overlay = join(work, 'overlay.tar')
  const agent = join(work, 'skerry-agent.deb')
  const keyring = await readKeyring(input.keyring)
  const { healthCheck } = input
  if (healthCheck !== undefined) await checkReadable(healthCheck)
  const files = systemFiles({ ...input, keyring, hasCheck: healthCheck !== undefined })
  const entries = files.flatMap(({ text, ...file }) => tarEntry({ ...file, bytes: Buffer.from(text) }))
  await writeFile(overlay, Buffer.concat([...entries, TAR_END]))
  await copyFile(input.agent, agent)
  await mkdir(folder)
  const inside = (words: string) => `chroot "$1" ${words}`
  const hooks = [
    ...(input.cache === undefined ? [] : [`sync-out ${ARCHIVES} ${quoted(input.cache)}`]),
    `copy-in ${quoted(agent)} /tmp`,
    inside('dpkg --install /tmp/skerry-agent.deb'),
    'rm "$1/tmp/skerry-agent.deb"',
    `tar-in ${quoted(overlay)} /`,
    ...(input.files === undefined ? [] : [`sync-in ${quoted(input.files)} /`]),
    ...(healthCheck === undefined ? [] : checkHooks(healthCheck)),
    inside(`mkdir -p ${MOUNT_POINTS.join(' ')}`),
    inside(`systemctl enable ${SERVICES.join(' ')}`),
    inside(`systemctl mask ${MASKED.join(' ')}`),
    'ln -sf ../run/systemd/resolve/stub-resolv.conf "$1/etc/resolv.conf"',
    // The installation of a server of SSH makes keys. All devices would have the same ones.
    'rm -f "$1"/etc/ssh/ssh_host_*',
  ]
  const words = [
    '--variant=minbase',
    '--mode=root',
    '--format=directory',
    `--include=${imagePackages(input).join(',')}`,
    ...(input.cache === undefined ? [] : await cacheWords(input.cache)),
    ...hooks.map((hook) => `--customize-hook=${hook}`),
    input.suite,
    folder,
    ...(input.mirror === undefined ? [] : [input.mirror]),
  ]
  const onLine = (line: string) => {
    if (line.startsWith('I: ')) session.note(session.style.dim(`  ${line.slice(3)}`))
  }
  await runProgram({ program: 'mmdebstrap', words, onLine }, session.io.env, session.signal)
  // Each system gets an id of its own at its start. mmdebstrap writes the file again after the hooks.
  await writeFile(join(folder, 'etc/machine-id'), '')
  const status = await readFile(join(folder, 'var/lib/dpkg/status'), 'utf8')
  const about = await readFile(join(folder, 'etc/os-release'), 'utf8')
  const [, release = 'unknown'] = /^VERSION_ID="?([^"\n]+)/m.exec(about) ?? []
  return { folder, packages: readDpkgStatus(status), release }
}

const checkHooks = (path: string) => [`upload ${quoted(path)} ${CHECK_PROGRAM}`, `chmod 0755 "$1${CHECK_PROGRAM}"`]

const checkReadable = (path: string) =>
  access(path, constants.R_OK).catch((cause: unknown) => {
    throw fail('file_unreadable', `${path} cannot be read`, { cause })
  })

const ARCHIVES = '/var/cache/apt/archives'

/** [mmdebstrap(1), "EXAMPLES"] apt compares each package of the cache with the signed lists of the mirror. */
async function cacheWords(cache: string): Promise<string[]> {
  await mkdir(cache, { recursive: true })
  return [
    '--skip=essential/unlink',
    `--setup-hook=mkdir -p "$1${ARCHIVES}"`,
    `--setup-hook=sync-in ${quoted(cache)} ${ARCHIVES}`,
  ]
}

/** A private key in the image would let each device sign bundles for all. */
async function readKeyring(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw fail('file_unreadable', `${path} cannot be read`, { cause })
  })
  if (!text.includes('BEGIN CERTIFICATE') || text.includes('PRIVATE KEY'))
    throw fail('file_invalid', `${path} must be certificates in PEM, and no private key`)
  return text
}
