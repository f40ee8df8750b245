/**
 * A catalogue before an independent judge: the TUF client of Debian fetches it, and names each attack.
 * @module-tag deep needs a tool of others, and is a variant of the listing that the page for publishers makes
 */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { beforeEach, describe, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'

const PYTHON = '/usr/bin/python3'
const hasJudge = isInstalled(PYTHON, '-c', 'import tuf.ngclient')

/** [python-tuf, ngclient] Refreshes from a folder, and fetches all targets. It trusts the root that it saw first. */
const JUDGE = `import os, shutil, sys
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import Updater
from tuf.ngclient.fetcher import FetcherInterface
repository, state = sys.argv[1:3]
class Folder(FetcherInterface):
    def _fetch(self, url):
        path = os.path.join(repository, url.removeprefix('folder://'))
        if not os.path.exists(path): raise DownloadHTTPError('missing', 404)
        return iter([open(path, 'rb').read()])
os.makedirs(state + '/files', exist_ok=True)
if not os.path.exists(state + '/root.json'): shutil.copy(repository + '/tuf/root.json', state)
client = Updater(state, 'folder://tuf/', state + '/files', 'folder://', fetcher=Folder())
client.refresh()
names = client._trusted_set.targets.targets
for name in names: client.download_target(client.get_targetinfo(name))
print(client._trusted_set.targets.version, len(names))`

describe.skipIf(!hasJudge)('the TUF client of Debian', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-tuf-'))
    await skerry('market', 'init', 'level-watch', '--folder', at('level-watch'))
    await skerry('market', 'key', at('publisher.pem'))
    await publish()
    return () => rm(folder, { recursive: true, force: true })
  })

  const at = (...parts: string[]) => join(folder, ...parts)

  async function skerry(...words: string[]): Promise<void> {
    const { code, err } = await cli(words, { nowMs: Date.now })
    if (code !== 0) throw new Error(err)
  }

  const publish = (...more: string[]) =>
    skerry('market', 'publish', at('level-watch'), '--catalogue', at('plant'), '--key', at('publisher.pem'), ...more)

  async function publishNext(): Promise<void> {
    const path = at('level-watch/listing.yaml')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('version: 1.0.0', 'version: 1.1.0\nreplaces: 1.0.0'))
    await publish()
  }

  /** The same length with another first byte. */
  const changed = (bytes: Buffer) => Buffer.concat([Buffer.from('?'), bytes.subarray(1)])

  /** The number of the catalogue, and the number of its files. */
  async function judge(): Promise<string> {
    const { stdout } = await promisify(execFile)(PYTHON, ['-c', JUDGE, at('plant'), at('state')])
    return stdout.trim()
  }

  test('fetches each file, and follows the next publication and a withdrawal', async () => {
    const blobs = (await readdir(at('plant/blobs/sha256'))).length
    expect(await judge()).toBe(`1 ${blobs + 1}`)
    await publishNext()
    const more = (await readdir(at('plant/blobs/sha256'))).length
    expect(more).toBeGreaterThan(blobs)
    expect(await judge()).toBe(`2 ${more + 1}`)
    const yank = ['market', 'yank', 'level-watch@1.0.0', '--catalogue', at('plant'), '--key', at('publisher.pem')]
    await skerry(...yank, '--reason', 'a wrong limit')
    expect(await judge()).toBe(`3 ${more + 1}`)
  })

  test('names an old copy, a mixture of two, and another number in a signed file', async () => {
    await cp(at('plant'), at('first'), { recursive: true })
    await publishNext()
    await judge()
    await cp(at('plant'), at('second'), { recursive: true })
    await cp(at('first/tuf'), at('plant/tuf'), { recursive: true })
    await expect(judge()).rejects.toThrow('BadVersionNumberError')
    await cp(at('second/tuf'), at('plant/tuf'), { recursive: true })
    await rm(at('state'), { recursive: true })
    await cp(at('first/tuf/snapshot.json'), at('plant/tuf/snapshot.json'))
    await expect(judge()).rejects.toThrow(/Length(OrHash)?MismatchError/)
    const signed = await readFile(at('second/tuf/timestamp.json'), 'utf8')
    await writeFile(at('plant/tuf/timestamp.json'), signed.replace('"version":2,"expires"', '"version":9,"expires"'))
    await expect(judge()).rejects.toThrow('UnsignedMetadataError')
  })

  test('names a changed file of a listing, a changed index, and a copy that was never renewed', async () => {
    const [blob = ''] = await readdir(at('plant/blobs/sha256'))
    for (const file of [`blobs/sha256/${blob}`, 'index.json']) {
      const bytes = await readFile(at('plant', file))
      await writeFile(at('plant', file), changed(bytes))
      await expect(judge()).rejects.toThrow('LengthOrHashMismatchError')
      await writeFile(at('plant', file), bytes)
      await judge()
    }
    await publish('--expires', '0s')
    await expect(judge()).rejects.toThrow('ExpiredMetadataError')
  })
})
