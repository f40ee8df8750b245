/** Image sources: archives, the hub's registry, the container engine of this machine, and registries of others. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asIs, value } from '../../../program/command.ts'
import { readText } from '../../../program/input-file.ts'
import type { Session } from '../../../program/session.ts'
import { sessionHost } from '../../models/import/session-host.ts'
import { engineSocket, isEngineImage, readEngineImages } from './engine-images.ts'
import { isHubImage, readHubImages } from './hub-images.ts'
import { type ArchivedImage, readImageArchive } from './image-archive.ts'
import { isRegistryImage, readRegistryImages } from './registry-images.ts'

export const sourceOptions = {
  token: value(
    '--token-file <file>',
    'file with USER:PASSWORD for the registry of an image; by default, the sign-in of "docker login" counts',
    asIs,
  ),
  authority: value('--ca <file>', 'certificate of an authority that the registry uses, PEM', asIs),
  engine: value('--engine <socket>', 'Unix socket of the container engine; DOCKER_HOST counts, too', asIs),
}

type SourceInput = {
  token: string | undefined
  authority: string | undefined
  engine: string | undefined
  platform: string | undefined
}

export type ImageSources = AsyncDisposable & {
  read(file: string, signal: AbortSignal): Promise<ArchivedImage[]>
  /** Called after a success. Fetched layers stay until then, so that the next try continues. */
  forget(): Promise<void>
}

/** The socket that a person named, or the usual one. */
export const chosenSocket = ({ engine }: Pick<SourceInput, 'engine'>, { io }: Session): string =>
  engine ?? engineSocket(io.env)

/** Opens the sources of the images of one release. */
export async function openImageSources(input: SourceInput, session: Session): Promise<ImageSources> {
  const { platform } = input
  const token = input.token === undefined ? undefined : (await readText(input.token)).trim()
  const authorities = input.authority === undefined ? undefined : await readText(input.authority)
  const scratch = await mkdtemp(join(tmpdir(), 'skerry-images-'))
  const fetched: string[] = []
  return {
    async read(file, signal) {
      if (isHubImage(file)) return readHubImages(await session.hub(), file, signal)
      if (isEngineImage(file))
        return readEngineImages({ socket: chosenSocket(input, session), folder: scratch }, file, signal)
      if (!isRegistryImage(file)) return readImageArchive(file, signal)
      const folder = await sessionHost(session).folderFor(file)
      fetched.push(folder)
      return readRegistryImages({ session, folder, token, authorities, platform }, file)
    },
    async forget() {
      for (const folder of fetched) await rm(folder, { recursive: true, force: true })
    },
    [Symbol.asyncDispose]: () => rm(scratch, { recursive: true, force: true }),
  }
}
