/** Engine images: images of the container engine on this machine, as parts of a release. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openEngine } from '@skerry/platform/containers/engine'
import { EngineGone, EngineRefused } from '@skerry/platform/containers/engine-client'
import { fail } from '../../../program/failure.ts'
import { type ArchivedImage, readImageArchive } from './image-archive.ts'

const ENGINE = 'engine://'

/** Whether the source of an image is the container engine of this machine. */
export const isEngineImage = (file: string): boolean => file.startsWith(ENGINE)

/** The Unix socket of the container engine: the one of Docker's own variable, or the usual one. */
export function engineSocket(env: Readonly<Record<string, string | undefined>>): string {
  const host = env.DOCKER_HOST ?? env.CONTAINER_HOST ?? ''
  return host.startsWith('unix://') ? host.slice('unix://'.length) : '/var/run/docker.sock'
}

export type EngineReading = { socket: string; folder: string }

/** The image of `engine://NAME`. The engine writes its archive into the folder. */
export async function readEngineImages(
  { socket, folder }: EngineReading,
  source: string,
  signal: AbortSignal,
): Promise<ArchivedImage[]> {
  const name = source.slice(ENGINE.length)
  if (!/^[\w][\w./:@-]{0,299}$/.test(name)) throw fail('file_invalid', `${source} must be engine://NAME:TAG`)
  const engine = openEngine(socket)
  const file = join(folder, `engine-${encodeURIComponent(name)}.tar`)
  try {
    await engine.version(signal)
    const archive = await engine.saveImage(name, signal)
    if (!archive) throw fail('file_invalid', `the container engine has no image ${name}; "docker images" lists them`)
    await pipeline(archive, createWriteStream(file, { mode: 0o600 }), { signal })
  } catch (error) {
    throw engineFailure(error, socket)
  } finally {
    engine.close()
  }
  return readImageArchive(file, signal)
}

/** The failure for a person. Any other error stays as it is. */
export function engineFailure(error: unknown, socket: string): unknown {
  if (error instanceof EngineRefused)
    return fail('engine_refused', `the container engine refuses: ${error.message}`, { cause: error })
  if (!(error instanceof EngineGone)) return error
  return fail('engine_unreachable', `${error.message}; its socket is ${socket}`, {
    next: 'start the container engine, or name its socket with --engine',
    cause: error,
  })
}
