import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleManifest } from '@skerry/core/os/image/boot-files'
import { bundleRootBytes } from '@skerry/core/os/image/image-layout'
import { asIs, command, needed } from '../../../program/command.ts'
import type { Session } from '../../../program/session.ts'
import { sizeText } from '../../../program/terminal/words.ts'
import { type Call, runProgram } from './image-program.ts'
import { keepResult } from './image-result.ts'
import { plainText, rootOptions } from './root-options.ts'
import { makeRootSystem, type RootSystem } from './root-system.ts'
import { checkComputer, withWorkFolder } from './work-folder.ts'

const KIB = 1_024

const PROGRAMS = ['mmdebstrap', 'mke2fs', 'du', 'rauc', 'mksquashfs']

export const bundleImage = command({
  name: 'image bundle',
  summary: 'Make a signed bundle of RAUC with a new system for devices that run an image of "skerry image build"',
  details:
    'It takes the same options of the system as the image, with other packages, files or another agent. The bundle has no token and no state of a device. ' +
    '"skerry os push" makes it a version, and "skerry deploy" rolls it out. It needs root.',
  examples: [
    'sudo skerry image bundle --out plant-2.0.raucb --image-version 2.0 --agent skerry-agent.deb --keyring maker.pem --compatible plant --cert maker.pem --key maker.key',
  ],
  arguments: {},
  options: {
    ...rootOptions,
    version: needed('--image-version <version>', 'version of the system', plainText),
    cert: needed('--cert <file>', 'certificate in PEM of the maker', asIs),
    key: needed('--key <file>', 'private key in PEM of the maker', asIs),
  },
  async run({ version, cert, key, ...input }, session) {
    const { out, compatible, keyring } = input
    await checkComputer(out, PROGRAMS, session)
    const result = await withWorkFolder(out, async (work) => {
      session.note('1/3 Debian, the kernel and the agent')
      const root = await makeRootSystem(work, input, session)
      session.note('2/3 Root file system and bundle')
      const made = await makeBundle(work, root, { version, cert, key, compatible, keyring }, session)
      session.note('3/3 Digest and list of packages')
      return keepResult({ made, out, root, about: { name: compatible, version }, signKey: undefined }, session)
    })
    const push = `skerry os push NAME ${out} --image-version '${version}' --compatible '${compatible}'`
    session.print({
      json: { ...result, version, compatible },
      text: () =>
        `${out}: ${sizeText(result.sizeBytes)}, ${result.packages} packages, sha256 ${result.sha256}\nNext: ${push}`,
    })
  },
})

const run = (call: Call, session: Session) => runProgram(call, session.io.env, session.signal)

export type BundleWish = Record<'version' | 'cert' | 'key' | 'compatible' | 'keyring', string>

/** RAUC verifies the new bundle with the keyring, so a key that does not belong to it is noticed here. */
export async function makeBundle(work: string, root: Pick<RootSystem, 'folder'>, wish: BundleWish, session: Session) {
  const { cert, key, keyring } = wish
  const content = join(work, 'content')
  const made = join(work, 'made.raucb')
  await mkdir(content)
  const used = await run({ program: 'du', words: ['--summarize', '--block-size=1', root.folder] }, session)
  const size = `${bundleRootBytes(Number.parseInt(used, 10)) / KIB}k`
  const words = ['-q', '-F', '-t', 'ext4', '-L', 'skerry-root', '-E', 'root_owner=0:0', '-d', root.folder]
  await run({ program: 'mke2fs', words: [...words, join(content, 'root.ext4'), size] }, session)
  await writeFile(join(content, 'manifest.raucm'), bundleManifest(wish))
  const signing = [`--cert=${cert}`, `--key=${key}`, `--keyring=${keyring}`]
  await run({ program: 'rauc', words: [...signing, 'bundle', content, made] }, session)
  return made
}
