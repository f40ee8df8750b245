/** Variant: a built file in the smallest encoding that the browser accepts. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyRequest } from 'fastify'

type Variant = { bytes: Buffer; encoding: 'br' | 'gzip' | undefined }

/** The smallest encoding that the browser accepts and the build made. */
export async function readVariant(
  folder: string | undefined,
  path: string,
  request: FastifyRequest,
): Promise<Variant | undefined> {
  if (folder === undefined) return undefined
  const accepted = acceptedEncodings(request.headers['accept-encoding'])
  const forms = [
    { encoding: 'br', suffix: '.br' },
    { encoding: 'gzip', suffix: '.gz' },
  ] as const
  for (const { encoding, suffix } of forms) {
    const bytes = accepted.has(encoding) ? await readIfThere(join(folder, path + suffix)) : undefined
    if (bytes) return { bytes, encoding }
  }
  const bytes = await readIfThere(join(folder, path))
  return bytes && { bytes, encoding: undefined }
}

/** [RFC 9110 12.5.3] The content codings that the header names without `q=0`. */
function acceptedEncodings(header: string | string[] | undefined): Set<string> {
  const parts = String(header ?? '').split(',')
  const wanted = parts.filter((part) => !/;\s*q=0(\.0{0,3})?\s*$/i.test(part))
  return new Set(wanted.map((part) => part.split(';')[0]?.trim().toLowerCase() ?? ''))
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
