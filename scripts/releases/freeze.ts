/**
 * Freeze: `node scripts/releases/freeze.ts VERSION` writes the corpus of a release to `test/releases/VERSION`. It has
 * values of each message, files of each format, and the data folders of a hub and an agent. Later versions must read
 * all of it (test/releases.test.ts), so a corpus is written once, just before the release.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { ROOT } from '../step.ts'
import { recordMessages } from './messages.ts'
import { recordHub } from './record-hub.ts'

/** Files of the examples that people write, or that a program gives them. */
const COPIES = [
  'apply',
  'sources',
  'sinks',
  'flows/pump-anomaly/flow.yaml',
  'flows/pump-vibration/flow.yaml',
  'flows/pump-vibration/recording.jsonl',
  'flows/pump-vibration/golden.json',
  'flows/label-orientation/flow.yaml',
]

/** The part of the recording that holds keys. It lies in an archive, so that no scan for secrets takes them for ours. */
const DATA = ['hub', 'press-1', 'owner-key', 'join-token']

/** The time of all files in the archive. */
const EPOCH = '@0'

async function freeze(version: string, isAgain: boolean): Promise<void> {
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  if (manifest.version !== version) throw new Error(`this tree is ${manifest.version}, not ${version}`)
  const corpus = join(ROOT, 'test/releases', version)
  if (existsSync(corpus) && !isAgain) throw new Error(`${corpus} exists; a released corpus never changes (--again)`)
  const { recorded, gaps } = recordMessages()
  const missing = [...gaps].filter((gap) => !gap.endsWith('(never)'))
  if (missing.length > 0) throw new Error(`no value was found for ${missing.join(', ')}; see examples.ts`)
  await rm(corpus, { recursive: true, force: true })
  await mkdir(join(corpus, 'formats'), { recursive: true })
  await writeFile(join(corpus, 'messages.json.gz'), gzipSync(JSON.stringify(recorded), { level: 9 }))
  for (const path of COPIES) {
    const isData = (file: string) => !file.endsWith('.ts')
    await cp(join(ROOT, 'examples', path), join(corpus, 'formats', path), { recursive: true, filter: isData })
  }
  await freezeData(corpus)
}

async function freezeData(corpus: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-freeze-'))
  try {
    await recordHub(folder)
    await cp(join(folder, 'given'), join(corpus, 'formats/given'), { recursive: true })
    const packed = join(folder, 'data.tar')
    const plain = ['--sort=name', `--mtime=${EPOCH}`, '--owner=0', '--group=0', '--numeric-owner']
    execFileSync('tar', ['-cf', packed, ...plain, '-C', folder, ...DATA])
    await writeFile(join(corpus, 'data.tar.gz'), gzipSync(await readFile(packed), { level: 9 }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { again: { type: 'boolean' } } })
const [version] = positionals
if (version === undefined) throw new Error('usage: node scripts/releases/freeze.ts VERSION [--again]')
await freeze(version, values.again ?? false)
