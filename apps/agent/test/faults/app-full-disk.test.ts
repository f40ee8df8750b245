/**
 * A disk that becomes full at any layer of an image: that of the agent, and that of the container engine. The release
 * before serves meanwhile, and the update goes on by itself when there is room.
 *
 * @module-tag deep an update for each layer on disks of their own; full-disk.test.ts fails each write of the agent
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { statfsSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { appFiles } from '@skerry/testkit/containers/app-files'
import { busyboxImage, hasBusybox } from '@skerry/testkit/containers/busybox-image'
import { hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from '../stage/agent-process.ts'
import { namesIn, page, pageFiles, pageIs, portOn } from '../stage/app-stage.ts'
import { type FakeHub, startFakeHub } from '../stage/fake-hub.ts'

const MIB = 1024 ** 2
const LAYER_BYTES = 6 * MIB
const LAYERS = 3
/** Less than a layer: the disk is full in its middle. */
const LEFT_BYTES = 2 * MIB

/** Before a download the agent compares the sizes with the room; in the middle of one, a write fails. */
const FULL = ['storage_full', 'disk_insufficient']

/** Calls back once, as soon as the agent requests the blob, and before it gets a byte. */
function onDownload(hub: FakeHub, digest: string, call: () => void): Disposable {
  const { downloads } = hub
  let isOver = false
  downloads.push = (...each) => {
    if (!isOver && each.some((one) => one.digest === digest)) {
      isOver = true
      call()
    }
    return Array.prototype.push.apply(downloads, each)
  }
  return { [Symbol.dispose]: () => Reflect.deleteProperty(downloads, 'push') }
}

type Disk = AsyncDisposable & { folder: string; fill(leftBytes: number): void; clear(): Promise<void> }

/** A file system of its own in memory. */
async function openDisk(sizeMb: number): Promise<Disk> {
  const folder = await temporaryFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', folder])
  const filler = join(folder, 'filler')
  return {
    folder,
    fill(leftBytes) {
      const { bavail, bsize } = statfsSync(folder)
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)))
    },
    clear: () => rm(filler, { force: true }),
    async [Symbol.asyncDispose]() {
      execFileSync('umount', ['--lazy', folder])
    },
  }
}

/** A page in an image with large layers. */
async function layeredFiles(text: string, port: number) {
  const layers = Array.from({ length: LAYERS }, (_, at) => ({
    [`data/${at}`]: randomBytes(LAYER_BYTES / 2).toString('hex'),
  }))
  const image = await busyboxImage('exec httpd -f -p 80 -h /www', { 'www/index.html': text }, layers)
  const digests = layers.map((_, at) => Object.keys(image.blobs)[at + 2]?.replace('blobs/sha256/', 'sha256:') ?? '')
  return { files: appFiles({ web: { image, ports: portOn(port), stopSignal: 'SIGKILL' } }), digests }
}

const canRun = hasDocker && hasBusybox

test.skipIf(!canRun)(
  'a full disk of the agent at any layer keeps the release before, and no whole layer is fetched twice',
  async () => {
    await using engine = await startDockerEngine()
    await using disk = await openDisk(600)
    await using hub = await startFakeHub()
    const port = await freePort()
    const options = ['--join', hub.token, '--docker', engine.socket]
    await using _ = startAgent(join(disk.folder, 'agent'), ...options)
    hub.desire(hub.publish({ model: 'full', version: 1, files: await pageFiles('one', port) }))
    await hub.item('full', ({ state }) => state === 'active')
    for (let full = 0; full < LAYERS; full++) {
      const version = full + 2
      const { files, digests } = await layeredFiles(`page ${version}`, port)
      const before = (await page(port)) ?? ''
      hub.downloads.length = 0
      using _full = onDownload(hub, digests[full] ?? '', () => disk.fill(LEFT_BYTES))
      hub.desire(hub.publish({ model: 'full', version, files }))
      await until(() => hub.downloads.some((one) => one.digest === digests[full]), {
        what: 'the layer to be requested',
      })
      await hub.reported('a full disk', ({ conditions, items }) =>
        [...conditions, ...items.flatMap(({ cause }) => cause ?? [])].some(({ code }) => FULL.includes(code)),
      )
      expect(await page(port)).toBe(before)
      expect(await namesIn(engine, '--all')).toEqual([`skerry_full_web_v${version - 1}`])
      await disk.clear()
      await hub.item('full', ({ state, target }) => state === 'active' && target.version === version)
      await pageIs(port, `page ${version}`)
      // A layer that was whole is not requested again. The disk had no room for a byte of the other one.
      const requests = digests.map((digest) => hub.downloads.filter((one) => one.digest === digest).length)
      const once = requests.filter((_, at) => at !== full)
      expect(once, `requests of the layers of version ${version}: ${requests}`).toEqual(once.map(() => 1))
      expect(requests[full]).toBeGreaterThan(1)
    }
  },
)

test.skipIf(!canRun)(
  'a full disk of the engine keeps the release before, and the update goes on with room',
  async () => {
    await using disk = await openDisk(120)
    await using engine = await startDockerEngine(
      '--storage-driver',
      'vfs',
      `--data-root=${join(disk.folder, 'engine')}`,
    )
    await using hub = await startFakeHub()
    const port = await freePort()
    await using _ = startAgent(await temporaryFolder(), '--join', hub.token, '--docker', engine.socket)
    hub.desire(hub.publish({ model: 'tight', version: 1, files: await pageFiles('one', port) }))
    await hub.item('tight', ({ state }) => state === 'active')
    const { files } = await layeredFiles('two', port)
    disk.fill(1.5 * LAYER_BYTES)
    hub.desire(hub.publish({ model: 'tight', version: 2, files }))
    await hub.item('tight', ({ cause, target }) => cause?.code === 'storage_full' && target.version === 2)
    expect(await page(port)).toBe('one')
    await disk.clear()
    await hub.item('tight', ({ state, target }) => state === 'active' && target.version === 2)
    await pageIs(port, 'two')
  },
)
