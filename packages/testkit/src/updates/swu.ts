/**
 * SWU: makes signed images for SWUpdate, as its own tools do: a cpio archive in the format `crc`, with the description
 * first and its CMS signature second.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A maker of images: a key, and the certificate that devices trust. */
export type ImageMaker = { certificatePath: string; keyPath: string; folder: string }

/** [SWUpdate, "Signed images with CMS"] The certificate is for the usual purpose, `emailProtection`. */
export async function newImageMaker(folder: string, name = 'maker'): Promise<ImageMaker> {
  const keyPath = join(folder, `${name}.key`)
  const certificatePath = join(folder, `${name}.pem`)
  const usage = ['-addext', 'extendedKeyUsage=emailProtection', '-addext', 'keyUsage=digitalSignature']
  const subject = ['-subj', `/CN=${name}`, '-days', '2', '-nodes', '-newkey', 'rsa:2048']
  await run('openssl', ['req', '-x509', ...subject, '-keyout', keyPath, '-out', certificatePath, ...usage])
  return { certificatePath, keyPath, folder }
}

export type NewImage = {
  version: string
  /** The content of the one file, and the path on the device to which SWUpdate writes it. */
  content: Buffer
  path: string
  hardware: string
}

/** Makes an image. Without a maker it is not signed. */
export async function makeImage({ version, content, path, hardware }: NewImage, maker?: ImageMaker): Promise<Buffer> {
  const sha256 = createHash('sha256').update(content).digest('hex')
  const file = `{ filename = "root.bin"; path = "${path}"; sha256 = "${sha256}"; }`
  const description = `software = {
  version = "${version}";
  description = "Firmware of a test";
  hardware-compatibility = [ "${hardware}" ];
  files: ( ${file} );
}
`
  const signature = maker === undefined ? [] : [['sw-description.sig', await signatureOf(description, maker)] as const]
  return cpioOf([['sw-description', Buffer.from(description)], ...signature, ['root.bin', content]])
}

export type NewSlotImage = Pick<NewImage, 'version' | 'content' | 'hardware'> & {
  /** The device of each slot, which SWUpdate selects as `stable,a` or `stable,b`. */
  devices: Readonly<Record<'a' | 'b', string>>
}

/** Makes an image for one of two slots. Without a maker it is not signed. */
export async function makeSlotImage({ version, content, hardware, devices }: NewSlotImage, maker?: ImageMaker) {
  const sha256 = createHash('sha256').update(content).digest('hex')
  const modes = Object.entries(devices).map(([mode, device]) => {
    const facts = `filename = "root.bin"; device = "${device}"; type = "raw"; installed-directly = true; sha256 = "${sha256}";`
    return `    ${mode} = { images: ( { ${facts} } ); };`
  })
  const description = `software = {
  version = "${version}";
  hardware-compatibility = [ "${hardware}" ];
  stable = {
${modes.join('\n')}
  };
}
`
  const signature = maker === undefined ? [] : [['sw-description.sig', await signatureOf(description, maker)] as const]
  return cpioOf([['sw-description', Buffer.from(description)], ...signature, ['root.bin', content]])
}

async function signatureOf(description: string, { folder, certificatePath, keyPath }: ImageMaker): Promise<Buffer> {
  const input = join(folder, 'sw-description')
  const output = join(folder, 'sw-description.sig')
  await writeFile(input, description)
  const signer = ['-signer', certificatePath, '-inkey', keyPath, '-outform', 'DER', '-nosmimecap', '-binary']
  await run('openssl', ['cms', '-sign', '-in', input, '-out', output, ...signer])
  return readFile(output)
}

/** An image whose signature nobody can verify, for hubs and command lines, which only look for one. */
export const sampleSwu = (version = '1.0', { isSigned = true, content = Buffer.from('root') } = {}) =>
  cpioOf([
    ['sw-description', Buffer.from(`software = { version = "${version}"; hardware-compatibility = [ "1.0" ]; };`)],
    ...(isSigned ? [['sw-description.sig', Buffer.from('of the maker')] as const] : []),
    ['root.bin', content],
  ])

/** The archive of these files. [cpio(5), "New CRC Format"] */
export function cpioOf(files: readonly (readonly [name: string, content: Buffer])[]): Buffer {
  const entries = files.map(([name, content], index) => entryOf(name, content, index + 1))
  return Buffer.concat([...entries, entryOf('TRAILER!!!', Buffer.alloc(0), 0)])
}

const REGULAR_FILE = 0o100644

function entryOf(name: string, content: Buffer, inode: number): Buffer {
  const sum = content.reduce((total, byte) => (total + byte) >>> 0, 0)
  const fields = [inode, REGULAR_FILE, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, sum]
  const head = `070702${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`
  return Buffer.concat([padded(Buffer.from(head)), padded(content)])
}

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
