/**
 * Engine things: the images, containers and network of an app that a command runs in the container engine of this
 * machine. They have names of their own, so that an agent beside it keeps its own.
 */
import type { App } from '@skerry/contract/apps/app'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { imageName, ownLabels } from '@skerry/core/apps/container-body'
import type { Engine } from '@skerry/platform/containers/engine'
import { type BlobReader, imageArchive } from '@skerry/platform/containers/image-tar'
import { fail } from '../../../program/failure.ts'

/** `_` is in no name of an app. So no app of an agent has the name of such an item. */
type OwnThings = { device: string; item: DesiredItem }

/** The name of the things of one command. */
export const ownThings = (device: string, name: string): OwnThings => ({
  device,
  item: { name, version: 0, digest: `sha256:${'0'.repeat(64)}`, spec: {} } as unknown as DesiredItem,
})

/** Throws a failure if a file of an image is missing. */
export async function loadAppImages(
  engine: Engine,
  { app, blob, things: { device, item } }: { app: App; blob: BlobReader; things: OwnThings },
  signal: AbortSignal,
): Promise<void> {
  for (const { image, imageId } of Object.values(app.services)) {
    const archive = await imageArchive(image, imageName(device, item, imageId), blob)
    if (!archive.ok) throw fail('file_invalid', archive.message)
    await engine.loadImages(archive.stream, signal)
  }
}

/** Removes the containers, the network and the images of this run, or of one that was killed. */
export async function removeThings(engine: Engine, { device, item }: OwnThings, signal: AbortSignal): Promise<void> {
  const labels = ownLabels(device, item.name)
  const listed = await engine.containers(labels, signal)
  await Promise.all(
    listed.map(async ({ Id }) => {
      await engine.stop(Id, undefined, signal)
      await engine.remove(Id, signal)
    }),
  )
  for (const name of await engine.networkNames(labels, signal)) await engine.removeNetwork(name, signal)
  const images = (await engine.images(signal)).flatMap(({ RepoTags }) => RepoTags ?? [])
  for (const name of images.filter((each) => each.startsWith(`skerry.local/${device}/`)))
    await engine.removeImage(name, signal)
}
